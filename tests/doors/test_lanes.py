"""What waits where: a lane of green threads, and which requests get there."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from greenlet import getcurrent, greenlet

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.api.green import GreenLane
from gatelodge.doors.api.lanes import ThreadLane
from gatelodge.features.authentication.api import ROUTES
from gatelodge.kit.route import Lane, LaneFull
from gatelodge.kit.waiting import compute, wait

_PATIENCE = 10.0


class _Panic(BaseException):
    """What code in Rust raises when it finds itself broken, which is no `Exception`."""


class _Deliveries:
    """Counts how often answers were delivered, and how many there were then."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.sizes: list[int] = []

    def deliver(self) -> None:
        self.sizes.append(len(self.answers))
        self.answers.clear()


@pytest.fixture
def lane() -> Iterator[GreenLane]:
    lane = GreenLane("test", waiters=8, helpers=2, deliver=lambda: None)
    yield lane
    lane.close()


@pytest.fixture
def deliveries() -> _Deliveries:
    return _Deliveries()


@pytest.fixture
def wide(deliveries: _Deliveries) -> Iterator[GreenLane]:
    lane = GreenLane("wide", waiters=200, helpers=2, deliver=deliveries.deliver)
    yield lane
    lane.close()


def run(lane: GreenLane, *works: Callable[[], None]) -> None:
    """Run works on a lane, and wait until all are done."""
    done = threading.Barrier(2)

    def last() -> None:
        # The lane's one thread waits with this test, so nothing of the others is left.
        done.wait(_PATIENCE)

    for work in works:
        lane.submit(work)
    lane.submit(last)
    done.wait(_PATIENCE)


def test_one_that_waits_leaves_the_thread_to_the_others(lane: GreenLane) -> None:
    seen: list[str] = []
    overs: list[Callable[[], None]] = []
    ended = threading.Event()

    def slow() -> None:
        seen.append("slow begins")
        wait(overs.append)
        seen.append("slow ends")
        ended.set()

    run(lane, slow, lambda: seen.append("quick"))
    assert seen == ["slow begins", "quick"]

    # From another thread, as the writer does.
    overs[0]()
    assert ended.wait(_PATIENCE)
    assert seen == ["slow begins", "quick", "slow ends"]


def test_what_is_over_at_once_is_not_missed(lane: GreenLane) -> None:
    seen: list[str] = []
    run(lane, lambda: wait(lambda over: over()), lambda: seen.append("next"))

    assert seen == ["next"]


def test_what_has_begun_goes_on_before_others_begin(lane: GreenLane) -> None:
    seen: list[str] = []
    holding, release = threading.Event(), threading.Event()

    def begun() -> None:
        wait(lambda over: over())
        seen.append("begun")

    def hold() -> None:
        holding.set()
        assert release.wait(_PATIENCE)

    # While the thread is held up, one that has begun and one that has not come after each other.
    lane.submit(begun)
    lane.submit(hold)
    assert holding.wait(_PATIENCE)
    lane.submit(begun)
    for number in range(3):
        lane.submit(partial(seen.append, f"new {number}"))
    release.set()
    run(lane)

    assert seen == ["begun", "begun", "new 0", "new 1", "new 2"]


def test_all_run_on_one_thread_and_compute_beside_it(lane: GreenLane) -> None:
    threads: list[tuple[int, int]] = []
    done = threading.Semaphore(0)

    def work() -> None:
        threads.append((threading.get_ident(), compute(threading.get_ident)))
        done.release()

    for _ in range(4):
        lane.submit(work)
    for _ in range(4):
        assert done.acquire(timeout=_PATIENCE)

    assert len(threads) == 4
    assert len({here for here, _ in threads}) == 1
    here = threads[0][0]
    assert all(beside != here for _, beside in threads)
    assert threading.get_ident() not in {here, *(beside for _, beside in threads)}


def test_a_computation_that_fails_raises_where_it_is_waited_for(lane: GreenLane) -> None:
    failed: list[str] = []
    over = threading.Event()

    def divide() -> float:
        return 1 / 0

    def work() -> None:
        try:
            compute(divide)
        except ZeroDivisionError as error:
            failed.append(str(error))
        over.set()

    lane.submit(work)
    assert over.wait(_PATIENCE)
    assert failed == ["division by zero"]


def test_what_cannot_be_begun_is_not_waited_for(lane: GreenLane) -> None:
    refused: list[str] = []

    def begin(_: Callable[[], None]) -> None:
        raise ServiceUnavailable

    def work() -> None:
        try:
            wait(begin)
        except ServiceUnavailable as error:
            refused.append(error.code)

    run(lane, work)
    assert refused == ["service_unavailable"]


def test_one_that_fails_is_told_of_and_harms_no_other(lane: GreenLane, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args.exc_type))
    seen: list[str] = []

    def fail() -> None:
        compute(lambda: None)
        raise LookupError

    def fail_at_once() -> None:
        raise KeyError

    def panic() -> None:
        raise _Panic

    for _ in range(8):
        run(lane, fail_at_once, lambda: seen.append("other"))
    lane.submit(panic)
    lane.submit(fail)
    lane.close()

    assert told == [KeyError] * 8 + [_Panic, LookupError]
    assert seen == ["other"] * 8


def test_a_full_lane_takes_no_more_until_one_is_answered(lane: GreenLane) -> None:
    overs: list[Callable[[], None]] = []
    begun = threading.Semaphore(0)

    def work() -> None:
        def begin(over: Callable[[], None]) -> None:
            overs.append(over)
            begun.release()

        wait(begin)

    for _ in range(8):
        lane.submit(work)
    for _ in range(8):
        assert begun.acquire(timeout=_PATIENCE)
    with pytest.raises(LaneFull):
        lane.submit(work)

    overs[3]()
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            lane.submit(work)
            break
        except LaneFull:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert begun.acquire(timeout=_PATIENCE)
    for over in [*overs[:3], *overs[4:]]:
        over()


