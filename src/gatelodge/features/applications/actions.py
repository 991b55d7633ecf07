"""Tell who calls, and manage environments, clients and API keys."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gatelodge.contract.errors import InvalidClient, InvalidRequest, Unauthorized, UnauthorizedClient
from gatelodge.features.applications import store
from gatelodge.features.applications.client_guard import ClientGuard, find_home, remember_home
from gatelodge.features.applications.guard import Guard, admit, take_uses
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.applications.rules import (
    API_KEY_PURPOSE,
    SIGN_IN_REDIRECT,
    SIGN_OUT_REDIRECT,
    ApiKey,
    Client,
    Environment,
    IssuedApiKey,
    SignOutTarget,
    issue_api_key,
)
from gatelodge.kit.database import Queries, Question, Row, ask_together
from gatelodge.kit.unit import Actor, Unit


class _Taken(Exception):
    """A name or an id belongs to another; raised so that nothing of the transaction stays."""


def identify_key(unit: Unit, token: str) -> Actor:
    """Tell whose API key this is.

    Raises:
        Unauthorized: The key was never issued, or it is revoked.
    """
    token_hash = unit.sealer.keyed_hash(token, purpose=API_KEY_PURPOSE)
    found = store.find_live_key(unit.read, token_hash)
    if found is None:
        raise Unauthorized
    return admit(unit, found)


def guard_reads(unit: Unit, token: str) -> Guard:
    """Let the unit's first read check the API key as well; settle the guard afterwards.

    For an action whose first statement is `one`, scoped by the caller's environment. What
    it does before that, it does for somebody who has proved nothing.
    """
    return Guard(unit, token)


def identify_client(unit: Unit, client_id: str | None, client_secret: str | None, *, proved: str = "") -> Actor:
    """Tell which client calls, and whether it is confidential (contract page 11 §1).

    `proved` is the API key that the actor has proved by header already; a secret in the
    body is the same proof. A client without either is public.

    Raises:
        InvalidRequest: No client is named.
        InvalidClient: There is no such client, or the secret is not its environment's.
        Unauthorized: The secret is no API key.
    """
    if not client_id:
        raise InvalidRequest("client_id is required.")
    actor = unit.actor
    # Server SDKs send one key in both places: it has been looked up once by now.
    if client_secret and client_secret != proved:
        actor, client = _identify_secret(unit, client_id, client_secret)
    else:
        client = store.find_client(unit.read, client_id)
    if client is None:
        raise InvalidClient
    if unit.actor.api_key_id and actor.environment_id != unit.actor.environment_id:
        raise UnauthorizedClient("The client secret and the API key differ.")
    if actor.believed and actor.environment_id != client.environment_id:
        raise InvalidClient
    remember_home(unit, client_id=client.id, environment_id=client.environment_id)
    return msgspec.structs.replace(actor, environment_id=client.environment_id, client_id=client.id)


def guard_client(
    unit: Unit,
    client_id: str | None,
    client_secret: str | None,
    *,
    proved: str,
    admitted: Callable[[Unit], None],
) -> ClientGuard | None:
    """Let the unit's first read check its client as well; settle the guard afterwards.

    For an action whose first statement is `one`, scoped by the caller's environment. `proved` is the
    API key that the header shows, unchecked as yet. None where that cannot be: a client that was not
    seen yet, or two keys; `identify_key` and `identify_client` then say what there is to say.
    """
    home = find_home(unit, client_id) if client_id else None
    if client_id is None or home is None or (proved and proved != client_secret):
        return None
    return ClientGuard(
        unit, client_id, home=home, secret=client_secret or "", in_header=bool(proved), admitted=admitted
    )


def _identify_secret(unit: Unit, client_id: str, client_secret: str) -> tuple[Actor, Client | None]:
    token_hash = unit.sealer.keyed_hash(client_secret, purpose=API_KEY_PURPOSE)
    key, client = ask_together(unit.read, store.ask_for_live_key(token_hash), store.ask_for_client(client_id))
    if key is None:
        raise InvalidClient("The client secret is not valid.")
    return admit(unit, key), store.read_client(client)


def flush_key_uses(unit: Unit) -> None:
    """Write down when API keys were last used; called by the worker, every few seconds."""
    uses = take_uses(unit)
    if not uses:
        return

    def write(queries: Queries) -> None:
        for (environment_id, key_id), used_at in uses.items():
            store.note_use(queries, environment_id, key_id, used_at)

    unit.write(write)


def create_environment(
    unit: Unit, *, name: str, client_id: str | None = None, environment_id: str | None = None
) -> tuple[Environment, Client] | None:
    """Create an environment with its first client; None, and nothing of both, when a name or id is taken."""
    environment = Environment(id=environment_id or unit.new_id("environment"), name=name, created_at=unit.now)
    client = Client(environment_id=environment.id, id=client_id or unit.new_id("client"), name=name)

    def write(queries: Queries) -> None:
        if not store.insert_environment(queries, environment) or not store.insert_client(queries, client, unit.now):
            raise _Taken

    try:
        unit.write(write)
    except _Taken:
        return None
    return environment, client


def list_environments(unit: Unit) -> list[tuple[Environment, list[Client]]]:
    """List environments with their clients, oldest first."""
    return [
        (environment, store.list_clients(unit.read, environment.id))
        for environment in store.list_environments(unit.read)
    ]


def find_environment(unit: Unit, name: str) -> Environment | None:
    """Find an environment by id or name."""
    return store.find_environment(unit.read, name)


def find_client(unit: Unit, client_id: str) -> Client | None:
    """Find a client by its id."""
    return store.find_client(unit.read, client_id)


def first_client(unit: Unit, environment_id: str) -> Client | None:
    """Give the oldest client of an environment, which stands for it by default."""
    clients = store.list_clients(unit.read, environment_id)
    return clients[0] if clients else None


def create_api_key(unit: Unit, environment_id: str, *, name: str, token: str | None = None) -> IssuedApiKey | None:
    """Issue a key; its secret is in the answer and nowhere else.

    A given `token` is stored instead of a new one: development mode has a fixed key.
    None means that this very secret exists already.
    """
    token = token or issue_api_key(unit.random)
    key = ApiKey(
        environment_id=environment_id,
        id=unit.new_id("api_key"),
        name=name,
        hint=token[-4:],
        created_at=unit.now,
        last_used_at=None,
        revoked_at=None,
    )
    token_hash = unit.sealer.keyed_hash(token, purpose=API_KEY_PURPOSE)
    stored = unit.write(lambda queries: store.insert_key(queries, key, token_hash))
    return IssuedApiKey(key=key, token=token) if stored else None


def list_api_keys(unit: Unit, environment_id: str) -> list[ApiKey]:
    """List an environment's keys, without their secrets."""
    return store.list_keys(unit.read, environment_id)


