"""Answers as they were once looked at and found right, one file each.

What differs from run to run is replaced: ULIDs, tokens, keys. A file that is missing is
written, and its test fails once, so that somebody looks at it before it is committed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.contract.bodies import ULID
from tests.harness.inprocess import Answer

FOLDER = Path(__file__).with_name("golden")

_CHANGING = (
    (re.compile(rf"^((?:[a-z]+_)+){ULID}$"), r"\1ULID"),
    (re.compile(r"^eyJ[\w-]+\.[\w-]+\.[\w-]+$"), "JWT"),
    (re.compile(r"^\d{6}$"), "CODE"),
    (re.compile(r"^[A-Z2-7]{32}$"), "SECRET"),
    (re.compile(r"secret=[A-Z2-7]{32}"), "secret=SECRET"),
    (re.compile(r"^data:image/png;base64,[\w+/=]+$"), "PICTURE"),
    (re.compile(r"^(org-[a-z-]+-)[a-z0-9]{4,}$"), r"\1RANDOM"),
    (re.compile(r"token=[\w-]{20,}"), "token=TOKEN"),
    (re.compile(r"^[B-Z]{4}-[B-Z]{4}$"), "USER-CODE"),
    (re.compile(r"user_code=[B-Z]{4}-[B-Z]{4}$"), "user_code=USER-CODE"),
    (re.compile(r"^[\w+/=-]{40,}$"), "TOKEN"),
)


def assert_golden(name: str, answer: Answer) -> None:
    """See that an answer is the one that was found right."""
    body = settle(answer.json) if answer.json is not None else answer.body.decode()
    if isinstance(body, dict) and any(item.get("object") == "event" for item in body.get("data", ())):
        # Events of one instant have no order; one of each name is enough.
        named = {event["event"]: event for event in body["data"]}
        body["data"] = [named[event] for event in sorted(named)]
    headers = {key: answer.headers[key] for key in ("content-type", "location") if key in answer.headers}
    assert_same(name, {"status": answer.status, "headers": headers, "body": body})


def assert_same(name: str, found: Any) -> None:
    """See that a value is the one in the golden file of this name."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        raise AssertionError(f"{path.name} was not there and has been written: look at it, then commit it")
    assert found == json.loads(path.read_text(encoding="utf-8"))


def settle(value: Any) -> Any:
    """Replace what differs from run to run."""
    if isinstance(value, dict):
        return {key: settle(item) for key, item in value.items()}
    if isinstance(value, list):
        return [settle(item) for item in value]
    if isinstance(value, str):
        for pattern, replacement in _CHANGING:
            value = pattern.sub(replacement, value)
    return value
