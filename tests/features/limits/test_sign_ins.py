"""Limits on sign-ins: by address and place, by account, by session, by key (rows 124 to 126, contract page 00 §9)."""

from __future__ import annotations

from typing import Any

from tests.features.neighbours import issue_key, move_in
from tests.harness.inprocess import ENVIRONMENT, PASSWORD, Answer, House

WRONG = "a wrong horse 18"


def _try(house: House, email: str = "ada@example.com", place: str | None = None, password: str = WRONG) -> Answer:
    members: dict[str, Any] = {"ip_address": place} if place else {}
    return house.sign_in(email, password=password, **members)


def _is_limited(answer: Answer) -> bool:
    if answer.status != 429:
        return False
    assert answer.json["error"] == "too_many_requests"
    assert set(answer.json) == {"error", "error_description"}
    assert answer.headers["retry-after"].isdigit()
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    return True


def _exhaust(house: House, email: str = "ada@example.com", place: str | None = None) -> None:
    for _ in range(10):
        assert _try(house, email, place).json["code"] == "invalid_credentials"


def test_the_eleventh_attempt_in_a_minute_is_refused_even_with_the_right_password(limited_house: House) -> None:
    limited_house.create_user()
    _exhaust(limited_house)

    assert _is_limited(_try(limited_house))
    assert _is_limited(_try(limited_house, password=PASSWORD))


def test_after_the_seconds_that_were_named_the_next_attempt_passes(limited_house: House) -> None:
    limited_house.create_user()
    _exhaust(limited_house)
    wait = int(_try(limited_house).headers["retry-after"])

    limited_house.clock.advance(seconds=wait - 1)
    assert _is_limited(_try(limited_house))
    limited_house.clock.advance(seconds=1)

    assert _try(limited_house, password=PASSWORD).status == 200


def test_the_second_from_which_to_try_again_is_told_in_unix_time_as_well(limited_house: House) -> None:
    house = limited_house
    _exhaust(house)
    house.clock.advance(seconds=0.25)

    refused = _try(house)
    passed = house.get("/user_management/users")

    reset = int(refused.headers["x-ratelimit-reset"])
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert reset * 1000 - house.clock.now() == int(refused.headers["retry-after"]) * 1000 + 750
    assert not [name for name in passed.headers if name.startswith("x-ratelimit")]


def test_an_address_that_nobody_has_is_limited_like_one_that_somebody_has(limited_house: House) -> None:
    limited_house.create_user()

    for email in ("ada@example.com", "nobody@example.com", "no address"):
        _exhaust(limited_house, email)
        assert _is_limited(_try(limited_house, email))


def test_spellings_of_one_address_share_its_limit(limited_house: House) -> None:
    limited_house.create_user()
    spellings = ["ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com", " ada@example.com", "\uff41da@example.com"]

    for spelling in spellings * 2:
        assert _try(limited_house, spelling).json["code"] == "invalid_credentials"

    for spelling in spellings:
        assert _is_limited(_try(limited_house, spelling))


def test_a_caller_that_tells_no_address_has_no_bucket_of_its_own(limited_house: House) -> None:
    answers = [_try(limited_house, f"user{number}@example.com") for number in range(150)]

    assert {answer.status for answer in answers} == {400}


def test_a_success_elsewhere_gives_an_attacker_no_new_attempts(limited_house: House) -> None:
    limited_house.create_user()
    _exhaust(limited_house, place="198.51.100.1")

    assert _try(limited_house, place="203.0.113.5", password=PASSWORD).status == 200

    assert _is_limited(_try(limited_house, place="198.51.100.1"))


def test_an_attack_from_many_places_meets_the_limit_of_the_account_and_no_success_lifts_it(
    limited_house: House,
) -> None:
    house = limited_house
    house.create_user()
    home = "203.0.113.5"
    assert _try(house, place=home, password=PASSWORD).status == 200
    for number in range(20):
        for _ in range(5):
            _try(house, place=f"198.51.100.{number}")

    assert _is_limited(_try(house, place="198.51.100.99", password=PASSWORD))
    assert _try(house, place=home, password=PASSWORD).status == 200
    assert _is_limited(_try(house, place="198.51.100.98"))


