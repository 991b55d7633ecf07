"""Limits that let bursts through: GCRA, in memory for floods and in rows for attempts.

A bucket holds one instant, `tat`, at which all that was charged to it will have been paid
off. A charge moves it one interval ahead; one that would move it further than the whole
allowance from now is refused and costs nothing. So `limit` charges pass at once, and one
more for each interval thereafter.

A clock that steps back leaves buckets that are paid off in the far future. They count as
full, and from then on empty at the usual rate: nobody waits longer than `per_seconds`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatelodge.kit.database import Queries, Queued

_OFF = "off"
_MOST_KEYS = 100_000
_MS_IN_NS = 1_000_000
_SECOND_IN_MS = 1000
_SECOND_IN_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many charges in so many seconds."""

    limit: int
    per_seconds: int

    def __post_init__(self) -> None:
        if self.limit < 1 or self.per_seconds < 1:
            raise ValueError("an allowance is at least one charge in a second or more")


def read_allowance(text: str) -> Allowance | None:
    """Read `count/seconds`, or None from `off`.

    Raises:
        ValueError: It is neither.
    """
    if text == _OFF:
        return None
    limit, _, seconds = text.partition("/")
    if not (_is_count(limit) and _is_count(seconds)):
        raise ValueError(f"a limit is written as count/seconds or {_OFF}, not {text!r}")
    return Allowance(limit=int(limit), per_seconds=int(seconds))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


