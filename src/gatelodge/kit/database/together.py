"""Several questions in one statement: on PostgreSQL one round trip, which costs more than most answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.kit.database.interface import Queries, Row


class Question(NamedTuple):
    """A select that gives one row or none, of so many columns, the first of which is never null."""

    select: str
    columns: int
    parameters: Mapping[str, object]


def ask_together(queries: Queries, *questions: Question) -> list[Row | None]:
    """Ask questions that do not hang on each other; give the row of each, or None.

    All of them see the same commit.

    Raises:
        ValueError: Two of them give a parameter of one name different values.
    """
    parameters: dict[str, object] = {}
    for question in questions:
        for name, value in question.parameters.items():
            if parameters.setdefault(name, value) != value:
                raise ValueError(f"two values of :{name}")
    row = queries.one(_join(tuple(question.select for question in questions)), **parameters)
    assert row is not None, "the row that all are joined to is always there"  # noqa: S101  # narrows the type
    answers: list[Row | None] = []
    start = 1
    for question in questions:
        answer = row[start : start + question.columns]
        answers.append(None if answer[0] is None else answer)
        start += question.columns
    return answers


@functools.cache
def _join(selects: tuple[str, ...]) -> str:
    columns = ", ".join(f"answer_{number}.*" for number in range(len(selects)))
    joined = " ".join(f"left join ({select}) as answer_{number} on true" for number, select in enumerate(selects))
    return f"select ground.always, {columns} from (select 1 as always) as ground {joined}"  # noqa: S608  # joined from constants of the stores
