"""What other systems hashed verifies here, within bounds."""

from __future__ import annotations

import base64
import hashlib
import time

import bcrypt
import pytest
from argon2 import PasswordHasher as IndependentHasher
from argon2.low_level import Type
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.kit.hashing import CHEAPEST, PasswordHasher, PasswordMismatch, UnusableHash

HASHER = PasswordHasher(CHEAPEST)
KINDS = ["argon2", "bcrypt", "firebase-scrypt", "pbkdf2", "scrypt", "ssha", "ssha256"]

# The sample in the README of github.com/firebase/scrypt.
FIREBASE_SIGNER_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
FIREBASE_DIGEST = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
FIREBASE = (
    f"$firebase-scrypt$r=8,m=14,ss=Bw,sk={FIREBASE_SIGNER_KEY.rstrip('=')}$42xEC+ixf3L2lw${FIREBASE_DIGEST.rstrip('=')}"
)
# RFC 7914 §12, the third vector.
SCRYPT = (
    "$scrypt$v=1$n=16384,r=8,p=1,kl=64$U29kaXVtQ2hsb3JpZGU$"
    "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
)
# The reference implementation's test of argon2id with 64 MiB and two passes.
ARGON2 = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
SSHA = "{SSHA}" + base64.b64encode(hashlib.sha1(b"pw1234salt", usedforsecurity=False).digest() + b"salt").decode()
# crypt_blowfish's own test.
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


def b64(content: bytes) -> str:
    return base64.b64encode(content).rstrip(b"=").decode()


def accept(stored: str, password: str) -> None:
    assert HASHER.verify(stored, password).needs_rehash


def refuse(stored: str, password: str) -> None:
    with pytest.raises(PasswordMismatch):
        HASHER.verify(stored, password)


def refuse_import(text: str, kind: str, salt_position: str | None = None) -> str:
    with pytest.raises(UnusableHash) as refused:
        HASHER.import_hash(text, kind, salt_position)
    return refused.value.reason


@pytest.mark.parametrize(
    ("kind", "text", "password"),
    [
        ("argon2", ARGON2, "password"),
        ("bcrypt", BCRYPT, "U*U"),
        ("bcrypt", BCRYPT.replace("$2a$", "$2b$"), "U*U"),
        ("bcrypt", BCRYPT.replace("$2a$", "$2y$"), "U*U"),
        ("firebase-scrypt", FIREBASE, "user1password"),
        ("scrypt", SCRYPT, "pleaseletmein"),
        ("ssha", SSHA, "pw1234"),
        ("ssha256", "{SSHA256}" + b64(hashlib.sha256(b"pw1234salt").digest() + b"salt"), "pw1234"),
    ],
)
def test_a_published_hash_verifies_and_asks_for_a_native_one(kind: str, text: str, password: str) -> None:
    stored = HASHER.import_hash(text, kind)

    accept(stored, password)
    refuse(stored, password + "x")
    refuse(stored, password[:-1])
    refuse(stored, "")
    fresh = HASHER.hash(password)
    assert not HASHER.verify(fresh, password).needs_rehash


@pytest.mark.parametrize(("kind", "iterations"), [("sha256", 600_000), ("sha512", 210_000)])
def test_a_pbkdf2_hash_of_an_independent_library_verifies(kind: str, iterations: int) -> None:
    algorithm = SHA256() if kind == "sha256" else SHA512()
    derived = PBKDF2HMAC(algorithm, 32, b"salt of sixteen.", iterations).derive(b"pw1234")

    stored = HASHER.import_hash(f"$pbkdf2$i={iterations},d={kind}${b64(b'salt of sixteen.')}${b64(derived)}", "pbkdf2")

    accept(stored, "pw1234")
    refuse(stored, "pw1235")


@pytest.mark.parametrize("kind", [Type.I, Type.D, Type.ID])
def test_each_type_of_argon2_verifies(kind: Type) -> None:
    other = IndependentHasher(time_cost=3, memory_cost=4096, parallelism=2, type=kind)

    stored = HASHER.import_hash(other.hash("pw1234"), "argon2")

    accept(stored, "pw1234")
    refuse(stored, "pw1235")


def test_an_imported_argon2_hash_with_native_parameters_still_asks_for_a_native_one() -> None:
    hasher = PasswordHasher()

    stored = hasher.import_hash(hasher.hash("cre\u0300me 1234"), "argon2")

    assert hasher.verify(stored, "cr\u00e8me 1234").needs_rehash


def test_the_salt_of_ssha256_may_come_first() -> None:
    text = "{SSHA256}" + b64(hashlib.sha256(b"saltpw1234").digest() + b"salt")

    accept(HASHER.import_hash(text, "ssha256", "prefix"), "pw1234")
    refuse(HASHER.import_hash(text, "ssha256", "suffix"), "pw1234")
    refuse(HASHER.import_hash(text, "ssha256"), "pw1234")


@pytest.mark.parametrize("position", ["prefix", "middle", ""])
def test_a_salt_position_that_means_nothing_is_refused(position: str) -> None:
    assert "salt position" in refuse_import(BCRYPT, "bcrypt", position)
    assert HASHER.import_hash(BCRYPT, "bcrypt", "suffix") == BCRYPT


