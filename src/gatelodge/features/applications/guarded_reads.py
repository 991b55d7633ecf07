"""Reads of a unit whose caller is not known before the first of them, which checks it as well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from gatelodge.contract.errors import GatelodgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.kit.database import Queued, Row
    from gatelodge.kit.unit import Unit


class GuardedReads(ABC):
    """Stands before the reads of a unit until its caller is known; from then on the unit has plain reads.

    Only a `one` is checked in passing. Whatever else comes first is preceded by a check of its
    own. `:environment_id` is the environment of whoever is found to call: it was not known when
    the question was put. Who was refused stays so, whatever the action makes of the first refusal.
    """

    def __init__(self, unit: Unit) -> None:
        """Take the place of the unit's reads."""
        self._unit = unit
        self._queries = unit.read
        self._is_settled = False
        self._refusal: GatelodgeError | None = None
        unit.read = self

    @abstractmethod
    def _find(self, sql: str | None, parameters: Mapping[str, object]) -> Row | None:
        """Check the caller, and give the first row of the statement, if there is one, found in the same query."""

    @abstractmethod
    def _name_environment(self) -> str:
        """Name the environment of the caller, who is known by now."""

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None; its first column is never null. Raises as `settle` does."""
        if self._is_settled:
            return self._queries.one(sql, **self._scope(parameters))
        return self._check(sql, parameters)

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

    def require(self, sql: str, /, **parameters: object) -> None:
        """Raise `Unmet` when a select gives no row, after a check by itself."""
        self.settle()
        self._queries.require(sql, **self._scope(parameters))

    def settle(self) -> None:
        """Check the caller, unless a read has done so, and raise what it is refused by."""
        if not self._is_settled:
            self._check(None, {})

    def _check(self, sql: str | None, parameters: Mapping[str, object]) -> Row | None:
        if self._refusal is not None:
            raise self._refusal
        try:
            row = self._find(sql, parameters)
        except GatelodgeError as refusal:
            self._refusal = refusal
            raise
        self._is_settled = True
        self._unit.read = self._queries
        return row

    def _scope(self, parameters: Mapping[str, object]) -> dict[str, object]:
        return {**parameters, "environment_id": self._name_environment()}
