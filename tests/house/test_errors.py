"""Every error has its own place on the wire, and a code is forever."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatelodge.contract.errors import GatelodgeError, Shape, UnknownError, known_errors
from gatelodge.contract.operations import OPERATIONS

CODES = Path(__file__).with_name("error_codes.txt")


def leaves(kind: type[GatelodgeError] = GatelodgeError) -> list[type[GatelodgeError]]:
    """List the classes that are raised: those below which there is none."""
    children = kind.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [kind]


RAISED = [kind for kind in leaves() if kind is not UnknownError and kind.__module__.startswith("gatelodge.contract.")]


def test_no_two_errors_share_status_code_and_shape() -> None:
    places = [(kind.status, kind.code, kind.shape) for kind in RAISED]

    assert len(places) == len(set(places))


def test_a_class_is_found_by_what_it_writes() -> None:
    assert all(known_errors()[kind.status, kind.code, kind.shape] is kind for kind in RAISED)


def test_a_code_is_forever() -> None:
    now = {f"{kind.status} {kind.shape.value} {kind.code}" for kind in RAISED}
    promised = CODES.read_text(encoding="utf-8").split("\n\n", maxsplit=1)[1].splitlines()

    assert promised == sorted(now), "add new codes to tests/house/error_codes.txt; never take one away"


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_an_error_speaks_for_itself(kind: type[GatelodgeError]) -> None:
    first = (kind.__doc__ or "").partition("\n")[0]

    assert first
    assert kind().message == first
    assert kind.shape in Shape
    assert 400 <= kind.status < 600


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_an_error_survives_being_copied_to_another_process(kind: type[GatelodgeError]) -> None:
    rebuild, arguments, *_ = kind("what happened", retry_after=3).__reduce__()
    copied = rebuild(*arguments)

    assert type(copied) is kind
    assert (copied.message, copied.retry_after) == ("what happened", 3)


def test_every_code_that_an_operation_documents_is_one_of_ours() -> None:
    codes = {kind.code for kind in RAISED}

    assert not {(operation.name, code) for operation in OPERATIONS for code in operation.errors if code not in codes}


def test_an_operation_names_each_of_its_codes_once() -> None:
    assert not [operation.name for operation in OPERATIONS if len(operation.errors) != len(set(operation.errors))]
