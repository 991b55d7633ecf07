"""Signing keys are rotated under load and no verification fails (row 78)."""

from __future__ import annotations

import threading
from typing import Any

from gatelodge.features.tokens import actions as tokens
from tests.features.tokens.reading import claims_of, header_of
from tests.harness.inprocess import CLIENT, ENVIRONMENT, House

TEN_MINUTES = 600


def _jwks(house: House) -> dict[str, Any]:
    jwks: dict[str, Any] = house.call("GET", f"/sso/jwks/{CLIENT}", key=None).json
    return jwks


def _published(house: House) -> list[str]:
    return [key["kid"] for key in _jwks(house)["keys"]]


def _rotate(house: House, *, at_once: bool = False) -> str:
    return tokens.rotate_keys(house.unit(), ENVIRONMENT, at_once=at_once).id


def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_is_over(house: House) -> None:
    house.create_user()
    (old,) = _published(house)

    new = _rotate(house)

    assert set(_published(house)) == {old, new}
    assert header_of(house.sign_in().json["access_token"])["kid"] == old
    house.clock.advance(seconds=TEN_MINUTES)
    assert header_of(house.sign_in().json["access_token"])["kid"] == new
    assert set(_published(house)) == {old, new}
    house.clock.advance(seconds=TEN_MINUTES + 301)
    assert _published(house) == [new]


def test_a_client_that_fetches_keys_every_five_minutes_never_fails_to_verify(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    cached = _jwks(house)

    for minute in range(60):
        if minute in {3, 17, 18, 40}:
            _rotate(house)
        if minute % 5 == 0:
            cached = _jwks(house)
        answer = house.authenticate("refresh_token", secret=None, refresh_token=token).json
        token = answer["refresh_token"]
        # A token of a minute ago is still about, too.
        claims_of(answer["access_token"], cached)
        house.clock.advance(seconds=60)


def test_a_client_that_caches_by_key_id_verifies_after_a_rotation_at_once(house: House) -> None:
    house.create_user()
    before = house.sign_in().json["access_token"]

    new = _rotate(house, at_once=True)
    house.clock.advance(seconds=61)
    after = house.sign_in().json["access_token"]

    jwks = _jwks(house)
    assert header_of(after)["kid"] == new
    assert claims_of(before, jwks)
    assert claims_of(after, jwks)


def test_a_key_that_was_to_sign_later_does_not_once_another_signs_at_once(house: House) -> None:
    house.create_user()
    _rotate(house)
    house.clock.advance(seconds=60)
    new = _rotate(house, at_once=True)

    for _ in range(30):
        house.clock.advance(seconds=61)
        token = house.sign_in().json["access_token"]
        assert header_of(token)["kid"] == new


def test_a_key_that_was_passed_over_signs_nothing_while_the_next_one_waits(house: House) -> None:
    house.create_user()
    passed_over = _rotate(house)
    house.clock.advance(seconds=60)
    _rotate(house, at_once=True)
    house.clock.advance(seconds=480)
    _rotate(house)

    signed: list[str] = []
    for _ in range(30):
        signed = [*signed[-3:], house.sign_in().json["access_token"]]
        house.clock.advance(seconds=60)
        jwks = _jwks(house)
        for token in signed:
            assert header_of(token)["kid"] != passed_over
            assert claims_of(token, jwks)


def test_another_process_signs_with_keys_that_are_published_while_one_rotates(
    house: House, furnished_database: str
) -> None:
    house.create_user()
    other = House(furnished_database, limits=False)
    other.runtime.entropy = house.runtime.entropy
    try:
        kids = set()
        for minute in range(30):
            if minute in {2, 11}:
                _rotate(house)
            for one in (house, other):
                token = one.sign_in().json["access_token"]
                assert claims_of(token, _jwks(other if one is house else house))
                kids.add(header_of(token)["kid"])
                one.clock.advance(seconds=60)
    finally:
        other.close()
    assert len(kids) == 3


def test_no_token_fails_while_keys_are_rotated_beneath_the_sign_ins(house: House) -> None:
    house.create_user()
    signed: list[str] = []
    stop = threading.Event()

    def sign() -> None:
        while not stop.is_set() and len(signed) < 400:
            signed.append(house.sign_in().json["access_token"])

    threads = [threading.Thread(target=sign) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        _rotate(house, at_once=True)
    stop.set()
    for thread in threads:
        thread.join()

    jwks = _jwks(house)
    assert signed
    for token in signed:
        claims_of(token, jwks)


def test_after_a_step_back_of_the_clock_the_tokens_are_still_verifiable(house: House) -> None:
    house.create_user()
    _rotate(house)
    house.clock.advance(minutes=11)
    assert claims_of(house.sign_in().json["access_token"], _jwks(house))

    house.clock.advance(minutes=-120)

    assert claims_of(house.sign_in().json["access_token"], _jwks(house))


def test_private_keys_are_sealed_in_the_database(house: House) -> None:
    rows = house.runtime.database.reads.all("select private_key, certificate from signing_keys")

    assert rows
    for private_key, certificate in rows:
        assert certificate[:1] == b"\x30"
        # A PKCS #8 key names the algorithm in its first bytes.
        assert b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" not in bytes(private_key)
