"""SQL on environments, clients, API keys, redirect URIs and CORS origins."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.applications.rules import (
    HOME_PAGE,
    SIGN_OUT_REDIRECT,
    ApiKey,
    Client,
    Environment,
    SignOutTarget,
)
from gatelodge.kit.database import Queries, Question, Row
from gatelodge.kit.paging import Window

_REDIRECT = "id, uri, is_default, created_at, updated_at"
_KEY = "environment_id, id, name, hint, created_at, last_used_at, revoked_at"


def _api_key(row: tuple[Any, ...]) -> ApiKey:
    environment_id, key_id, name, hint, created_at, last_used_at, revoked_at = row
    return ApiKey(
        environment_id=environment_id,
        id=key_id,
        name=name,
        hint=hint,
        created_at=created_at,
        last_used_at=last_used_at,
        revoked_at=revoked_at,
    )


_LIVE = "api_keys where token_hash = :key_hash and revoked_at is null"
_LIVE_KEY = f"select environment_id, id, name from {_LIVE}"
_POLICY = "select policy from environments where id = :environment_id"
_CLIENT = "select environment_id, id, name from clients where id = :client_id"
_SCOPE = re.compile(r":environment_id\b")


def find_live_key(queries: Queries, token_hash: bytes) -> Row | None:
    """Find the environment, id and name of a key that is not revoked."""
    return queries.one(_LIVE_KEY, key_hash=token_hash)


def find_behind_key(
    queries: Queries, token_hash: bytes, *, statement: str, parameters: Mapping[str, object]
) -> Row | None:
    """Find a live key and, behind its three columns, the row that a statement gives in its environment.

    None without a live key; the columns of the statement are null when it gives no row.
    """
    return queries.one(_put_behind_key(statement), **{**parameters, "key_hash": token_hash})


def ask_for_live_key(key_hash: bytes) -> Question:
    """Ask for the environment, id and name of a key that is not revoked."""
    return Question(_LIVE_KEY, 3, {"key_hash": key_hash})


def ask_for_client(client_id: str) -> Question:
    """Ask for a client; `read_client` reads the answer."""
    return Question(_CLIENT, 3, {"client_id": client_id})


@functools.cache
def _put_behind_key(statement: str) -> str:
    """Write one text that both engines plan as two look-ups by index; SQLite knows no lateral join."""
    scoped = _SCOPE.sub(lambda _: f"(select environment_id from {_LIVE})", statement)
    return f"""
        select live_key.environment_id, live_key.id, live_key.name, found.*
          from ({_LIVE_KEY}) as live_key
          left join ({scoped}) as found on true
        """


def insert_key(queries: Queries, key: ApiKey, token_hash: bytes) -> bool:
    """Store a key; False when this very secret is stored already."""
    return (
        queries.run(
            """
            insert into api_keys (environment_id, id, name, token_hash, hint, created_at)
            values (:environment_id, :id, :name, :token_hash, :hint, :created_at)
            on conflict do nothing
            """,
            environment_id=key.environment_id,
            id=key.id,
            name=key.name,
            token_hash=token_hash,
            hint=key.hint,
            created_at=key.created_at,
        )
        == 1
    )


def list_keys(queries: Queries, environment_id: str) -> list[ApiKey]:
    """List the keys of an environment, oldest first."""
    rows = queries.all(
        f"select {_KEY} from api_keys where environment_id = :environment_id order by created_at, id",
        environment_id=environment_id,
    )
    return [_api_key(row) for row in rows]


def revoke_key(queries: Queries, environment_id: str, key_id: str, now: int) -> ApiKey | None:
    """Revoke a key; the first revocation's instant stays."""
    row = queries.one(
        f"""
        update api_keys set revoked_at = coalesce(revoked_at, :now)
         where environment_id = :environment_id and id = :id
        returning {_KEY}
        """,
        environment_id=environment_id,
        id=key_id,
        now=now,
    )
    return None if row is None else _api_key(row)


def note_use(queries: Queries, environment_id: str, key_id: str, used_at: int) -> None:
    """Move a key's last use forward."""
    queries.run(
        """
        update api_keys set last_used_at = :used_at
         where environment_id = :environment_id and id = :id
           and coalesce(last_used_at, 0) < :used_at
        """,
        environment_id=environment_id,
        id=key_id,
        used_at=used_at,
    )


