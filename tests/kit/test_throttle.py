"""Limits let bursts through, refuse the rest, and never lock anybody out for good."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.kit import throttle
from gatelodge.kit.database import Database, Queries, open_database
from gatelodge.kit.throttle import Allowance, AskedCharge, FloodGate, read_allowance

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase
    from tests.harness.databases import Engine

NOW = 1_800_000_000_000
HOUR = 3_600_000
TEN_A_MINUTE = Allowance(limit=10, per_seconds=60)


@pytest.fixture
def database(engine: Engine, fresh_database: FreshDatabase) -> Iterator[Database]:
    database = open_database(fresh_database(engine))
    yield database
    database.close()


Charge = Callable[..., int | None]


@pytest.fixture
def charge(database: Database) -> Charge:
    def charge_row(now: int, allowance: Allowance = TEN_A_MINUTE, *, bucket: str = "b") -> int | None:
        return database.write(lambda queries: throttle.charge(queries, bucket, allowance, now=now))

    return charge_row


def charge_flood(gate: FloodGate) -> Charge:
    def charge_key(now: int, allowance: Allowance = TEN_A_MINUTE, *, bucket: str = "b") -> int | None:
        return gate.charge(bucket, allowance, now)

    return charge_key


def prove_limits(charge: Charge) -> None:
    assert [charge(NOW) for _ in range(10)] == [None] * 10
    assert charge(NOW) == 6
    assert charge(NOW + 1) == 6
    assert charge(NOW + 5_999) == 1
    assert charge(NOW + 6_000) is None
    assert charge(NOW + 6_000) == 6
    assert charge(NOW, bucket="another") is None
    assert [charge(NOW + HOUR) for _ in range(11)] == [None] * 10 + [6]


def test_a_row_lets_the_allowance_through_and_then_one_for_each_interval(charge: Charge) -> None:
    prove_limits(charge)


def test_a_flood_gate_lets_the_allowance_through_and_then_one_for_each_interval() -> None:
    prove_limits(charge_flood(FloodGate()))


def prove_step_back(charge: Charge) -> None:
    for _ in range(5):
        charge(NOW)

    back = NOW - HOUR

    assert charge(back) is not None
    # From then on it empties as ever: one after an interval, all after the whole window.
    assert charge(back + 7_000) is None
    assert charge(back + 7_000) is not None
    assert [charge(back + 7_000 + 61_000) for _ in range(11)] == [None] * 10 + [6]


def test_a_row_is_not_locked_longer_than_its_window_by_a_clock_that_steps_back(charge: Charge) -> None:
    prove_step_back(charge)


def test_a_flood_gate_is_not_locked_longer_by_a_clock_that_steps_back() -> None:
    prove_step_back(charge_flood(FloodGate()))


def test_refused_charges_cost_nothing(charge: Charge) -> None:
    for _ in range(200):
        charge(NOW)

    assert charge(NOW + 6_000) is None


def test_twenty_racers_share_one_allowance(database: Database) -> None:
    outcomes: list[int | None] = []
    allowance = Allowance(limit=5, per_seconds=60)

    def race() -> None:
        outcomes.extend(
            database.write(lambda queries: throttle.charge(queries, "b", allowance, now=NOW)) for _ in range(5)
        )

    threads = [threading.Thread(target=race) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(outcomes) == 100
    assert outcomes.count(None) == 5


def charge_both(database: Database, *, attempt: int, now: int = NOW, limit: int = 3) -> tuple[bool, bool]:
    """Charge a narrow bucket and a wide one in turn; tell which of them let it through."""
    buckets = [
        ("narrow", Allowance(limit=limit, per_seconds=60)),
        ("wide", Allowance(limit=5, per_seconds=60)),
    ]

    def write(queries: Queries) -> list[AskedCharge]:
        return throttle.ask_in_turn(queries, buckets, now=now, attempt=attempt)

    first, second = database.write(write)
    return first.judge(database.reads) is None, second.judge(database.reads) is None


def left_in(charge: Charge, bucket: str, limit: int, now: int = NOW) -> int:
    """Empty a bucket; tell how often that went."""
    return [charge(now, Allowance(limit=limit, per_seconds=60), bucket=bucket) for _ in range(limit)].count(None)


def test_a_second_bucket_is_charged_for_what_the_first_lets_through(database: Database, charge: Charge) -> None:
    outcomes = [charge_both(database, attempt=number) for number in range(1, 101)]

    assert [narrow for narrow, _ in outcomes] == [True] * 3 + [False] * 97
    assert [wide for _, wide in outcomes[:3]] == [True] * 3
    assert left_in(charge, "wide", 5) == 2


def test_a_second_bucket_that_is_empty_refuses_what_the_first_lets_through(database: Database) -> None:
    outcomes = [charge_both(database, attempt=number, limit=9) for number in range(1, 10)]

    assert outcomes == [(True, True)] * 5 + [(True, False)] * 4


def test_a_second_bucket_is_spared_a_charge_after_a_step_back_of_the_clock(database: Database, charge: Charge) -> None:
    for number in range(1, 4):
        charge_both(database, attempt=number)

    assert charge_both(database, attempt=4, now=NOW - HOUR)[0] is False
    assert left_in(charge, "wide", 5, NOW) == 2


def test_racers_charge_the_second_bucket_no_oftener_than_the_first_let_through(
    database: Database, charge: Charge
) -> None:
    numbers = itertools.count(1)
    outcomes: list[tuple[bool, bool]] = []

    def race() -> None:
        outcomes.extend(charge_both(database, attempt=next(numbers)) for _ in range(5))

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [narrow for narrow, _ in outcomes].count(True) == 3
    assert left_in(charge, "wide", 5) == 2


def test_a_cleared_bucket_is_whole_again_and_others_are_not(charge: Charge, database: Database) -> None:
    for _ in range(11):
        charge(NOW)
        charge(NOW, bucket="another")

    database.write(lambda queries: throttle.clear(queries, "b"))

    assert charge(NOW) is None
    assert charge(NOW, bucket="another") is not None


def test_sweeping_forgets_only_what_is_paid_off(charge: Charge, database: Database) -> None:
    for _ in range(11):
        charge(NOW)
    charge(NOW, bucket="another")

    assert database.write(lambda queries: throttle.sweep(queries, now=NOW + 5_999)) == 0
    assert database.write(lambda queries: throttle.sweep(queries, now=NOW + 6_000)) == 1
    assert charge(NOW) is not None


def test_a_lowered_allowance_holds_at_once(charge: Charge) -> None:
    for _ in range(10):
        charge(NOW)

    assert charge(NOW, Allowance(limit=1, per_seconds=10)) is not None
    assert charge(NOW + 11_000, Allowance(limit=1, per_seconds=10)) is None


@given(
    st.integers(1, 50),
    st.integers(1, 100),
    st.lists(st.integers(0, 20_000), max_size=60),
)
def test_no_window_lets_more_than_twice_the_allowance_through(limit: int, seconds: int, gaps: list[int]) -> None:
    """A full burst, and what refills while the window lasts: never more."""
    gate, allowance = FloodGate(), Allowance(limit=limit, per_seconds=seconds)
    passed: list[int] = []
    now = NOW
    for gap in gaps:
        now += gap
        wait = gate.charge("b", allowance, now)
        if wait is None:
            passed.append(now)
        else:
            assert 1 <= wait <= seconds
    for start in passed:
        within = [each for each in passed if start <= each < start + seconds * 1000]
        assert len(within) <= 2 * limit


@given(st.integers(1, 50), st.integers(1, 100), st.integers(0, 60))
def test_whoever_waits_as_told_gets_through(limit: int, seconds: int, extra: int) -> None:
    gate, allowance = FloodGate(), Allowance(limit=limit, per_seconds=seconds)
    wait = None
    for _ in range(limit + extra + 1):
        wait = gate.charge("b", allowance, NOW)

    assert wait is not None
    assert gate.charge("b", allowance, NOW + wait * 1000) is None


def test_a_flood_gate_counts_thousands_in_a_millisecond() -> None:
    gate, allowance = FloodGate(), Allowance(limit=300_000, per_seconds=10)
    passed = sum(gate.charge("b", allowance, NOW) is None for _ in range(300_010))

    assert passed == 300_000
    assert sum(gate.charge("b", allowance, NOW + 100) is None for _ in range(5_000)) in range(2_999, 3_002)


def test_a_flood_gate_forgets_the_least_recent_key_rather_than_grow() -> None:
    gate, once = FloodGate(most_keys=3), Allowance(limit=1, per_seconds=60)
    for key in "abc":
        gate.charge(key, once, NOW)
    assert gate.charge("a", once, NOW) is not None

    gate.charge("d", once, NOW)

    assert gate.charge("a", once, NOW) is not None
    assert gate.charge("b", once, NOW) is None


def test_a_flood_gate_counts_right_under_threads() -> None:
    gate, allowance = FloodGate(), Allowance(limit=500, per_seconds=60)
    outcomes: list[int | None] = []

    def race() -> None:
        outcomes.extend(gate.charge("b", allowance, NOW) for _ in range(1000))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert outcomes.count(None) == 500


def test_limits_are_written_as_count_and_seconds() -> None:
    assert read_allowance("10/60") == Allowance(limit=10, per_seconds=60)
    assert read_allowance("off") is None


@pytest.mark.parametrize(
    "text", ["", "10", "10/", "/60", "0/60", "10/0", "-1/60", "10/60/1", "ten/60", "1e3/60", "²/60"]
)
def test_any_other_writing_of_a_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|allowance"):
        read_allowance(text)
