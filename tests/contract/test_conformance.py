"""What is implemented is held against the table of the wire, member by member."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.features.events.catalogue import NAMES
from tests.contract.comparing import GAPS, faults, gaps
from tests.contract.wire import find_row, members_of, payload_of, rows

# Where an official client or a decision of ours goes before the table, and why.
DECIDED = {
    "authenticate": {
        "may be called with client, and the wire says api_key": "public clients send no key, and must get in",
    },
    "create_auth_factor": {
        "request: type refuses 'generic_otp'": "the documents name no way to enrol one",
    },
}

# Operations of our own, which the wire does not have.
OUR_OWN: frozenset[str] = frozenset()

LISTED: dict[str, list[str]] = json.loads(GAPS.read_text(encoding="utf-8"))

ALL = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_the_table_holds_the_whole_wire() -> None:
    assert len(rows()) == 212


def test_every_operation_is_one_of_the_wire_or_listed_as_our_own() -> None:
    assert {operation.name for operation in OPERATIONS if find_row(operation) is None} == OUR_OWN


@ALL
def test_an_operation_breaks_no_client(operation: Operation) -> None:
    assert set(faults(operation)) == set(DECIDED.get(operation.name, {}))


@ALL
def test_what_an_operation_does_not_cover_is_listed(operation: Operation) -> None:
    listed = LISTED.get(operation.name, [])

    assert gaps(operation) == listed, "python -m tests.contract.comparing writes the list; it may only shrink"


def test_no_gap_is_listed_of_an_operation_that_is_not_there() -> None:
    assert set(LISTED) <= {operation.name for operation in OPERATIONS}


def test_the_count_of_what_is_not_covered(record_property: Callable[[str, object], None]) -> None:
    number = sum(len(rows) for rows in LISTED.values())
    record_property("operations", f"{len(OPERATIONS)} of {len(rows())}")
    record_property("gaps", number)

    assert number == sum(len(gaps(operation)) for operation in OPERATIONS)


def test_every_event_that_happens_here_has_its_payload_in_the_table() -> None:
    assert all(members_of(payload_of(name) or "") is not None for name in NAMES)
