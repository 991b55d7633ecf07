"""Find the network address that a request came from, behind a known number of proxies."""

from __future__ import annotations

from gatelodge.doors.http import Request

_LONGEST = 64


def find_client_address(request: Request, trusted_proxies: int) -> str | None:
    """Give the peer's address, or what the outermost trusted proxy saw.

    Each proxy appends the address it was called from, so the header is read from the
    right: the last entry was written by the nearest proxy, and only as many entries as
    there are trusted proxies were not written by the client itself. Without trusted
    proxies the header is not read at all.
    """
    if trusted_proxies == 0:
        return request.address
    forwarded = request.headers.get("x-forwarded-for", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not hops:
        return request.address
    hop = hops[-min(trusted_proxies, len(hops))]
    return hop[:_LONGEST]
