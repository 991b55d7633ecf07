"""`gatelodge environments`: the walls between objects, and what may talk to each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from gatelodge.cli.addresses import check_origin, check_redirect
from gatelodge.cli.opening import Place, Scope, choose_environment, open_runtime, open_unit
from gatelodge.cli.printing import AsJson, Refused, Yes, confirm, note, say, show_json, show_table, working
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT, SIGN_OUT_REDIRECT
from gatelodge.kit.unit import Actor

if TYPE_CHECKING:
    from gatelodge.features.applications.rules import Client, Environment
    from gatelodge.kit.unit import Unit

app: App = App(
    name="environments",
    help=(
        "Make and delete environments, and say which browsers may talk to them.\n\n"
        "An environment is a wall: production, staging, a test's own. "
        "What is in one does not exist in another.\n\n"
        "For example:\n\n  gatelodge environments create production\n"
        "  gatelodge environments allow-redirect https://app.example.com/callback"
    ),
)

_ORIGIN = "origin"
_LONGEST_NAME = 64
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class _Shown(msgspec.Struct):
    """An environment as `--json` shows it."""

    id: str
    name: str
    client_ids: list[str]
    redirect_uris: list[str]
    sign_out_uris: list[str]
    cors_origins: list[str]
    created_at: str


@app.command(name="list")
def list_environments(*, place: Place | None = None, as_json: AsJson = False) -> int:
    """List environments with their client ids and redirect URIs.

    For example:

      gatelodge environments list
      gatelodge environments list --json | jq -r '.data[].client_ids[]'
    """
    with open_runtime(place or Place()) as runtime:
        unit = runtime.open_unit(Actor())
        shown = [_describe(unit, *found) for found in applications.list_environments(unit)]
    if as_json:
        show_json({"data": shown})
        return 0
    rows = [(one.name, one.id, " ".join(one.client_ids), " ".join(one.redirect_uris) or "-") for one in shown]
    show_table(("name", "id", "client ids", "redirect URIs"), rows, whole=("id", "client ids"))
    if not rows:
        note("There is no environment yet; `gatelodge environments create NAME` makes one.")
    return 0


def _describe(unit: Unit, environment: Environment, clients: list[Client]) -> _Shown:
    return _Shown(
        id=environment.id,
        name=environment.name,
        client_ids=[client.id for client in clients],
        redirect_uris=[uri for uri, _ in applications.list_redirects(unit, environment.id, SIGN_IN_REDIRECT)],
        sign_out_uris=[uri for uri, _ in applications.list_redirects(unit, environment.id, SIGN_OUT_REDIRECT)],
        cors_origins=applications.list_origins(unit, environment.id),
        created_at=write_timestamp(environment.created_at),
    )


@app.command
def create(
    name: Annotated[str, Parameter(help="What to call it: production, staging.")],
    /,
    *,
    client_id: Annotated[str | None, Parameter(help="A client id of your choice, instead of a fresh one.")] = None,
    place: Place | None = None,
    as_json: AsJson = False,
) -> int:
    """Create an environment with its first client.

    It has no API key yet: `gatelodge keys create` issues one.

    For example:

      gatelodge environments create production
      gatelodge environments create staging --client-id client_staging
    """
    _check_name(name)
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise Refused("A client id is 1 to 128 letters, digits, `-` and `_`.")
    with open_runtime(place or Place()) as runtime:
        unit = runtime.open_unit(Actor())
        if client_id is not None and applications.find_client(unit, client_id) is not None:
            raise Refused(f"The client id {client_id!r} is taken.")
        if applications.find_environment(unit, name) is not None:
            raise Refused(f"There is an environment {name!r} already.")
        created = applications.create_environment(unit, name=name, client_id=client_id)
        if created is None:
            raise Refused(f"The name {name!r} or the client id is taken.")
        environment, client = created
        shown = _describe(unit, environment, [client])
    if as_json:
        show_json(shown)
        return 0
    say(f"Environment {name}: {environment.id}")
    say(f"Client id: {client.id}")
    note(f"Next: gatelodge keys create backend --environment {name}")
    return 0


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refused(f"An environment's name is 1 to {_LONGEST_NAME} printable characters, without spaces around it.")
    if name.startswith(("environment_", "-")):
        raise Refused("An environment's name does not begin with `environment_`, as ids do, nor with a dash.")


@app.command
def allow_redirect(
    uri: Annotated[str, Parameter(help="Where a browser may be sent after signing in.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let browsers be sent to a URI after signing in; the first is the default.

    For example:

      gatelodge environments allow-redirect https://app.example.com/callback
      gatelodge environments allow-redirect http://localhost:3000/callback --environment staging
    """
    return _allow(uri, SIGN_IN_REDIRECT, scope=scope, as_json=as_json)


