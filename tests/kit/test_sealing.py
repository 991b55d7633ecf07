"""What is sealed opens only as it was meant to, and hashes for look-up stay what they are."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.sealing import SealBroken, Sealer, derive_key

ENTROPY = SystemEntropy()
FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))
SEALER = Sealer({1: FIRST}, current=1, entropy=ENTROPY)


@given(st.binary(max_size=5000), st.text(max_size=40))
def test_what_was_sealed_opens_for_the_same_purpose(plain: bytes, purpose: str) -> None:
    assert SEALER.unseal(SEALER.seal(plain, purpose=purpose), purpose=purpose) == plain


def test_the_same_bytes_never_seal_alike() -> None:
    assert len({SEALER.seal(b"secret", purpose="totp") for _ in range(100)}) == 100


def test_the_plain_bytes_do_not_show() -> None:
    assert b"secret" not in SEALER.seal(b"secret" * 10, purpose="totp")


@pytest.mark.parametrize("purpose", ["", "totp2", "tot", "TOTP"])
def test_another_purpose_does_not_open_it(purpose: str) -> None:
    with pytest.raises(SealBroken):
        SEALER.unseal(SEALER.seal(b"secret", purpose="totp"), purpose=purpose)


def test_a_change_of_any_bit_of_any_byte_breaks_it() -> None:
    sealed = SEALER.seal(b"secret", purpose="totp")

    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(SealBroken):
                SEALER.unseal(bytes(changed), purpose="totp")


def test_a_cut_or_lengthened_value_is_broken() -> None:
    sealed = SEALER.seal(b"secret", purpose="totp")

    for broken in [b"", sealed[:-1], sealed[:10], sealed[1:], sealed + b"\0", sealed * 2]:
        with pytest.raises(SealBroken):
            SEALER.unseal(broken, purpose="totp")


@given(st.binary(max_size=200))
def test_no_bytes_open_by_chance_or_break_the_reader(content: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.unseal(b"\x01\0\0\0\x01" + content, purpose="totp")


def test_after_a_rotation_old_seals_open_and_new_ones_use_the_new_key() -> None:
    old = SEALER.seal(b"old", purpose="totp")
    rotated = Sealer({1: FIRST, 2: SECOND}, current=2, entropy=ENTROPY)

    new = rotated.seal(b"new", purpose="totp")

    assert rotated.unseal(old, purpose="totp") == b"old"
    assert rotated.unseal(new, purpose="totp") == b"new"
    with pytest.raises(SealBroken, match="no data key 2"):
        SEALER.unseal(new, purpose="totp")


def test_another_key_under_the_same_id_does_not_open_it() -> None:
    other = Sealer({1: SECOND}, current=1, entropy=ENTROPY)

    with pytest.raises(SealBroken):
        other.unseal(SEALER.seal(b"secret", purpose="totp"), purpose="totp")


def test_a_key_that_another_process_added_is_looked_up_once() -> None:
    rotated = Sealer({1: FIRST, 2: SECOND}, current=2, entropy=ENTROPY)
    asked: list[int] = []

    def find_key(key_id: int) -> bytes | None:
        asked.append(key_id)
        return {2: SECOND}.get(key_id)

    running = Sealer({1: FIRST}, current=1, entropy=ENTROPY, find_key=find_key)

    for _ in range(3):
        sealed = rotated.seal(b"new", purpose="totp")
        assert running.unseal(sealed, purpose="totp") == b"new"
    assert asked == [2]


def test_a_keyed_hash_stays_the_same_when_keys_are_added() -> None:
    rotated = Sealer({1: FIRST, 2: SECOND}, current=2, entropy=ENTROPY)

    assert rotated.keyed_hash("token", purpose="refresh") == SEALER.keyed_hash("token", purpose="refresh")


def test_keyed_hashes_differ_by_secret_purpose_and_key() -> None:
    other = Sealer({1: SECOND}, current=1, entropy=ENTROPY)
    hashes = {
        SEALER.keyed_hash("token", purpose="refresh"),
        SEALER.keyed_hash("token", purpose="pending"),
        SEALER.keyed_hash("Token", purpose="refresh"),
        SEALER.keyed_hash("ntoken", purpose="refresht"[:-1]),
        SEALER.keyed_hash("htoken", purpose="refres"),
        other.keyed_hash("token", purpose="refresh"),
    }

    assert len(hashes) == 6
    assert {len(digest) for digest in hashes} == {32}


def test_a_keyed_hash_is_the_documented_hmac() -> None:
    """Stored hashes depend on this for as long as there are databases."""
    extracted = hmac.digest(bytes(32), FIRST, "sha256")
    subkey = hmac.digest(extracted, b"gatelodge 1 keyed hash\x01", "sha256")
    expected = hmac.digest(subkey, b"\x00\x07refreshtoken", "sha256")

    assert SEALER.keyed_hash("token", purpose="refresh") == expected


def test_keys_are_derived_as_in_rfc_5869() -> None:
    secret = b"x" * 32
    extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"gatelodge 1 test\x01", hashlib.sha256).digest()

    assert derive_key(secret, use="test") == expanded


def test_a_stored_value_of_the_first_format_still_opens() -> None:
    sealed = bytes.fromhex(
        "0100000001010101010101010101010101010101010101010101010101"
        "cc53aa8857e98dd85bd81f4e3fdbf76cb9632f62e77774b70b1defff9b014d"
    )

    assert SEALER.unseal(sealed, purpose="totp secret") == b"a stored secret"


def test_a_data_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer({1: b"short"}, current=1, entropy=ENTROPY)
