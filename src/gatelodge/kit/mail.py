"""Send mail by SMTP: certificates checked, connections reused, nothing smuggled into a header."""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import socket
import ssl
import threading
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import TYPE_CHECKING

import email_validator
from jinja2 import TemplateError

from gatelodge.kit.delivery import NotDelivered
from gatelodge.kit.letters import Letter, LetterWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatelodge.kit.clock import Clock
    from gatelodge.kit.mail_templates import Values
    from gatelodge.kit.outbox import Message
    from gatelodge.kit.settings import Settings

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_GREETING = 15
"""Seconds for connecting, and again for the server's greeting."""
_STEP = 30
"""Seconds for any later answer: some servers look at a mail for long before they take it."""
_TALK = 40
"""Seconds for signing in, and again for a mail, so that all of it stays within the lease of the row."""
_PERMANENT = range(500, 600)


class SmtpCourier:
    """Hands mails to one SMTP server."""

    channel = "email"

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take server, sender and templates from the settings; `clock` is the wall clock, for `Date`."""
        self._settings = settings
        self._clock = clock
        self._writer = open_writer(settings)
        self._connection: smtplib.SMTP | None = None

    def deliver(self, message: Message, values: Values) -> None:
        """Render a mail and hand it over.

        Raises:
            NotDelivered: The server refused it, or could not be reached.
        """
        mail = self._compose(message, values)
        try:
            self._send(mail)
        except smtplib.SMTPRecipientsRefused as fault:
            status = next((code for code, _ in fault.recipients.values()), 0)
            raise _not_delivered(fault, status, is_final=status in _PERMANENT) from None
        except smtplib.SMTPDataError as fault:
            raise _not_delivered(fault, fault.smtp_code, is_final=fault.smtp_code in _PERMANENT) from None
        except smtplib.SMTPResponseException as fault:
            raise _not_delivered(fault, fault.smtp_code) from None
        except smtplib.SMTPNotSupportedError as fault:
            raise _not_delivered(fault, 0, is_final=not mail["To"].isascii()) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise _not_delivered(fault, 0) from None

    def rest(self) -> None:
        """Say goodbye to the server, if it still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException), _bounded(connection):
                connection.quit()
            connection.close()

    def _compose(self, message: Message, values: Values) -> EmailMessage:
        try:
            letter = self._writer.write(
                message.template or "",
                environment_id=message.environment_id,
                locale=message.locale,
                values=values,
            )
            return compose(self._settings, message, letter=letter, brand=values.get("brand"), now=self._clock.now())
        except (TemplateError, TypeError) as fault:
            raise NotDelivered(type(fault).__name__) from None
        except ValueError as fault:
            raise NotDelivered(type(fault).__name__, is_final=True) from None

    def _send(self, mail: EmailMessage) -> None:
        connection = self._find_connection() or self._connect()
        try:
            with _bounded(connection):
                connection.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
            raise
        except BaseException:
            self._drop()
            raise

    def _find_connection(self) -> smtplib.SMTP | None:
        """Give the connection of the mail before, if the server has not hung up since."""
        if self._connection is None:
            return None
        try:
            with _bounded(self._connection):
                self._connection.noop()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        port = settings.smtp_port or _PORTS[settings.smtp_security]
        greeting = settings.mail_from.rpartition("@")[2]
        if settings.smtp_security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, port, local_hostname=greeting, timeout=_GREETING, context=self._open_tls()
            )
        else:
            connection = smtplib.SMTP(settings.smtp_host, port, local_hostname=greeting, timeout=_GREETING)
        self._connection = connection
        if connection.sock is not None:
            connection.sock.settimeout(_STEP)
        with _bounded(connection):
            if settings.smtp_security == "starttls":
                connection.starttls(context=self._open_tls())
            if settings.smtp_user:
                connection.login(settings.smtp_user, settings.smtp_password)
        return connection

    def _open_tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.smtp_ca_file or None)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def open_writer(settings: Settings) -> LetterWriter:
    """Make the writer of letters that the settings describe."""
    return LetterWriter(
        brand=settings.brand_name, default_locale=settings.default_locale, folder=settings.mail_templates
    )


def compose(settings: Settings, message: Message, *, letter: Letter, brand: str | int | None, now: int) -> EmailMessage:
    """Put a letter into an envelope; `now` is the wall clock's, in milliseconds.

    The Message-ID is made from the row's id, so that a mail that had to be sent twice can
    be told from two mails.

    Raises:
        ValueError: The recipient is no address; nothing that a header is made of can
            bring another header in.
    """
    mail = EmailMessage(policy=SMTP_POLICY)
    sender = _address(settings.mail_from, settings.mail_from_name or str(brand or settings.brand_name))
    mail["Subject"] = letter.subject
    mail["From"] = sender
    mail["To"] = _address(message.recipient)
    mail["Date"] = format_datetime(dt.datetime.fromtimestamp(now / 1000, dt.UTC))
    mail["Message-ID"] = f"<{message.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # Last, since setting a content takes the content's headers with it.
    mail["Content-Language"] = letter.locale
    return mail


def _address(text: str, name: str = "") -> Address:
    checked = email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    shown = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    return Address(display_name=shown, username=checked.local_part, domain=checked.ascii_domain)


def _not_delivered(fault: Exception, status: int, *, is_final: bool = False) -> NotDelivered:
    return NotDelivered(f"{type(fault).__name__} {status}" if status else type(fault).__name__, is_final=is_final)


@contextlib.contextmanager
def _bounded(connection: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    """End a conversation that takes too long as a whole, however lively each step of it is."""

    def hang_up() -> None:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_TALK, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()
