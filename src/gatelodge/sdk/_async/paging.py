"""A page of a list, and the way to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from gatelodge.contract.paging import ListMetadata

T = TypeVar("T")


@dataclass(frozen=True)
class AsyncPageOf(Generic[T]):
    """One page of a list. Iterating over it gives the items of this page only."""

    data: list[T]
    list_metadata: ListMetadata
    following: str | None = field(repr=False)
    """The position of the next page; None where there is none."""
    _turn: Callable[[str], Awaitable[AsyncPageOf[T]]] = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def has_more(self) -> bool:
        """Tell whether items follow this page."""
        return self.following is not None

    async def next_page(self) -> AsyncPageOf[T] | None:
        """Get the page that follows, with the same filters; None after the last."""
        return None if self.following is None else await self._turn(self.following)

    async def auto_paging_iter(self) -> AsyncIterator[T]:
        """Give the items of this page and of all that follow, asking for each page when it is due.

        What is created meanwhile may be missed, but nothing comes twice. A server that
        gives the same position twice ends the iteration rather than repeating it.
        """
        page: AsyncPageOf[T] | None = self
        passed: set[str] = set()
        while page is not None and page.data:
            for item in page.data:
                yield item
            if page.following in passed:
                return
            passed.add(page.following or "")
            page = await page.next_page()
