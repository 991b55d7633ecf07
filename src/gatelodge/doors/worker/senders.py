"""The senders: threads that take messages from the outbox and hand them to their couriers.

They are apart from the chores, so that a slow server holds up nothing else, and mail does
not wait for SMS. Every process has its own; the lease of a row keeps them from each other.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatelodge.doors.branding import lend_brand
from gatelodge.kit import outbox
from gatelodge.kit.delivery import Courier, NotDelivered
from gatelodge.kit.sealing import SealBroken

if TYPE_CHECKING:
    from gatelodge.kit.log import Log
    from gatelodge.kit.outbox import Message
    from gatelodge.kit.unit import Runtime

_LOOK = 0.5
"""Seconds between two looks into the outbox, which other processes fill too."""
_COMMIT = 0.01
"""Seconds from the bell to the look: the bell rings just before the commit."""
_ROUND = 100
"""Messages that a sender takes in one go."""
_MAIL_SENDERS = 2
"""One server that is slow over one mail then does not hold up all others."""
_GOODBYE = 5.0
"""Seconds that a stop waits for what is due and for the message in hand."""


class Senders:
    """The sender threads of a process; none for a channel that is not set up."""

    def __init__(self, runtime: Runtime, log: Log) -> None:
        """Prepare a thread for each courier that the settings allow."""
        self._runtime = runtime
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run, args=(Sender(runtime, courier, log),), name=f"{courier.channel}-sender", daemon=True
            )
            for courier in open_couriers(runtime)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send what is due, as far as a few seconds allow, and end."""
        self._stopping.set()
        outbox.find_bell(self._runtime).set()
        for thread in self._threads:
            thread.join(timeout=_GOODBYE)
        self._over.set()

    def _run(self, sender: Sender) -> None:
        while not self._stopping.is_set():
            bell = outbox.find_bell(self._runtime)
            if bell.wait(_LOOK):
                self._stopping.wait(_COMMIT)
                bell.clear()
            sender.send_due(self._over)


class Sender:
    """Takes the messages of one channel, one after the other."""

    def __init__(self, runtime: Runtime, courier: Courier, log: Log) -> None:
        """Take over a courier, which no other thread may use."""
        self._courier = courier
        self._runtime = runtime
        self._log = log

    def send_due(self, over: threading.Event) -> None:
        """Send what is due until nothing is, a round is full, or it is `over`; never raises."""
        try:
            for _ in range(_ROUND):
                if over.is_set() or not self._send_next():
                    break
            self._courier.rest()
        except Exception as fault:  # noqa: BLE001  # a lost database comes back; the rows are still there
            self._log.fault("sending failed", fault, channel=self._courier.channel)

    def _send_next(self) -> bool:
        database, channel = self._runtime.database, self._courier.channel
        now = self._now()
        if not outbox.is_due(database.reads, channel, now=now):
            return False
        message = database.write(lambda queries: outbox.claim(queries, channel, now=now))
        if message is None:
            return False
        try:
            self._deliver(message)
        except NotDelivered as fault:
            self._put_off(message, fault)
        else:
            database.write(lambda queries: outbox.settle_sent(queries, message, now=self._now()))
        return True

    def _deliver(self, message: Message) -> None:
        if message.attempts > len(outbox.RETRIES) + 1:
            # Each attempt so far took the process down with it, or the machine did.
            raise NotDelivered("Interrupted", is_final=True)
        try:
            values = lend_brand(self._runtime, message.environment_id, message.open(self._runtime.sealer))
            self._courier.deliver(message, values)
        except NotDelivered:
            raise
        except SealBroken:
            raise NotDelivered("SealBroken", is_final=True) from None
        except Exception as fault:  # noqa: BLE001  # one message that breaks the courier must not hold up the others
            self._log.fault("courier failed", fault, channel=message.channel)
            raise NotDelivered(type(fault).__name__) from None

    def _put_off(self, message: Message, fault: NotDelivered) -> None:
        state = self._runtime.database.write(
            lambda queries: outbox.settle_failed(
                queries, message, error=str(fault), final=fault.is_final, now=self._now()
            )
        )
        self._log.warning(
            "message not sent",
            id=message.id,
            channel=message.channel,
            attempt=message.attempts,
            fault=str(fault),
            state=state,
        )

    def _now(self) -> int:
        return self._runtime.wall_clock.now()


def open_couriers(runtime: Runtime) -> list[Courier]:
    """Make the couriers of a process: one for each thread that will send."""
    settings = runtime.settings
    couriers: list[Courier] = []
    if settings.delivery == "send" and settings.smtp_host:
        from gatelodge.kit.mail import SmtpCourier

        couriers += [SmtpCourier(settings, runtime.wall_clock) for _ in range(_MAIL_SENDERS)]
    if settings.delivery == "send" and settings.sms_account:
        from gatelodge.kit.sms import TwilioCourier

        couriers.append(TwilioCourier(settings))
    return couriers
