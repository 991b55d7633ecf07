"""A name server of a test's own, on loopback: it answers with the records that it was given."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers queries over UDP until it is closed; `fails` makes it answer SERVFAIL."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.exchangers: dict[str, list[str]] = {}
        self.hosts: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.fails = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="name-server", daemon=True)

    @property
    def address(self) -> str:
        """Give `address:port`, as the setting `dns_resolvers` takes it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An empty datagram, which no query is, wakes the thread at once.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
            waking.sendto(b"", self._socket.getsockname())
        self._thread.join(timeout=5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, peer = self._socket.recvfrom(4096)
            if not wire:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if self.fails:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not any(name in records for records in (self.texts, self.exchangers, self.hosts)):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self._find(name, dns.rdatatype.to_text(question.rdtype)):
            kind = dns.rdatatype.to_text(question.rdtype)
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        return answer

    def _find(self, name: str, kind: str) -> list[str]:
        match kind:
            case "TXT":
                return [f'"{text}"' for text in self.texts.get(name, ())]
            case "MX":
                return self.exchangers.get(name, [])
            case "A":
                return self.hosts.get(name, [])
        return []
