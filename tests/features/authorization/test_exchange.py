"""Trading the code of a redirect for a session."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from gatelodge.features.authentication.rules import Progress
from gatelodge.features.authorization import actions as authorization
from tests.harness.inprocess import CLIENT, KEY, Answer, House

VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-7636-rule"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def _issue(house: House, *, challenge: str | None = CHALLENGE) -> str:
    user = house.create_user()
    progress = Progress(user_id=user["id"], client_id=CLIENT, method="Password", ip_address="198.51.100.7")
    unit = house.unit()
    return unit.write(
        lambda queries: authorization.issue_code(
            queries,
            unit,
            user_id=user["id"],
            client_id=CLIENT,
            state=msgspec.json.encode(progress).decode(),
            code_challenge=challenge,
        )
    )


def _exchange(house: House, code: str, *, secret: str | None = None, **members: object) -> Answer:
    return house.authenticate("authorization_code", secret=secret, code=code, **members)


def test_a_public_client_trades_a_code_by_its_verifier(house: House) -> None:
    code = _issue(house)

    answer = _exchange(house, code, code_verifier=VERIFIER)

    assert answer.status == 200
    assert answer.json["authentication_method"] == "Password"


def test_a_confidential_client_trades_a_code_by_its_secret(house: House) -> None:
    code = _issue(house, challenge=None)

    assert _exchange(house, code, secret=KEY).status == 200


def test_a_code_is_traded_once(house: House) -> None:
    code = _issue(house)
    _exchange(house, code, code_verifier=VERIFIER)

    again = _exchange(house, code, code_verifier=VERIFIER)

    assert (again.status, again.json["error"]) == (400, "invalid_grant")


def test_fifty_racers_with_one_code_get_one_session(house: House) -> None:
    code = _issue(house)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: _exchange(house, code, code_verifier=VERIFIER), range(50)))

    assert [answer.status for answer in answers].count(200) == 1
    assert len(house.events("session.created")) == 1


def test_a_wrong_verifier_is_refused_and_the_code_survives(house: House) -> None:
    code = _issue(house)

    wrong = _exchange(house, code, code_verifier="x" * 43)

    assert wrong.json["error"] == "invalid_grant"
    assert _exchange(house, code, code_verifier=VERIFIER).status == 200


@pytest.mark.parametrize("secret", [None, KEY])
def test_a_missing_verifier_is_refused(house: House, secret: str | None) -> None:
    code = _issue(house)

    answer = _exchange(house, code, secret=secret)

    assert answer.json["error"] == ("unauthorized_client" if secret is None else "invalid_request")


def test_a_verifier_for_a_code_without_challenge_is_refused(house: House) -> None:
    code = _issue(house, challenge=None)

    assert _exchange(house, code, code_verifier=VERIFIER).json["code"] == "code_challenge_not_found"


def test_a_code_expires_after_ten_minutes(house: House) -> None:
    code = _issue(house)

    house.clock.advance(minutes=10)

    assert _exchange(house, code, code_verifier=VERIFIER).json["error"] == "invalid_grant"


def test_a_code_of_a_deleted_user_is_refused(house: House) -> None:
    code = _issue(house)
    user = house.get("/user_management/users").json["data"][0]
    house.delete(f"/user_management/users/{user['id']}")

    assert _exchange(house, code, code_verifier=VERIFIER).json["error"] == "invalid_grant"
