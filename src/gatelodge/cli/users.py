"""`gatelodge users`: find, make and remove users, and end their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter
from msgspec import UNSET

from gatelodge.cli.opening import Scope, open_unit, perform
from gatelodge.cli.printing import (
    AsJson,
    Refused,
    Yes,
    confirm,
    count,
    note,
    read_instant,
    read_password,
    say,
    show_json,
    show_members,
    show_table,
    working,
)
from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.contract.sessions import LIST_SESSIONS, ListSessions, UserSession
from gatelodge.contract.shapes import ready
from gatelodge.contract.users import CREATE_USER, DELETE_USER, LIST_USERS, CreateUser, ListUsers, User, UserId
from gatelodge.features.users import actions as users

if TYPE_CHECKING:
    from gatelodge.kit.unit import Unit

app: App = App(
    name="users",
    help=(
        "Find, make and remove users, and end their sessions.\n\n"
        "A user is named by id or by e-mail address. Whatever happens here tells its events, as over the API.\n\n"
        "For example:\n\n  gatelodge users list\n  gatelodge users show ada@example.com"
    ),
)

_PAGE = 100
_MOST_SESSIONS = 1000

Who = Annotated[str, Parameter(help="Id or e-mail address of the user.")]


@app.command(name="list")
def list_users(
    *,
    email: Annotated[str | None, Parameter(help="Only the user with this address.")] = None,
    limit: Annotated[int, Parameter(help="How many to show at most; 50 unless given.")] = 50,
    after: Annotated[str | None, Parameter(help="Go on after the user with this id.")] = None,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """List users, newest first.

    For example:

      gatelodge users list
      gatelodge users list --email ada@example.com --json
      gatelodge users list --limit 1000 --after user_01JADQ5K7Z3S9X4V8N2M6P0R1T
    """
    if limit < 1:
        raise Refused("--limit is at least 1.")
    with open_unit(scope or Scope()) as unit, working("Listing users"):
        found, next_id = _collect(unit, email=email, limit=limit, after=after)
    if as_json:
        show_json({"data": found, "list_metadata": ListMetadata(after=next_id)})
        return 0
    show_table(
        ("email", "id", "name", "last sign-in"),
        [
            (
                user.email,
                user.id,
                _name(user) or "-",
                read_instant(user.last_sign_in_at),
            )
            for user in found
        ],
        whole=("id",),
    )
    if not found:
        note("No user.")
    if next_id:
        note(f"There are more: gatelodge users list --limit {limit} --after {next_id}")
    return 0


def _collect(unit: Unit, *, email: str | None, limit: int, after: str | None) -> tuple[list[User], str | None]:
    found: list[User] = []
    cursor = after
    for _ in range(0, limit, _PAGE):
        asked = ListUsers(email=email, limit=min(_PAGE, limit - len(found)), after=cursor)
        page: Page[User] = perform(unit, LIST_USERS, asked)
        found += page.data
        cursor = page.list_metadata.after
        if cursor is None:
            break
    return found, cursor


@app.command
def show(who: Who, /, *, scope: Scope | None = None, as_json: AsJson = False) -> int:
    """Show a user and its active sessions.

    For example:

      gatelodge users show ada@example.com
    """
    with open_unit(scope or Scope()) as unit:
        user = _find(unit, who)
        sessions = _list_sessions(unit, user.id)
    if as_json:
        show_json({"user": user, "sessions": sessions})
        return 0
    show_members(
        [
            ("id", user.id),
            ("email", f"{user.email} ({'verified' if user.email_verified else 'not verified'})"),
            ("name", _name(user) or "-"),
            ("external id", user.external_id or "-"),
            ("metadata", msgspec.json.encode(user.metadata).decode() if user.metadata else "-"),
            ("locale", user.locale or "-"),
            ("last sign-in", read_instant(user.last_sign_in_at)),
            ("created", read_instant(user.created_at)),
            ("updated", read_instant(user.updated_at)),
            ("sessions", str(len(sessions))),
        ]
    )
    if sessions:
        say()
        _print_sessions(sessions)
    return 0


def _print_sessions(sessions: list[UserSession]) -> None:
    rows = [(one.id, one.ip_address or "-", read_instant(one.created_at), one.user_agent or "-") for one in sessions]
    show_table(("session", "from", "since", "with"), rows, whole=("session",))


@app.command
def create(
    email: Annotated[str, Parameter(help="The e-mail address.")],
    /,
    *,
    password_stdin: Annotated[bool, Parameter(help="Read a password from standard input.")] = False,
    verified: Annotated[bool, Parameter(help="Vouch that the address is this person's.")] = False,
    first_name: Annotated[str | None, Parameter(help="Given name.")] = None,
    last_name: Annotated[str | None, Parameter(help="Family name.")] = None,
    external_id: Annotated[str | None, Parameter(help="Your own identifier of this person.")] = None,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Create a user; no mail is sent.

    A password comes from standard input and never stands on the command line,
    where other users of the machine and the shell's history would see it. On a
    terminal it is asked for.

    For example:

      gatelodge users create ada@example.com --first-name Ada --verified
      pass show ada | gatelodge users create ada@example.com --password-stdin
    """
    password = read_password() if password_stdin else UNSET
    asked = CreateUser(
        email=email,
        password=password,
        email_verified=verified,
        first_name=first_name or UNSET,
        last_name=last_name or UNSET,
        external_id=external_id or UNSET,
    )
    with open_unit(scope or Scope()) as unit, working("Creating the user"):
        user: User = perform(unit, CREATE_USER, _check(asked))
    if as_json:
        show_json({"user": user})
    else:
        say(f"Created {user.email}: {user.id}")
    return 0


