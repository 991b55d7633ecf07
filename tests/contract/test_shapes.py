"""Many threads that are the first to read into one Struct."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The threads change places as often as they can, in a process of their own, since a fault here ends it.
_RACE = """
import sys, threading

import msgspec

from gatelodge.contract.reading import read_request
from gatelodge.contract.users import CreateUser

sys.setswitchinterval(1e-6)
racers = 8
start = threading.Barrier(racers)
made = []

def read() -> None:
    start.wait()
    made.append(read_request(CreateUser, {"email": "ada@example.com"}, textual=False))

threads = [threading.Thread(target=read) for _ in range(racers)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(made))
"""


@pytest.mark.parametrize("race", range(5))
def test_the_first_reads_of_a_shape_may_race(race: int) -> None:
    ran = subprocess.run([sys.executable, "-c", _RACE], capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, ran.stdout.strip()) == (0, "8"), f"race {race}: {ran.stderr}"
