"""Keyset pages: which rows a page request asks for, and the envelope around them.

A page is served by an index over `(created_at, id)`: the position of a cursor is read
from its ULID, so page 10,000 costs what page 1 costs, and the cursor of an object that
has been deleted keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.ids import find_instant
from gatelodge.contract.paging import ListMetadata, Page, PageRequest

T = TypeVar("T")
Row = tuple[Any, ...]

_START = (-1, "")
_END = (1 << 62, "")


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The rows wanted, in terms of the index: between two positions, from one end."""

    newer_than: tuple[int, str]
    older_than: tuple[int, str]
    ascending: bool
    limit: int
    """One more than the page holds, to tell whether more follow."""
    flip: bool
    """The page was read backwards and is turned round before it is shown."""
    bounded_behind: bool
    """A cursor stands behind the page's starting edge, so something precedes it."""

    def bind(self) -> dict[str, object]:
        """Give the SQL parameters that `page_clause` uses."""
        return {
            "newer_at": self.newer_than[0],
            "newer_id": self.newer_than[1],
            "older_at": self.older_than[0],
            "older_id": self.older_than[1],
            "page_limit": self.limit,
        }

    def clause(self) -> str:
        """Give the SQL that ends a list query over `created_at, id`."""
        return (
            " and (created_at, id) > (:newer_at, :newer_id)"
            f" and (created_at, id) < (:older_at, :older_id) {self.order()}"
        )

    def order(self) -> str:
        """Give the order and the size of the window alone, as SQL."""
        direction = "asc" if self.ascending else "desc"
        return f"order by created_at {direction}, id {direction} limit :page_limit"


def open_window(asked: PageRequest, prefix: str) -> Window:
    """Work out the window of a page request over objects whose ids have `prefix`.

    Raises:
        RequestInvalid: A cursor is no id of that kind.
    """
    after = _position("after", asked.after, prefix)
    before = _position("before", asked.before, prefix)
    if asked.order == "normal":
        after, before = before, after
    newest_first = asked.order != "asc"
    # In reading order everything lies after `after` and before `before`.
    backwards = before is not None and after is None
    low, high = (before, after) if newest_first else (after, before)
    return Window(
        newer_than=low or _START,
        older_than=high or _END,
        ascending=newest_first == backwards,
        limit=asked.limit + 1,
        flip=backwards,
        bounded_behind=(before if backwards else after) is not None,
    )


def _position(name: str, cursor: str | None, prefix: str) -> tuple[int, str] | None:
    if not cursor:
        return None
    instant = find_instant(cursor, prefix)
    if instant is None:
        fault = Fault(code="invalid", field=name, message=f"{name} is not the id of a listed object.")
        raise RequestInvalid(errors=[fault])
    return instant, cursor


def fold_page(
    asked: PageRequest,
    window: Window,
    rows: Sequence[Row],
    read: Callable[[Row], T],
    *,
    identify: Callable[[T], str],
) -> Page[T]:
    """Fold the rows of a window into a page with its cursors."""
    more = len(rows) == window.limit
    items = [read(row) for row in rows[: window.limit - 1]]
    if window.flip:
        items.reverse()
    if not items:
        return Page(data=items, list_metadata=ListMetadata())
    # A page read towards the start has its cursor's object behind it, and the other way round.
    has_before = more if window.flip else window.bounded_behind
    has_after = window.bounded_behind if window.flip else more
    before = identify(items[0]) if has_before else None
    after = identify(items[-1]) if has_after else None
    if asked.order == "normal":
        before, after = after, before
    return Page(data=items, list_metadata=ListMetadata(before=before, after=after))
