"""A host's program that is killed before or after it commits a tenant and its user."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import Any

import psycopg

from gatelodge import UserManagement
from tests.harness.inprocess import CLIENT, MASTER_KEY


def main(url: str, moment: str) -> None:
    """Join, write both, and be killed."""
    um = UserManagement.embedded(url, client_id=CLIENT, master_key=MASTER_KEY, base_url="https://auth.example.com")
    connection: Any
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("pragma foreign_keys = on")
    else:
        connection = psycopg.connect(url)
    with um.joined(connection) as inside:
        inside.create_user("ada@example.com")
        connection.execute("insert into tenants values ('acme', 'x')")
        if moment == "after":
            connection.commit()
        os.kill(os.getpid(), signal.SIGKILL)


main(*sys.argv[1:])
