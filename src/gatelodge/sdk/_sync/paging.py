# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""A page of a list, and the way to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatelodge.contract.paging import ListMetadata

T = TypeVar("T")


@dataclass(frozen=True)
class PageOf(Generic[T]):
    """One page of a list. Iterating over it gives the items of this page only."""

    data: list[T]
    list_metadata: ListMetadata
    following: str | None = field(repr=False)
    """The position of the next page; None where there is none."""
    _turn: Callable[[str], PageOf[T]] = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def has_more(self) -> bool:
        """Tell whether items follow this page."""
        return self.following is not None

    def next_page(self) -> PageOf[T] | None:
        """Get the page that follows, with the same filters; None after the last."""
        return None if self.following is None else self._turn(self.following)

    def auto_paging_iter(self) -> Iterator[T]:
        """Give the items of this page and of all that follow, asking for each page when it is due.

        What is created meanwhile may be missed, but nothing comes twice. A server that
        gives the same position twice ends the iteration rather than repeating it.
        """
        page: PageOf[T] | None = self
        passed: set[str] = set()
        while page is not None and page.data:
            for item in page.data:
                yield item
            if page.following in passed:
                return
            passed.add(page.following or "")
            page = page.next_page()