class FloodGate:
    """Buckets of this process alone: fast, and forgotten when it ends.

    Safe to share between threads. It keeps `most_keys` buckets; beyond that it forgets
    the one that was charged least recently.
    """

    def __init__(self, most_keys: int = _MOST_KEYS) -> None:
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def charge(self, key: str, allowance: Allowance, now_ms: int) -> int | None:
        """Charge once; give None, or the whole seconds after which to try again."""
        now = now_ms * _MS_IN_NS
        # Nanoseconds: a flood limit may pass thousands in a millisecond.
        interval = max(1, allowance.per_seconds * _SECOND_IN_NS // allowance.limit)
        window = interval * allowance.limit
        with self._lock:
            paid_off = min(max(self._buckets.get(key, now), now), now + window)
            excess = paid_off + interval - now - window
            self._buckets[key] = paid_off if excess > 0 else paid_off + interval
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._most_keys:
                self._buckets.popitem(last=False)
        return _round_up(excess, _SECOND_IN_NS) if excess > 0 else None


class Charge:
    """One charge at an instant, in SQL, to a bucket that is any column of any table.

    One statement judges and charges, so racers pay each for themselves: it sets the column
    to `charged`, where `may_charge` holds, with the `parameters` of the charge.
    """

    __slots__ = ("_ceiling", "_interval", "parameters")

    def __init__(self, allowance: Allowance, *, now: int) -> None:
        """Take the allowance of the bucket; `now` is in milliseconds."""
        self._interval = _round_up(allowance.per_seconds * _SECOND_IN_MS, allowance.limit)
        self._ceiling = now + self._interval * allowance.limit
        self.parameters: dict[str, int] = {
            "charged_at": now,
            "interval": self._interval,
            "fresh": now + self._interval,
            "latest": self._ceiling - self._interval,
            "ceiling": self._ceiling,
            # A bucket that counts as full after a step back of the clock stands a millisecond above.
            "overfull": self._ceiling + 1,
        }

    def passed(self, tat: int) -> bool:
        """Tell whether the charge that left the bucket at this instant was let through."""
        return tat <= self._ceiling

    def wait(self, tat: int | None) -> int:
        """Give the whole seconds after which to try again, at a bucket that stands here; None is full."""
        paid_off = self._ceiling if tat is None else min(tat, self._ceiling + 1)
        return max(1, _round_up(paid_off + self._interval - self._ceiling, _SECOND_IN_MS))


def charged(column: str) -> str:
    """Write what a charge makes of a column."""
    return (
        f"case when {column} > :ceiling then :overfull"
        f" when {column} > :charged_at then {column} + :interval else :fresh end"
    )


def has_room(column: str) -> str:
    """Write the condition under which a charge passes."""
    return f"{column} <= :latest"


def may_charge(column: str) -> str:
    """Write the condition under which a charge changes a column; one that passes, or one after a step back."""
    return f"({has_room(column)} or {column} > :ceiling)"


_CHARGE_ON_CONFLICT = f"""
    on conflict (bucket) do update set tat = {charged("throttles.tat")},
      attempt = case when {has_room("throttles.tat")} then excluded.attempt end
     where {may_charge("throttles.tat")}
    returning tat
    """
_CHARGE = f"""
    insert into throttles (bucket, tat, attempt) values (:bucket, :fresh, :attempt)
    {_CHARGE_ON_CONFLICT}
    """  # noqa: S608  # joined from constants
_CHARGE_AFTER = f"""
    insert into throttles (bucket, tat, attempt)
    select :bucket, :fresh, first.attempt from throttles as first
     where first.bucket = :first and first.attempt = :attempt
    {_CHARGE_ON_CONFLICT}
    """  # noqa: S608  # joined from constants


def charge(queries: Queries, bucket: str, allowance: Allowance, *, now: int) -> int | None:
    """Charge a bucket that all processes share; give None, or whole seconds to wait.

    `now` is in milliseconds. `bucket` is a keyed hash: the table names nobody. Do this in a
    write of its own, before the attempt is judged.
    """
    return ask_charge(queries, bucket, allowance, now=now).judge(queries)


def ask_charge(queries: Queries, bucket: str, allowance: Allowance, *, now: int) -> AskedCharge:
    """Charge a bucket like `charge`, and learn later what came of it."""
    asked = Charge(allowance, now=now)
    charged = queries.queue(_CHARGE, bucket=bucket, attempt=None, **asked.parameters)
    return AskedCharge(asked, bucket, charged=charged)


def ask_in_turn(
    queries: Queries, buckets: Iterable[tuple[str, Allowance]], *, now: int, attempt: int
) -> list[AskedCharge]:
    """Charge buckets one after the other, each where the one before has let the attempt through.

    No answer is waited for. `attempt` is a random number of 63 bits, by which a bucket is found to have let
    it through. Judge them in their order: behind one that refuses, what they say is without meaning.
    """
    asked: list[AskedCharge] = []
    first: str | None = None
    for bucket, allowance in buckets:
        charge = Charge(allowance, now=now)
        parameters = {"bucket": bucket, "attempt": attempt, **charge.parameters}
        if first is None:
            charged = queries.queue(_CHARGE, **parameters)
        else:
            charged = queries.queue(_CHARGE_AFTER, first=first, **parameters)
        asked.append(AskedCharge(charge, bucket, charged=charged))
        first = bucket
    return asked


class AskedCharge:
    """A charge that is under way."""

    __slots__ = ("_charge", "_charged", "bucket")

    def __init__(self, charge: Charge, bucket: str, *, charged: Queued) -> None:
        """Take the charge and the statement that makes it."""
        self._charge = charge
        self.bucket: str = bucket
        self._charged = charged

    def judge(self, queries: Queries) -> int | None:
        """Give None, or whole seconds to wait."""
        row = self._charged.one()
        if row is None:
            row = queries.one("select tat from throttles where bucket = :bucket", bucket=self.bucket)
        elif self._charge.passed(row[0]):
            return None
        return self._charge.wait(row[0] if row else None)


def refund(queries: Queries, bucket: str, allowance: Allowance, *, now: int) -> None:
    """Give back one charge; a bucket that is paid off has nothing to give."""
    interval = _round_up(allowance.per_seconds * _SECOND_IN_MS, allowance.limit)
    queries.run(
        "update throttles set tat = tat - :interval where bucket = :bucket and tat > :now",
        bucket=bucket,
        interval=interval,
        now=now,
    )


def clear(queries: Queries, bucket: str) -> None:
    """Forget what was charged to a bucket."""
    queries.queue("delete from throttles where bucket = :bucket", bucket=bucket)


def clear_all(queries: Queries) -> None:
    """Forget all that was charged."""
    queries.run("delete from throttles")


def sweep(queries: Queries, *, now: int, limit: int = 500) -> int:
    """Delete the buckets that are paid off; give how many. `now` is in milliseconds."""
    return queries.run(
        """
        delete from throttles where bucket in (select bucket from throttles where tat <= :now limit :limit)
           and tat <= :now
        """,
        now=now,
        limit=limit,
    )


def _round_up(amount: int, unit: int) -> int:
    return -(-amount // unit)
