"""SQL on sessions and refresh tokens."""

from __future__ import annotations

import msgspec

from gatelodge.contract.sessions import Impersonator
from gatelodge.contract.shapes import ready
from gatelodge.features.sessions.rules import Session, TokenRecord
from gatelodge.kit.database import Queries, Question, Queued, Row
from gatelodge.kit.paging import Window
from gatelodge.kit.throttle import Charge, charged, has_room, may_charge

_COLUMNS = (
    "environment_id, id, user_id, client_id, organization_id, authentication_method,"
    " auth_method, ip_address, user_agent, impersonator, authenticated_at, refreshed_at,"
    " expires_at, ended_at, revoked, created_at, updated_at, browser_session_id, factor_proved"
)
_WIDTH = _COLUMNS.count(",") + 1
_JOINED = ", ".join(f"s.{column.strip()}" for column in _COLUMNS.split(","))


def read_session(row: Row) -> Session:
    """Map a row to a session."""
    impersonator = None if row[9] is None else msgspec.json.decode(row[9], type=ready(Impersonator))
    return Session(
        environment_id=row[0],
        id=row[1],
        user_id=row[2],
        client_id=row[3],
        organization_id=row[4],
        authentication_method=row[5],
        auth_method=row[6],
        ip_address=row[7],
        user_agent=row[8],
        impersonator=impersonator,
        authenticated_at=row[10],
        refreshed_at=row[11],
        expires_at=row[12],
        ended_at=row[13],
        revoked=bool(row[14]),
        created_at=row[15],
        updated_at=row[16],
        browser_session_id=row[17],
        factor_proved=None if row[18] is None else bool(row[18]),
    )


def insert(queries: Queries, session: Session, *, live_token: bytes) -> None:
    """Store a session with its first refresh token, of which only the hash is known."""
    impersonator = session.impersonator and msgspec.json.encode(session.impersonator).decode()
    queries.queue(
        f"""
        insert into sessions ({_COLUMNS}, live_token)
        values (:environment_id, :id, :user_id, :client_id, :organization_id,
                :authentication_method, :auth_method, :ip_address, :user_agent, :impersonator,
                :authenticated_at, :refreshed_at, :expires_at, :ended_at, :revoked,
                :created_at, :updated_at, :browser_session_id, :factor_proved, :live_token)
        """,
        **{**msgspec.structs.asdict(session), "impersonator": impersonator, "live_token": live_token},
    )
    queries.queue(
        """
        insert into refresh_tokens (environment_id, token_hash, session_id, created_at)
        values (:environment_id, :live_token, :id, :created_at)
        """,
        environment_id=session.environment_id,
        live_token=live_token,
        id=session.id,
        created_at=session.created_at,
    )


def find(queries: Queries, environment_id: str, session_id: str) -> Session | None:
    """Find a session by id."""
    row = queries.one(
        f"select {_COLUMNS} from sessions where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=session_id,
    )
    return None if row is None else read_session(row)


def find_anywhere(queries: Queries, session_id: str) -> Session | None:
    """Find a session whose environment is not known: a logout link names only the session."""
    row = queries.one(f"select {_COLUMNS} from sessions where id = :id", id=session_id)
    return None if row is None else read_session(row)


_OF_TOKEN = """
    from refresh_tokens t
    join sessions s on s.environment_id = t.environment_id and s.id = t.session_id
   where t.environment_id = :environment_id and t.token_hash = :token_hash
  """


def ask_for_token(environment_id: str, token_hash: bytes) -> Question:
    """Ask for a refresh token with its session; `read_token` reads the answer."""
    parameters = {"environment_id": environment_id, "token_hash": token_hash}
    # A server of before 0036 names none; its sessions have one token, which is live.
    live = "coalesce(s.live_token, t.token_hash)"
    return Question(f"select {_JOINED}, t.token_hash, {live} {_OF_TOKEN}", _WIDTH + 2, parameters)


def ask_for_owner(environment_id: str, token_hash: bytes) -> Question:
    """Ask for the id of the user whose session a refresh token is of."""
    parameters = {"environment_id": environment_id, "token_hash": token_hash}
    return Question(f"select s.user_id {_OF_TOKEN}", 1, parameters)


def read_token(row: Row) -> TokenRecord:
    """Map the answer to `ask_for_token`."""
    token_hash, live_token = row[_WIDTH:]
    return TokenRecord(token_hash=token_hash, is_live=token_hash == live_token, session=read_session(row))


