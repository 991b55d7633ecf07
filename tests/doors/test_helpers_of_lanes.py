"""Who signs for a lane of green threads: threads beside it, or where no core is left for them it itself."""

from __future__ import annotations

import threading

import pytest

from gatelodge.doors.api.green import GreenLane
from gatelodge.kit.settings import Settings, choose_helpers
from gatelodge.kit.waiting import compute


def test_without_helpers_a_lane_computes_on_its_own_thread() -> None:
    lane = GreenLane("alone", waiters=8, helpers=0, deliver=lambda: None)
    threads: list[int] = []
    lane.submit(lambda: threads.extend([threading.get_ident(), compute(threading.get_ident)]))
    # What is queued is done before it closes.
    lane.close()

    assert len(threads) == 2
    assert len(set(threads)) == 1


@pytest.mark.parametrize(
    ("cores", "workers", "helpers"), [(1, 0, 0), (2, 0, 0), (2, 1, 1), (4, 0, 1), (8, 0, 2), (8, 8, 0), (2, 4, 0)]
)
def test_a_lane_has_helpers_where_its_worker_has_more_than_one_core(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, helpers: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)

    assert choose_helpers(Settings(workers=workers)) == helpers