def test_closing_answers_what_waits(lane: GreenLane) -> None:
    overs: list[Callable[[], None]] = []
    ended: list[int] = []

    def work() -> None:
        wait(overs.append)
        ended.append(compute(lambda: 1))

    run(lane, work, work)
    closing = threading.Thread(target=lane.close)
    closing.start()
    for over in overs:
        over()
    closing.join(_PATIENCE)

    assert not closing.is_alive()
    assert ended == [1, 1]


def test_a_green_thread_serves_one_request_after_the_other(lane: GreenLane) -> None:
    seen: list[greenlet] = []
    for _ in range(10):
        run(lane, lambda: seen.append(getcurrent()))

    # `run` itself submits one more each time, which finds the same one idle.
    assert len(seen) == 10
    assert len(set(seen)) == 1


def test_an_idle_green_thread_holds_nothing_of_the_request(lane: GreenLane) -> None:
    class Request:
        pass

    def submit() -> weakref.ref[Request]:
        request = Request()
        lane.submit(lambda: compute(lambda: seen.append(id(request))))
        return weakref.ref(request)

    seen: list[int] = []
    held = submit()
    deadline = time.monotonic() + _PATIENCE
    while held() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(seen) == 1


def test_more_at_once_than_are_kept_idle(wide: GreenLane) -> None:
    for _ in range(2):
        overs: list[Callable[[], None]] = []
        ended = threading.Semaphore(0)

        def work(overs: list[Callable[[], None]] = overs, ended: threading.Semaphore = ended) -> None:
            wait(overs.append)
            ended.release()

        run(wide, *[work] * 150)
        for over in overs:
            over()
        for _ in range(150):
            assert ended.acquire(timeout=_PATIENCE)


def test_green_threads_end_with_their_lane() -> None:
    lane = GreenLane("ending", waiters=8, helpers=2, deliver=lambda: None)
    run(lane, *[lambda: compute(lambda: None)] * 5)
    held = weakref.ref(lane)

    lane.close()
    del lane
    gc.collect()

    # An idle one that did not end would hold its frames, and those the lane.
    assert held() is None


def test_what_goes_on_together_is_delivered_together(wide: GreenLane, deliveries: _Deliveries) -> None:
    overs: list[Callable[[], None]] = []

    def work() -> None:
        wait(overs.append)
        deliveries.answers.append(1)

    def go_on(count: int) -> None:
        for over in overs[:count]:
            over()
        del overs[:count]

    run(wide, *[work] * 50)
    deliveries.sizes.clear()
    # On the lane's own thread, so that all can go on when it looks next.
    run(wide, partial(go_on, 5))
    run(wide, partial(go_on, 45))
    run(wide)

    delivered = [size for size in deliveries.sizes if size]
    assert sum(delivered) == 50
    assert delivered[0] == 5
    # Many are not kept waiting for the last of them.
    assert max(delivered[1:]) == 16


def test_what_cannot_be_delivered_ends_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args.exc_type))
    done = threading.Semaphore(0)

    def fail() -> None:
        raise _Panic

    lanes = (
        GreenLane("green", waiters=8, helpers=2, deliver=fail),
        ThreadLane("thread", threads=1, waiters=8, deliver=fail),
    )
    for lane in lanes:
        for work in (done.release, fail, done.release):
            lane.submit(work)
            assert work is fail or done.acquire(timeout=_PATIENCE)
        lane.close()

    assert set(told) == {_Panic}


def test_elsewhere_it_just_waits() -> None:
    timer: list[threading.Timer] = []

    def begin(over: Callable[[], None]) -> None:
        timer.append(threading.Timer(0.01, over))
        timer[0].start()

    wait(begin)
    timer[0].join(_PATIENCE)
    assert compute(threading.get_ident) == threading.get_ident()


@pytest.mark.parametrize(
    ("body", "lane"),
    [
        (b'{"grant_type": "refresh_token", "refresh_token": "x"}', Lane.REFRESH),
        (b'{"refresh_token": "x", "client_id": "c", "grant_type": "refresh_token", "x": [1, {}]}', Lane.REFRESH),
        (b'{"grant_type": "password", "refresh_token": "x"}', Lane.HASH),
        (b'{"grant_type": "refresh_token", "refresh_token": "x", "password": "y"}', Lane.HASH),
        (b'{"grant_type": "pass\\u0077ord", "refresh_token": "x"}', Lane.HASH),
        (b'{"grant_type": "authorization_code", "code": "x", "refresh_token": "y"}', None),
        (b'{"a": "&grant_type=authorization_code&code=x&b=", "grant_type": "refresh_token"}', None),
        pytest.param(b'{"grant_type": "refresh_token", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", None, id="deep"),
        (b'{"grant_type": "refresh_token", "grant_type": "authorization_code", "refresh_token": "x"}', None),
        (b'{"grant_type": ["refresh_token"]}', None),
        (b'{"grant_type": "refresh_token"', None),
        (b'["refresh_token"]', None),
        (b"grant_type=refresh_token&refresh_token=x", None),
        (b"\xff\xferefresh_token", None),
        (b'{"grant_type": "\xffrefresh_token"}', None),
        (b"", None),
    ],
)
def test_only_what_is_surely_a_refresh_is_on_the_lane_of_refreshes(body: bytes, lane: Lane | None) -> None:
    (route,) = ROUTES
    assert route.choose_lane is not None
    assert route.choose_lane(body) is lane
