"""Every operation that takes an id: one of another environment, a deleted one, a wrong one (row 116).

The table is made from the operations themselves and from the live requests of the contract
tests, so an operation that is added later is in it without a line here.
"""

from __future__ import annotations

import pytest

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.operations import OPERATIONS
from tests.contract.requests import REQUESTS
from tests.features.neighbours import move_in
from tests.features.probing import Asked, Interceptor, Place
from tests.harness.inprocess import KEY, Answer, House

# Public by contract: a logout link names only its session, and public keys are for everybody.
KEYED = [operation for operation in OPERATIONS if operation.access is Access.API_KEY and operation.name in REQUESTS]

# A malformed id of a session is a 400 by the contract (page 13).
MALFORMED = {"revoke_session": 400}


def _seen(answer: Answer, value: str) -> tuple[int, str]:
    """Give all that a caller sees, with the id it asked for taken out."""
    return answer.status, answer.body.decode().replace(value, "<the id>")


def _swap(asked: Asked, place: Place, value: str, *, house: House, key: str) -> tuple[int, str]:
    return _seen(asked.at(place, value).send(house, key), value)


@pytest.mark.parametrize("operation", KEYED, ids=lambda operation: operation.name)
def test_an_id_of_another_environment_and_a_malformed_one_are_ids_that_nobody_has(
    house: House, operation: Operation
) -> None:
    neighbour = move_in(house)

    def probe(asked: Asked) -> None:
        for place in asked.places():
            unknown = place.unknown(house.clock.now())
            foreign = _swap(asked, place, place.value, house=house, key=neighbour.key)
            assert foreign == _swap(asked, place, unknown, house=house, key=neighbour.key), place
            if place.part == "path":
                assert foreign[0] == 404, place
            if place.part == "path" or operation.name in MALFORMED:
                for wrong in ("x", "user_", place.value.swapcase(), place.value + "0", "' or 1=1 --", "%00", "é" * 40):
                    status, body = _swap(asked, place, wrong, house=house, key=KEY)
                    assert status == MALFORMED.get(operation.name, 404), (place, wrong, body)

    interceptor = Interceptor(house, operation, probe)
    answer = REQUESTS[operation.name](interceptor)  # type: ignore[arg-type]  # it stands for the house

    assert interceptor.asked is not None, "the live request of this operation was not seen"
    assert answer.status == operation.status, "what the neighbour tried has changed something"


@pytest.mark.parametrize(
    "operation",
    [one for one in KEYED if (one.method == "DELETE" and "{" in one.path) or "{user_id}" in one.path],
    ids=lambda one: one.name,
)
def test_what_was_deleted_is_as_if_it_had_never_been(house: House, operation: Operation) -> None:
    interceptor = Interceptor(house, operation, lambda _: None)
    REQUESTS[operation.name](interceptor)  # type: ignore[arg-type]  # it stands for the house
    asked = interceptor.asked
    assert asked is not None
    place = next((one for one in asked.places() if one.name == "user_id"), asked.places()[-1])
    if place.name == "user_id":
        house.delete(f"/user_management/users/{place.value}")

    gone = _swap(asked, place, place.value, house=house, key=KEY)

    assert gone == _swap(asked, place, place.unknown(house.clock.now()), house=house, key=KEY)
    assert gone[0] == 404
