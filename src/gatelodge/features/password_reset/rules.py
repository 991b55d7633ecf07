"""Values of password resets, and the link that carries a token."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from gatelodge.contract.errors import Fault, PasswordResetError

TOKEN_PURPOSE = "password_reset_token"
KIND = "password_reset"

TOKEN_TTL = 3_600_000
"""Milliseconds that a token is valid."""
TOKEN_MINUTES = TOKEN_TTL // 60_000

PAGE = "/reset-password"
"""The path of our own page, for environments that have none of theirs."""


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """A reset as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    email: str
    token: bytes
    token_hash: bytes
    password_version: str | None
    spent_at: int | None
    expires_at: int
    created_at: int


class PasswordResetEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of `password_reset.…`: everything but the token and the link."""

    object: str = KIND
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str


def write_link(page: str, token: str) -> str:
    """Add a token to the query of a page's address, whatever that has already."""
    parts = urlsplit(page)
    query = "&".join(part for part in (parts.query, urlencode({"token": token})) if part)
    return urlunsplit(parts._replace(query=query))


def is_absolute(link: str) -> bool:
    """Tell whether a link leads somewhere from within a mail."""
    return bool(urlsplit(link).netloc)


def check_reset(reset: Reset, *, now: int) -> None:
    """Let a reset pass that is neither spent nor expired.

    Raises:
        PasswordResetError: It is one of them.
    """
    if reset.spent_at is not None:
        raise refuse("used", "The link has been used; ask for a new one.")
    if reset.expires_at <= now:
        raise refuse("expired", "The link has expired; ask for a new one.")


def refuse(reason: str, message: str) -> PasswordResetError:
    """Write the error of a token that cannot be used; `reason` ends its code."""
    return PasswordResetError(errors=[Fault(code=f"password_reset_token_{reason}", message=message)])
