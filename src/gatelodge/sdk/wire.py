"""What a transport carries: one HTTP request, and its answer."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, ready to send. Each segment of `path` is percent-encoded, and so is `query`."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""


class WireResponse(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with its whole body; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Tell whether the call was carried out. A redirect is no success: no call answers with one."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the successes of RFC 9110 §15.3
