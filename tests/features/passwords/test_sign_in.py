"""Passwords where they are used, at the grant itself: bounds, imported hashes, spellings, and neutral refusals."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt
import pytest

from gatelodge.kit.hashing import Verdict
from tests.harness.inprocess import PASSWORD, Answer, House
from tests.kit.test_imported_hashes import ARGON2, BCRYPT, FIREBASE, SCRYPT, SSHA

ADA = "ada@example.com"
LONG = "correct horse " * 9


def _b64(content: bytes) -> str:
    return base64.b64encode(content).rstrip(b"=").decode()


_SALT = b"salt of sixteen."
PBKDF2 = f"$pbkdf2$i=600000,d=sha256${_b64(_SALT)}${_b64(hashlib.pbkdf2_hmac('sha256', b'pw1234', _SALT, 600_000))}"
SSHA256 = "{SSHA256}" + _b64(hashlib.sha256(b"pw1234salt").digest() + b"salt")
SALT_FIRST = "{SSHA256}" + _b64(hashlib.sha256(b"saltpw1234").digest() + b"salt")


def _set_password(house: House, password: str) -> Answer:
    return house.post("/user_management/users", {"email": ADA, "password": password, "email_verified": True})


def _import(house: House, kind: str, hashed: str, **members: Any) -> dict[str, Any]:
    imported = {"password_hash": hashed, "password_hash_type": kind, **members}
    return house.create_user(ADA, password=None, **imported)


def _stored(house: House) -> str:
    return str(house.runtime.database.reads.all("select password_hash from passwords")[0][0])


def _work(house: House, **members: Any) -> tuple[Answer, dict[str, int]]:
    before = Counter(house.hasher.evaluations)
    answer = house.sign_in(**members)
    return answer, dict(Counter(house.hasher.evaluations) - before)


@pytest.mark.parametrize(
    ("profile", "shortest"), [("default", 10), ("nist", 15)], ids=["ten characters", "fifteen under NIST"]
)
def test_a_password_at_its_bounds_signs_in_and_one_past_them_is_never_set(
    furnished_database: str, profile: str, shortest: int
) -> None:
    house = House(furnished_database, limits=False, password_profile=profile)
    for length, status in ((shortest - 1, 400), (257, 400), (shortest, 201)):
        answer = _set_password(house, (LONG * 3)[:length].strip().ljust(length, "x"))
        assert (answer.status, length) == (status, length), answer
        if status == 400:
            assert answer.json["code"] == "password_strength_error"
    user = house.sign_in(password=LONG[:shortest].strip().ljust(shortest, "x")).json["user"]
    path = f"/user_management/users/{user['id']}"

    for length in (64, 128, 256):
        password = (LONG * 3)[:length].strip().ljust(length, "x")
        assert house.put(path, {"password": password}).status == 200
        assert house.sign_in(password=password).status == 200
        assert house.sign_in(password=password[:-1]).json["code"] == "invalid_credentials"
    house.close()


def test_a_bcrypt_import_reads_72_bytes_once_and_every_byte_afterwards(house: House) -> None:
    password = "correct horse battery staple " * 3
    assert len(password) > 73
    _import(house, "bcrypt", bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode())

    assert house.sign_in(password=password).status == 200
    assert _stored(house).startswith("$argon2id$")
    for other in (password[:72], password[:72] + "!" + password[73:], password[:-1]):
        assert house.sign_in(password=other).json["code"] == "invalid_credentials"
    assert house.sign_in(password=password).status == 200


def test_text_around_a_nul_is_no_password(house: House) -> None:
    house.create_user(password="corre ct horse 17")

    for tried in ("corre\0ct horse 17", "corre", "corre ct horse 17\0", "corre ct horse 17\0x"):
        answer = house.sign_in(password=tried)
        assert answer.status in {400, 422}
        assert "access_token" not in (answer.json or {})


@pytest.mark.parametrize("name", ["a" * 52, "b" * 60])
def test_a_long_address_leaves_the_whole_password_to_be_judged(house: House, name: str) -> None:
    email = f"{name}@example.com"
    house.create_user(email)

    for tried in ("x", PASSWORD[:-1], PASSWORD + "x", ""):
        assert house.sign_in(email, password=tried).status in {400, 422}
    assert house.sign_in(email).status == 200


def test_a_password_is_one_however_its_accents_are_composed(house: House) -> None:
    house.create_user(password="Ame\u0301lie et Zoe\u0308 17")
    assert house.sign_in(password="Am\u00e9lie et Zo\u00eb 17").status == 200
    house.create_user("grace@example.com", password="Am\u00e9lie et Zo\u00eb 17")
    assert house.sign_in("grace@example.com", password="Ame\u0301lie et Zoe\u0308 17").status == 200
    assert house.sign_in(password="Amelie et Zoe 17").status == 400


@pytest.mark.parametrize(
    "password", ["  correct horse 17", "correct\thorse 17\t", "🐎🔋🧷 correct 𐍈𐍈", "пароль из слов"]
)
def test_spaces_tabs_and_letters_of_any_script_count_exactly(house: House, password: str) -> None:
    house.create_user(password=password)

    assert house.sign_in(password=password).status == 200
    for other in (password.strip() + "", password + " ", password.replace("\t", " "), password[:-1]):
        if other != password:
            assert house.sign_in(password=other).json["code"] == "invalid_credentials"


def test_a_password_of_a_megabyte_is_refused_at_once_and_without_work(house: House) -> None:
    house.create_user()
    began = time.perf_counter()

    answer, work = _work(house, password="x" * 1_000_000)

    assert answer.status in {400, 422}
    assert work == {}
    # Generous to a busy machine; hashing it would leave a trace in the work.
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("kind", "hashed", "password", "members"),
    [
        ("argon2", ARGON2, "password", {}),
        ("bcrypt", BCRYPT, "U*U", {}),
        ("firebase-scrypt", FIREBASE, "user1password", {}),
        ("pbkdf2", PBKDF2, "pw1234", {}),
        ("scrypt", SCRYPT, "pleaseletmein", {}),
        ("ssha", SSHA, "pw1234", {}),
        ("ssha256", SSHA256, "pw1234", {}),
        ("ssha256", SALT_FIRST, "pw1234", {"password_salt_position": "prefix"}),
    ],
    ids=["argon2", "bcrypt", "firebase-scrypt", "pbkdf2", "scrypt", "ssha", "ssha256", "ssha256 salt first"],
)
def test_an_imported_hash_signs_in_and_is_native_from_then_on(
    house: House, kind: str, hashed: str, password: str, members: dict[str, str]
) -> None:
    _import(house, kind, hashed, **members)

    assert house.sign_in(password=password + "x").json["code"] == "invalid_credentials"
    assert not _stored(house).startswith("$argon2id$")
    assert house.sign_in(password=password).status == 200
    assert _stored(house).startswith("$argon2id$")
    again, work = _work(house, password=password)
    assert (again.status, work) == (200, {"argon2id": 1})
    assert house.sign_in(password=password + "x").status == 400


def test_two_first_sign_ins_at_once_with_an_imported_hash_both_succeed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "U*U"
    _import(house, "bcrypt", BCRYPT)
    together, hash_password = threading.Barrier(2, timeout=20), house.hasher.hash

    def hash_together(password: str) -> str:
        # Both have proved the imported hash by now, and neither has put another in its place.
        together.wait()
        return hash_password(password)

    monkeypatch.setattr(house.hasher, "hash", hash_together)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: house.sign_in(password=password), range(2)))

    assert [answer.status for answer in answers] == [200, 200]
    assert _stored(house).startswith("$argon2id$")


def test_a_password_that_is_removed_while_it_is_proved_opens_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, verify, database = house.create_user(), house.hasher.verify, house.runtime.database

    def verify_and_remove(stored: str, password: str) -> Verdict:
        # Somebody proves the address meanwhile, which takes the password away.
        verdict = verify(stored, password)
        database.write(lambda queries: queries.run("delete from passwords"))
        return verdict

    monkeypatch.setattr(house.hasher, "verify", verify_and_remove)

    assert house.sign_in().json["code"] == "invalid_credentials"
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []


@pytest.mark.parametrize(
    ("kind", "hashed"),
    [
        ("argon2", ARGON2.replace("m=65536", "m=8388608")),
        ("bcrypt", BCRYPT.replace("$05$", "$31$")),
        ("scrypt", SCRYPT.replace("n=16384", "n=1073741824")),
        ("pbkdf2", PBKDF2.replace("i=600000", "i=10000000000")),
    ],
    ids=["argon2", "bcrypt", "scrypt", "pbkdf2"],
)
def test_a_hash_that_would_cost_a_fortune_is_refused_at_import_and_leaves_no_user(
    house: House, kind: str, hashed: str
) -> None:
    members = {"email": ADA, "password_hash": hashed, "password_hash_type": kind}
    answer = house.post("/user_management/users", members)

    assert answer.status == 400
    assert "password_hash" in str(answer.json)
    assert house.get("/user_management/users").json["data"] == []
    assert house.hasher.evaluations == Counter()


def test_whoever_cannot_sign_in_is_told_the_same_after_the_same_work(house: House) -> None:
    house.create_user(ADA)
    house.create_user("federated@example.com", password=None)
    seen = []

    for email, password in (
        (ADA, "wrong horse 17"),
        ("nobody@example.com", PASSWORD),
        ("federated@example.com", PASSWORD),
    ):
        answer, work = _work(house, email=email, password=password)
        headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        seen.append((answer.status, answer.body, headers, work))

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][3] == {"argon2id": 1}
