"""What takes a message out of the house, whatever the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gatelodge.kit.mail_templates import Values
    from gatelodge.kit.outbox import Message


class NotDelivered(Exception):
    """A message was not taken.

    The text names the fault, such as `SMTPRecipientsRefused 550`, and never quotes a
    server: an answer may repeat the body. `is_final` says that no other try can help.
    """

    def __init__(self, fault: str, *, is_final: bool = False) -> None:
        super().__init__(fault)
        self.is_final = is_final


class Courier(Protocol):
    """Delivers the messages of one channel; used by one thread."""

    channel: str

    def deliver(self, message: Message, values: Values) -> None:
        """Hand a message over to the next server; returns when that has taken it.

        Raises:
            NotDelivered: It was not taken, or nobody can know.
        """

    def rest(self) -> None:
        """Let go of connections until the next message."""
