"""SMS go out as the form that Twilio takes, to a real HTTP server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatelodge.kit import outbox
from tests.harness.ports import free_port
from tests.harness.sms_service import SmsService, sms_service
from tests.outbox.conftest import House, OpenHouse


@pytest.fixture
def service() -> Iterator[SmsService]:
    with sms_service() as service:
        yield service


@pytest.fixture
def ours(house: OpenHouse, service: SmsService) -> House:
    return house(
        smtp_host="", sms_url=f"{service.url}/", sms_account="AC123", sms_token="token", sms_from="+12025550143"
    )


def test_an_sms_is_a_signed_in_form(ours: House, service: SmsService) -> None:
    ours.post_sms(text="Ihr Code für Åsa & Co: 501776")
    ours.send()

    [post] = service.posts
    assert post["path"] == "/2010-04-01/Accounts/AC123/Messages.json"
    assert post["form"] == {"To": "+491701234567", "From": "+12025550143", "Body": "Ihr Code für Åsa & Co: 501776"}
    assert base64.b64decode(post["authorization"].removeprefix("Basic ")) == b"AC123:token"
    assert ours.only("sent").template is None
    assert ours.contents() == [None]


def test_a_code_is_sent_in_the_readers_language(ours: House, service: SmsService) -> None:
    unit = ours.unit
    unit.write(
        lambda queries: outbox.post_sms(
            queries, unit, "mfa_code", to="+491701234567", locale="de", values={"code": "501776"}
        )
    )
    ours.send()

    [post] = service.posts
    assert post["form"]["Body"] == "501776 ist Ihr Bestätigungscode für Gatelodge. Geben Sie ihn nicht weiter."
    assert ours.contents() == [None]


def test_a_broken_template_of_an_sms_keeps_it_waiting(house: OpenHouse, service: SmsService, tmp_path: Path) -> None:
    (tmp_path / "mfa_code.sms").write_text("{{ cod }}", encoding="utf-8")
    ours = house(
        smtp_host="", sms_url=service.url, sms_account="AC1", sms_token="t", sms_from="A", mail_templates=str(tmp_path)
    )
    unit = ours.unit
    unit.write(
        lambda queries: outbox.post_sms(queries, unit, "mfa_code", to="+4917012345", locale=None, values={"code": "1"})
    )
    ours.send()

    assert service.posts == []
    assert ours.only("waiting").last_error == "UndefinedError"


@pytest.mark.parametrize(
    ("status", "answer", "state", "fault"),
    [
        (400, {"code": 21211, "message": "The 'To' number +491701234567 is not valid"}, "dead", "HTTP 400 21211"),
        (401, {"code": 20003}, "waiting", "HTTP 401 20003"),
        (429, {"code": 20429}, "waiting", "HTTP 429 20429"),
        (500, {}, "waiting", "HTTP 500"),
        (503, {"code": "x"}, "waiting", "HTTP 503"),
    ],
)
def test_a_refusal_is_final_only_when_nothing_can_mend_it(
    ours: House, service: SmsService, status: int, answer: dict[str, object], state: str, fault: str
) -> None:
    service.status, service.answer = status, answer
    ours.post_sms()
    ours.send()

    posted = ours.only()
    assert (posted.state, posted.last_error) == (state, fault)


def test_a_redirect_takes_neither_the_text_nor_the_token_elsewhere(ours: House, service: SmsService) -> None:
    service.status, service.location = 307, f"{service.url}/elsewhere"
    ours.post_sms()
    ours.send()

    assert [post["path"] for post in service.posts] == ["/2010-04-01/Accounts/AC123/Messages.json"]
    assert ours.only("waiting").last_error == "HTTP 307"


def test_a_service_that_is_not_there_is_tried_again(house: OpenHouse) -> None:
    ours = house(
        smtp_host="", sms_url=f"http://127.0.0.1:{free_port()}", sms_account="AC1", sms_token="t", sms_from="Acme"
    )
    ours.post_sms()
    ours.send()

    assert ours.only("waiting").last_error == "ConnectError"
