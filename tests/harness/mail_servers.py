"""A real SMTP server on loopback that keeps what it is given, and can be slow, rude or picky."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.harness.ports import free_port

USER, PASSWORD = "gatelodge", "a password for the relay"
_PATIENCE = 10.0


@dataclass(kw_only=True)
class MailServer:
    """What the server got, and how it behaves towards the next client."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    signed_in: list[bytes] = field(default_factory=list)
    connections: int = 0
    refusal: str | None = None
    """Answers every recipient with this, such as `550 nobody here`."""
    data_refusal: str | None = None
    """Answers every mail with this after it was read."""
    delay: float = 0.0
    """Seconds between reading a mail and answering; 0 lets go of what is held up, too."""
    _arrived: threading.Event = field(default_factory=threading.Event)

    def wait(self, number: int = 1, *, seconds: float = _PATIENCE) -> list[EmailMessage]:
        """Wait until so many mails have come in; give all of them."""
        deadline = time.monotonic() + seconds
        while len(self.mails) < number and time.monotonic() < deadline:
            self._arrived.wait(0.05)
            self._arrived.clear()
        assert len(self.mails) >= number, f"{len(self.mails)} of {number} mails came in"
        return self.mails

    async def handle_EHLO(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.content
        assert isinstance(content, bytes)
        if self.data_refusal:
            return self.data_refusal
        self.envelopes.append(envelope)
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        self._arrived.set()
        answered_at = time.monotonic() + self.delay
        while self.delay and time.monotonic() < answered_at:  # noqa: ASYNC110  # the test's thread sets it
            await asyncio.sleep(0.01)
        return "250 taken"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append(data.login)
        is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> Iterator[MailServer]:
    """Run a server until the block ends; with `sign_in` it takes mail from its one user only."""
    server = MailServer(port=free_port())
    options: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None}
    if sign_in:
        # aiosmtpd does not know of TLS that was there from the first byte, and would refuse a sign-in.
        options |= {"authenticator": server.authenticate, "auth_required": tls is None, "auth_require_tls": tls is None}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ssl_context=tls, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop(no_assert=True)
