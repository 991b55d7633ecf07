"""Write until the kernel refuses a bigger file, then lift the limit and write again.

Usage: hit_size_limit.py URL. A file-size limit fails the write(2) itself, in the commit.
"""

from __future__ import annotations

import json
import resource
import signal
import sys

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database import Database, Queries, open_database

INSERT = "insert into accounts (environment_id, id, name, balance) values ('e', :id, :name, 0)"
LIMIT = 400_000


def main() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    database = open_database(sys.argv[1])
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    limited = [try_write(database, f"limited-{number}") for number in range(60)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    free = [try_write(database, f"free-{number}") for number in range(5)]
    rows = database.reads.all("select id from accounts order by id")
    database.close()
    sys.stdout.write(json.dumps({"limited": limited, "free": free, "rows": [name for (name,) in rows]}))


def try_write(database: Database, name: str) -> str | None:
    def insert(queries: Queries) -> str:
        queries.run(INSERT, id=name, name=name.ljust(20_000, "x"))
        return name

    try:
        return database.write(insert)
    except ServiceUnavailable:
        return None


if __name__ == "__main__":
    main()
