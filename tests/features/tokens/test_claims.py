"""What an access token says, as a client reads it by the published keys (contract page 12 §6)."""

from __future__ import annotations

import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.features.neighbours import move_in
from tests.features.tokens.reading import certificate_of, claims_of, decode, header_of
from tests.harness.inprocess import CLIENT, PASSWORD, House

MEMBERS = {"alg", "kty", "use", "x5c", "n", "e", "kid", "x5t#S256"}
ALWAYS = {"iss", "sub", "sid", "jti", "client_id", "auth_time", "iat", "exp"}


def _jwks(house: House, client_id: str = CLIENT) -> dict[str, Any]:
    answer = house.call("GET", f"/sso/jwks/{client_id}", key=None)
    assert answer.status == 200
    jwks: dict[str, Any] = answer.json
    return jwks


def test_a_token_says_who_signed_in_when_and_for_how_long(house: House) -> None:
    user = house.create_user()
    signed_in = house.sign_in().json
    (session,) = house.get(f"/user_management/users/{user['id']}/sessions").json["data"]

    claims = claims_of(signed_in["access_token"], _jwks(house))

    now = house.clock.now() // 1000
    assert claims.keys() == ALWAYS
    assert (claims["sub"], claims["sid"], claims["client_id"]) == (user["id"], session["id"], CLIENT)
    assert claims["iss"] == f"http://localhost:4100/user_management/{CLIENT}"
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", claims["jti"])
    assert 0 <= now - claims["iat"] < 10
    assert claims["exp"] - claims["iat"] == 300
    assert claims["auth_time"] <= claims["iat"] + 10
    assert all(type(claims[name]) is int for name in ("iat", "exp", "auth_time"))


def test_the_header_names_the_algorithm_and_the_key_and_nothing_else(house: House) -> None:
    house.create_user()

    header = header_of(house.sign_in().json["access_token"])

    assert header.keys() == {"alg", "typ", "kid"}
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert header["kid"] in {key["kid"] for key in _jwks(house)["keys"]}


def test_a_refresh_keeps_the_session_and_the_time_of_sign_in_and_makes_a_new_token(house: House) -> None:
    house.create_user()
    first = house.sign_in().json
    house.clock.advance(minutes=10)
    second = house.authenticate("refresh_token", secret=None, refresh_token=first["refresh_token"]).json
    jwks = _jwks(house)

    before, after = (claims_of(pair["access_token"], jwks) for pair in (first, second))

    assert (after["sid"], after["auth_time"]) == (before["sid"], before["auth_time"])
    assert after["jti"] != before["jti"]
    assert after["iat"] == before["iat"] + 600


def test_a_refresh_keeps_the_time_of_a_sign_in_after_the_clock_of_development_travelled(house: House) -> None:
    house.create_user()
    assert house.call("POST", "/_dev/clock", {"advance_seconds": 86_400}, key=None).status == 200
    signed_in_at = house.clock.now() // 1000
    first = house.sign_in().json
    house.clock.advance(minutes=1)
    second = house.authenticate("refresh_token", secret=None, refresh_token=first["refresh_token"]).json
    jwks = _jwks(house)

    before, after = (claims_of(pair["access_token"], jwks) for pair in (first, second))

    assert signed_in_at - 10 < before["auth_time"] <= before["iat"]
    assert after["auth_time"] == before["auth_time"]
    assert after["iat"] == before["iat"] + 60


def test_every_published_key_has_all_eight_members_and_its_own_certificate(house: House) -> None:
    (key,) = _jwks(house)["keys"]

    public_key = certificate_of(key).public_key()

    assert key.keys() == MEMBERS
    assert (key["alg"], key["kty"], key["use"]) == ("RS256", "RSA", "sig")
    assert isinstance(public_key, RSAPublicKey)
    assert public_key.key_size >= 2048
    assert public_key.public_numbers().n == int.from_bytes(decode(key["n"]), "big")


def test_each_environment_signs_with_keys_of_its_own(house: House) -> None:
    neighbour = move_in(house)
    neighbour.create_user(email_verified=True)
    house.create_user()
    ours = house.sign_in().json["access_token"]
    theirs = neighbour.authenticate("password", email="ada@example.com", password=PASSWORD).json["access_token"]

    our_keys, their_keys = _jwks(house), _jwks(house, neighbour.client_id)

    assert claims_of(theirs, their_keys)["iss"].endswith(neighbour.client_id)
    assert not {key["kid"] for key in our_keys["keys"]} & {key["kid"] for key in their_keys["keys"]}
    assert header_of(ours)["kid"] != header_of(theirs)["kid"]


def test_the_keys_of_a_client_that_does_not_exist_are_not_found(house: House) -> None:
    for client_id in ("client_nobody", "x", "client_dev "):
        answer = house.call("GET", f"/sso/jwks/{client_id}", key=None)
        assert (answer.status, answer.json["code"]) == (404, "entity_not_found")
