"""`gatelodge keys`: API keys, the keys that sign tokens, and the master key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from gatelodge.cli.opening import Place, Scope, find_settings, open_database_of, open_unit, require_master_key
from gatelodge.cli.printing import AsJson, Refused, count, note, say, show_json, show_table, working, write_instant
from gatelodge.contract.timestamps import write_optional, write_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.features.applications.rules import ApiKey
    from gatelodge.features.tokens.rules import SigningKeyRow

app: App = App(
    name="keys",
    help=(
        "Issue and revoke API keys, and change the keys that sign and seal.\n\n"
        "API keys are what your application sends; signing keys prove access tokens; "
        "the master key seals every secret in the database.\n\n"
        "For example:\n\n  gatelodge keys create backend\n  gatelodge keys rotate"
    ),
)

_LONGEST_NAME = 64


class _ShownApiKey(msgspec.Struct):
    """An API key as `--json` shows it; never with its secret."""

    id: str
    name: str
    hint: str
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class _ShownSigningKey(msgspec.Struct):
    """A signing key as `--json` shows it; `signs` tells whether it signs now."""

    id: str
    signs: bool
    signs_from: str
    published_until: str | None
    created_at: str


@app.command(name="list")
def list_keys(*, scope: Scope | None = None, as_json: AsJson = False) -> int:
    """List the API keys and the signing keys of an environment.

    Secrets are not shown, and cannot be: of an API key only a hash is stored. Its
    last four characters tell it apart. When it was last used is written down
    every few seconds.

    For example:

      gatelodge keys list
      gatelodge keys list --environment staging --json
    """
    from gatelodge.features.applications import actions as applications
    from gatelodge.features.tokens import actions as tokens
    from gatelodge.features.tokens.rules import choose_signer

    with open_unit(scope or Scope()) as unit:
        api_keys = applications.list_api_keys(unit, unit.actor.environment_id)
        signing_keys = tokens.list_keys(unit, unit.actor.environment_id)
        signer = choose_signer(signing_keys, unit.now)
    if as_json:
        signing = [_show_signing_key(key, signer) for key in signing_keys]
        show_json({"api_keys": [_show_api_key(key) for key in api_keys], "signing_keys": signing})
        return 0
    _print_api_keys(api_keys)
    if signing_keys:
        say()
        _print_signing_keys(signing_keys, signer)
    return 0


def _print_api_keys(keys: Sequence[ApiKey]) -> None:
    rows = [
        (
            key.name,
            key.id,
            f"…{key.hint}",
            "revoked" if key.revoked_at else "live",
            write_instant(key.last_used_at),
        )
        for key in keys
    ]
    show_table(("API key", "id", "ends in", "state", "last used"), rows, whole=("id",))
    if not rows:
        note("There is no API key yet; `gatelodge keys create NAME` issues one.")


def _print_signing_keys(keys: Sequence[SigningKeyRow], signer: SigningKeyRow | None) -> None:
    rows = [
        (
            key.id,
            "signs" if key is signer else "published",
            write_instant(key.signs_from),
            write_instant(key.published_until),
        )
        for key in keys
    ]
    show_table(("signing key", "state", "signs from", "in the JWKS until"), rows, whole=("signing key",))


def _show_api_key(key: ApiKey) -> _ShownApiKey:
    return _ShownApiKey(
        id=key.id,
        name=key.name,
        hint=key.hint,
        created_at=write_timestamp(key.created_at),
        last_used_at=write_optional(key.last_used_at),
        revoked_at=write_optional(key.revoked_at),
    )


def _show_signing_key(key: SigningKeyRow, signer: SigningKeyRow | None) -> _ShownSigningKey:
    return _ShownSigningKey(
        id=key.id,
        signs=key is signer,
        signs_from=write_timestamp(key.signs_from),
        published_until=write_optional(key.published_until),
        created_at=write_timestamp(key.created_at),
    )


@app.command
def create(
    name: Annotated[str, Parameter(help="What it is for: backend, ci.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Issue an API key; its secret is shown once and stored nowhere.

    The secret alone goes to standard output. Give each program a key of its own,
    so that one can be revoked without the others.

    For example:

      gatelodge keys create backend
      gatelodge keys create ci --environment staging | gh secret set WORKOS_API_KEY
    """
    from gatelodge.features.applications import actions as applications

    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refused(f"A key's name is 1 to {_LONGEST_NAME} printable characters.")
    with open_unit(scope or Scope()) as unit:
        issued = applications.create_api_key(unit, unit.actor.environment_id, name=name)
        client_id = unit.actor.client_id
    if issued is None:
        raise Refused("The key could not be stored; try again.")
    if as_json:
        shown = msgspec.structs.asdict(_show_api_key(issued.key))
        show_json({**shown, "token": issued.token, "client_id": client_id})
        return 0
    note(f"API key {name} ({issued.key.id}), to be used with client id {client_id}:")
    print(issued.token, flush=True)
    note("It is shown this once: store it where your application reads its secrets.")
    return 0


