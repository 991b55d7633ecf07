"""Match a redirect URI with the listed ones, and write what a redirect carries (contract page 12 §1, §2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

_LONGEST = 2048
# Schemes that would run or show what the address itself holds.
_SCRIPTING = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_PRINTABLE = re.compile(r"[!-~]+")
_HOST_WILDCARD = re.compile(r"(https?://)([a-z0-9_-]*)\*([a-z0-9_-]*)(\.[^/?#*@\\]+)([/?][^#*]*)?", re.IGNORECASE)
_PORT_WILDCARD = re.compile(r"(http://(?:localhost|127\.0\.0\.1|\[::1\])):\*([/?][^#*]*)?", re.IGNORECASE)
_LABEL = "[A-Za-z0-9_-]+"
_PORT = "[0-9]{1,5}"
# What follows the wildcard must be somebody's own domain. The public suffix list is for where
# addresses are listed; these are the registries' most common second levels.
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "go", "gov", "ltd", "me", "mil", "ne", "net", "or", "org", "plc"})
_COUNTRY = 2


def is_usable(uri: str) -> bool:
    """Tell whether a browser may ever be sent to this address, listed or not."""
    if not _PRINTABLE.fullmatch(uri) or len(uri) > _LONGEST or "#" in uri or "\\" in uri:
        return False
    scheme, colon, _ = uri.partition(":")
    return bool(colon) and bool(_SCHEME.fullmatch(scheme)) and scheme.lower() not in _SCRIPTING


def is_listed(uri: str, listed: Iterable[str]) -> bool:
    """Tell whether an address is one of the listed, letter by letter, or fits a wildcard of theirs."""
    return is_usable(uri) and any(uri == each or _fits(uri, each) for each in listed)


def _fits(uri: str, pattern: str) -> bool:
    if pattern.count("*") != 1:
        return False
    if found := _PORT_WILDCARD.fullmatch(pattern):
        origin, rest = found.group(1), found.group(2) or ""
        return re.fullmatch(f"{re.escape(origin)}:{_PORT}{re.escape(rest)}", uri) is not None
    found = _HOST_WILDCARD.fullmatch(pattern)
    if found is None or _is_public_suffix(found.group(4)):
        return False
    scheme, before, after, parent, rest = (part or "" for part in found.groups())
    expected = f"{re.escape(scheme + before)}{_LABEL}{re.escape(after + parent + rest)}"
    return re.fullmatch(expected, uri) is not None


def _is_public_suffix(parent: str) -> bool:
    labels = parent.partition(":")[0].strip(".").lower().split(".")
    if len(labels) == 1:
        return labels[0] != "localhost"
    return len(labels) == _COUNTRY and len(labels[1]) == _COUNTRY and labels[0] in _SECOND_LEVELS


def write_redirect(uri: str, **members: str | None) -> str:
    """Add what is given to the query of an address, whatever that has already."""
    query = urlencode({name: value for name, value in members.items() if value is not None})
    return f"{uri}{'&' if '?' in uri else '?'}{query}"


def origin_of(uri: str) -> str:
    """Give the origin of an address as a source of a content security policy; of an app's own scheme, the scheme."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
