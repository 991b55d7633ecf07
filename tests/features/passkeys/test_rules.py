"""For whom passkeys are made, and what is read of what browsers answer."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gatelodge.features.passkeys.rules import (
    Answer,
    Party,
    PasskeyInvalid,
    find_party,
    read_answer,
    verify_new,
    verify_proof,
)
from tests.harness.authenticator import Authenticator, write_bytes

PARTY = Party("localhost", "http://localhost:4100")
CHALLENGE = write_bytes(bytes(32))


@pytest.mark.parametrize(
    ("base_url", "party"),
    [
        ("https://auth.example.com", Party("auth.example.com", "https://auth.example.com")),
        ("https://Auth.Example.com:443", Party("auth.example.com", "https://auth.example.com")),
        ("https://auth.example.com:8443/under", Party("auth.example.com", "https://auth.example.com:8443")),
        ("https://bücher.example", Party("xn--bcher-kva.example", "https://xn--bcher-kva.example")),
        ("http://localhost:4100", PARTY),
        ("http://app.localhost", Party("app.localhost", "http://app.localhost")),
    ],
)
def test_passkeys_are_made_for_the_domain_of_the_base_url(base_url: str, party: Party) -> None:
    assert find_party(base_url) == party


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "https://",
        "https://[",
        "https://auth.example.com:port",
        "http://auth.example.com",
        "http://127.0.0.1:4100",
        "https://192.0.2.7",
        "https://[2001:db8::1]",
    ],
)
def test_where_browsers_make_no_passkeys_there_is_no_party(base_url: str) -> None:
    assert find_party(base_url) is None


@settings(deadline=None)
@given(some.text() | some.recursive(some.none() | some.integers() | some.text(), some.lists).map(json.dumps))
def test_no_text_makes_the_reading_fail_otherwise_than_by_refusing_it(text: str) -> None:
    with pytest.raises(PasskeyInvalid):
        read_answer(text)


def _spoil(credential: str, member: str, content: bytes) -> Answer:
    whole = json.loads(credential)
    whole["response"][member] = base64.urlsafe_b64encode(content).decode()
    return read_answer(json.dumps(whole))


@settings(deadline=None)
@given(some.binary(max_size=300))
def test_no_bytes_make_the_verifying_fail_otherwise_than_by_refusing_them(content: bytes) -> None:
    device = Authenticator()
    options = {"challenge": CHALLENGE, "user": {"id": "AAAA"}}
    made = device.make(options)
    key = verify_new(PARTY, read_answer(made)).public_key
    signed = device.sign(options)

    assert verify_proof(PARTY, read_answer(signed), public_key=key) == 0
    with pytest.raises(PasskeyInvalid):
        verify_new(PARTY, _spoil(made, "attestationObject", content))
    for member in ("authenticatorData", "signature"):
        with pytest.raises(PasskeyInvalid):
            verify_proof(PARTY, _spoil(signed, member, content), public_key=key)


def test_a_key_of_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    made = json.loads(Authenticator().make({"challenge": CHALLENGE, "user": {"id": "AAAA"}}))
    statement = base64.urlsafe_b64decode(made["response"]["attestationObject"] + "===")
    # The head of the COSE key: type EC2, algorithm -7 (ES256), curve P-256. Two bytes of it may occur by chance.
    head = bytes([0x01, 0x02, 0x03, 0x26, 0x20, 0x01])
    assert statement.count(head) == 1

    # -7 becomes -9.
    spoiled = statement.replace(head, head.replace(b"\x26", b"\x28"))
    made["response"]["attestationObject"] = write_bytes(spoiled)

    with pytest.raises(PasskeyInvalid):
        verify_new(PARTY, read_answer(json.dumps(made)))
