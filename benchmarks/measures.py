"""What is measured: three rates against the machine's, and two tails."""

from __future__ import annotations

import contextlib
import statistics
import threading
from collections.abc import Callable, Iterator

import msgspec

from benchmarks import machine, reads, scripts
from benchmarks.conversation import Outcome, pace, write_request
from benchmarks.processes import start
from benchmarks.reads import Sample
from benchmarks.stage import PASSWORD, Stage

_CONNECTIONS = 16
_PACE = 500.0
_SIGN_INS = 200
_SLOW_CLIENTS = 400
_SPARE_SECONDS = 1.5
_START_SECONDS = 1.0
_SAMPLING_SECONDS = 0.25
_MOST_GROWTH = 256 * 1024 * 1024
_TAIL_MILLISECONDS = 20.0
_ASIDE = 3


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How long to measure."""

    rounds: int
    seconds: float
    close_rounds: int
    """Of what lies close to its target. Many: a machine that others share changes its speed within a minute, and how
    the connections of a round fall to the two workers is chance."""
    sign_in_seconds: float
    cookie_seconds: float
    users: int


class Rate(msgspec.Struct, kw_only=True):
    """A rate of Gatelodge, set against what the machine can do; the samples are in pairs."""

    name: str
    against: str
    target: float | None = None
    """The ratio to reach; None where a rate is only told."""
    gatelodge: list[Sample] = []
    machine: list[Sample] = []

    @property
    def ratio(self) -> float:
        """Give the median of the rounds' ratios."""
        pairs = zip(self.gatelodge, self.machine, strict=True)
        return statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)

    @property
    def is_met(self) -> bool:
        """Tell whether the target is reached."""
        return self.target is None or self.ratio >= self.target


class Tail(msgspec.Struct, kw_only=True):
    """The slowest hundredth of reads while others press on the server, in milliseconds."""

    name: str
    target: float = _TAIL_MILLISECONDS
    samples: list[Sample] = []
    faults: list[str] = []
    told: dict[str, float] = {}

    @property
    def p99(self) -> float:
        """Give the median of the rounds."""
        return statistics.median(sample.p99 for sample in self.samples)

    @property
    def is_met(self) -> bool:
        """Tell whether the target is kept, and nothing else went wrong."""
        return self.p99 < self.target and not self.faults


def middle(samples: list[Sample]) -> Sample:
    """Give the medians of some samples."""
    return Sample(
        rate=statistics.median(sample.rate for sample in samples),
        p50=statistics.median(sample.p50 for sample in samples),
        p99=statistics.median(sample.p99 for sample in samples),
    )


def measure_reads(stage: Stage, plan: Plan) -> Rate:
    """Get a user, the API key checked, against the same door bare."""
    rate = Rate(name="get user", against="the same door bare, one read by key", target=0.5)

    def ours() -> Sample:
        key = stage.account.secret
        return reads.load(stage.user_url, key=key, seconds=plan.seconds, connections=_CONNECTIONS)

    def theirs() -> Sample:
        return reads.load(stage.bare_url, seconds=plan.seconds, connections=_CONNECTIONS)

    return alternate(rate, ours, theirs, rounds=plan.rounds)


def measure_sign_ins(stage: Stage, plan: Plan) -> tuple[list[Rate], list[str]]:
    """Sign in with a password, against argon2id alone; give the refresh tokens as well.

    argon2id is taken by argon2-cffi, and by the library that Gatelodge hashes with.
    """
    rate = Rate(name="password sign-in", against="argon2id by argon2-cffi alone, one thread a core", target=0.9)
    told = Rate(name="password sign-in, own argon2id", against="argon2id by libsodium alone, one thread a core")
    kept: list[str] = []

    def ours() -> Sample:
        outcome, tokens = start(
            scripts.sign_in,
            stage.server.port,
            stage.account,
            emails=stage.emails,
            password=PASSWORD,
            connections=_CONNECTIONS,
            seconds=plan.sign_in_seconds,
        ).result()
        kept.extend(tokens)
        return _sample(outcome)

    def theirs() -> Sample:
        return _hash(plan, own=False)

    def aside() -> None:
        told.machine.append(_hash(plan, own=True))

    alternate(rate, ours, theirs, rounds=plan.close_rounds, aside=aside)
    told.gatelodge = rate.gatelodge[::_ASIDE]
    return [rate, told], kept


def _hash(plan: Plan, *, own: bool) -> Sample:
    hashes = start(machine.hash_rate, plan.sign_in_seconds, own=own).result()
    return Sample(rate=hashes, p50=0.0, p99=0.0)


