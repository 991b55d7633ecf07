"""The token inside is always verified (security cases 75, 76): a seal says nothing of who signed it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatelodge import SessionFailureReason, User, errors
from tests.sdk.faces import NOW
from tests.sdk.sealing.conftest import Place
from tests.sdk.sealing.issuing import CLAIMS, USER, Issuer, encode, seal


def test_a_good_token_tells_who_is_there(place: Place, issuer: Issuer) -> None:
    claims = {
        **CLAIMS,
        "org_id": "org_1",
        "role": "admin",
        "roles": ["admin", "member"],
        "permissions": ["posts:write"],
        "entitlements": ["audit-logs"],
        "feature_flags": ["beta"],
        "plan": {"name": "pro"},
    }

    verdict = place.judge(seal(issuer.sign(claims), authentication_method="Password"))

    assert verdict.authenticated is True
    assert (verdict.session_id, verdict.user, verdict.organization_id) == ("session_01", USER, "org_1")
    assert (verdict.role, verdict.roles, verdict.permissions) == ("admin", ("admin", "member"), ("posts:write",))
    assert (verdict.entitlements, verdict.feature_flags) == (("audit-logs",), ("beta",))
    assert (verdict.authentication_method, verdict.expires_at) == ("Password", CLAIMS["exp"])
    assert verdict.claims == claims
    assert verdict.access_token not in repr(verdict)


def test_a_verdict_cannot_be_changed_not_even_through_what_is_remembered(place: Place, issuer: Issuer) -> None:
    cookie = seal(issuer.sign({**CLAIMS, "roles": ["member"]}))
    verdict = place.judge(cookie)

    with pytest.raises(AttributeError):
        verdict.role = "admin"
    verdict.claims["roles"].append("admin")

    assert place.judge(cookie).roles == ("member",)
    assert place.judge(cookie).claims["roles"] == ["member"]


def test_an_expiry_is_kept_to_even_when_the_token_was_verified_before(place: Place, issuer: Issuer) -> None:
    cookie = seal(issuer.sign())
    assert place.judge(cookie).authenticated

    place.watch.instant = NOW + 299.9
    assert place.judge(cookie).authenticated
    place.watch.instant = NOW + 300
    assert place.judge(cookie).reason == "invalid_jwt"
    place.watch.instant = NOW
    assert place.judge(cookie).authenticated


@pytest.mark.parametrize(
    "change",
    [
        {"exp": int(NOW)},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e400},
        {"iat": int(NOW) + 61},
        {"nbf": int(NOW) + 61},
        {"nbf": "soon"},
        {"sid": None},
        {"sid": 7},
        {"sub": None},
        {"sub": "user_02"},
        {"client_id": "client_of_another"},
        {"client_id": ["client_test"]},
        {"sub_profile": "agent"},
        {"sub_type": "widget"},
        {"roles": "admin"},
        {"roles": [1]},
        {"permissions": {"posts:write": True}},
    ],
    ids=json.dumps,
)
def test_a_claim_that_is_not_right_is_refused(change: dict[str, Any], place: Place, issuer: Issuer) -> None:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}

    assert place.judge(seal(issuer.sign(claims))).reason is SessionFailureReason.INVALID_JWT


@pytest.mark.parametrize("claims", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 1200])
def test_claims_that_are_none_are_refused(claims: bytes, place: Place, issuer: Issuer) -> None:
    assert place.judge(seal(issuer.sign(claims))).reason == "invalid_jwt"


@pytest.mark.parametrize("change", [{"client_id": None}, {"iat": None}, {"auth_time": None}, {"aud": "anybody"},
                                    {"iss": None}, {"nbf": int(NOW) + 59}, {"exp": NOW + 0.5}])  # fmt: skip
def test_what_servers_differ_in_is_not_insisted_on(change: dict[str, Any], place: Place, issuer: Issuer) -> None:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}

    assert place.judge(seal(issuer.sign(claims))).authenticated


def test_an_issuer_that_is_known_is_compared(open_place: Callable[..., Place], issuer: Issuer) -> None:
    cookie = seal(issuer.sign())

    assert open_place(issuer=CLAIMS["iss"]).judge(cookie).authenticated
    assert open_place(issuer=["https://old.example.com", CLAIMS["iss"]]).judge(cookie).authenticated
    assert open_place(issuer="https://old.example.com").judge(cookie).reason == "invalid_jwt"
    assert open_place(issuer=CLAIMS["iss"] + "/").judge(cookie).reason == "invalid_jwt"


def test_an_issuer_of_the_environment_is_compared(
    open_place: Callable[..., Place], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKOS_ISSUER", "https://old.example.com, https://older.example.com")

    assert open_place().judge(seal(issuer.sign())).reason == "invalid_jwt"
    assert open_place().judge(seal(issuer.sign({**CLAIMS, "iss": "https://older.example.com"}))).authenticated


def test_an_issuer_is_filled_in_as_the_server_fills_it_in(
    open_place: Callable[..., Place], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATELODGE_ISSUER", "{base_url}/user_management/{client_id}")

    assert open_place().judge(seal(issuer.sign())).authenticated
    assert open_place(base_url="https://other.example.com").judge(seal(issuer.sign())).reason == "invalid_jwt"


def test_a_token_that_nobody_signed_is_refused(place: Place, issuer: Issuer) -> None:
    head, body, tail = issuer.sign().split(".")
    none = encode({"alg": "none", "typ": "JWT", "kid": issuer.kid})
    forged = [f"{none}.{body}.", f"{none}.{body}.{tail}", f"{head}.{body}.", f"{head}..{tail}", f"{head}.{body}"]

    assert [place.judge(seal(token)).reason for token in forged] == ["invalid_jwt"] * len(forged)


def test_a_public_key_is_no_secret_to_sign_with(place: Place, issuer: Issuer) -> None:
    public = issuer.key.public_key()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(issuer.jwk).encode(),
    ]
    for algorithm in ("HS256", "RS256"):
        signed = f"{encode({'alg': algorithm, 'typ': 'JWT', 'kid': issuer.kid})}.{encode(CLAIMS)}"
        for secret in secrets:
            tag = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
            assert place.judge(seal(f"{signed}.{encode(tag)}")).reason == "invalid_jwt"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS384"},
        {"alg": "PS256"},
        {"alg": "rs256"},
        {"alg": None},
        {"alg": ["RS256"]},
        {"typ": "logout+jwt"},
        {"typ": 1},
        {"crit": ["exp"]},
        {"zip": "DEF"},
        {"b64": False},
        {"cty": "JWT"},
        {"jku": "https://evil.example.com/keys"},
        {"x5u": "https://evil.example.com/cert"},
        {"x5c": ["MIIB"]},
        {"kid": None},
        {"kid": 7},
        {"kid": ["key_1"]},
    ],
    ids=json.dumps,
)
def test_a_header_that_asks_for_anything_else_is_refused(header: dict[str, Any], place: Place, issuer: Issuer) -> None:
    assert place.judge(seal(issuer.sign(**header))).reason == "invalid_jwt"


def test_a_key_that_the_token_brings_is_not_used(place: Place, issuer: Issuer, other_issuer: Issuer) -> None:
    assert place.judge(seal(other_issuer.sign(kid=issuer.kid, jwk=other_issuer.jwk))).reason == "invalid_jwt"
    assert place.judge(seal(other_issuer.sign(kid=issuer.kid))).reason == "invalid_jwt"


def test_a_header_that_says_something_twice_is_refused(place: Place, issuer: Issuer) -> None:
    twice = b'{"alg":"none","alg":"RS256","typ":"JWT","kid":"key_1"}'

    assert place.judge(seal(issuer.sign_text(f"{encode(twice)}.{encode(CLAIMS)}"))).reason == "invalid_jwt"


def test_a_token_is_written_in_one_way_only(place: Place, issuer: Issuer) -> None:
    token = issuer.sign()
    head, body, tail = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # A signature of 256 bytes ends in a letter of which two bits are used: another one says the same.
    same = tail[:-1] + alphabet[alphabet.index(tail[-1]) ^ 1]
    assert base64.urlsafe_b64decode(same + "==") == base64.urlsafe_b64decode(tail + "==")
    changed = [f"{head}.{body}.{same}", token + "==", f" {token}", f"{token}\n", f"{head}=.{body}.{tail}", token + "."]

    assert place.judge(seal(token)).authenticated
    assert [place.judge(seal(other)).reason for other in changed] == ["invalid_jwt"] * len(changed)


def test_a_signature_that_was_changed_in_any_place_is_refused(place: Place, issuer: Issuer) -> None:
    head, body, tail = issuer.sign().split(".")
    raw = base64.urlsafe_b64decode(tail + "==")
    for place_of in range(0, len(raw), 16):
        changed = raw[:place_of] + bytes([raw[place_of] ^ 1]) + raw[place_of + 1 :]
        assert place.judge(seal(f"{head}.{body}.{encode(changed)}")).reason == "invalid_jwt"


def test_a_huge_token_is_refused_unread(place: Place, issuer: Issuer) -> None:
    from gatelodge.sdk.verification import TokenRefused, TokenVerifier

    verifier = TokenVerifier(client_id="", issuer=())
    bomb = encode(zlib.compress(bytes(10_000_000)))
    tokens = (issuer.sign()[:-1] + "A" * 10_000_000, f"{encode({'alg': 'RS256', 'zip': 'DEF'})}.{bomb}.AAAA")
    began = time.process_time()
    for token in tokens:
        with pytest.raises(TokenRefused):
            verifier.verify(token, {}, now=NOW)

    assert time.process_time() - began < 0.25
    assert place.way.asked == 0


@pytest.mark.parametrize(
    "change",
    [{"kty": "oct", "k": "AAAA"}, {"use": "enc"}, {"alg": "RS512"}, {"n": "AAAA"}, {"e": "AQ"}, {"e": None}, {"n": 5},
     {"n": "\u00e9"}, {"kid": 4}],
    ids=str,
)  # fmt: skip
def test_a_key_that_is_not_for_this_is_left_out(
    change: dict[str, Any], open_place: Callable[..., Place], issuer: Issuer, other_issuer: Issuer
) -> None:
    place = open_place(keys=[{**issuer.jwk, **change}, "no key", None, other_issuer.jwk])

    assert place.judge(seal(issuer.sign())).reason == "invalid_jwt"
    assert place.judge(seal(other_issuer.sign())).authenticated


def test_a_key_that_is_too_short_is_left_out(open_place: Callable[..., Place]) -> None:
    weak = Issuer(key=generate_private_key(65537, 1024))  # noqa: S505  # weak on purpose

    assert open_place(keys=[weak.jwk]).judge(seal(weak.sign())).reason == "invalid_jwt"


def test_an_id_that_two_keys_share_names_neither(
    open_place: Callable[..., Place], issuer: Issuer, other_issuer: Issuer
) -> None:
    place = open_place(keys=[issuer.jwk, {**other_issuer.jwk, "kid": issuer.kid}])

    assert place.judge(seal(issuer.sign())).reason == "invalid_jwt"


def test_a_cookie_of_another_user_than_its_token_is_refused(place: Place, issuer: Issuer) -> None:
    other = User(id="user_02", email="", email_verified=False, created_at="", updated_at="")

    assert place.judge(seal(issuer.sign(), user=other)).reason == "invalid_jwt"
    assert place.judge(seal(issuer.sign(), user=None)).reason == "invalid_session_cookie"
    assert place.judge(seal("")).reason == "invalid_session_cookie"


def test_a_session_of_a_hundred_permissions_is_refused_by_a_clear_error_and_one_of_ten_is_not(
    place: Place, issuer: Issuer
) -> None:
    def sign(count: int) -> str:
        names = [f"analytical-engine-{number}:configure" for number in range(count)]
        return issuer.sign({**CLAIMS, "permissions": names, "entitlements": names[:5], "org_id": "org_1"})

    with pytest.raises(errors.SessionTooLarge, match="fewer permissions"):
        seal(sign(100))
    assert len(seal(sign(10))) <= 3800
    assert len(place.judge(seal(sign(10))).permissions) == 10
