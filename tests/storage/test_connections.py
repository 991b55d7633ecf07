"""No operation waits within its transaction for a second connection.

As many transactions at once as there are connections would each wait for one that none gives back.
"""

from __future__ import annotations

import pytest

from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.kit.database.postgres import open_postgres
from tests.conftest import FreshDatabase
from tests.contract.requests import REQUESTS
from tests.harness.inprocess import House

PATIENCE = 0.5
ASKED = [operation for operation in OPERATIONS if operation.name in REQUESTS]


@pytest.mark.parametrize("operation", ASKED, ids=lambda operation: operation.name)
def test_an_operation_does_with_one_connection(fresh_database: FreshDatabase, operation: Operation) -> None:
    url = fresh_database("postgres")
    house = House(url, limits=False)
    several = house.runtime.database
    house.runtime.database = open_postgres(url, patience=PATIENCE, pool_size=1)
    try:
        answer = REQUESTS[operation.name](house)
        assert answer.status == operation.status, answer
    finally:
        several.close()
        house.close()
