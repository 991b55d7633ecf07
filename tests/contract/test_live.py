"""Each operation answers a real request as the table says, on both engines."""

from __future__ import annotations

import re

import pytest

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.features.events.catalogue import NAMES
from tests.contract.bodies import find_faults
from tests.contract.golden import assert_golden
from tests.contract.requests import REQUESTS
from tests.contract.wire import find_row, members_of
from tests.harness.furnished import Furnished
from tests.harness.inprocess import Answer, House

# Operations that no request is sent to yet, and events that none brings about; both may only shrink.
UNASKED: frozenset[str] = frozenset()
UNSEEN = frozenset(
    {
        # They want name servers, a worker, a policy or a browser; the tests of their slices bring them about.
        "authentication.mfa_failed",
        "authentication.mfa_succeeded",
        "authentication.passkey_failed",
        "authentication.passkey_succeeded",
        "authentication.reauthentication_succeeded",
        "organization_domain.updated",
        "organization_domain.verification_failed",
        "organization_domain.verified",
    }
)

ASKED = [operation for operation in OPERATIONS if operation.name in REQUESTS]
ALL = pytest.mark.parametrize("operation", ASKED, ids=lambda operation: operation.name)


def test_every_operation_has_a_live_request() -> None:
    assert {operation.name for operation in OPERATIONS} - set(REQUESTS) == UNASKED
    assert set(REQUESTS) <= {operation.name for operation in OPERATIONS}


@ALL
def test_an_operation_answers_and_tells_of_it_as_the_wire_says(house: House, operation: Operation) -> None:
    answer = REQUESTS[operation.name](house)

    assert answer.status == operation.status, answer
    assert answer_faults(operation, answer) == []
    assert [fault for event in house.events() for fault in find_faults("EventSchema", event)] == []
    assert re.fullmatch(r"req_[0-9A-Z]{26}", answer.headers["x-request-id"])
    assert_golden(operation.name, answer)


def test_no_operation_tells_a_stranger_anything(house: House) -> None:
    for operation in OPERATIONS:
        path = re.sub(r"\{\w+\*?\}", "unknown", operation.path)
        answer = house.call(operation.method, path, key="sk_test_of_nobody")

        if operation.access is Access.PUBLIC:
            assert answer.status != 401, operation.name
        else:
            assert (answer.status, answer.json["code"]) == (401, "unauthorized"), operation.name


def answer_faults(operation: Operation, answer: Answer) -> list[str]:
    """List what a client would stumble over."""
    row = find_row(operation)
    assert row is not None, "an operation of our own is held by the tests of its slice"
    if not answer.body:
        # Clients parse whatever is labelled JSON, and choke on nothing.
        return ["an empty body is labelled"] if "content-type" in answer.headers else []
    if answer.headers["content-type"] != "application/json":
        return [f"the body is {answer.headers['content-type']}"]
    if row.kind == "array":
        return [fault for item in answer.json for fault in find_faults(row.answer or "", item)]
    faults = find_faults(row.answer, answer.json) if row.answer else []
    if "list_metadata" in answer.json and set(answer.json["list_metadata"]) != {"after", "before"}:
        faults.append("a cursor is missing: both are there, null or not")
    if row.kind == "list" and not answer.json["data"]:
        faults.append("there is nothing in the list to look at")
    return faults


def test_a_sign_in_answers_nothing_that_the_wire_does_not_name(house: House) -> None:
    answer = REQUESTS["authenticate"](house)

    # Clients spread unknown members of this one answer into their own result.
    assert set(answer.json) <= set(members_of("UserlandAuthenticateResponse") or ())


def test_every_event_of_the_catalogue_is_brought_about(furnished: Furnished) -> None:
    seen: set[str] = set()
    for send in REQUESTS.values():
        with furnished.lend("sqlite") as url:
            house = House(url, limits=False)
            send(house)
            seen |= {event["event"] for event in house.events()}
            house.close()

    assert seen == set(NAMES) - UNSEEN
