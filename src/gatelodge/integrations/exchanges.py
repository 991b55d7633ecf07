"""What a browser asked, and what goes back to it, whatever the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from gatelodge.sdk.verdicts import AuthenticatedSession


class Cookie(msgspec.Struct, frozen=True):
    """A cookie to set; 0 seconds take it away."""

    name: str
    value: str
    seconds: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser asked for, as far as a sign-in goes; names of headers are in lower case."""

    method: str
    target: str
    """The path and the query, as they came."""
    query: Mapping[str, str]
    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    address: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What to send."""

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[Cookie, ...] = ()


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever passes must have; `organization` is an id, or True for any."""

    role: str | None = None
    permission: str | None = None
    organization: str | Literal[True] | None = None

    def is_met(self, session: AuthenticatedSession) -> bool:
        """Tell whether a session has all of it."""
        if self.role is not None and self.role != session.role and self.role not in session.roles:
            return False
        if self.permission is not None and self.permission not in session.permissions:
            return False
        if self.organization is True:
            return session.organization_id is not None
        return self.organization is None or self.organization == session.organization_id


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Who is there during one request, and what becomes of the cookie.

    `failed` says that nobody can tell just now: the cookie is kept.
    """

    session: AuthenticatedSession | None = None
    cookies: tuple[Cookie, ...] = ()
    failed: bool = False
    retry_after: int | None = None


class Held:
    """What one request has found out so far, and the cookies to send with its answer.

    Who is there is known by the name of the cookie that says so: an app may sign its
    customers in by one and its staff by another.
    """

    def __init__(self) -> None:
        self.visits: dict[str, Visit] = {}
        self.cookies: dict[str, Cookie] = {}

    @property
    def was_read(self) -> bool:
        """Tell whether the answer depends on who is there."""
        return bool(self.visits or self.cookies)

    def note(self, cookie_name: str, visit: Visit) -> Visit:
        """Keep who is there, with what becomes of the cookie, and give it back."""
        self.visits[cookie_name] = visit
        self.keep(*visit.cookies)
        return visit

    def keep(self, *cookies: Cookie) -> None:
        """Add cookies; of one name the last counts."""
        self.cookies |= {cookie.name: cookie for cookie in cookies}
