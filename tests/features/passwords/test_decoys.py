"""Addresses without an account cost the work of accounts, whatever kind their hashes are of."""

from __future__ import annotations

import base64
import hashlib
import statistics
import time
from collections import Counter

import bcrypt
import pytest

from gatelodge.kit.hashing import DEFAULT, PasswordHasher
from tests.features.neighbours import move_in
from tests.harness.inprocess import PASSWORD, House

BCRYPT = bcrypt.hashpw(PASSWORD.encode(), b"$2b$04$" + b"abcdefghijklmnopqrstuu").decode()
SSHA = "{SSHA}" + base64.b64encode(hashlib.sha1(b"other 17salt", usedforsecurity=False).digest() + b"salt").decode()


def work(house: House, email: str, password: str = "wrong horse 17") -> dict[str, int]:
    """Give the hashes that one refused sign-in evaluates."""
    before = Counter(house.hasher.evaluations)
    answer = house.sign_in(email, password=password)
    assert (answer.status, answer.json["code"]) == (400, "invalid_credentials")
    return dict(Counter(house.hasher.evaluations) - before)


def import_user(house: House, email: str, *, kind: str = "bcrypt", hashed: str = BCRYPT) -> None:
    """Create a user with a hash of another system."""
    house.create_user(email, password=None, password_hash=hashed, password_hash_type=kind)


def test_an_environment_without_passwords_costs_a_native_hash(house: House) -> None:
    assert work(house, "nobody@example.com") == {"argon2id": 1}


@pytest.mark.parametrize(
    ("kind", "hashed", "cost"),
    [("bcrypt", BCRYPT, {"bcrypt": 1}), ("ssha", SSHA, {"argon2id": 1, "ssha": 1})],
    ids=["bcrypt", "ssha"],
)
def test_where_all_hashes_were_imported_unknown_addresses_cost_such_a_hash(
    house: House, kind: str, hashed: str, cost: dict[str, int]
) -> None:
    import_user(house, "ada@example.com", kind=kind, hashed=hashed)
    house.create_user("grace@example.com", password=None)

    for email in ("ada@example.com", "nobody@example.com", "grace@example.com"):
        assert work(house, email) == cost, email
        # A letter that can be written in two ways is tried in both, at whatever address.
        assert sum(work(house, email, "wrong e\u0301 horse").values()) == sum(cost.values()) + 1, email


def test_unknown_addresses_cost_what_accounts_do_in_like_shares_and_each_the_same_again(house: House) -> None:
    for number in range(20):
        import_user(house, f"imported{number}@example.com")
        house.create_user(f"native{number}@example.com")

    works = [work(house, f"unknown{number}@example.com") for number in range(60)]

    shares = Counter(kind for each in works for kind in each)
    assert sum(shares.values()) == len(works)
    assert min(shares["argon2id"], shares["bcrypt"]) >= 10
    for number in (0, 1, 2, 3):
        assert work(house, f"Unknown{number}@EXAMPLE.com") == works[number]


def test_the_password_of_the_decoy_opens_nothing_and_costs_what_a_wrong_one_does(house: House) -> None:
    import_user(house, "ada@example.com")

    assert work(house, "nobody@example.com", PASSWORD) == {"bcrypt": 1}


def test_an_unknown_address_turns_native_with_the_account_whose_work_it_does(house: House) -> None:
    import_user(house, "ada@example.com")
    assert work(house, "nobody@example.com") == {"bcrypt": 1}

    assert house.sign_in("ada@example.com").status == 200

    assert work(house, "nobody@example.com") == work(house, "ada@example.com") == {"argon2id": 1}


def test_hashes_of_another_environment_are_nobodys_decoys(house: House) -> None:
    neighbour = move_in(house)
    neighbour.create_user(password=None, password_hash=BCRYPT, password_hash_type="bcrypt")

    assert work(house, "nobody@example.com") == {"argon2id": 1}


@pytest.mark.long
def test_a_stop_watch_does_not_tell_imported_accounts_from_unknown_addresses(furnished_database: str) -> None:
    house = House(furnished_database, limits=False)
    house.hasher = house.runtime.hasher = PasswordHasher(DEFAULT)
    for number in range(8):
        hashed = bcrypt.hashpw(f"password {number}".encode(), bcrypt.gensalt(9)).decode()
        import_user(house, f"imported{number}@example.com", hashed=hashed)

    spans: dict[str, list[float]] = {"imported": [], "unknown": []}
    for number in range(200):
        for name, taken in spans.items():
            began = time.perf_counter()
            house.sign_in(f"{name}{number % 8}@example.com", password="wrong horse 17")
            taken.append(time.perf_counter() - began)
    house.close()

    imported, unknown = (statistics.median(taken) for taken in spans.values())
    assert abs(imported / unknown - 1) < 0.05, (imported, unknown)