def measure_refreshes(stage: Stage, plan: Plan, tokens: list[str]) -> Rate:
    """Refresh sessions, against one durable commit and one signature behind the bare door."""
    rate = Rate(name="refresh", against="one durable commit and one RS256 signature", target=0.5)
    live = tokens
    request = write_request("POST", "/", body=msgspec.json.encode({"refresh_token": tokens[0]}))

    def ours() -> Sample:
        nonlocal live
        outcome, live = start(
            scripts.refresh,
            stage.server.port,
            stage.account,
            tokens=live,
            connections=_CONNECTIONS,
            seconds=plan.seconds,
        ).result()
        return _sample(outcome)

    def theirs() -> Sample:
        running = start(scripts.repeat, stage.bare_port, request, connections=_CONNECTIONS, seconds=plan.seconds)
        return _sample(running.result())

    return alternate(rate, ours, theirs, rounds=plan.close_rounds)


def measure_tail_beside_sign_ins(stage: Stage, plan: Plan) -> Tail:
    """Get a user while two hundred sign in at once; each gets a session or a clean refusal."""
    tail = Tail(name=f"get user, {_SIGN_INS} sign-ins in parallel")
    seconds = plan.rounds * (plan.seconds + _START_SECONDS) + 2 * _SPARE_SECONDS
    with _watch_memory(stage) as sizes:
        flood = start(
            scripts.sign_in,
            stage.server.port,
            stage.account,
            emails=stage.emails,
            password=PASSWORD,
            connections=_SIGN_INS,
            seconds=seconds,
        )
        _read_meanwhile(stage, plan, tail)
        outcome, _ = flood.result()
    growth = max(sizes) - sizes[0]
    tail.faults = _find_faults(outcome, growth)
    tail.told = {
        "sign_ins": outcome.statuses.get(200, 0),
        "sign_ins_a_second": round(outcome.rate, 1),
        "refused": outcome.statuses.get(429, 0) + outcome.statuses.get(503, 0),
        "sign_in_p99_ms": round(outcome.percentile(99)),
        "memory_growth_mib": round(growth / 2**20, 1),
    }
    return tail


def measure_tail_beside_slow_clients(stage: Stage, plan: Plan) -> Tail:
    """Get a user while four hundred clients trickle their bodies, a byte a second."""
    tail = Tail(name=f"get user, {_SLOW_CLIENTS} clients trickle their body")
    seconds = plan.rounds * (plan.seconds + _START_SECONDS) + 2 * _SPARE_SECONDS
    slow = start(scripts.trickle, stage.server.port, connections=_SLOW_CLIENTS, seconds=seconds)
    _read_meanwhile(stage, plan, tail)
    tail.told = {"begun_again": slow.result()}
    return tail


def alternate(
    rate: Rate,
    ours: Callable[[], Sample],
    theirs: Callable[[], Sample],
    *,
    rounds: int,
    aside: Callable[[], None] = lambda: None,
) -> Rate:
    """Measure both in turn, each as often the first of its pair; the first of all is thrown away.

    `aside` measures something else in every third round, and never between the two.
    """
    ours()
    theirs()
    for number in range(rounds):
        if number % _ASIDE == 0:
            aside()
        if number % 2:
            rate.machine.append(theirs())
            rate.gatelodge.append(ours())
        else:
            rate.gatelodge.append(ours())
            rate.machine.append(theirs())
    return rate


def _read_meanwhile(stage: Stage, plan: Plan, tail: Tail) -> None:
    threading.Event().wait(_SPARE_SECONDS)
    path = f"/user_management/users/{stage.user_id}"
    request = write_request("GET", path, headers={"Authorization": f"Bearer {stage.account.secret}"})
    for _ in range(plan.rounds):
        running = start(pace, stage.server.port, request, rate=_PACE, connections=_CONNECTIONS, seconds=plan.seconds)
        tail.samples.append(_sample(running.result()))


@contextlib.contextmanager
def _watch_memory(stage: Stage) -> Iterator[list[int]]:
    # The processes are looked for once: a search of all that run, many times a second, would take
    # the very time whose lack is measured.
    processes = stage.list_processes()

    def weigh() -> int:
        return sum(process.memory_info().rss for process in processes)

    sizes = [weigh()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_SAMPLING_SECONDS):
            sizes.append(weigh())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield sizes
    finally:
        done.set()
        thread.join()


def _find_faults(outcome: Outcome, growth: int) -> list[str]:
    faults = [f"{count} sign-ins got {status}" for status, count in outcome.statuses.items() if status not in _CLEAN]
    if outcome.unanswered:
        faults.append(f"{outcome.unanswered} sign-ins got no answer")
    if outcome.without_retry_after:
        faults.append(f"{outcome.without_retry_after} refusals had no Retry-After")
    if growth > _MOST_GROWTH:
        faults.append(f"memory grew by {growth / 2**20:.0f} MiB")
    return faults


_CLEAN = frozenset({200, 429, 503})


def _sample(outcome: Outcome) -> Sample:
    bad = {status: count for status, count in outcome.statuses.items() if status != 200}
    if bad or outcome.unanswered:
        raise reads.LoadFailed(f"answers by status: {bad}, unanswered: {outcome.unanswered}")
    return Sample(rate=outcome.rate, p50=outcome.percentile(50), p99=outcome.percentile(99))
