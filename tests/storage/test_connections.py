"""No operation waits within its transaction for a second connection.

As many transactions at once as there are connections would each wait for one that none gives back.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.kit.database.postgres import open_postgres
from tests.contract.requests import REQUESTS
from tests.harness.furnished import Furnished
from tests.harness.inprocess import House
from tests.harness.unavailable import bring

PATIENCE = 0.5
ASKED = [operation for operation in OPERATIONS if operation.name in REQUESTS]


@pytest.mark.parametrize("operation", ASKED, ids=lambda operation: operation.name)
def test_an_operation_does_with_one_connection(furnished: Furnished, operation: Operation) -> None:
    with ExitStack() as lent:
        url = bring(lambda: lent.enter_context(furnished.lend("postgres")))
        house = House(url, limits=False)
        several = house.runtime.database
        house.runtime.database = open_postgres(url, patience=PATIENCE, pool_size=1)
        try:
            answer = REQUESTS[operation.name](house)
            assert answer.status == operation.status, answer
        finally:
            several.close()
            house.close()
