"""Reads of a unit whose caller is not known before the first of them, which checks it as well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.kit.database import Queued, Row
    from gatelodge.kit.unit import Unit


class GuardedReads(ABC):
    """Stands before the reads of a unit until its caller is known; from then on the unit has plain reads.

    Only a `one` is checked in passing. Whatever else comes first is preceded by a check of its
    own. `:environment_id` is the environment of whoever is found to call: it was not known when
    the question was put.
    """

    def __init__(self, unit: Unit) -> None:
        """Take the place of the unit's reads."""
        self._unit = unit
        self._queries = unit.read
        self._is_settled = False
        unit.read = self

    @abstractmethod
    def settle(self) -> None:
        """Check the caller, unless a read has done so; raise when it is none."""

    @abstractmethod
    def _check_with(self, sql: str, parameters: Mapping[str, object]) -> Row | None:
        """Check the caller, and give the first row of a statement, or None, in one query."""

    @abstractmethod
    def _name_environment(self) -> str:
        """Name the environment that the caller is in, or is taken to be in."""

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None; its first column is never null. Raises as `settle` does."""
        if self._is_settled:
            return self._queries.one(sql, **self._scope(parameters))
        return self._check_with(sql, parameters)

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row, after a check by itself."""
        self.settle()
        return self._queries.all(sql, **self._scope(parameters))

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement, after a check by itself."""
        self.settle()
        return self._queries.run(sql, **self._scope(parameters))

    def queue(self, sql: str, /, **parameters: object) -> Queued:
        """Run a statement, after a check by itself."""
        self.settle()
        return self._queries.queue(sql, **self._scope(parameters))

    def _end(self) -> None:
        self._is_settled = True
        self._unit.read = self._queries

    def _scope(self, parameters: Mapping[str, object]) -> dict[str, object]:
        return {**parameters, "environment_id": self._name_environment()}
