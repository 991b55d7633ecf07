"""The inbox of development mode: what would have been sent, for programs and for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatelodge.kit import outbox
from tests.conftest import StartServer
from tests.harness.inprocess import House

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def house(furnished_database: str, folder: Path) -> Iterator[House]:
    house = House(furnished_database, mail_templates=str(folder))
    yield house
    house.close()


def post(house: House, to: str, *, code: str = "501776", locale: str | None = None) -> None:
    unit = house.unit()
    values = {"code": code}
    unit.write(lambda queries: outbox.post_mail(queries, unit, "magic_auth", to=to, locale=locale, values=values))


def post_sms(house: House, text: str) -> None:
    unit = house.unit()
    unit.write(lambda queries: outbox.post_sms_text(queries, unit, to="+491701234567", text=text))


def test_what_was_posted_is_there_at_once_newest_first(house: House) -> None:
    post(house, "ada@example.com", code="111111")
    post(house, "grace@example.com")
    post(house, "Ada@Example.com", code="222222", locale="de")

    answer = house.call("GET", "/_dev/inbox", query={"to": "ada@example.com"})

    newest, oldest = answer.json["data"]
    assert set(newest) == {"id", "channel", "to", "subject", "text", "html", "created_at"}
    assert (newest["channel"], newest["to"]) == ("email", "Ada@Example.com")
    assert newest["subject"] == "Ihr Code zur Anmeldung bei Gatelodge"
    assert "222222" in newest["text"]
    assert "222222" in newest["html"]
    assert newest["created_at"] == "2026-01-15T12:00:00.000Z"
    assert "111111" in oldest["text"]
    assert len(house.call("GET", "/_dev/inbox").json["data"]) == 3


def test_an_sms_is_kept_too(house: House) -> None:
    post_sms(house, "Your code is 501776.")

    [sms] = house.call("GET", "/_dev/inbox", query={"to": "+491701234567"}).json["data"]

    assert (sms["channel"], sms["subject"], sms["text"], sms["html"]) == ("sms", None, "Your code is 501776.", None)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json, text/html", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        (HTML, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html, application/json;q=0.9", "text/html; charset=utf-8"),
    ],
)
def test_programs_get_json_and_browsers_a_page(house: House, accept: str | None, kind: str) -> None:
    answer = house.call("GET", "/_dev/inbox", headers={} if accept is None else {"accept": accept})

    assert answer.headers["content-type"] == kind


def test_the_page_shows_a_mail_in_a_frame_where_nothing_runs(house: House) -> None:
    post(house, "ada@example.com")
    post_sms(house, "<script>alert(1)</script>")
    sms, mail = house.call("GET", "/_dev/inbox").json["data"]

    page = house.call("GET", "/_dev/inbox", query={"id": mail["id"]}, headers={"accept": HTML})
    text = page.body.decode()

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    [sandbox] = re.findall(r'<iframe[^>]* sandbox="([^"]*)"', text)
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox
    assert "&lt;!doctype html&gt;" in text
    assert "<script" not in text
    plain = house.call("GET", "/_dev/inbox", query={"id": mail["id"], "view": "text"}, headers={"accept": HTML})
    assert "    501776\n" in plain.body.decode()
    shown = house.call("GET", "/_dev/inbox", query={"id": sms["id"]}, headers={"accept": HTML}).body.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown


def test_a_broken_template_of_the_operator_is_shown_with_its_place(house: House, folder: Path) -> None:
    (folder / "magic_auth.html").write_text("line one\n{% if code %}", encoding="utf-8")
    post(house, "ada@example.com")

    [mail] = house.call("GET", "/_dev/inbox").json["data"]

    assert mail["subject"] == "The template magic_auth is broken"
    assert "magic_auth.html, line 2" in mail["text"]


def test_the_inbox_can_be_emptied_and_a_reset_empties_it(house: House) -> None:
    post(house, "ada@example.com")
    assert house.call("DELETE", "/_dev/inbox").status == 204
    assert house.call("GET", "/_dev/inbox").json == {"data": []}

    post(house, "ada@example.com")
    assert house.call("POST", "/_dev/reset").status == 200

    assert house.call("GET", "/_dev/inbox").json == {"data": []}


def test_codes_in_the_inbox_are_sealed(house: House) -> None:
    post(house, "ada@example.com", code="501776")

    [(content,)] = house.runtime.database.reads.all("select content from inbox_messages")

    assert b"501776" not in content


def test_a_reset_empties_the_outbox_of_a_server_that_sends(furnished_database: str) -> None:
    house = House(furnished_database, smtp_host="127.0.0.1", mail_from="a@acme.example")
    try:
        post(house, "ada@example.com")
        assert len(outbox.list_posted(house.runtime.database.reads)) == 1
        assert house.call("GET", "/_dev/inbox").json == {"data": []}

        house.call("POST", "/_dev/reset")

        assert outbox.list_posted(house.runtime.database.reads) == []
    finally:
        house.close()


def test_there_is_no_inbox_in_production(server: StartServer) -> None:
    running = server(development=False)

    assert running.http().get("/_dev/inbox").status_code == 404


def test_an_environment_variable_alone_does_not_keep_mails_in_production(server: StartServer) -> None:
    with pytest.raises(Exception, match="delivery: mails are kept instead of sent in development mode only"):
        server(development=False, settings={"GATELODGE_DELIVERY": "inbox"})