def insert_environment(queries: Queries, environment: Environment) -> bool:
    """Store an environment; False when the name is taken."""
    return (
        queries.run(
            """
            insert into environments (id, name, created_at, updated_at)
            values (:id, :name, :now, :now) on conflict do nothing
            """,
            id=environment.id,
            name=environment.name,
            now=environment.created_at,
        )
        == 1
    )


def find_environment(queries: Queries, name: str) -> Environment | None:
    """Find an environment by its id or its name."""
    row = queries.one("select id, name, created_at from environments where id = :name or name = :name", name=name)
    return None if row is None else Environment(id=row[0], name=row[1], created_at=row[2])


def list_environments(queries: Queries) -> list[Environment]:
    """List all environments, oldest first."""
    rows = queries.all("select id, name, created_at from environments order by created_at, id")
    return [Environment(id=row[0], name=row[1], created_at=row[2]) for row in rows]


def find_policy(queries: Queries, environment_id: str) -> EnvironmentPolicy:
    """Find an environment's policy; an unknown environment has the default one."""
    return read_policy(queries.one(_POLICY, environment_id=environment_id))


def ask_for_policy(environment_id: str) -> Question:
    """Ask for an environment's policy, together with whatever else is asked."""
    return Question(_POLICY, 1, {"environment_id": environment_id})


def read_policy(row: Row | None) -> EnvironmentPolicy:
    """Read the answer to `ask_for_policy`."""
    if row is None or row[0] == "{}":
        return EnvironmentPolicy()
    return msgspec.json.decode(row[0], type=ready(EnvironmentPolicy))


def set_policy(queries: Queries, environment_id: str, policy: EnvironmentPolicy, now: int) -> bool:
    """Replace an environment's policy."""
    changed = queries.run(
        "update environments set policy = :policy, updated_at = :now where id = :id",
        id=environment_id,
        policy=msgspec.json.encode(policy).decode(),
        now=now,
    )
    return changed == 1


def delete_environment(queries: Queries, environment_id: str) -> bool:
    """Delete an environment and all in it."""
    return queries.run("delete from environments where id = :id", id=environment_id) == 1


def insert_client(queries: Queries, client: Client, now: int) -> bool:
    """Store a client; False when the id is taken."""
    return (
        queries.run(
            """
            insert into clients (environment_id, id, name, created_at)
            values (:environment_id, :id, :name, :now) on conflict do nothing
            """,
            environment_id=client.environment_id,
            id=client.id,
            name=client.name,
            now=now,
        )
        == 1
    )


def find_client(queries: Queries, client_id: str) -> Client | None:
    """Find a client by its id, which is unique across environments."""
    return read_client(queries.one(_CLIENT, client_id=client_id))


def read_client(row: Row | None) -> Client | None:
    """Map a row to a client."""
    return None if row is None else Client(environment_id=row[0], id=row[1], name=row[2])


def list_clients(queries: Queries, environment_id: str) -> list[Client]:
    """List the clients of an environment, oldest first."""
    rows = queries.all(
        "select environment_id, id, name from clients where environment_id = :environment_id order by created_at, id",
        environment_id=environment_id,
    )
    return [Client(environment_id=row[0], id=row[1], name=row[2]) for row in rows]


def hold_environment(queries: Queries, environment_id: str) -> None:
    """Hold an environment's row until the transaction ends, so that others wait."""
    queries.run("update environments set updated_at = updated_at where id = :id", id=environment_id)


def insert_redirect(queries: Queries, environment_id: str, redirect_id: str, *, kind: str, uri: str, now: int) -> bool:
    """Store a redirect URI; the first of its kind becomes the default."""
    return (
        queries.run(
            """
            insert into redirect_uris
              (environment_id, id, kind, uri, is_default, created_at, updated_at)
            select cast(:environment_id as text), :id, :kind, :uri,
                   not exists (select 1 from redirect_uris
                                where environment_id = :environment_id and kind = :kind),
                   :now, :now
             where true
            on conflict do nothing
            """,
            environment_id=environment_id,
            id=redirect_id,
            kind=kind,
            uri=uri,
            now=now,
        )
        == 1
    )