@app.command
def allow_sign_out(
    uri: Annotated[str, Parameter(help="Where a browser may be sent after signing out.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let browsers be sent to a URI after signing out; the first is the default.

    For example:

      gatelodge environments allow-sign-out https://app.example.com
    """
    return _allow(uri, SIGN_OUT_REDIRECT, scope=scope, as_json=as_json)


@app.command
def allow_origin(
    origin: Annotated[str, Parameter(help="Scheme, host and port of a page.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let pages of a browser origin call the API (CORS).

    For example:

      gatelodge environments allow-origin https://app.example.com
    """
    return _allow(origin, _ORIGIN, scope=scope, as_json=as_json)


@app.command
def remove_redirect(
    uri: Annotated[str, Parameter(help="The URI, letter by letter as it is listed.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let browsers no longer be sent to a URI after signing in.

    When it was the default, the oldest of the others is from now on.

    For example:

      gatelodge environments remove-redirect https://old.example.com/callback
    """
    return _remove(uri, SIGN_IN_REDIRECT, scope=scope, as_json=as_json)


@app.command
def remove_sign_out(
    uri: Annotated[str, Parameter(help="The URI, letter by letter as it is listed.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let browsers no longer be sent to a URI after signing out.

    When it was the default, the oldest of the others is from now on.

    For example:

      gatelodge environments remove-sign-out https://old.example.com
    """
    return _remove(uri, SIGN_OUT_REDIRECT, scope=scope, as_json=as_json)


@app.command
def remove_origin(
    origin: Annotated[str, Parameter(help="The origin, as it is listed.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Let pages of a browser origin no longer call the API.

    For example:

      gatelodge environments remove-origin https://old.example.com
    """
    return _remove(origin, _ORIGIN, scope=scope, as_json=as_json)


def _allow(allowed: str, kind: str, *, scope: Scope | None, as_json: bool) -> int:
    with open_unit(scope or Scope()) as unit:
        environment = choose_environment(unit, unit.actor.environment_id)
        check = check_origin if kind == _ORIGIN else check_redirect
        check(allowed, development=unit.settings.development)
        if kind == _ORIGIN:
            is_new = applications.allow_origin(unit, environment.id, allowed)
        else:
            is_new = applications.allow_redirect(unit, environment.id, allowed, sign_out=kind == SIGN_OUT_REDIRECT)
    if as_json:
        show_json({"environment_id": environment.id, "kind": kind, "allowed": allowed, "was_new": is_new})
    else:
        say(f"{environment.name} {'now allows' if is_new else 'already allowed'} {allowed}")
    return 0


def _remove(listed: str, kind: str, *, scope: Scope | None, as_json: bool) -> int:
    with open_unit(scope or Scope()) as unit:
        environment = choose_environment(unit, unit.actor.environment_id)
        if kind == _ORIGIN:
            was_there = applications.remove_origin(unit, environment.id, listed)
        else:
            was_there = applications.remove_redirect(unit, environment.id, listed, sign_out=kind == SIGN_OUT_REDIRECT)
    if not was_there:
        raise Refused(
            f"{environment.name} does not list {listed}; `gatelodge environments list --json` tells what it does."
        )
    if as_json:
        show_json({"environment_id": environment.id, "kind": kind, "removed": listed})
    else:
        say(f"{environment.name} no longer allows {listed}")
    return 0


@app.command
def delete(
    name: Annotated[str, Parameter(help="Id or name of the environment.")],
    /,
    *,
    yes: Yes = False,
    place: Place | None = None,
    as_json: AsJson = False,
) -> int:
    """Delete an environment with everything in it: users, sessions, keys, events.

    Nothing brings it back but a backup. It asks first, unless --yes is given.

    For example:

      gatelodge environments delete staging
    """
    with open_runtime(place or Place()) as runtime:
        unit = runtime.open_unit(Actor())
        environment = choose_environment(unit, name)
        confirm(f"Delete {environment.name} ({environment.id}) with all its users, sessions and keys?", yes=yes)
        with working("Deleting"):
            deleted = applications.delete_environment(unit, environment.id)
        if not deleted:
            raise Refused(f"{environment.name} was deleted by somebody else.")
    if as_json:
        show_json({"deleted": environment.id})
    else:
        say(f"Deleted {environment.name} ({environment.id}).")
    return 0
