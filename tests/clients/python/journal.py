"""Write down what an SDK gives back or raises, step by step."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from enum import Enum
from typing import Any


class Journal:
    """The results of one journey."""

    def __init__(self, sdk: str) -> None:
        self._results: dict[str, Any] = {"sdk": sdk}

    def step(self, name: str, action: Callable[[], Any]) -> Any:
        """Take one step: remember the value or the error, and give the value or None."""
        try:
            value = action()
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the result
            self._results[name] = {"error": told(error)}
            return None
        self._results[name] = {"value": plain(value)}
        return value

    def text(self) -> str:
        """Give all results as JSON."""
        return json.dumps(self._results)


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


def listing(page: Any) -> dict[str, Any]:
    """Tell of a page of users what a test compares."""
    return {
        "emails": [user.email for user in page.data],
        "before": page.list_metadata.before,
        "after": page.list_metadata.after,
    }
