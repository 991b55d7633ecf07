"""An HTTP request and its answer, the same for every server and for none at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gatelodge.contract.errors import GatelodgeError, to_wire

JSON = ("content-type", "application/json")
_FORM = "application/x-www-form-urlencoded"


class Request(msgspec.Struct, kw_only=True):
    """What came in. `path` is decoded, `headers` have lower-case names."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""
    address: str | None = None
    """The peer's network address; None when there is no socket."""
    embedded: bool = False
    """The caller is this very process, and needs no key."""
    found: tuple[Any, dict[str, Any]] | None = None
    """The route and the path's members, once a door that chose a lane has looked for them."""


def is_form(request: Request) -> bool:
    """Tell whether the body is labelled a form; the letter case of a media type means nothing (RFC 9110 §8.3.1)."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


class Response(msgspec.Struct, kw_only=True):
    """What goes out; 204 and redirects have no body and no content type."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    template: str = ""
    """The path as the table has it, without the values in it: what a log may hold."""


def answer_json(status: int, value: object) -> Response:
    """Answer with a JSON body."""
    return Response(status=status, headers=[JSON], body=msgspec.json.encode(value))


def answer_error(error: GatelodgeError) -> Response:
    """Answer with an error in its wire shape."""
    response = answer_json(error.status, to_wire(error))
    if error.retry_after is not None:
        response.headers.append(("retry-after", str(error.retry_after)))
    elif error.status == 503:  # noqa: PLR2004  # the one status that always says when to come back
        response.headers.append(("retry-after", "1"))
    return response
