"""SQLite under several processes, kill -9, forks, exits and full disks."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gatelodge.contract.errors import ServiceUnavailable
from tests.harness.unavailable import Unavailable, bring
from tests.storage.conftest import OPEN_ACCOUNT, Opener
from tests.storage.processes import PROGRAMS, finish, start


def rows(url: str, opened: Opener) -> set[str]:
    database = opened(url)
    found = {name for (name,) in database.reads.all("select id from accounts")}
    assert database.reads.one("pragma integrity_check") == ("ok",)
    database.close()
    return found


def acknowledged(printed: str) -> dict[str, float]:
    return {name: float(waited) for name, waited in (line.split() for line in printed.splitlines())}


def test_two_processes_lose_nothing_and_neither_starves(sqlite_url: str, opened: Opener) -> None:
    processes = [start("write_accounts", sqlite_url, 16, 25) for _ in range(2)]

    answers = [acknowledged(finish(process)) for process in processes]

    assert [len(answer) for answer in answers] == [400, 400]
    found = rows(sqlite_url, opened)
    for answer in answers:
        assert answer.keys() <= found
        assert {f"{name}-twin" for name in answer} <= found
    assert len(found) == 1600
    # Far above what turns cost, far below what starving does.
    assert max(max(answer.values()) for answer in answers) < 2


@pytest.mark.parametrize("round_number", range(6))
def test_after_kill_9_every_acknowledged_write_is_there(round_number: int, sqlite_url: str, opened: Opener) -> None:
    process = start("write_accounts", sqlite_url, 8, 100_000)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(0.05 + 0.06 * round_number)

    process.send_signal(signal.SIGKILL)
    printed, _ = process.communicate(timeout=10)

    answers = acknowledged(first + printed)
    found = rows(sqlite_url, opened)
    assert len(answers) > 10
    assert answers.keys() <= found
    # Both rows of a write are there, or neither.
    assert {name.removesuffix("-twin") for name in found} == {name for name in found if not name.endswith("-twin")}
    assert len(found) % 2 == 0


@pytest.mark.long
@pytest.mark.parametrize("round_number", range(40))
def test_after_many_kills_every_acknowledged_write_is_there(round_number: int, sqlite_url: str, opened: Opener) -> None:
    survivors = start("write_accounts", sqlite_url, 4, 60)
    victim = start("write_accounts", sqlite_url, 8, 100_000)
    assert victim.stdout is not None
    first = victim.stdout.readline()
    time.sleep(0.02 * round_number)
    victim.send_signal(signal.SIGKILL)
    printed, _ = victim.communicate(timeout=10)

    found = rows(sqlite_url, opened)
    kept = acknowledged(finish(survivors))

    assert acknowledged(first + printed).keys() <= found
    assert kept.keys() <= rows(sqlite_url, opened)
    assert len(kept) == 240


def test_a_lock_that_another_process_keeps_is_waited_for_a_bounded_time(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url, patience=0.3)
    holder = os.open(f"{sqlite_url.removeprefix('sqlite:///')}-lock", os.O_RDWR)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            database.write(lambda queries: queries.run(OPEN_ACCOUNT, environment_id="e", id="a", balance=0))
        assert 0.2 < time.monotonic() - began < 2
    finally:
        os.close(holder)

    assert database.write(lambda queries: queries.run(OPEN_ACCOUNT, environment_id="e", id="a", balance=0)) == 1


def test_the_lock_of_a_killed_process_is_free_at_once(sqlite_url: str, opened: Opener) -> None:
    process = start("fork", sqlite_url, "die")
    process.wait(10)
    assert process.returncode == -signal.SIGKILL

    # A forked child of the killed process is still alive; it must not have kept the lock.
    database = opened(sqlite_url, patience=1)
    began = time.monotonic()
    assert database.write(lambda queries: queries.run(OPEN_ACCOUNT, environment_id="e", id="a", balance=0)) == 1
    assert time.monotonic() - began < 1
    assert database.reads.all("select id from accounts") == [("a",)]
    assert process.stdout is not None
    process.stdout.close()


def test_an_interpreter_that_exits_neither_hangs_nor_loses_an_acknowledged_write(
    sqlite_url: str, opened: Opener
) -> None:
    began = time.monotonic()

    answers = acknowledged(finish(start("exit_without_closing", sqlite_url), within=15))

    assert time.monotonic() - began < 10
    assert len(answers) > 10
    assert answers.keys() <= rows(sqlite_url, opened)


def test_a_forked_child_is_refused_and_may_open_its_own(sqlite_url: str, opened: Opener) -> None:
    printed = finish(start("fork", sqlite_url), within=30).splitlines()

    assert printed == ["child 2", "parent 0 2"]
    assert rows(sqlite_url, opened) == {"child", "after"}


def test_a_full_disk_refuses_writes_keeps_what_was_acknowledged_and_recovers(tmp_path: Path, directory: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()

    done = subprocess.run(
        [*bring(own_mounts), sys.executable, str(PROGRAMS / "fill_disk.py"), str(folder), str(directory)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    full, roomy = outcome["full"], outcome["roomy"]
    assert full["acknowledged"] > 0
    assert full["refused"] > 0
    assert full["seen"] == full["acknowledged"]
    assert roomy == {"acknowledged": 8, "refused": 0, "seen": full["seen"] + 8}
    assert outcome["found"] == roomy["seen"]
    assert outcome["intact"] == "ok"


def own_mounts() -> list[str]:
    """Give the command that lets a process mount a small disk which nobody else sees."""
    if shutil.which("unshare"):
        for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
            if (
                subprocess.run(
                    [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
                ).returncode
                == 0
            ):
                return command
    raise Unavailable("A full disk: this machine lets no process mount a disk of its own; run as root")


def test_a_write_that_the_kernel_refuses_leaves_nothing_and_the_next_works(sqlite_url: str, opened: Opener) -> None:
    outcome = json.loads(finish(start("hit_size_limit", sqlite_url)))

    kept = [name for name in [*outcome["limited"], *outcome["free"]] if name]
    assert outcome["limited"].count(None) > 0
    assert None not in outcome["free"]
    assert sorted(kept) == outcome["rows"]
    assert rows(sqlite_url, opened) == set(kept)
