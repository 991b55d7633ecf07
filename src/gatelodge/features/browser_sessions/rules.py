"""Values of browser sessions."""

from __future__ import annotations

import msgspec

TOKEN_PURPOSE = "browser_session"


class BrowserSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser session as it is stored; `state` is what was proved, in the words of the sign-in."""

    id: str
    token_hash: bytes
    user_id: str
    state: str
    authenticated_at: int
    """When the user last proved who they are, in milliseconds."""
    used_at: int
    expires_at: int
    created_at: int


def is_fresh(session: BrowserSession, *, max_age: int | None, now: int) -> bool:
    """Tell whether a browser session satisfies `max_age`, in seconds (OpenID Connect Core §3.1.2.1)."""
    return max_age is None or now - session.authenticated_at < max_age * 1000
