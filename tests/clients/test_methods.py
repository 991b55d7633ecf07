"""Each of the forty-one methods is called by every official SDK, works, is refused, and is looked at by a test."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients.methods import LACKS, METHODS, Method

if TYPE_CHECKING:
    from tests.clients.journeys import Journey

FOLDER = Path(__file__).parent
each_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


def steps_of(journey: Journey, steps: str) -> list[str]:
    """Name those of these steps that the SDK can take; fail when it did not take one of them."""
    lacked = LACKS.get(journey.sdk, frozenset())
    taken = [step for step in steps.split() if step not in lacked]
    assert [step for step in taken if not journey.took(step)] == []
    return taken


def test_there_are_forty_one_methods() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS) == 41


@functools.cache
def words_of_tests() -> frozenset[str]:
    """Give every string that stands in a test of this folder, the step names among them."""
    return frozenset(
        node.value
        for file in FOLDER.glob("test_*.py")
        if file != Path(__file__)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@each_method
def test_a_method_is_called_and_works_or_is_refused_as_the_table_says(journey: Journey, method: Method) -> None:
    name = method.name_in(journey.sdk)
    works, refused = steps_of(journey, method.works), steps_of(journey, method.refused)
    steps_of(journey, method.seen)

    if name is None:
        assert works == refused == []
        assert method.usual_name_in(journey.sdk) not in journey.value("offers")
        return
    for step in works:
        journey.value(step)
    for step in refused:
        journey.error(step)
    assert works
    assert [step for step in (*works, *refused) if name not in journey.called(step)] == []


@each_method
def test_what_a_method_means_is_looked_at(method: Method) -> None:
    steps = f"{method.works} {method.refused} {method.seen}".split()

    assert len(steps) > len(method.works.split()), "the table says neither when it is refused nor what one sees of it"
    assert [step for step in steps if step not in words_of_tests()] == []


def test_no_sdk_takes_a_step_that_the_table_says_it_cannot(journey: Journey) -> None:
    assert [step for step in LACKS.get(journey.sdk, ()) if journey.took(step)] == []
