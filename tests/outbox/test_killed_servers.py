"""A server that is killed in mid-send leaves the mail to be sent once more, and not twice."""

from __future__ import annotations

import time

import pytest

from gatelodge.doors.assemble import assemble, close, settle_embedded
from gatelodge.kit import outbox
from gatelodge.kit.database import open_database
from gatelodge.kit.settings import Settings
from tests.conftest import FreshDatabase, StartServer
from tests.harness.databases import Engine
from tests.harness.mail_servers import MailServer
from tests.harness.servers import Server
from tests.outbox.conftest import FROM, MASTER_KEY


def sending_server(server: StartServer, database_url: str, smtp: MailServer) -> Server:
    return server(
        database_url=database_url,
        development=False,
        settings={
            "GATELODGE_MASTER_KEY": MASTER_KEY,
            "GATELODGE_SMTP_HOST": "127.0.0.1",
            "GATELODGE_SMTP_PORT": str(smtp.port),
            "GATELODGE_SMTP_SECURITY": "none",
            "GATELODGE_MAIL_FROM": FROM,
        },
    )


def post(database_url: str, *, to: str = "ada@example.com") -> None:
    """Post from a process that sends nothing itself."""
    runtime = assemble(Settings(database_url=database_url, master_key=MASTER_KEY))
    try:
        unit = runtime.open_unit(settle_embedded(runtime))
        values = {"code": "501776"}
        unit.write(lambda queries: outbox.post_mail(queries, unit, "magic_auth", to=to, locale=None, values=values))
    finally:
        close(runtime)


def states(database_url: str) -> list[str]:
    database = open_database(database_url)
    try:
        return [posted.state for state in ("sent", None) for posted in outbox.list_posted(database.reads, state=state)]
    finally:
        database.close()


def end_lease(database_url: str) -> None:
    """Bring forward what two minutes of waiting would bring."""
    database = open_database(database_url)
    try:
        database.write(
            lambda queries: queries.run(
                "update outbox set due_at = due_at - :lease where state = 'sending'", lease=outbox.LEASE
            )
        )
    finally:
        database.close()


def test_a_mail_in_hand_at_a_kill_9_is_sent_once_more(
    server: StartServer, engine: Engine, fresh_database: FreshDatabase, smtp: MailServer
) -> None:
    url = fresh_database(engine)
    running = sending_server(server, url, smtp)
    smtp.delay = 5
    post(url)
    smtp.wait(1)

    running.kill9()
    smtp.delay = 0
    running.start_again()
    time.sleep(1.5)
    assert len(smtp.mails) == 1
    assert states(url) == ["sending"]
    end_lease(url)
    first, second = smtp.wait(2)

    assert first["Message-ID"] == second["Message-ID"]
    time.sleep(1.5)
    assert len(smtp.mails) == 2
    assert states(url) == ["sent"]


def test_mails_that_waited_at_a_kill_9_are_sent_once(
    server: StartServer, engine: Engine, fresh_database: FreshDatabase, smtp: MailServer
) -> None:
    url = fresh_database(engine)
    running = sending_server(server, url, smtp)
    running.kill9()
    for number in range(5):
        post(url, to=f"reader{number}@example.com")

    running.start_again()

    smtp.wait(5)
    time.sleep(1)
    assert sorted(str(mail["To"]) for mail in smtp.mails) == [f"reader{number}@example.com" for number in range(5)]
    assert states(url) == ["sent"] * 5


def test_a_server_that_is_asked_to_stop_finishes_the_mail_in_hand(
    server: StartServer, fresh_database: FreshDatabase, smtp: MailServer
) -> None:
    url = fresh_database("sqlite")
    running = sending_server(server, url, smtp)
    smtp.delay = 1
    post(url)
    smtp.wait(1)

    assert running.stop() == 0

    assert states(url) == ["sent"]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_after_a_kill_9_the_lease_ends_by_itself(
    server: StartServer, fresh_database: FreshDatabase, smtp: MailServer
) -> None:
    url = fresh_database("sqlite")
    running = sending_server(server, url, smtp)
    smtp.delay = 5
    post(url)
    smtp.wait(1)

    running.kill9()
    smtp.delay = 0
    running.start_again()

    assert len(smtp.wait(2, seconds=outbox.LEASE / 1000 + 10)) == 2
