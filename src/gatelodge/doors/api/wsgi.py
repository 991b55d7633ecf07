"""The same engine as a plain WSGI application (PEP 3333), for mounting and for gunicorn.

Here the host's own pool and proxy bound the waiters and slow bodies; this door caps the
body's size and refuses one that was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from gatelodge.contract.errors import BodyTooLarge, BodyUnreadable, GatelodgeError
from gatelodge.doors.dispatch import Door
from gatelodge.doors.http import Request, Response

_BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_CONTENT = frozenset({204, 304})


class WsgiApp:
    """One door as a WSGI callable."""

    def __init__(self, door: Door) -> None:
        """Hold the door."""
        self._door = door

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
            query=environ.get("QUERY_STRING", ""),
            headers=_headers(environ),
            address=environ.get("REMOTE_ADDR") or None,
        )
        try:
            if request.method not in _BODYLESS:
                request.body = self._read_body(environ)
            response = self._door.respond(request)
        except GatelodgeError as error:
            response = self._door.refuse(request, error)
        return _send(response, start_response)

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        limit = self._door.runtime.settings.body_limit
        announced = environ.get("CONTENT_LENGTH") or ""
        if not announced and environ.get("wsgi.input_terminated"):
            body: bytes = environ["wsgi.input"].read(limit + 1)
            if len(body) > limit:
                raise BodyTooLarge(f"A request body has at most {limit} bytes.")
            return body
        if not announced and "HTTP_TRANSFER_ENCODING" in environ:
            # A host that does not end the body for us would let it pass as an empty one.
            raise BodyUnreadable("This request body needs a Content-Length.")
        if announced and not (announced.isascii() and announced.isdigit()):
            raise BodyUnreadable("Content-Length is not a number.")
        length = int(announced or 0)
        if length > limit:
            raise BodyTooLarge(f"A request body has at most {limit} bytes.")
        body = environ["wsgi.input"].read(length) if length else b""
        if len(body) != length:
            raise BodyUnreadable("The request body was cut off.")
        return body


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def _send(response: Response, start_response: Callable[..., Any]) -> Iterable[bytes]:
    phrase = HTTPStatus(response.status).phrase
    headers = list(response.headers)
    if response.status not in _NO_CONTENT:
        headers.append(("content-length", str(len(response.body))))
    start_response(f"{response.status} {phrase}", headers)
    return [response.body] if response.body else []
