"""A device without a browser signs in through one that has it (RFC 8628)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gatelodge.features.authentication import places
from gatelodge.features.authentication.rules import Progress
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.devices import actions as devices
from tests.harness.devices import approve
from tests.harness.inprocess import CLIENT, Answer, House

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def _begin(house: House) -> dict[str, object]:
    answer = house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None)
    assert answer.status == 200
    begun: dict[str, object] = answer.json
    return begun


def _poll(house: House, begun: dict[str, object]) -> Answer:
    return house.authenticate(DEVICE, secret=None, device_code=begun["device_code"])


def _confirm(house: House, typed: object, user: dict[str, Any]) -> bool:
    progress = Progress(user_id=user["id"], client_id=CLIENT, method="MagicAuth")
    return approve(house.unit(), typed, user_id=user["id"], state=msgspec.json.encode(progress).decode())


def _refuse(house: House, typed: object) -> bool:
    code = devices.find_waiting(house.unit(), str(typed))
    assert code is not None
    return devices.refuse_device(house.unit(), code)


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

    assert _confirm(house, str(begun["user_code"]).lower().replace("-", " "), house.create_user())

    first = _poll(house, begun)
    second = _poll(house, begun)
    assert (first.status, first.json["user"]["email"]) == (200, "ada@example.com")
    assert second.json["error"] == "invalid_grant"


def test_a_refused_device_is_told_so(house: House) -> None:
    begun = _begin(house)

    assert _refuse(house, begun["user_code"])

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
    user = house.create_user()
    assert _refuse(house, begun["user_code"])

    assert not _confirm(house, begun["user_code"], user)
    assert not _refuse(house, begun["user_code"])


def _reset_password(house: House, user: dict[str, Any]) -> None:
    token = house.post("/user_management/password_reset", {"email": user["email"]}).json["password_reset_token"]
    body = {"token": token, "new_password": "another horse 18"}
    assert house.post("/user_management/password_reset/confirm", body).status == 200


def _sign_out_elsewhere(house: House, user: dict[str, Any]) -> None:
    places.sign_out_elsewhere(house.unit(), user["id"], keep="")


@pytest.mark.parametrize("shut_out", [_reset_password, _sign_out_elsewhere])
def test_a_device_that_was_confirmed_before_its_user_signed_out_everywhere_gets_no_session(
    house: House, shut_out: Callable[[House, dict[str, Any]], None]
) -> None:
    begun = _begin(house)
    # Without a password, so that it is not the change of it that ends the confirmation.
    user = house.create_user(password=None)
    assert _confirm(house, begun["user_code"], user)

    shut_out(house, user)

    assert _poll(house, begun).json["error"] == "access_denied"
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []


def test_a_browser_whose_session_has_ended_lets_no_device_in(house: House) -> None:
    begun = _begin(house)
    user, unit = house.create_user(), house.unit()
    waiting = devices.find_waiting(unit, str(begun["user_code"]))
    assert waiting is not None
    ended = browser_sessions.new_session(unit, session_id="ended", user_id=user["id"], token="cookie", state="{}")

    assert not devices.approve_device(unit, waiting, session=ended, state="{}")
    assert _poll(house, begun).json["error"] == "authorization_pending"
