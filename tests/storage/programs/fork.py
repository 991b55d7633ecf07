"""Fork with an open database: the child must be refused, and must keep no lock of the parent's.

Usage: fork.py URL
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from gatelodge.kit.database import Database, Queries, UsedAfterFork, open_database

INSERT = "insert into accounts (environment_id, id, name, balance) values ('e', :id, :id, 0)"


def main() -> None:
    database = open_database(sys.argv[1])
    database.reads.all("select id from accounts")

    child = os.fork()
    if child == 0:
        report(database)
    _, status = os.waitpid(child, 0)
    database.write(lambda queries: queries.run(INSERT, id="after"))
    total = len(database.reads.all("select id from accounts"))
    sys.stdout.write(f"parent {os.waitstatus_to_exitcode(status)} {total}\n")
    database.close()


def report(database: Database) -> None:
    refused = 0
    try:
        database.reads.all("select 1")
    except UsedAfterFork:
        refused += 1
    try:
        database.write(lambda queries: queries.all("select 1"))
    except UsedAfterFork:
        refused += 1
    sys.stdout.write(f"child {refused}\n")
    sys.stdout.flush()
    database.close()
    with Path(sys.argv[1].removeprefix("sqlite:///")).open("rb") as unrelated:
        # A grandchild must not close again what its parent has closed: the number is another file's now.
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if unrelated.read(6) == b"SQLite" else 1)
        _, status = os.waitpid(grandchild, 0)
    if status:
        os._exit(2)
    own = open_database(sys.argv[1])
    own.write(lambda queries: queries.run(INSERT, id="child"))
    own.close()
    os._exit(0)


def die_holding_the_lock(database: Database) -> None:
    """Fork and be killed while the commit lock is held; the child lives on."""

    def fork_and_die(queries: Queries) -> None:
        queries.run(INSERT, id="lost")
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)

    database.write(fork_and_die)


if __name__ == "__main__":
    if sys.argv[2:] == ["die"]:
        die_holding_the_lock(open_database(sys.argv[1]))
    main()
