"""The cookies of the pages: which browser it is, which sign-in it is at, and who it is signed in as."""

from __future__ import annotations

from gatelodge.kit.settings import Settings

BROWSER = "gatelodge_browser"
"""Binds forms to this browser; gone with it."""
FLOW = "gatelodge_flow"
"""The sign-in under way, the newest where several tabs began one; gone with the browser."""
SESSION = "gatelodge_session"
"""The browser session."""
_LONGEST = 200


def is_secure(settings: Settings) -> bool:
    """Tell whether the public origin is HTTPS, so that cookies may be bound to it."""
    return settings.base_url.startswith("https://")


def read_cookies(header: str) -> dict[str, str]:
    """Read a `Cookie` header; of two with one name the first counts, which browsers send for the longer path."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and len(value) <= _LONGEST and value.isascii() and value.isprintable():
            found.setdefault(name, value)
    return found


def name_cookie(name: str, *, secure: bool) -> str:
    """Give the cookie's full name: with `__Host-` no other host, path or plain connection can have set it."""
    return f"__Host-{name}" if secure else name


def write_cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> tuple[str, str]:
    """Write a `Set-Cookie` header; without `seconds` it is gone with the browser, with 0 at once."""
    parts = [f"{name_cookie(name, secure=secure)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    return ("set-cookie", "; ".join(parts))