def test_an_owner_signs_in_from_where_it_has_signed_in_before_during_a_thousand_wrong_attempts(
    limited_house: House,
) -> None:
    house = limited_house
    house.create_user()
    home = "203.0.113.5"
    assert _try(house, place=home, password=PASSWORD).status == 200
    refused = 0
    for number in range(1000):
        refused += _is_limited(_try(house, place=f"198.51.{number // 200}.{number % 200}"))

    assert refused >= 890
    assert _try(house, place=home, password=PASSWORD).status == 200


def test_a_success_clears_the_wrong_attempts_from_its_own_place(limited_house: House) -> None:
    house = limited_house
    house.create_user()

    for _ in range(3):
        for _ in range(9):
            _try(house, place="203.0.113.5")
        assert _try(house, place="203.0.113.5", password=PASSWORD).status == 200


def test_attempts_in_one_environment_are_not_counted_in_another(limited_house: House) -> None:
    neighbour = move_in(limited_house)
    limited_house.create_user()
    for _ in range(12):
        neighbour.authenticate("password", email="ada@example.com", password=WRONG)

    assert _try(limited_house, password=PASSWORD).status == 200


def test_a_session_is_refreshed_sixty_times_in_a_minute_and_not_lost_by_more(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    for _ in range(60):
        token = house.authenticate("refresh_token", secret=None, refresh_token=token).json["refresh_token"]

    refused = house.authenticate("refresh_token", secret=None, refresh_token=token)

    assert _is_limited(refused)
    house.clock.advance(seconds=int(refused.headers["retry-after"]))
    assert house.authenticate("refresh_token", secret=None, refresh_token=token).status == 200


def test_a_session_that_paused_for_a_minute_has_sixty_refreshes_again(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    statuses = []
    for pause in (0, 60):
        house.clock.advance(seconds=pause)
        for _ in range(60):
            answer = house.authenticate("refresh_token", secret=None, refresh_token=token)
            statuses.append(answer.status)
            token = answer.json["refresh_token"]

    assert statuses == [200] * 120
    assert _is_limited(house.authenticate("refresh_token", secret=None, refresh_token=token))


def test_a_flood_with_one_key_does_not_hold_another_key(furnished_database: str) -> None:
    house = House(furnished_database, limit_per_credential="20/10")
    try:
        _, other = issue_key(house, ENVIRONMENT)
        answers = [house.get("/user_management/users") for _ in range(30)]

        limited = [answer for answer in answers if answer.status == 429]
        assert 5 <= len(limited) <= 10
        assert limited[0].json["code"] == "rate_limit_exceeded"
        assert limited[0].headers["retry-after"] == "1"
        assert house.call("GET", "/user_management/users", key=other).status == 200
        assert house.call("GET", "/user_management/users", key="sk_unknown").status == 401
    finally:
        house.close()


def test_a_limited_attempt_is_not_what_a_retry_gets(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    _exhaust(house)
    headers = {"idempotency-key": "retry-1"}
    grant = {
        "client_id": "client_dev",
        "client_secret": "sk_test_default",
        "grant_type": "password",
        "email": "ada@example.com",
        "password": PASSWORD,
    }

    limited = house.post("/user_management/authenticate", grant, headers=headers)
    house.clock.advance(seconds=int(limited.headers["retry-after"]))
    retried = house.post("/user_management/authenticate", grant, headers=headers)

    assert limited.status == 429
    assert retried.status == 200


def test_the_table_of_attempts_names_nobody(limited_house: House) -> None:
    limited_house.create_user()
    _try(limited_house, place="203.0.113.5")

    rows = limited_house.runtime.database.reads.all("select bucket from throttles")

    assert rows
    assert not [row for row in rows if "ada" in row[0] or "203.0" in row[0]]
