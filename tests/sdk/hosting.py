"""A host's program that opens an embedded client when it is loaded, before its server forks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gatelodge import UserManagement
from tests.harness.inprocess import CLIENT, MASTER_KEY

_PROCESSES = 2
_PATIENCE = 20.0

um = UserManagement.embedded(os.environ["DATABASE_URL"], client_id=CLIENT, master_key=MASTER_KEY)
um.create_user("parent@example.com")


def _meet_another(place: Path) -> None:
    """Wait until another process has a request as well: one that is up first could answer all of them."""
    (place / str(os.getpid())).touch()
    deadline = time.monotonic() + _PATIENCE
    while len(list(place.iterdir())) < _PROCESSES and time.monotonic() < deadline:
        time.sleep(0.01)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Create a user whose address is the path, and tell which process did and how many users there are."""
    if environ["PATH_INFO"] != "/health":
        _meet_another(Path(os.environ["MEETING_PLACE"]))
        um.create_user(f"{environ['PATH_INFO'].strip('/')}@example.com")
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{os.getpid()} {len(um.list_users(limit=100))}".encode()]
