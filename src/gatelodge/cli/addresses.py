"""What an operator may allow as a redirect or an origin, told before it is stored."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from gatelodge.cli.faults import is_loopback
from gatelodge.cli.printing import Refused

# Schemes that a browser runs or opens itself rather than follows (contract page 12 §1).
_UNFOLLOWED = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WILD_HOST = re.compile(r"[A-Za-z0-9_-]*\*[A-Za-z0-9_-]*(\.[^*.]+){2,}")
_LONGEST = 2048


def check_redirect(uri: str) -> str:
    """Let a redirect URI pass that a browser may be sent to.

    https, http on loopback, or the scheme of a native app; one `*` in the left-most
    label of the host, or as the port of a loopback host (contract page 12 §1).

    Raises:
        Refused: It is none of these; the line says why.
    """
    parts = _split(uri, what="redirect URI")
    if parts.fragment or uri.endswith("#"):
        raise Refused(f"A redirect URI has no fragment: {uri}")
    if parts.scheme in _UNFOLLOWED:
        raise Refused(f"A browser is never sent to the scheme {parts.scheme}: {uri}")
    if parts.scheme in ("http", "https"):
        _check_host(parts, uri)
    elif "*" in parts.netloc:
        raise Refused(f"A wildcard needs http or https: {uri}")
    return uri


def check_origin(origin: str) -> str:
    """Let a browser origin pass: scheme, host and port, as browsers write it.

    Raises:
        Refused: It is none; the line says why.
    """
    parts = _split(origin, what="origin")
    if parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment or "*" in origin:
        raise Refused(f"An origin is scheme, host and port, such as https://app.example.com: {origin}")
    _check_host(parts, origin)
    if origin != origin.lower():
        raise Refused(f"Browsers write an origin in lower case: {origin.lower()}")
    if _read_port(parts) == {"http": "80", "https": "443"}[parts.scheme]:
        raise Refused(f"Browsers leave out the port that belongs to the scheme: {origin.rpartition(':')[0]}")
    return origin


def _split(text: str, *, what: str) -> SplitResult:
    try:
        if len(text) > _LONGEST or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError
        if not _SCHEME.match(text):
            raise ValueError
        return urlsplit(text)
    except ValueError:
        raise Refused(f"This is no {what}: {text}") from None


def _check_host(parts: SplitResult, text: str) -> None:
    host = parts.hostname or ""
    port = _read_port(parts)
    if not host or parts.username is not None or not (port in ("", "*") or port.isdecimal()):
        raise Refused(f"This has no proper host: {text}")
    if port == "*" and not is_loopback(host):
        raise Refused(f"Only a loopback host has any port: {text}")
    if "*" in host and not _WILD_HOST.fullmatch(host):
        raise Refused(f"A wildcard stands in the left-most label of a host of three labels or more: {text}")
    if parts.scheme == "http" and not is_loopback(host):
        raise Refused(f"Plain http is for loopback only; use https: {text}")


def _read_port(parts: SplitResult) -> str:
    after_host = parts.netloc.rpartition("@")[2].rpartition("]")[2]
    return after_host.partition(":")[2]
