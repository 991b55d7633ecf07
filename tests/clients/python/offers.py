"""Print the methods of each part of an official Python SDK, as JSON."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from workos import WorkOSClient

client = WorkOSClient(api_key="sk_test", client_id="client_test")
parts: dict[str, Any] = {}
for name in dir(client):
    # Some parts are there only to say that they have moved.
    with contextlib.suppress(Exception):
        part = getattr(client, name)
        if not name.startswith("_") and not callable(part) and type(part).__module__.startswith("workos"):
            parts[name] = [each for each in dir(part) if not each.startswith("_") and callable(getattr(part, each))]
print(json.dumps(parts))
