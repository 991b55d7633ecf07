"""SQL on sessions and refresh tokens."""

from __future__ import annotations

import msgspec

from gatelodge.contract.sessions import Impersonator
from gatelodge.contract.shapes import ready
from gatelodge.features.sessions.rules import Session, TokenRecord
from gatelodge.kit.database import Queries, Question, Queued, Row
from gatelodge.kit.paging import Window
from gatelodge.kit.throttle import Charge, charged, may_charge

_COLUMNS = (
    "environment_id, id, user_id, client_id, organization_id, authentication_method,"
    " auth_method, ip_address, user_agent, impersonator, authenticated_at, refreshed_at,"
    " expires_at, ended_at, revoked, created_at, updated_at, browser_session_id, factor_proved"
)
_WIDTH = _COLUMNS.count(",") + 1
_TOUCH = "update sessions set refreshed_at = :now, organization_id = :organization_id, updated_at = :now"
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


def insert(queries: Queries, session: Session) -> None:
    """Store a session."""
    impersonator = session.impersonator and msgspec.json.encode(session.impersonator).decode()
    queries.queue(
        f"""
        insert into sessions ({_COLUMNS})
        values (:environment_id, :id, :user_id, :client_id, :organization_id,
                :authentication_method, :auth_method, :ip_address, :user_agent, :impersonator,
                :authenticated_at, :refreshed_at, :expires_at, :ended_at, :revoked,
                :created_at, :updated_at, :browser_session_id, :factor_proved)
        """,
        **{**msgspec.structs.asdict(session), "impersonator": impersonator},
    )


def insert_token(queries: Queries, environment_id: str, token_hash: bytes, *, session_id: str, now: int) -> None:
    """Store the hash of a live refresh token."""
    queries.queue(
        """
        insert into refresh_tokens (environment_id, token_hash, session_id, created_at)
        values (:environment_id, :token_hash, :session_id, :now)
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        session_id=session_id,
        now=now,
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
    return Question(f"select {_JOINED}, t.token_hash, t.retired_at, t.successor {_OF_TOKEN}", _WIDTH + 3, parameters)


def ask_for_owner(environment_id: str, token_hash: bytes) -> Question:
    """Ask for the id of the user whose session a refresh token is of."""
    parameters = {"environment_id": environment_id, "token_hash": token_hash}
    return Question(f"select s.user_id {_OF_TOKEN}", 1, parameters)


def read_token(row: Row) -> TokenRecord:
    """Map the answer to `ask_for_token`."""
    token_hash, retired_at, successor = row[_WIDTH:]
    return TokenRecord(token_hash=token_hash, retired_at=retired_at, successor=successor, session=read_session(row))


def retire_token(queries: Queries, environment_id: str, token_hash: bytes, *, successor: bytes, now: int) -> Queued:
    """Retire a live token with its sealed successor: one row, or none when another has done so first."""
    return queries.queue(
        """
        update refresh_tokens set retired_at = :now, successor = :successor
         where environment_id = :environment_id and token_hash = :token_hash
           and retired_at is null
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        successor=successor,
        now=now,
    )


def touch(queries: Queries, environment_id: str, session_id: str, *, organization_id: str | None, now: int) -> Queued:
    """Move a live session's idle limit on: one row, or none when it has ended."""
    return queries.queue(
        f"{_TOUCH} where environment_id = :environment_id and id = :id and ended_at is null returning refresh_tat",
        environment_id=environment_id,
        id=session_id,
        organization_id=organization_id,
        now=now,
    )


def touch_charged(
    queries: Queries, environment_id: str, session_id: str, *, organization_id: str | None, now: int, charge: Charge
) -> Queued:
    """Move a live session's idle limit on and charge the refresh; no row when it has ended, or may not be charged.

    The row tells the instant at which the session's bucket then stands.
    """
    return queries.queue(
        f"""
        {_TOUCH}, refresh_tat = {charged("refresh_tat")}
         where environment_id = :environment_id and id = :id and ended_at is null and {may_charge("refresh_tat")}
        returning refresh_tat
        """,
        environment_id=environment_id,
        id=session_id,
        organization_id=organization_id,
        now=now,
        **charge.parameters,
    )


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


def find_bucket(queries: Queries, environment_id: str, session_id: str) -> int | None:
    """Find the instant at which the bucket of a live session stands; None when it has ended."""
    row = queries.one(
        "select refresh_tat from sessions where environment_id = :environment_id and id = :id and ended_at is null",
        environment_id=environment_id,
        id=session_id,
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


def wipe_successors(queries: Queries, *, before: int) -> int:
    """Wipe sealed successors whose window is over."""
    return queries.run(
        "update refresh_tokens set successor = null where retired_at < :before and successor is not null",
        before=before,
    )


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove sessions that ended long ago, with their tokens."""
    return queries.run(
        """
        delete from sessions where (environment_id, id) in
          (select environment_id, id from sessions
            where expires_at < :before or ended_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