def delete_redirect(queries: Queries, environment_id: str, *, kind: str, uri: str) -> bool:
    """Delete a redirect URI; False when it is not there."""
    return (
        queries.run(
            "delete from redirect_uris where environment_id = :environment_id and kind = :kind and uri = :uri",
            environment_id=environment_id,
            kind=kind,
            uri=uri,
        )
        == 1
    )


def choose_default_redirect(queries: Queries, environment_id: str, *, kind: str, now: int) -> None:
    """Make the oldest URI of a kind the default, where none is."""
    queries.run(
        """
        update redirect_uris set is_default = true, updated_at = :now
         where environment_id = :environment_id
           and id = (select id from redirect_uris where environment_id = :environment_id and kind = :kind
                      order by created_at, id limit 1)
           and not exists (select 1 from redirect_uris
                            where environment_id = :environment_id and kind = :kind and is_default)
        """,
        environment_id=environment_id,
        kind=kind,
        now=now,
    )


def list_redirects(queries: Queries, environment_id: str, kind: str) -> list[tuple[str, bool]]:
    """List the URIs of a kind with their default flag, oldest first."""
    rows = queries.all(
        """
        select uri, is_default from redirect_uris
         where environment_id = :environment_id and kind = :kind order by created_at, id
        """,
        environment_id=environment_id,
        kind=kind,
    )
    return [(row[0], bool(row[1])) for row in rows]


def find_redirect(queries: Queries, environment_id: str, redirect_id: str, *, kind: str) -> Row | None:
    """Find a redirect URI of a kind by its id."""
    return queries.one(
        f"""
        select {_REDIRECT} from redirect_uris
         where environment_id = :environment_id and id = :id and kind = :kind
        """,
        environment_id=environment_id,
        id=redirect_id,
        kind=kind,
    )


def list_redirect_window(queries: Queries, environment_id: str, window: Window, *, kind: str) -> list[Row]:
    """List the rows of a page of redirect URIs of a kind."""
    return queries.all(
        f"select {_REDIRECT} from redirect_uris where environment_id = :environment_id and kind = :kind"
        + window.clause(),
        environment_id=environment_id,
        kind=kind,
        **window.bind(),
    )


def list_sign_out_targets(queries: Queries) -> list[SignOutTarget]:
    """List the sign-out redirects and home pages of all environments, oldest first."""
    rows = queries.all(
        """
        select environment_id, kind, uri, is_default from redirect_uris
         where kind = :sign_out or kind = :home_page order by created_at, id
        """,
        sign_out=SIGN_OUT_REDIRECT,
        home_page=HOME_PAGE,
    )
    return [SignOutTarget(environment_id=row[0], kind=row[1], uri=row[2], is_default=bool(row[3])) for row in rows]


def insert_origin(queries: Queries, environment_id: str, origin_id: str, *, origin: str, now: int) -> bool:
    """Store a CORS origin; False when it is there."""
    return (
        queries.run(
            """
            insert into cors_origins (environment_id, id, origin, created_at, updated_at)
            values (:environment_id, :id, :origin, :now, :now) on conflict do nothing
            """,
            environment_id=environment_id,
            id=origin_id,
            origin=origin,
            now=now,
        )
        == 1
    )


def delete_origin(queries: Queries, environment_id: str, origin: str) -> bool:
    """Delete a CORS origin; False when it is not there."""
    return (
        queries.run(
            "delete from cors_origins where environment_id = :environment_id and origin = :origin",
            environment_id=environment_id,
            origin=origin,
        )
        == 1
    )


def list_origins(queries: Queries, environment_id: str) -> list[str]:
    """List an environment's CORS origins, oldest first."""
    rows = queries.all(
        "select origin from cors_origins where environment_id = :environment_id order by created_at, id",
        environment_id=environment_id,
    )
    return [str(row[0]) for row in rows]


def list_origin_window(queries: Queries, environment_id: str, window: Window) -> list[Row]:
    """List the rows of a page of CORS origins."""
    return queries.all(
        "select id, origin, created_at, updated_at from cors_origins where environment_id = :environment_id"
        + window.clause(),
        environment_id=environment_id,
        **window.bind(),
    )


def has_origin(queries: Queries, origin: str) -> bool:
    """Tell whether some environment allows this browser origin."""
    return queries.one("select 1 from cors_origins where origin = :origin", origin=origin) is not None
