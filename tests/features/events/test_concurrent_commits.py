"""A consumer that polls while several processes commit reads every event exactly once (row 130)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from gatelodge.features.events import actions as events
from tests.harness.inprocess import ENVIRONMENT, House

PROGRAM = Path(__file__).parent / "programs" / "make_users.py"
PROCESSES = 3
USERS = 60


def test_a_cursor_skips_nothing_while_processes_commit_at_once(house: House, furnished_database: str) -> None:
    command = [sys.executable, str(PROGRAM), furnished_database, str(USERS)]
    makers = [
        subprocess.Popen([*command, f"maker{number}"], cwd=Path(__file__).parents[3]) for number in range(PROCESSES)
    ]
    read: list[str] = []
    emails: list[str] = []

    def poll() -> int:
        query = {"limit": 7, "events": "user.created"} | ({"after": read[-1]} if read else {})
        page = house.get("/events", **query).json["data"]
        read.extend(event["id"] for event in page)
        emails.extend(event["data"]["email"] for event in page)
        return len(page)

    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and any(maker.poll() is None for maker in makers):
        poll()
    assert [maker.wait(timeout=1) for maker in makers] == [0] * PROCESSES
    while poll():
        pass

    assert sorted(emails) == sorted(
        f"maker{number}-{user}@example.com" for number in range(PROCESSES) for user in range(USERS)
    )
    assert len(set(read)) == len(read)
    again = [event["id"] for event in house.get("/events", limit=100, events="user.created").json["data"]]
    assert again == read[:100]


def test_several_sequencers_at_once_give_every_event_one_position(house: House, furnished_database: str) -> None:
    others = [House(furnished_database, limits=False) for _ in range(2)]
    for number in range(40):
        house.create_user(f"user{number}@example.com")

    threads = [
        threading.Thread(target=events.place_events, args=(one.unit(), ENVIRONMENT))
        for one in (house, *others)
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()

    rows = house.runtime.database.reads.all("select position from events order by position")
    assert [row[0] for row in rows] == list(range(1, 41))