def replace_token(
    queries: Queries,
    record: TokenRecord,
    token_hash: bytes,
    *,
    organization_id: str | None,
    charge: Charge | None,
    now: int,
) -> Queued:
    """Let another token be the live one of a session, charge the refresh, and move its idle limit on: one row.

    No row when another token was put in its place first, the session has ended, or its
    bucket has no room for the charge.
    """
    bucket, room = "", ""
    if charge is not None:
        bucket, room = f", refresh_tat = {charged('refresh_tat')}", f" and {has_room('refresh_tat')}"
    return queries.queue(
        f"""
        update sessions
           set live_token = :token_hash, refreshed_at = :now, updated_at = :now,
               organization_id = :organization_id{bucket}
         where environment_id = :environment_id and id = :id and coalesce(live_token, :replaced) = :replaced
           and ended_at is null{room}
        """,
        environment_id=record.session.environment_id,
        id=record.session.id,
        token_hash=token_hash,
        replaced=record.token_hash,
        organization_id=organization_id,
        now=now,
        **({} if charge is None else charge.parameters),
    )


def insert_successor(queries: Queries, record: TokenRecord, token_hash: bytes, *, sealed_pair: bytes, now: int) -> None:
    """Store the token that replaced another, if it did, with the pair for whoever presents the other again."""
    session = record.session
    trade = {"environment_id": session.environment_id, "id": session.id, "token_hash": token_hash, "now": now}
    queries.queue(
        """
        insert into refresh_tokens (environment_id, token_hash, session_id, created_at, replaces)
        select environment_id, :token_hash, id, :now, :replaced from sessions
         where environment_id = :environment_id and id = :id and live_token = :token_hash
        """,
        **trade,
        replaced=record.token_hash,
    )
    queries.queue(
        """
        insert into traded_pairs (environment_id, token_hash, traded_at, sealed_pair)
        select environment_id, :token_hash, :now, :sealed_pair from sessions
         where environment_id = :environment_id and id = :id and live_token = :token_hash
        """,
        **trade,
        sealed_pair=sealed_pair,
    )


def find_sealed_pair(queries: Queries, record: TokenRecord, *, since: int, until: int) -> bytes | None:
    """Find the pair that a retired token was traded for between two instants; None otherwise."""
    row = queries.one(
        """
        select p.sealed_pair from refresh_tokens t
          join traded_pairs p
            on p.traded_at = t.created_at and p.environment_id = t.environment_id and p.token_hash = t.token_hash
         where t.environment_id = :environment_id and t.session_id = :session_id
           and t.created_at >= :since and t.created_at <= :until and t.replaces = :replaced
        """,
        environment_id=record.session.environment_id,
        session_id=record.session.id,
        replaced=record.token_hash,
        since=since,
        until=until,
    )
    return None if row is None else row[0]


def charge(queries: Queries, environment_id: str, session_id: str, *, charge: Charge) -> None:
    """Charge a refresh to a session's bucket, and do nothing else."""
    queries.run(
        f"""
        update sessions set refresh_tat = {charged("refresh_tat")}
         where environment_id = :environment_id and id = :id and {may_charge("refresh_tat")}
        """,
        environment_id=environment_id,
        id=session_id,
        **charge.parameters,
    )


def find_bucket(queries: Queries, record: TokenRecord) -> int | None:
    """Find the instant at which a session's bucket stands; None when the token is retired, or the session has ended."""
    row = queries.one(
        """
        select refresh_tat from sessions
         where environment_id = :environment_id and id = :id and ended_at is null
           and coalesce(live_token, :token_hash) = :token_hash
        """,
        environment_id=record.session.environment_id,
        id=record.session.id,
        token_hash=record.token_hash,
    )
    return None if row is None else row[0]


