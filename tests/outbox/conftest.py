"""A house that posts, a server that takes mail, and a clock that stands still."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import pytest

from gatelodge.doors.assemble import assemble, close, settle_embedded
from gatelodge.doors.worker.senders import Sender, open_couriers
from gatelodge.kit import outbox
from gatelodge.kit.log import Log
from gatelodge.kit.outbox import Posted
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Actor, Runtime, Unit
from gatelodge.testing import FrozenClock
from tests.harness.mail_servers import MailServer, mail_server

MASTER_KEY = "m" * 43
FROM = "accounts@acme.example"


@dataclass(kw_only=True)
class House:
    """An engine whose clock stands still, and its senders, called by hand."""

    runtime: Runtime
    actor: Actor
    clock: FrozenClock
    log: io.StringIO = field(default_factory=io.StringIO)

    @property
    def unit(self) -> Unit:
        return self.runtime.open_unit(self.actor)

    def post(
        self,
        template: str = "magic_auth",
        *,
        to: str = "ada@example.com",
        locale: str | None = None,
        values: dict[str, str | int | None] | None = None,
    ) -> None:
        unit = self.unit
        given = {"code": "501776"} if values is None else values
        unit.write(lambda queries: outbox.post_mail(queries, unit, template, to=to, locale=locale, values=given))

    def post_sms(self, *, to: str = "+491701234567", text: str = "Your code is 501776.") -> None:
        unit = self.unit
        unit.write(lambda queries: outbox.post_sms_text(queries, unit, to=to, text=text))

    def send(self) -> None:
        """Let each sender take what is due."""
        for courier in open_couriers(self.runtime):
            Sender(self.runtime, courier, Log(self.clock, stream=self.log)).send_due(Event())

    def listed(self, state: str | None = None) -> list[Posted]:
        return outbox.list_posted(self.runtime.database.reads, state=state)

    def only(self, state: str | None = None) -> Posted:
        [posted] = self.listed(state)
        return posted

    def contents(self) -> list[bytes | None]:
        return [row[0] for row in self.runtime.database.reads.all("select content from outbox")]


OpenHouse = Callable[..., House]


@pytest.fixture
def house(database_url: str) -> Iterator[OpenHouse]:
    """Open houses on one database, on each engine in turn: `house(smtp_port=…)`."""
    opened: list[House] = []

    def open_house(**settings: object) -> House:
        clock = opened[0].clock if opened else FrozenClock()
        given = {
            "database_url": database_url,
            "master_key": MASTER_KEY,
            "smtp_host": "127.0.0.1",
            "smtp_security": "none",
            "mail_from": FROM,
            **settings,
        }
        runtime = assemble(Settings(**given), clock=clock)  # type: ignore[arg-type]  # each test gives what it needs
        opened.append(House(runtime=runtime, actor=settle_embedded(runtime), clock=clock))
        return opened[-1]

    yield open_house
    for one in opened:
        close(one.runtime)


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """Run a mail server without TLS."""
    with mail_server() as server:
        yield server
