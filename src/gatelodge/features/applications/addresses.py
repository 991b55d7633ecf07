"""What may be listed as a redirect or an origin: told before it is stored (contract pages 12 §1, 24 §1, §2)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

# Schemes that a browser runs or opens itself rather than follows.
_UNFOLLOWED = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WILD_HOST = re.compile(r"[A-Za-z0-9_-]*\*[A-Za-z0-9_-]*(?P<parent>(\.[^*.]+){2,})")
_LONGEST = 2048
_PORTS = {"http": "80", "https": "443"}
# Below these everybody gets a name of their own. Not the whole public suffix list, but the
# second levels of registries, and the hosts where apps are most often put.
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "go", "gov", "ltd", "me", "mil", "ne", "net", "or", "org", "plc"})
_COUNTRY = 2
_SHARED_HOSTS = frozenset(
    """
    amazonaws.com appspot.com azurestaticapps.net azurewebsites.net cloudfront.net deno.dev firebaseapp.com fly.dev
    github.io gitlab.io herokuapp.com netlify.app ngrok-free.app ngrok.app ngrok.io onrender.com pages.dev railway.app
    repl.co run.app surge.sh trycloudflare.com vercel.app web.app workers.dev
    """.split()
)


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on, or a URL's host, is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def find_redirect_fault(uri: str, *, development: bool = False) -> str | None:
    """Say why a browser may not be sent to a URI, or None when it may.

    https, http on loopback (in development anywhere), or the scheme of a native app; one
    `*` in the left-most label of the host, or as the port of a loopback host.
    """
    parts = _split(uri)
    if parts is None:
        return f"This is no redirect URI: {uri}"
    if parts.fragment or uri.endswith("#"):
        return f"A redirect URI has no fragment: {uri}"
    if parts.scheme in _UNFOLLOWED:
        return f"A browser is never sent to the scheme {parts.scheme}: {uri}"
    if parts.scheme in _PORTS:
        return _find_host_fault(parts, uri, development=development)
    if "*" in parts.netloc:
        return f"A wildcard needs http or https: {uri}"
    return None


def find_origin_fault(origin: str, *, development: bool = False) -> str | None:
    """Say why pages of an origin may not call, or None when they may: scheme, host and port, as browsers write it."""
    parts = _split(origin)
    if parts is None:
        return f"This is no origin: {origin}"
    if parts.scheme not in _PORTS or parts.path or parts.query or "#" in origin or "?" in origin or "*" in origin:
        return f"An origin is scheme, host and port, such as https://app.example.com: {origin}"
    if fault := _find_host_fault(parts, origin, development=development):
        return fault
    if origin != origin.lower():
        return f"Browsers write an origin in lower case: {origin.lower()}"
    if _read_port(parts) == _PORTS[parts.scheme]:
        return f"Browsers leave out the port that belongs to the scheme: {origin.rpartition(':')[0]}"
    return None


def _split(text: str) -> SplitResult | None:
    if len(text) > _LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        return None
    if "\\" in text or not _SCHEME.match(text):
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _find_host_fault(parts: SplitResult, text: str, *, development: bool) -> str | None:
    host = parts.hostname or ""
    port = _read_port(parts)
    if not host or parts.username is not None or not (port in ("", "*") or port.isdecimal()):
        return f"This has no proper host: {text}"
    if port == "*" and not is_loopback(host):
        return f"Only a loopback host has any port: {text}"
    if "*" in host:
        wild = _WILD_HOST.fullmatch(host)
        if wild is None:
            return f"A wildcard stands in the left-most label of a host of three labels or more: {text}"
        if _is_for_everybody(wild["parent"]):
            return f"Below {wild['parent'][1:]} anybody gets a name, so a wildcard there lets anybody in: {text}"
    if parts.scheme == "http" and not is_loopback(host) and not development:
        return f"Plain http is for loopback only; use https: {text}"
    return None


def _is_for_everybody(parent: str) -> bool:
    labels = parent.strip(".").lower().split(".")
    if len(labels) == _COUNTRY and len(labels[1]) == _COUNTRY and labels[0] in _SECOND_LEVELS:
        return True
    return any(".".join(labels[start:]) in _SHARED_HOSTS for start in range(len(labels) - 1))


def _read_port(parts: SplitResult) -> str:
    after_host = parts.netloc.rpartition("@")[2].rpartition("]")[2]
    return after_host.partition(":")[2]
