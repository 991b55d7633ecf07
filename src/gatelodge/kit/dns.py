"""Look up the records by which the owner of a domain proves that it is theirs, and takes mail for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

_PATIENCE = 4.0
"""Seconds that one look-up takes at most, all name servers together."""
_DNS_PORT = 53


class DnsUnavailable(Exception):
    """No name server gave an answer; what the domain holds is not known."""


class ResolverInvalid(ValueError):
    """The text is not the address of a name server."""


def read_resolver(text: str) -> tuple[str, int]:
    """Read `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.

    Raises:
        ResolverInvalid: It is none of these.
    """
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        address = str(ipaddress.ip_address(host))
        number = int(port) if port else _DNS_PORT
    except ValueError:
        raise ResolverInvalid(f"{text!r} is not the address of a name server.") from None
    if not 0 < number < 1 << 16:
        raise ResolverInvalid(f"{text!r} has no usable port.")
    return address, number


def find_texts(name: str, resolvers: Sequence[str] = ()) -> list[str]:
    """List the TXT values at a name; a name that is absent has none.

    The parts of a long value are joined (RFC 7208 §3.3). Without `resolvers` this
    machine's own name servers are asked.

    Raises:
        DnsUnavailable: No name server answered, or all failed.
        ResolverInvalid: A resolver's address cannot be read.
    """
    records = _resolve(name, "TXT", resolvers)
    return [b"".join(record.strings).decode("utf-8", "replace") for record in records]


def takes_mail(domain: str, resolvers: Sequence[str] = ()) -> bool:
    """Tell whether mail to a domain can go anywhere (RFC 5321 §5.1).

    It cannot where the domain names no mail exchanger and has no address, or where it
    says that it takes none (RFC 7505).

    Raises:
        DnsUnavailable: No name server answered, or all failed.
        ResolverInvalid: A resolver's address cannot be read.
    """
    exchangers = [str(record.exchange) for record in _resolve(domain, "MX", resolvers)]
    if exchangers:
        return exchangers != ["."]
    return any(_resolve(domain, kind, resolvers) for kind in ("A", "AAAA"))


def _resolve(name: str, kind: str, resolvers: Sequence[str]) -> list[Any]:
    import dns.exception
    import dns.nameserver
    import dns.resolver

    servers = [dns.nameserver.Do53Nameserver(*read_resolver(text)) for text in resolvers]
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            resolver.nameservers = servers
        return list(resolver.resolve(name, kind, lifetime=_PATIENCE, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as fault:
        raise DnsUnavailable(f"{name}: {type(fault).__name__}") from None
