"""Write down what an SDK gives back or raises, step by step, and which of its methods were called."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable
from enum import Enum
from typing import Any


class Journal:
    """The results of one journey."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self._called: set[str] = set()

    def step(self, name: str, action: Callable[[], Any]) -> Any:
        """Take one step: remember the value or the error, and give the value or None."""
        self._called.clear()
        value = None
        try:
            value = action()
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the result
            result = {"error": told(error)}
        else:
            result = {"value": plain(value)}
        self.results[name] = {**result, "called": sorted(self._called)}
        return value

    def record(self, service: Any) -> Recorded:
        """Write down which methods of a service are called."""
        return Recorded(service, self._called)

    def finish(self) -> None:
        """Say all results to the host."""
        say({"results": self.results})


class Recorded:
    """A service of an SDK whose calls are written down."""

    def __init__(self, service: Any, called: set[str]) -> None:
        self._service = service
        self._called = called

    def offers(self) -> list[str]:
        """Name all that the service has."""
        return [name for name in dir(self._service) if not name.startswith("_")]

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._service, name)
        if not callable(member):
            return member

        @functools.wraps(member)
        def call(*positional: Any, **named: Any) -> Any:
            self._called.add(name)
            return member(*positional, **named)

        return call


def say(line: dict[str, Any]) -> None:
    """Say one line to the host."""
    print(json.dumps(line), flush=True)


def host(ask: str, **more: Any) -> dict[str, Any]:
    """Ask the host for what no SDK can do, and wait for its answer: a line out, a line in."""
    say({"ask": ask, **more})
    answer: dict[str, Any] = json.loads(input())
    return answer


def plain(value: Any) -> Any:
    """Turn what an SDK gives (models, dataclasses, enums, pages) into JSON's types."""
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def told(error: BaseException) -> dict[str, Any]:
    """Tell of an error what a caller can read from it."""
    response = getattr(error, "response", None)
    return {
        "class": type(error).__name__,
        "status": getattr(response, "status_code", None),
        "message": str(getattr(error, "message", error)),
        "code": getattr(error, "code", None),
        "error": getattr(error, "error", None),
        "errors": plain(getattr(error, "errors", None)),
        "request_id": getattr(error, "request_id", None),
        "pending_authentication_token": getattr(error, "pending_authentication_token", None),
        "email_verification_id": getattr(error, "email_verification_id", None),
        "body": plain(getattr(error, "response_json", None)),
    }


def page(found: Any, read: Callable[[Any], Any]) -> dict[str, Any]:
    """Tell of a list what a test compares: its items as `read` sees them, and its cursors."""
    return {
        "items": [read(item) for item in found.data],
        "before": found.list_metadata.before,
        "after": found.list_metadata.after,
    }
