"""Native hashes, the decoy, and the bytes of a password."""

from __future__ import annotations

import re
import statistics
import threading
import time
import unicodedata
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher as IndependentHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, hash_secret
from hypothesis import given, settings
from hypothesis import strategies as st

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.hashing import (
    CHEAPEST,
    DEFAULT,
    HashGate,
    PasswordHasher,
    PasswordMismatch,
    PasswordUnhashable,
    Profile,
    normalise,
)

HASHER = PasswordHasher(CHEAPEST)
PASSWORD = "correct horse battery staple"
READABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=64)


def accept(stored: str, password: str) -> None:
    assert not HASHER.verify(stored, password).needs_rehash


def refuse(stored: str, password: str, hasher: PasswordHasher = HASHER) -> None:
    with pytest.raises(PasswordMismatch):
        hasher.verify(stored, password)


def test_the_default_hash_is_argon2id_of_19_mib_in_phc_form() -> None:
    stored = PasswordHasher(DEFAULT).hash(PASSWORD)

    assert re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", stored)


def test_an_independent_library_verifies_our_hash() -> None:
    stored = PasswordHasher(DEFAULT).hash(PASSWORD)

    assert IndependentHasher().verify(stored, PASSWORD)
    with pytest.raises(VerifyMismatchError):
        IndependentHasher().verify(stored, PASSWORD + "r")


@pytest.mark.parametrize("lanes", [1, 2, 8])
@pytest.mark.parametrize("salt", [8, 15, 16, 17, 64])
@pytest.mark.parametrize("size", [16, 32, 64])
def test_hashes_that_an_independent_library_made_verify(lanes: int, salt: int, size: int) -> None:
    made = hash_secret(
        PASSWORD.encode(),
        bytes(range(salt)),
        time_cost=2,
        memory_cost=128,
        parallelism=lanes,
        hash_len=size,
        type=Type.ID,
    ).decode()

    assert HASHER.verify(made, PASSWORD).needs_rehash
    refuse(made, PASSWORD + "r")


def test_a_digest_cut_short_is_another_password() -> None:
    stored = PasswordHasher(DEFAULT).hash(PASSWORD)

    refuse(stored[:-11], PASSWORD, PasswordHasher(DEFAULT))


@pytest.mark.parametrize("parameters", ["m=7,t=1,p=1", "m=15,t=1,p=2", "m=8,t=0,p=1", "m=8,t=1,p=0"])
def test_parameters_below_the_standards_least_are_not_evaluated(parameters: str) -> None:
    hasher = PasswordHasher(CHEAPEST)

    refuse(f"$argon2id$v=19${parameters}$YWFhYWFhYWFhYWFhYWFhYQ$YWFhYWFhYWFhYWFhYWFhYQ", PASSWORD, hasher)

    assert hasher.evaluations == {"argon2id": 1}


def test_the_same_password_never_hashes_alike() -> None:
    assert HASHER.hash(PASSWORD) != HASHER.hash(PASSWORD)


@given(READABLE)
def test_any_password_verifies_against_its_own_hash(password: str) -> None:
    accept(HASHER.hash(password), password)


@pytest.mark.parametrize(
    "other", ["", PASSWORD[:-1], PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), PASSWORD + "\t"]
)
def test_another_password_is_refused(other: str) -> None:
    refuse(HASHER.hash(PASSWORD), other)


@pytest.mark.parametrize(
    "password",
    [
        " padded ",
        "\ttab",
        "🔑🔐🗝️ emoji",
        "\U0001d518\U0001d52b\U0001d526\U0001d520\U0001d52c\U0001d521\U0001d522",
        "\uff26\uff35\uff2c\uff2c",
    ],
)
def test_spaces_and_unusual_letters_count_exactly(password: str) -> None:
    stored = HASHER.hash(password)

    accept(stored, password)
    refuse(stored, unicodedata.normalize("NFKC", password).strip() + "!")


def test_a_password_is_the_same_however_its_accents_are_composed() -> None:
    composed, decomposed = "cr\u00e8me br\u00fbl\u00e9e", "cre\u0300me bru\u0302le\u0301e"

    accept(HASHER.hash(composed), decomposed)
    accept(HASHER.hash(decomposed), composed)
    assert normalise(decomposed) == composed


def test_letters_that_only_resemble_each_other_stay_apart() -> None:
    refuse(HASHER.hash("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11"), "password1")


def test_the_73rd_byte_of_our_own_hash_counts() -> None:
    stored = HASHER.hash("a" * 72 + "b")

    accept(stored, "a" * 72 + "b")
    refuse(stored, "a" * 72 + "c")
    refuse(stored, "a" * 72)


@pytest.mark.parametrize("password", ["ab\0cdefghijkl", "\0", "half a pair \ud83d", "x" * 1025, "é" * 513])
def test_a_password_that_cannot_be_hashed_whole_is_never_hashed_in_part(password: str) -> None:
    with pytest.raises(PasswordUnhashable):
        HASHER.hash(password)


def test_text_before_a_nul_does_not_sign_in_and_neither_does_text_with_one() -> None:
    stored = HASHER.hash("before")

    refuse(stored, "before\0after")
    refuse(stored, "before\0")


def test_a_password_of_a_megabyte_is_refused_at_once_and_without_work() -> None:
    hasher = PasswordHasher(DEFAULT)
    stored = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43

    began = time.perf_counter()
    for letter in ("x", "é", "e\u0301", "\0"):
        refuse(stored, letter * 1_000_000, hasher)
        hasher.waste(letter * 1_000_000)

    assert time.perf_counter() - began < 0.05
    assert hasher.evaluations == {}