def test_bcrypt_reads_72_bytes_as_it_did_and_the_native_hash_after_it_reads_all() -> None:
    password = "a" * 72
    stored = HASHER.import_hash(bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode(), "bcrypt")

    accept(stored, password + "the rest")
    accept(stored, password + "another rest")
    refuse(stored, "a" * 71)
    fresh = HASHER.hash(password + "the rest")
    refuse(fresh, password + "another rest")
    refuse(fresh, password)


def test_bcrypt_does_not_stop_at_a_nul() -> None:
    stored = HASHER.import_hash(bcrypt.hashpw(b"before", bcrypt.gensalt(4)).decode(), "bcrypt")

    refuse(stored, "before\0after")
    accept(stored, "before")


@pytest.mark.parametrize("source", ["NFC", "NFD"])
def test_an_imported_hash_verifies_whichever_form_its_source_hashed(source: str) -> None:
    composed, decomposed = "cr\u00e8me br\u00fbl\u00e9e", "cre\u0300me bru\u0302le\u0301e"
    hashed = composed if source == "NFC" else decomposed
    stored = HASHER.import_hash(bcrypt.hashpw(hashed.encode(), bcrypt.gensalt(4)).decode(), "bcrypt")

    accept(stored, hashed)
    accept(stored, decomposed)


def test_chance_in_the_unused_bits_of_a_bcrypt_salt_does_not_lock_its_owner_out() -> None:
    stored = HASHER.import_hash(BCRYPT.replace("CC.E5", "CC/E5"), "bcrypt")

    assert stored == BCRYPT
    accept(stored, "U*U")


@pytest.mark.parametrize(
    ("kind", "given_text", "stored"),
    [
        ("firebase-scrypt", FIREBASE.replace("r=8,m=14", "m=14,r=8").replace("ss=Bw,", "ss=Bw==,"), FIREBASE),
        ("scrypt", SCRYPT.replace("v=1$n=16384,r=8", "r=8,n=16384") + "==", SCRYPT),
        ("argon2", ARGON2.replace("m=65536,t=2", "t=2,m=65536") + "=", ARGON2),
    ],
)
def test_padding_and_the_order_of_parameters_do_not_matter(kind: str, given_text: str, stored: str) -> None:
    assert HASHER.import_hash(given_text, kind) == HASHER.import_hash(stored, kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("argon2", ARGON2.replace("m=65536", "m=8388608")),
        ("argon2", ARGON2.replace("m=65536", "m=262145")),
        ("argon2", ARGON2.replace("m=65536", "m=4095")),
        ("argon2", ARGON2.replace("t=2", "t=6")),
        ("argon2", ARGON2.replace("t=2", "t=0")),
        ("argon2", ARGON2.replace("argon2id", "argon2i")),
        ("argon2", ARGON2.replace("p=1", "p=9")),
        ("argon2", ARGON2.replace("v=19", "v=16")),
        ("argon2", ARGON2.replace("v=19$", "")),
        ("argon2", ARGON2.replace("argon2id", "argon2x")),
        ("argon2", ARGON2.replace("p=1", "p=1,keyid=YQ")),
        ("argon2", ARGON2.replace("c29tZXNhbHQ", "c2Fs")),
        ("argon2", ARGON2.replace("m=65536", "m=65536 ")),
        ("argon2", ARGON2.replace("m=65536", "m=+65536")),
        ("argon2", ARGON2.replace("m=65536", "m=\uff16\uff15\uff15\uff13\uff16")),
        ("bcrypt", BCRYPT.replace("$05$", "$31$")),
        ("bcrypt", BCRYPT.replace("$05$", "$15$")),
        ("bcrypt", BCRYPT.replace("$05$", "$03$")),
        ("bcrypt", BCRYPT.replace("$2a$", "$2x$")),
        ("bcrypt", BCRYPT.replace("$2a$", "$2$")),
        ("bcrypt", BCRYPT[:-1]),
        ("bcrypt", BCRYPT + "a"),
        ("bcrypt", BCRYPT + "\n"),
        ("scrypt", SCRYPT.replace("n=16384", "n=1073741824")),
        ("scrypt", SCRYPT.replace("n=16384", "n=524288")),
        ("scrypt", SCRYPT.replace("n=16384", "n=16383")),
        ("scrypt", SCRYPT.replace("n=16384", "n=1")),
        ("scrypt", SCRYPT.replace("n=16384,r=8", "n=65536,r=1")),
        ("scrypt", SCRYPT.replace("r=8", "r=1000")),
        ("scrypt", SCRYPT.replace("p=1", "p=1000")),
        ("scrypt", SCRYPT.replace("p=1", "p=17")),
        ("scrypt", SCRYPT.replace("kl=64", "kl=32")),
        ("scrypt", SCRYPT.replace("v=1", "v=2")),
        ("firebase-scrypt", FIREBASE.replace("m=14", "m=15")),
        ("firebase-scrypt", FIREBASE.replace("r=8", "r=9")),
        ("firebase-scrypt", FIREBASE.replace("r=8", "r=0")),
        ("firebase-scrypt", FIREBASE.replace("ss=Bw,", "")),
        ("firebase-scrypt", FIREBASE.replace("sk=jx", "sk=")),
        ("firebase-scrypt", FIREBASE.replace("ss=Bw", "ss=Bw,ss=Bw")),
        ("pbkdf2", "$pbkdf2$i=599999,d=sha256$c2FsdHNhbHQ$" + "A" * 43),
        ("pbkdf2", "$pbkdf2$i=1000001,d=sha256$c2FsdHNhbHQ$" + "A" * 43),
        ("pbkdf2", "$pbkdf2$i=10000000000,d=sha512$c2FsdHNhbHQ$" + "A" * 43),
        ("pbkdf2", "$pbkdf2$i=209999,d=sha512$c2FsdHNhbHQ$" + "A" * 43),
        ("pbkdf2", "$pbkdf2$i=600000,d=sha1$c2FsdHNhbHQ$" + "A" * 27),
        ("pbkdf2", "$pbkdf2$i=600000,d=sha256$c2FsdHNhbHQ$" + "A" * 86),
        ("pbkdf2", "$pbkdf2$i=600000,d=sha256$$" + "A" * 43),
        ("ssha", "{SSHA}" + b64(b"x" * 20)),
        ("ssha", "{SSHA}" + b64(b"x" * 19)),
        ("ssha", "{SSHA}" + b64(b"x" * 300)),
        ("ssha", "{SSHA256}" + b64(b"x" * 40)),
        ("ssha", b64(b"x" * 24)),
        ("ssha256", "{SSHA256}" + b64(b"x" * 32)),
        ("ssha256", "{SSHA}" + b64(b"x" * 24)),
        ("ssha256", "{SSHA256}not base64!"),
        ("md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ("BCRYPT", BCRYPT),
        ("", BCRYPT),
    ],
)
def test_a_hash_beyond_the_caps_is_refused_at_import_and_never_evaluated(kind: str, text: str) -> None:
    hasher = PasswordHasher(CHEAPEST)
    refuse_import(text, kind)

    began = time.perf_counter()
    for stored in (text, f"imported{text}"):
        with pytest.raises(PasswordMismatch):
            hasher.verify(stored, "pw1234")

    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_the_hash_of_another_kind_is_refused(kind: str) -> None:
    samples = {"argon2": ARGON2, "bcrypt": BCRYPT, "firebase-scrypt": FIREBASE, "scrypt": SCRYPT}

    for other, text in samples.items():
        if other != kind:
            refuse_import(text, kind)


