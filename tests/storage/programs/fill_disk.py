"""Write on a small disk of our own until it is full, then make room and write again.

Usage: unshare --mount fill_disk.py FOLDER (the mount is gone when this process is).
Prints: how many writes were acknowledged, how many refused, how many rows are there, and
the same for a second try with room.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database import Database, Queries, open_database
from gatelodge.kit.migrate import migrate

INSERT = "insert into accounts (environment_id, id, name, balance) values ('e', :id, :name, 0)"


def main() -> None:
    folder = Path(sys.argv[1])
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    database = open_database(f"sqlite:///{folder / 'small.db'}")
    migrate(database, now=1, directory=Path(sys.argv[2]))
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * 1024 * 1024)
    full = try_writes(database, "full", writes=30)
    ballast.unlink()
    roomy = try_writes(database, "roomy", writes=1)
    database.close()
    again = open_database(f"sqlite:///{folder / 'small.db'}")
    (found,) = again.reads.one("select count(*) from accounts") or (0,)
    (intact,) = again.reads.one("pragma integrity_check") or ("",)
    again.close()
    sys.stdout.write(json.dumps({"full": full, "roomy": roomy, "found": found, "intact": intact}))


def try_writes(database: Database, phase: str, *, writes: int) -> dict[str, int]:
    counts = {"acknowledged": 0, "refused": 0}
    lock = threading.Lock()

    def work(thread: int) -> None:
        for number in range(writes):
            outcome = try_write(database, f"{phase}-{thread}-{number}")
            with lock:
                counts[outcome] += 1

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (seen,) = database.reads.one("select count(*) from accounts") or (0,)
    return {**counts, "seen": seen}


def try_write(database: Database, name: str) -> str:
    def insert(queries: Queries) -> None:
        queries.run(INSERT, id=name, name=name.ljust(20_000, "x"))

    try:
        database.write(insert)
    except ServiceUnavailable:
        return "refused"
    return "acknowledged"


if __name__ == "__main__":
    main()
