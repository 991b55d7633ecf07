from __future__ import annotations

import pytest

from gatelodge.doors.assemble import assemble, close, settle_embedded
from gatelodge.kit import outbox
from gatelodge.kit.settings import Settings
from tests.cli.running import Shell


@pytest.fixture
def dead(installation: Shell) -> str:
    """Give the id of a mail that nobody would take; another one waits."""
    settings = Settings(
        database_url=installation.exported["GATELODGE_DATABASE_URL"],
        master_key=installation.exported["GATELODGE_MASTER_KEY"],
    )
    runtime = assemble(settings)
    try:
        unit = runtime.open_unit(settle_embedded(runtime))
        for reader in ("ada", "grace"):
            unit.write(
                lambda queries, to=f"{reader}@example.com": outbox.post_mail(  # type: ignore[misc]  # one closure each
                    queries, unit, "magic_auth", to=to, locale=None, values={"code": "501776"}
                )
            )
        now = runtime.wall_clock.now()
        message = unit.write(lambda queries: outbox.claim(queries, "email", now=now))
        assert message
        unit.write(lambda queries: outbox.settle_failed(queries, message, error="SMTPError 550", final=True, now=now))
        return message.id
    finally:
        close(runtime)


def test_dead_letters_are_listed_with_their_fault_and_without_their_text(installation: Shell, dead: str) -> None:
    listed = installation.run("outbox", "list", "--json")

    waiting, failed = sorted(listed.json()["data"], key=lambda message: message["attempts"])
    assert (failed["id"], failed["state"], failed["last_error"]) == (dead, "dead", "SMTPError 550")
    assert (waiting["state"], waiting["due_at"] is None) == ("waiting", False)
    assert "501776" not in listed.out
    assert [message["id"] for message in installation.json("outbox", "list", "--state", "dead")["data"]] == [dead]
    assert dead in installation.run("outbox", "list").out


def test_a_dead_letter_is_driven_again_and_none_is_left(installation: Shell, dead: str) -> None:
    assert installation.json("outbox", "retry", dead) == {"retried": 1}
    assert installation.json("outbox", "list", "--state", "dead")["data"] == []

    assert installation.json("outbox", "retry", "--all") == {"retried": 0}


def test_all_dead_letters_are_driven_again(installation: Shell, dead: str) -> None:
    assert installation.run("outbox", "retry", "--all").out == "1 message will be sent again.\n"

    states = {message["id"]: message["state"] for message in installation.json("outbox", "list")["data"]}
    assert states[dead] == "waiting"


def test_a_message_is_dropped_once_and_only_when_asked(installation: Shell, dead: str) -> None:
    assert "pass --yes" in installation.run("outbox", "drop", dead).fault

    assert installation.json("outbox", "drop", dead, "--yes") == {"dropped": dead}

    assert "There is no message" in installation.run("outbox", "drop", dead, "--yes").fault
    assert "No message" in installation.run("outbox", "retry", dead).fault
    assert "Name one message" in installation.run("outbox", "retry").fault