def revoke_api_key(unit: Unit, environment_id: str, key_id: str) -> ApiKey | None:
    """Revoke a key at once and for ever; None when there is none."""
    return unit.write(lambda queries: store.revoke_key(queries, environment_id, key_id, unit.now))


def allow_redirect(unit: Unit, environment_id: str, uri: str, *, sign_out: bool = False) -> bool:
    """Add a redirect URI; False when it is there already."""
    kind = SIGN_OUT_REDIRECT if sign_out else SIGN_IN_REDIRECT
    redirect_id = unit.new_id("redir")

    def write(queries: Queries) -> bool:
        # Of two that are the first at once, one is the default.
        store.hold_environment(queries, environment_id)
        return store.insert_redirect(queries, environment_id, redirect_id, kind=kind, uri=uri, now=unit.now)

    return unit.write(write)


def remove_redirect(unit: Unit, environment_id: str, uri: str, *, sign_out: bool = False) -> bool:
    """Remove a redirect URI; False when it is not there. Of the others, the oldest takes its place as the default."""
    kind = SIGN_OUT_REDIRECT if sign_out else SIGN_IN_REDIRECT

    def write(queries: Queries) -> bool:
        store.hold_environment(queries, environment_id)
        removed = store.delete_redirect(queries, environment_id, kind=kind, uri=uri)
        if removed:
            store.choose_default_redirect(queries, environment_id, kind=kind, now=unit.now)
        return removed

    return unit.write(write)


def list_redirects(unit: Unit, environment_id: str, kind: str) -> list[tuple[str, bool]]:
    """List redirect URIs of a kind with their default flag."""
    return store.list_redirects(unit.read, environment_id, kind)


def list_sign_out_targets(unit: Unit) -> list[SignOutTarget]:
    """List where browsers may be sent after a sign-out, in all environments."""
    return store.list_sign_out_targets(unit.read)


def allow_origin(unit: Unit, environment_id: str, origin: str) -> bool:
    """Let a browser origin call the API; False when it may already."""
    origin_id = unit.new_id("cors_origin")
    return unit.write(
        lambda queries: store.insert_origin(queries, environment_id, origin_id, origin=origin, now=unit.now)
    )


def remove_origin(unit: Unit, environment_id: str, origin: str) -> bool:
    """Keep pages of a browser origin from calling the API, from now on; False when they may not anyway."""
    return unit.write(lambda queries: store.delete_origin(queries, environment_id, origin))


def list_origins(unit: Unit, environment_id: str) -> list[str]:
    """List the browser origins that an environment lets call the API, oldest first."""
    return store.list_origins(unit.read, environment_id)


def is_origin_allowed(unit: Unit, origin: str) -> bool:
    """Tell whether a browser origin may call the API."""
    return store.has_origin(unit.read, origin)


def delete_environment(unit: Unit, environment_id: str) -> bool:
    """Delete an environment with all that is in it; False when there is none."""
    return unit.write(lambda queries: store.delete_environment(queries, environment_id))


def find_policy(unit: Unit, environment_id: str | None = None) -> EnvironmentPolicy:
    """Find the policy of an environment, by default the caller's own."""
    return store.find_policy(unit.read, environment_id or unit.actor.environment_id)


def ask_for_policy(unit: Unit) -> Question:
    """Ask for the policy of the caller's environment, together with whatever else is asked."""
    return store.ask_for_policy(unit.actor.environment_id)


def read_policy(answer: Row | None) -> EnvironmentPolicy:
    """Read the answer to `ask_for_policy`."""
    return store.read_policy(answer)


def find_brand_name(unit: Unit, environment_id: str) -> str | None:
    """Find the name that an environment's letters speak in; None where it has none of its own."""
    return store.find_policy(unit.read, environment_id).brand_name


def set_policy(unit: Unit, environment_id: str, policy: EnvironmentPolicy) -> bool:
    """Replace an environment's policy; False when there is no such environment."""
    return unit.write(lambda queries: store.set_policy(queries, environment_id, policy, unit.now))
