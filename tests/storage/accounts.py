"""What tests do with the accounts of their database."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gatelodge.kit.database import Database, Queries
from tests.storage.conftest import OPEN_ACCOUNT

ADD = "update accounts set balance = balance + 1 where environment_id = 'e' and id = :id"


def open_account(queries: Queries, name: str) -> int:
    return queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=0)


def add(name: str) -> Callable[[Queries], int]:
    return lambda queries: queries.run(ADD, id=name)


def balance(database: Database, name: str = "a") -> int:
    row = database.reads.one("select balance from accounts where environment_id = 'e' and id = :id", id=name)
    assert row is not None
    return int(row[0])


def in_threads(number: int, work: Callable[[int], object]) -> list[BaseException]:
    errors: list[BaseException] = []

    def run(each: int) -> None:
        try:
            work(each)
        except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return errors
