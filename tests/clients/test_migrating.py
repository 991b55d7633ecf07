"""The page for those who come from the official SDKs: each of its names is real, and none of theirs is passed over."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.clients import Clients, Installed
from tests.harness.unavailable import bring

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parents[1] / "docs" / "migrating.md").read_text("utf-8")
DASH = "\N{EN DASH}"
# The columns of the table, counted from 0.
COLUMNS = {"node-v11": 1, "python-v10": 2, "python-v5": 3}
# Public in JavaScript only, where everything is.
INNARDS = {
    "userManagement.isValidJwt",
    "userManagement.prepareAuthenticationResponse",
    "userManagement.resolveClientId",
    "userManagement.sealSessionDataFromAuthenticationResponse",
}


def read_offers(clients: Clients, sdk: str) -> set[str]:
    """Ask an installed SDK for the methods that it has."""
    language, _, version = sdk.partition("-")
    install: Callable[..., Installed] = clients.node if language == "node" else clients.python
    client = install(version)
    command = ["node/offers.mjs"] if language == "node" else ["-S", "python/offers.py"]
    done = subprocess.run(
        [str(client.program), *command],
        cwd=FOLDER,
        env={"PATH": os.environ["PATH"], "SDK_FOLDER": str(client.folder), "PYTHONPATH": str(client.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {f"{part}.{method}" for part, methods in json.loads(done.stdout).items() for method in methods}


@pytest.mark.parametrize("sdk", COLUMNS)
def test_each_call_of_an_official_sdk_is_in_the_table_or_among_what_is_not_here(clients: Clients, sdk: str) -> None:
    offered = bring(lambda: read_offers(clients, sdk))
    calls, _, rest = PAGE.partition("## Helpers beside the calls")
    rows = [line.strip("| ").split(" | ") for line in calls.splitlines() if re.match(r"\| `\w{3,}` \|", line)]
    told = {row[COLUMNS[sdk]].strip("`") for row in rows} - {DASH}
    patterns = re.findall(r"`([\w*]+\.[\w*]+)`", rest)

    parts = {name.partition(".")[0] for name in told}
    untold = {name for name in offered - told - INNARDS if name.partition(".")[0] in parts}

    assert len(told) >= 55
    assert told - offered == set()
    assert {name for name in untold if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)} == set()