@given(st.text(max_size=80), st.sampled_from(KINDS))
def test_no_text_breaks_the_importer(text: str, kind: str) -> None:
    refuse_import(text, kind)


@given(st.data())
def test_no_edit_of_a_real_hash_breaks_import_or_verify(data: st.DataObject) -> None:
    real = data.draw(
        st.sampled_from([BCRYPT, "{SSHA}" + b64(b"x" * 24), "$scrypt$v=1$n=2,r=1,p=1,kl=16$YQ$" + "A" * 22])
    )
    place = data.draw(st.integers(0, len(real) - 1))
    edited = real[:place] + data.draw(st.text("$,=0123456789aA./+{}vnrpkl\0é", max_size=3)) + real[place + 1 :]

    for kind in ("bcrypt", "ssha", "scrypt"):
        try:
            stored = HASHER.import_hash(edited, kind)
        except UnusableHash:
            continue
        if not stored.startswith("$2") or stored[4:6] < "08":
            refuse(stored, "not the password")


def test_a_hash_of_a_megabyte_is_refused_at_once() -> None:
    began = time.perf_counter()
    for kind in KINDS:
        for text in ("$" * 1_000_000, "{SSHA}" + "A" * 1_000_000, "$2a$05$" + "C" * 1_000_000):
            refuse_import(text, kind)

    assert time.perf_counter() - began < 0.5


def test_an_instant_kind_of_hash_takes_the_time_of_a_native_one() -> None:
    hasher = PasswordHasher(CHEAPEST)
    stored = hasher.import_hash("{SSHA}" + b64(b"x" * 24), "ssha")

    with pytest.raises(PasswordMismatch):
        hasher.verify(stored, "pw1234")

    assert hasher.evaluations == {"argon2id": 1, "ssha": 1}


def test_the_costliest_hash_allowed_takes_seconds_and_not_minutes() -> None:
    texts = {
        "argon2": ARGON2.replace("m=65536,t=2,p=1", "m=262144,t=5,p=8"),
        "scrypt": SCRYPT.replace("n=16384", "n=262144"),
        "pbkdf2": "$pbkdf2$i=1000000,d=sha512$c2FsdHNhbHQ$" + "A" * 86,
        "bcrypt": BCRYPT.replace("$05$", "$14$"),
    }
    for kind, text in texts.items():
        began = time.perf_counter()
        refuse(HASHER.import_hash(text, kind), "pw1234")
        assert time.perf_counter() - began < 15