@app.command
def revoke(
    key_id: Annotated[str, Parameter(help="Id of the API key, from `gatelodge keys list`.")],
    /,
    *,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Revoke an API key, at once and for ever.

    The next request with it is refused, by every server on this database.

    For example:

      gatelodge keys revoke api_key_01JADQ5K7Z3S9X4V8N2M6P0R1T
    """
    from gatelodge.features.applications import actions as applications

    with open_unit(scope or Scope()) as unit:
        key = applications.revoke_api_key(unit, unit.actor.environment_id, key_id)
    if key is None:
        raise Refused(f"There is no API key {key_id!r} in this environment; `gatelodge keys list` shows them.")
    if as_json:
        show_json(_show_api_key(key))
    else:
        say(f"Revoked {key.name} ({key.id}, …{key.hint}) at {write_instant(key.revoked_at)}.")
    return 0


@app.command
def rotate(
    *,
    at_once: Annotated[
        bool, Parameter(help="Sign with the new key within a minute: for a key that others may know.")
    ] = False,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Make a new key to sign access tokens, and set the end of the old ones.

    The new key is in the JWKS at once and signs ten minutes later, when clients
    have fetched the set again. The old keys stay in it until their last token has
    expired, so nobody is signed out. Servers need no restart.

    For example:

      gatelodge keys rotate
      gatelodge keys rotate --at-once --environment production
    """
    from gatelodge.features.tokens import actions as tokens

    with open_unit(scope or Scope()) as unit, working("Making the key"):
        new = tokens.rotate_keys(unit, unit.actor.environment_id, at_once=at_once)
        keys = tokens.list_keys(unit, unit.actor.environment_id)
    old = [key for key in keys if key.id != new.id]
    if as_json:
        retired = [{"id": key.id, "published_until": write_optional(key.published_until)} for key in old]
        shown = {"id": new.id, "signs_from": write_timestamp(new.signs_from), "retired": retired}
        show_json(shown)
        return 0
    say(f"New key {new.id}")
    say("  in the JWKS    now")
    say(f"  signs          {_say_when(new, at_once=at_once, alone=not old)}")
    for key in old:
        say(f"Old key {key.id}")
        say(f"  in the JWKS    until {write_instant(key.published_until)}")
    return 0


def _say_when(key: SigningKeyRow, *, at_once: bool, alone: bool) -> str:
    if alone:
        return "now, being the only one"
    return "within a minute, in every server" if at_once else f"from {write_instant(key.signs_from)} (in 10 minutes)"


@app.command
def rewrap(*, place: Place | None = None, as_json: AsJson = False) -> int:
    """Seal the data keys with the current master key, when it was changed.

    Put the new master key into `master_key` and the old one into
    `previous_master_keys`, and restart the servers: they open with either and
    seal with the new one. Then run this. It rewrites a few rows, while servers
    run; when it is done the old key opens nothing any more and leaves
    `previous_master_keys`.

    For example:

      gatelodge keys rewrap --config /etc/gatelodge/gatelodge.toml
    """
    from gatelodge.kit.entropy import SystemEntropy
    from gatelodge.kit.keyring import rewrap as seal_anew
    from gatelodge.kit.migrate import check_schema

    settings = require_master_key(find_settings(place or Place()))
    keys = [settings.master_key, *settings.previous_master_keys]
    with working("Sealing the data keys"), open_database_of(settings) as database:
        check_schema(database)
        changed = seal_anew(database, keys, entropy=SystemEntropy())
    if as_json:
        show_json({"resealed": changed})
        return 0
    if changed:
        say(f"Sealed {count(changed, 'data key')} with the current master key.")
    else:
        say("Nothing to do: the current master key seals every data key.")
    if settings.previous_master_keys:
        note("Now empty previous_master_keys and restart the servers; the old key opens nothing here any more.")
    return 0