def test_the_longest_password_allowed_verifies() -> None:
    password = "🔑" * 256

    accept(HASHER.hash(password), password)


def test_the_decoy_does_the_work_of_a_wrong_password() -> None:
    verifying, wasting = PasswordHasher(CHEAPEST), PasswordHasher(CHEAPEST)
    stored = HASHER.hash(PASSWORD)

    refuse(stored, "wrong password", verifying)
    wasting.waste("wrong password")

    assert verifying.evaluations == wasting.evaluations == {"argon2id": 1}


def test_an_unusable_stored_hash_costs_the_decoy_and_is_a_mismatch() -> None:
    for stored in ["", "x", "$argon2id$", "$argon2id$v=19$m=x,t=1,p=1$YWFhYWFhYWE$YWFhYQ", "$1$a$b"]:
        hasher = PasswordHasher(CHEAPEST)
        refuse(stored, PASSWORD, hasher)
        assert hasher.evaluations == {"argon2id": 1}


@pytest.mark.parametrize("parameters", ["m=8388608,t=1,p=1", "m=8,t=1000000,p=1", "m=262144,t=1,p=200"])
def test_a_stored_native_hash_beyond_the_caps_is_not_evaluated(parameters: str) -> None:
    stored = f"$argon2id$v=19${parameters}$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ"

    began = time.perf_counter()
    refuse(stored, PASSWORD)

    assert time.perf_counter() - began < 0.05


def test_a_hash_of_another_profile_asks_for_a_fresh_one() -> None:
    older = PasswordHasher(Profile(memory_kib=16, passes=1)).hash(PASSWORD)

    assert HASHER.verify(older, PASSWORD).needs_rehash
    refuse(older, "wrong password")


@given(READABLE, READABLE)
@settings(max_examples=50)
def test_only_passwords_with_the_same_nfc_form_match(one: str, other: str) -> None:
    stored = HASHER.hash(one)

    if normalise(one) == normalise(other):
        HASHER.verify(stored, other)
    else:
        refuse(stored, other)


def test_callers_above_the_bound_are_sent_away_with_a_time_to_come_back() -> None:
    gate = HashGate(1, 1, retry_after=3)
    release, holding = threading.Event(), threading.Event()

    def hold() -> None:
        holding.set()
        release.wait(10)

    threads = [threading.Thread(target=gate.run, args=(hold,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert holding.wait(10)
    # Whoever comes before the second has its place would take that place.
    deadline = time.monotonic() + 10
    while gate._taken < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    hasher = PasswordHasher(CHEAPEST, gate=gate)
    outcomes = []
    for _ in range(100):
        try:
            hasher.waste()
            outcomes.append(0)
        except ServiceUnavailable as error:
            outcomes.append(error.retry_after or 0)
            break
        finally:
            time.sleep(0.01)
    release.set()
    for thread in threads:
        thread.join(10)

    assert outcomes == [3]
    hasher.waste()


def test_never_more_hash_at_once_than_there_are_slots_under_two_hundred_callers() -> None:
    gate = HashGate(2, 20)
    lock = threading.Lock()
    running, most, done, refused = 0, 0, 0, 0

    def work() -> None:
        nonlocal running, most, done
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
            done += 1

    def ask() -> None:
        nonlocal refused
        try:
            gate.run(work)
        except ServiceUnavailable:
            with lock:
                refused += 1

    threads = [threading.Thread(target=ask) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert most == 2
    assert done + refused == 200
    assert refused > 0
    assert done >= 22


def test_a_waiter_whose_turn_comes_too_late_is_sent_away() -> None:
    gate = HashGate(1, 5, patience=0.05)
    begun = threading.Event()

    def hold() -> None:
        begun.set()
        time.sleep(0.2)

    holder = threading.Thread(target=gate.run, args=(hold,))
    holder.start()
    assert begun.wait(10)
    done: list[None] = []

    with pytest.raises(ServiceUnavailable):
        gate.run(lambda: done.append(None))

    holder.join(10)
    assert done == []
    assert gate.run(lambda: 7) == 7


def test_what_the_work_raises_is_raised_and_gives_the_slot_back() -> None:
    gate = HashGate(1, 0)

    def fail() -> None:
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            gate.run(fail)
    assert gate.run(lambda: 7) == 7


def test_an_interrupted_caller_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = HashGate(1, 0)

    def interrupt(begin: Callable[[Callable[[], None]], None]) -> None:
        begin(lambda: None)
        raise KeyboardInterrupt

    monkeypatch.setattr("gatelodge.kit.hashing.gate.wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        gate.run(lambda: 7)
    monkeypatch.undo()

    assert gate.run(lambda: 7) == 7


def test_a_gate_that_is_forgotten_lets_its_threads_end() -> None:
    gate = HashGate(2, 5)
    threads = {gate.run(threading.current_thread) for _ in range(3)}

    del gate

    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.long
def test_a_wrong_password_and_the_decoy_take_the_same_time() -> None:
    hasher = PasswordHasher(DEFAULT)
    stored = hasher.hash(PASSWORD)
    wrong: list[float] = []
    decoy: list[float] = []

    for _ in range(200):
        began = time.perf_counter()
        refuse(stored, "wrong password", hasher)
        between = time.perf_counter()
        hasher.waste("wrong password")
        wrong.append(between - began)
        decoy.append(time.perf_counter() - between)

    assert statistics.median(wrong) == pytest.approx(statistics.median(decoy), rel=0.05)