def revoke(queries: Queries, environment_id: str, session_id: str, *, now: int) -> Session | None:
    """End a session; None when it had ended before."""
    row = queries.one(
        f"""
        update sessions set ended_at = :now, revoked = :revoked, updated_at = :now
         where environment_id = :environment_id and id = :id and ended_at is null
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=session_id,
        revoked=True,
        now=now,
    )
    return None if row is None else read_session(row)


def expire(queries: Queries, environment_id: str, session_id: str, *, ended_at: int) -> None:
    """Write down that a session has ended by itself."""
    queries.run(
        """
        update sessions set ended_at = :ended_at
         where environment_id = :environment_id and id = :id and ended_at is null
        """,
        environment_id=environment_id,
        id=session_id,
        ended_at=ended_at,
    )


def list_open(queries: Queries, environment_id: str, user_id: str) -> list[Session]:
    """List all sessions of a user that nothing has ended, those past a limit included, oldest first."""
    rows = queries.all(
        f"""
        select {_COLUMNS} from sessions
         where environment_id = :environment_id and user_id = :user_id and ended_at is null
         order by created_at, id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return [read_session(row) for row in rows]


def list_active(
    queries: Queries, environment_id: str, user_id: str, *, now: int, idle_since: int, limit: int
) -> list[Session]:
    """List the sessions of a user that are neither ended nor past a limit, newest first."""
    rows = queries.all(
        f"""
        select {_COLUMNS} from sessions
         where environment_id = :environment_id and user_id = :user_id and ended_at is null
           and expires_at > :now and refreshed_at > :idle_since
         order by created_at desc, id desc limit :limit
        """,
        environment_id=environment_id,
        user_id=user_id,
        now=now,
        idle_since=idle_since,
        limit=limit,
    )
    return [read_session(row) for row in rows]


def list_open_in_organization(
    queries: Queries, environment_id: str, organization_id: str, *, user_id: str | None
) -> list[Session]:
    """List the sessions bound to an organization that nothing has ended, of one user or of all, oldest first."""
    of_user = " and user_id = :user_id" if user_id is not None else ""
    rows = queries.all(
        f"""
        select {_COLUMNS} from sessions
         where environment_id = :environment_id and organization_id = :organization_id and ended_at is null {of_user}
         order by created_at, id
        """,
        environment_id=environment_id,
        organization_id=organization_id,
        **({} if user_id is None else {"user_id": user_id}),
    )
    return [read_session(row) for row in rows]


def list_window(
    queries: Queries,
    environment_id: str,
    user_id: str,
    window: Window,
    *,
    now: int,
    idle_since: int,
) -> list[Row]:
    """List the rows of a page of a user's active sessions."""
    return queries.all(
        f"""
        select {_COLUMNS} from sessions
         where environment_id = :environment_id and user_id = :user_id and ended_at is null
           and expires_at > :now and refreshed_at > :idle_since
        """
        + window.clause(),
        environment_id=environment_id,
        user_id=user_id,
        now=now,
        idle_since=idle_since,
        **window.bind(),
    )


def has_session_from(queries: Queries, environment_id: str, user_id: str, *, ip_address: str, since: int) -> bool:
    """Tell whether the user has signed in from an address since an instant."""
    row = queries.one(
        """
        select 1 from sessions
         where environment_id = :environment_id and user_id = :user_id
           and ip_address = :ip_address and created_at > :since limit 1
        """,
        environment_id=environment_id,
        user_id=user_id,
        ip_address=ip_address,
        since=since,
    )
    return row is not None


def remove_pairs(queries: Queries, *, before: int, limit: int) -> int:
    """Remove pairs whose window is over, the oldest; not many more than `limit`, which would hold up others."""
    row = queries.one(
        "select traded_at from traded_pairs where traded_at < :before order by traded_at limit 1 offset :limit",
        before=before,
        limit=limit,
    )
    return queries.run("delete from traded_pairs where traded_at <= :last", last=before - 1 if row is None else row[0])


def remove_tokens(queries: Queries, *, before: int, now: int, limit: int) -> int:
    """Remove some of the tokens from before an instant, but not the live one of a session that may go on."""
    return queries.run(
        """
        delete from refresh_tokens where (environment_id, token_hash) in
          (select t.environment_id, t.token_hash from refresh_tokens t
            where t.created_at < :before and not exists
              (select 1 from sessions s
                where s.environment_id = t.environment_id and s.id = t.session_id and s.ended_at is null
                  and s.expires_at > :now and coalesce(s.live_token, t.token_hash) = t.token_hash)
            order by t.created_at limit :limit)
        """,
        before=before,
        now=now,
        limit=limit,
    )


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove sessions that ended long ago, of whose tokens hardly any is left by then."""
    return queries.run(
        """
        delete from sessions where (environment_id, id) in
          (select environment_id, id from sessions
            where expires_at < :before or ended_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
