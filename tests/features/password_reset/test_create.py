"""Asking for a link to set a new password by."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from gatelodge.features.applications import actions as applications
from gatelodge.features.password_reset.rules import write_link
from tests.harness.inprocess import ENVIRONMENT, Answer, House
from tests.harness.mails import mails

ADA = "ada@example.com"


def _ask(house: House, email: str = ADA, **options: object) -> Answer:
    return house.post("/user_management/password_reset", {"email": email}, **options)


def _set_policy(house: House, **changes: object) -> None:
    unit = house.unit()
    applications.set_policy(unit, ENVIRONMENT, replace(applications.find_policy(unit), **changes))


def test_a_link_is_mailed_and_shown_to_the_api_alone(house: House) -> None:
    user = house.create_user()

    answer = _ask(house)

    token = answer.json["password_reset_token"]
    assert answer.status == 201
    assert answer.json == {
        "object": "password_reset",
        "id": answer.json["id"],
        "user_id": user["id"],
        "email": ADA,
        "expires_at": "2026-01-15T13:00:00.000Z",
        "created_at": "2026-01-15T12:00:00.000Z",
        "password_reset_token": token,
        "password_reset_url": f"http://localhost:4100/reset-password?token={token}",
    }
    assert len(token) == 43
    assert mails(house) == [("password_reset", {"link": answer.json["password_reset_url"], "minutes": 60})]
    assert house.get(f"/user_management/password_reset/{answer.json['id']}").json == answer.json
    [event] = house.events("password_reset.created")
    assert sorted(event["data"]) == ["created_at", "email", "expires_at", "id", "object", "user_id"]


def test_an_unknown_address_is_not_found_and_gets_no_mail(house: House) -> None:
    answer = _ask(house, "eve@example.com")

    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")
    assert mails(house) == []
    assert house.events("password_reset.created") == []


def test_a_stranger_without_an_api_key_learns_nothing(house: House) -> None:
    house.create_user()

    known, unknown = _ask(house, key=None), _ask(house, "eve@example.com", key=None)

    assert (known.status, known.json) == (unknown.status, unknown.json) == (401, known.json)
    assert mails(house) == []


@pytest.mark.parametrize("body", [{}, {"email": ""}, {"email": "ada"}, {"email": None}])
def test_what_is_no_address_is_refused(house: House, body: dict[str, object]) -> None:
    answer = house.post("/user_management/password_reset", body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")


def test_the_link_leads_where_the_settings_say_whatever_the_headers_claim(house: House) -> None:
    house.create_user()
    evil = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example;proto=https",
        "origin": "https://evil.example",
        "referer": "https://evil.example/",
    }

    answer = _ask(house, headers=evil)

    assert urlsplit(answer.json["password_reset_url"]).netloc == "localhost:4100"
    assert "evil" not in str(mails(house))


def test_the_link_leads_to_the_environments_own_page(house: House) -> None:
    house.create_user()
    _set_policy(house, password_reset_url="https://app.example.com/password?from=mail#form")

    link = urlsplit(_ask(house).json["password_reset_url"])

    assert (link.netloc, link.path, link.fragment) == ("app.example.com", "/password", "form")
    assert parse_qs(link.query)["from"] == ["mail"]
    assert len(parse_qs(link.query)["token"][0]) == 43


def test_a_token_is_added_to_any_query() -> None:
    assert write_link("https://a.example", "t") == "https://a.example?token=t"
    assert write_link("https://a.example/p?x=1&x=2", "t") == "https://a.example/p?x=1&x=2&token=t"


def test_no_mail_is_made_where_the_app_sends_its_own(house: House) -> None:
    house.create_user()
    _set_policy(house, sends_mail=False)

    assert _ask(house).status == 201
    assert mails(house) == []


def test_no_link_is_made_where_passwords_are_switched_off(house: House) -> None:
    house.create_user()
    _set_policy(house, password=False)

    answer = _ask(house)

    assert (answer.status, answer.json["code"]) == (403, "email_password_auth_disabled")


def test_a_fourth_link_within_a_minute_is_not_sent(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    assert [_ask(house, spelling).status for spelling in (ADA, "ADA@example.com", " ada@example.com")] == [201] * 3

    fourth = _ask(house)

    assert (fourth.status, fourth.json["code"]) == (429, "rate_limit_exceeded")
    assert int(fourth.headers["retry-after"]) > 0


def test_an_unknown_reset_is_not_found(house: House) -> None:
    answer = house.get("/user_management/password_reset/password_reset_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")


def test_a_stored_token_cannot_be_read(house: House) -> None:
    house.create_user()
    token = _ask(house).json["password_reset_token"]

    rows = house.runtime.database.reads.all("select token, token_hash from password_resets")

    assert all(token.encode() not in value for row in rows for value in row)
