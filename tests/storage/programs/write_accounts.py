"""Write accounts from many threads; name each on standard output once it is acknowledged.

Usage: write_accounts.py URL THREADS WRITES
"""

from __future__ import annotations

import os
import sys
import threading
import time

from gatelodge.kit.database import Database, Queries, open_database

INSERT = "insert into accounts (environment_id, id, name, balance) values ('e', :id, :id, :balance)"


def main() -> None:
    url, number, writes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    database = open_database(url)
    threads = [threading.Thread(target=write, args=(database, thread, writes)) for thread in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


def write(database: Database, thread: int, writes: int) -> None:
    for number in range(writes):
        name = f"{os.getpid()}-{thread}-{number}"

        def insert(queries: Queries, name: str = name) -> None:
            queries.run(INSERT, id=name, balance=0)
            queries.run(INSERT, id=f"{name}-twin", balance=1)

        began = time.monotonic()
        database.write(insert)
        waited = time.monotonic() - began
        # One system call, so that a kill never leaves half a line.
        os.write(1, f"{name} {waited:.6f}\n".encode())


if __name__ == "__main__":
    main()
