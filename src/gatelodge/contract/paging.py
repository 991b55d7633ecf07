"""Lists: keyset pages and their envelope (contract page 00 §6)."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Order = Literal["asc", "desc", "normal"]
Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]


class ListMetadata(msgspec.Struct, frozen=True):
    """The cursors of the neighbouring pages; None where there is no such page."""

    before: str | None = None
    after: str | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list, in the order asked for."""

    data: list[T]
    list_metadata: ListMetadata
    object: Literal["list"] = "list"


class PageRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The members that every list takes.

    `after` gives the items that follow that id in the chosen order, `before` the page
    adjacent to that id on the other side; both together give what lies between. With
    `order="normal"` the newest come first and the two cursors trade places.
    """

    limit: Limit = 10
    before: str | None = None
    after: str | None = None
    order: Order = "desc"