def _check(asked: CreateUser) -> CreateUser:
    """Hold the bounds that the wire's decoder holds for requests."""
    try:
        return msgspec.convert(msgspec.to_builtins(asked), ready(CreateUser))
    except msgspec.ValidationError as fault:
        raise Refused(f"{str(fault).replace('`', '')}.") from None


@app.command
def delete(who: Who, /, *, yes: Yes = False, scope: Scope | None = None, as_json: AsJson = False) -> int:
    """Delete a user with all that hangs on it; its sessions end.

    Nothing brings it back but a backup. It asks first, unless --yes is given.

    For example:

      gatelodge users delete ada@example.com
    """
    with open_unit(scope or Scope()) as unit:
        user = _find(unit, who)
        confirm(f"Delete {user.email} ({user.id}) with all its sessions?", yes=yes)
        # A unit has one instant, and the answer may have taken its time.
        perform(unit.runtime.open_unit(unit.actor), DELETE_USER, UserId(user_id=user.id))
    if as_json:
        show_json({"deleted": user.id})
    else:
        say(f"Deleted {user.email} ({user.id}).")
    return 0


@app.command
def sign_out(who: Who, /, *, scope: Scope | None = None, as_json: AsJson = False) -> int:
    """End all sessions of a user; its refresh tokens work no more.

    Access tokens that are out stay valid until they expire, five minutes unless
    set otherwise.

    For example:

      gatelodge users sign-out ada@example.com
    """
    from gatelodge.features.sessions import actions as sessions

    with open_unit(scope or Scope()) as unit:
        user = _find(unit, who)
        ended = len(_list_sessions(unit, user.id))
        unit.write(lambda queries: sessions.end_all(queries, unit, user.id))
    if as_json:
        show_json({"user_id": user.id, "ended": ended})
    else:
        say(f"Ended {count(ended, 'session')} of {user.email} ({user.id}).")
    return 0


def _find(unit: Unit, who: str) -> User:
    user = users.find_user_by_email(unit, who) if "@" in who else users.find_user(unit, who)
    if user is None:
        raise Refused(f"There is no user {who!r} in this environment.")
    return user


def _list_sessions(unit: Unit, user_id: str) -> list[UserSession]:
    found: list[UserSession] = []
    cursor = None
    for _ in range(0, _MOST_SESSIONS, _PAGE):
        asked = ListSessions(user_id=user_id, limit=_PAGE, after=cursor)
        page: Page[UserSession] = perform(unit, LIST_SESSIONS, asked)
        found += page.data
        cursor = page.list_metadata.after
        if cursor is None:
            break
    return found


def _name(user: User) -> str:
    return user.name or " ".join(part for part in (user.first_name, user.last_name) if part)
