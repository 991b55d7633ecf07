"""Tokens that we sign are read by anyone; only tokens that we signed are read by us."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt as independent_jwt
from joserfc.jwk import KeySet, RSAKey

from gatelodge.kit import jwt
from gatelodge.kit.jwt import Signer, TokenInvalid

NOW = 1_800_000_000
KEY = jwt.generate_signing_key(now=NOW * 1000)
OTHER_KEY = jwt.generate_signing_key(now=NOW * 1000)
KEYS = {KEY.kid: jwt.load_public_key(KEY.certificate_der)}
SIGNER = Signer(KEY)
CLAIMS = {"iss": "https://gate.test", "sub": "user_1", "iat": NOW - 5, "exp": NOW + 300}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forge(header: str, *, payload: bytes | None = None, key: jwt.SigningKey = KEY) -> str:
    """Sign any header and payload with a real key, as a careless issuer would."""
    private_key: Any = load_der_private_key(key.private_key_der, password=None)
    body = json.dumps(CLAIMS).encode() if payload is None else payload
    signed = f"{b64(header.encode())}.{b64(body)}"
    return f"{signed}.{b64(private_key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def header(**members: object) -> str:
    return json.dumps({"alg": "RS256", "typ": "JWT", "kid": KEY.kid, **members})


def refuse(token: str, **options: Any) -> str:
    with pytest.raises(TokenInvalid) as refused:
        jwt.verify(token, KEYS, now=options.pop("now", NOW), **options)
    return refused.value.reason


def test_a_signed_token_gives_its_claims_back() -> None:
    token = SIGNER.sign(CLAIMS)

    assert jwt.verify(token, KEYS, now=NOW, issuer="https://gate.test") == CLAIMS


def test_the_header_is_exactly_algorithm_type_and_key_id() -> None:
    head = SIGNER.sign(CLAIMS).split(".")[0]

    content = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))

    assert content == {"alg": "RS256", "typ": "JWT", "kid": KEY.kid}


def test_an_independent_library_accepts_our_token_with_our_published_key() -> None:
    published = KeySet.import_key_set({"keys": [jwt.jwk(KEY.certificate_der, KEY.kid)]})

    decoded = independent_jwt.decode(SIGNER.sign(CLAIMS), published, algorithms=["RS256"])

    assert decoded.claims == CLAIMS


def test_the_published_key_has_the_eight_members_and_the_thumbprint_of_its_certificate() -> None:
    published = jwt.jwk(KEY.certificate_der, KEY.kid)

    assert set(published) == {"alg", "kty", "use", "x5c", "n", "e", "kid", "x5t#S256"}
    assert base64.b64decode(published["x5c"][0]) == KEY.certificate_der
    assert published["x5t#S256"] == b64(hashlib.sha256(KEY.certificate_der).digest())
    assert published["kid"] == KEY.kid
    assert published["e"] == "AQAB"


def test_the_certificate_is_signed_by_its_own_key() -> None:
    certificate = x509.load_der_x509_certificate(KEY.certificate_der)

    certificate.verify_directly_issued_by(certificate)

    assert certificate.not_valid_before_utc.timestamp() < NOW


def test_a_signing_key_does_not_show_its_private_half_when_printed() -> None:
    assert "private" not in repr(KEY)


def test_two_keys_have_two_ids() -> None:
    assert KEY.kid != OTHER_KEY.kid


def test_the_thumbprint_of_the_key_in_rfc_7638_is_the_one_printed_there() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu"
        "6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8a"
        "wapJzKnqDKgw"
    )
    number = int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big")

    public_key = RSAPublicNumbers(65537, number).public_key()

    assert jwt.thumbprint(public_key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_token_that_an_independent_library_signed_with_our_key_is_read() -> None:
    private_key = RSAKey.import_key(KEY.private_key_der)
    head = {"kid": KEY.kid, "typ": "JWT", "alg": "RS256"}

    token = independent_jwt.encode(head, CLAIMS, private_key)

    assert jwt.verify(token, KEYS, now=NOW) == CLAIMS


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"jwk": {"kty": "RSA"}},
        {"jku": "https://evil.test/keys"},
        {"x5u": "https://evil.test/cert"},
        {"x5c": []},
        {"zip": "DEF"},
        {"b64": False},
        {"cty": "JWT"},
    ],
)
def test_a_header_member_that_we_never_write_is_refused(member: dict[str, object]) -> None:
    assert refuse(forge(header(**member))) == "unexpected header members"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS384", "PS256", "ES256", None, 1])
def test_another_algorithm_is_refused(algorithm: object) -> None:
    assert refuse(forge(header(alg=algorithm))) == "wrong algorithm or type"


@pytest.mark.parametrize("kind", ["jwt", "at+jwt", "logout+jwt", "", None])
def test_another_type_is_refused(kind: object) -> None:
    assert refuse(forge(header(typ=kind))) == "wrong algorithm or type"


def test_our_public_key_used_as_a_shared_secret_is_refused() -> None:
    pem = KEYS[KEY.kid].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{b64(header(alg='HS256').encode())}.{b64(json.dumps(CLAIMS).encode())}"
    signature = hmac.digest(pem, signed.encode(), "sha256")

    assert refuse(f"{signed}.{b64(signature)}") == "wrong algorithm or type"
    relabelled = f"{b64(header().encode())}.{signed.split('.')[1]}.{b64(signature)}"
    assert refuse(relabelled) == "wrong signature"


@pytest.mark.parametrize("kid", ["key_other", "", None, 5, ["a"], {"a": 1}])
def test_an_unknown_key_id_is_refused(kid: object) -> None:
    assert refuse(forge(header(kid=kid))) == "unknown key"


def test_a_missing_key_id_is_refused_even_with_one_key() -> None:
    assert refuse(forge('{"alg":"RS256","typ":"JWT"}')) == "unexpected header members"


def test_a_key_id_given_twice_is_refused() -> None:
    twice = f'{{"alg":"RS256","typ":"JWT","kid":"key_x","kid":"{KEY.kid}"}}'

    assert refuse(forge(twice)) == "unreadable header"


def test_another_key_under_our_key_id_is_refused() -> None:
    assert refuse(forge(header(), key=OTHER_KEY)) == "wrong signature"


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "{", "\ud7ff", "[" * 9000, "1" * 9000])
def test_a_header_that_is_no_object_is_refused(text: str) -> None:
    assert refuse(f"{b64(text.encode())}.e30.AAAA") in (
        "unreadable header",
        "unexpected header members",
    )


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b"\xff", b'"x"', b"[" * 9000])
def test_claims_that_are_no_object_are_refused_even_when_signed(payload: bytes) -> None:
    assert refuse(forge(header(), payload=payload)) in ("unreadable claims", "not base64url")


def test_a_token_without_its_three_full_segments_is_refused() -> None:
    head, body, tail = SIGNER.sign(CLAIMS).split(".")
    broken = ["", ".", "..", "...", head, f"{head}.{body}", f"{head}.{body}.", f"{head}..{tail}"]
    broken += [f".{body}.{tail}", f"{head}.{body}.{tail}.", f"{head}.{body}.{tail}.{tail}"]
    broken += ['{"payload":"e30","signatures":[]}']

    for token in broken:
        assert refuse(token) in ("not three segments", "not base64url")


def test_base64_is_read_strictly() -> None:
    head, body, tail = SIGNER.sign(CLAIMS).split(".")
    # The signature's 256 bytes leave four unused bits in its last letter.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = tail[:-1] + alphabet[alphabet.index(tail[-1]) + 1]
    broken = [f"{head}.{body}.{tail}=", f"{head}.{body}.{tail}==", f" {head}.{body}.{tail}"]
    broken += [f"{head}.{body}.{tail}\n", f"{head}.{body[:5]}\n{body[5:]}.{tail}"]
    broken += [f"{head}.{body}.{same_bytes}", f"{head}.{body}.{tail[:5]}+{tail[6:]}"]
    broken += [f"{head}.{body}.{tail[:5]}\uff21{tail[6:]}"]

    for token in broken:
        assert refuse(token) == "not base64url"


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [True, "1800000300", 1.5, None, [1], 1e300])
def test_an_instant_that_is_no_whole_number_is_refused(name: str, value: object) -> None:
    token = SIGNER.sign({**CLAIMS, name: value})

    assert refuse(token) == f"{name} is not a whole number"


def test_a_token_without_expiry_is_refused() -> None:
    assert refuse(SIGNER.sign({"sub": "user_1"})) == "no expiry"


def test_a_token_ends_in_the_second_of_its_expiry() -> None:
    token = SIGNER.sign(CLAIMS)

    assert jwt.verify(token, KEYS, now=NOW + 299)
    assert refuse(token, now=NOW + 300) == "expired"
    assert jwt.verify(token, KEYS, now=NOW + 309, leeway=10)
    assert refuse(token, now=NOW + 310, leeway=10) == "expired"


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_of_the_future_is_refused_beyond_the_leeway(name: str) -> None:
    token = SIGNER.sign({**CLAIMS, name: NOW + 5})

    assert refuse(token) == "not valid yet"
    assert jwt.verify(token, KEYS, now=NOW, leeway=5)


@pytest.mark.parametrize("given_issuer", [None, "https://gate.test/", "", 1, ["https://gate.test"]])
def test_a_token_of_another_issuer_is_refused(given_issuer: object) -> None:
    token = SIGNER.sign({**CLAIMS, "iss": given_issuer})

    assert refuse(token, issuer="https://gate.test") == "wrong issuer"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["A", ".", "eyJ", "[", "\uff21"])
def test_a_token_of_ten_megabytes_is_refused_in_less_than_fifty_milliseconds(piece: str) -> None:
    token = piece * (10_000_000 // len(piece))

    began = time.perf_counter()
    assert refuse(token) == "too large"
    assert time.perf_counter() - began < 0.05


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_.-]{0,200}", fullmatch=True))
def test_no_text_is_a_token_or_breaks_the_reader(text: str) -> None:
    refuse(text)


@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=63))
def test_a_token_with_one_changed_letter_is_refused(position: int, flip: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = SIGNER.sign(CLAIMS)
    position %= len(token)
    if token[position] == ".":
        return
    letter = alphabet[alphabet.index(token[position]) ^ flip]

    refuse(token[:position] + letter + token[position + 1 :])
