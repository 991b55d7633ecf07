"""Leave a database open, with writers at work, and let the interpreter exit.

Usage: exit_without_closing.py URL
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time

from gatelodge.kit.database import Database, open_database

INSERT = "insert into accounts (environment_id, id, name, balance) values ('e', :id, :id, 0)"


def main() -> None:
    database = open_database(sys.argv[1])
    for number in range(4):
        threading.Thread(target=write_on, args=(database, number), daemon=True).start()
    time.sleep(0.3)


def write_on(database: Database, thread: int) -> None:
    for number in itertools.count():
        name = f"{thread}-{number}"
        database.write(lambda queries, name=name: queries.run(INSERT, id=name))  # type: ignore[misc]
        os.write(1, f"{name} 0\n".encode())


if __name__ == "__main__":
    main()
