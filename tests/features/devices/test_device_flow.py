"""A device without a browser signs in through one that has it (RFC 8628)."""

from __future__ import annotations

import re

import msgspec

from gatelodge.features.authentication.rules import Progress
from gatelodge.features.devices import actions as devices
from tests.harness.inprocess import CLIENT, Answer, House

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def _begin(house: House) -> dict[str, object]:
    answer = house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None)
    assert answer.status == 200
    begun: dict[str, object] = answer.json
    return begun


def _poll(house: House, begun: dict[str, object]) -> Answer:
    return house.authenticate(DEVICE, secret=None, device_code=begun["device_code"])


def _confirm(house: House, typed: str, *, approve: bool = True) -> bool:
    user = house.create_user()
    unit = house.unit()
    code = devices.find_waiting(unit, typed)
    assert code is not None
    progress = Progress(user_id=user["id"], client_id=CLIENT, method="Password")
    state = msgspec.json.encode(progress).decode() if approve else None
    return devices.answer_device(unit, code, state=state)


def test_a_device_is_told_what_to_show_and_how_to_ask(house: House) -> None:
    begun = _begin(house)

    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", str(begun["user_code"]))
    assert begun["verification_uri_complete"] == f"{begun['verification_uri']}?user_code={begun['user_code']}"
    assert (begun["expires_in"], begun["interval"]) == (300, 5)


def test_a_form_without_a_client_is_an_oauth_error(house: House) -> None:
    answer = house.call(
        "POST",
        "/user_management/authorize/device",
        body=b"client_id=",
        headers={"content-type": "application/x-www-form-urlencoded"},
        key=None,
    )

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_a_confirmed_device_gets_a_session_once(house: House) -> None:
    begun = _begin(house)
    assert _poll(house, begun).json["error"] == "authorization_pending"

    assert _confirm(house, str(begun["user_code"]).lower().replace("-", " "))

    first = _poll(house, begun)
    second = _poll(house, begun)
    assert (first.status, first.json["user"]["email"]) == (200, "ada@example.com")
    assert second.json["error"] == "invalid_grant"


def test_a_refused_device_is_told_so(house: House) -> None:
    begun = _begin(house)

    _confirm(house, str(begun["user_code"]), approve=False)

    assert _poll(house, begun).json["error"] == "access_denied"


def test_polling_faster_than_the_interval_is_told_to_slow_down(house: House) -> None:
    begun = _begin(house)
    _poll(house, begun)

    house.clock.advance(seconds=2)

    assert _poll(house, begun).json["error"] == "slow_down"


def test_a_device_code_expires_after_five_minutes(house: House) -> None:
    begun = _begin(house)

    house.clock.advance(seconds=300)

    assert _poll(house, begun).json["error"] == "expired_token"
    assert devices.find_waiting(house.unit(), str(begun["user_code"])) is None


def test_a_device_is_answered_once(house: House) -> None:
    begun = _begin(house)
    unit = house.unit()
    code = devices.find_waiting(unit, str(begun["user_code"]))
    assert code is not None
    _confirm(house, str(begun["user_code"]), approve=False)

    assert not devices.answer_device(unit, code, state="{}")
