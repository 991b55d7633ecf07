"""How fast a session cookie is checked, against the official SDKs on the same cookies.

Each is a process of its own that checks the cookies of fifty sessions in turn, one at a
time, with signing keys that it fetched from the server before it was measured. A browser
sends one cookie many times, and Gatelodge remembers the claims of a token that it verified;
what the first sight of a token costs is measured apart.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measures import Plan, Rate, alternate
from benchmarks.reads import LoadFailed, Sample
from benchmarks.stage import PASSWORD, Stage
from gatelodge import UserManagement
from gatelodge.sdk.sealing.cookies import SealFormat
from tests.harness.clients import Clients, Installed

# A Fernet key is a password that suits every format.
_KEY = base64.urlsafe_b64encode(b"0123456789abcdef" * 2).decode()
_SESSIONS = 50
_PROGRAMS = Path(__file__).parent / "cookie_checkers"


def measure_against_python(stage: Stage, plan: Plan) -> Rate:
    """Check Fernet cookies, against the official Python SDK 10.

    Raises:
        Unavailable: The SDK cannot be had.
    """
    client = Clients().python("v10")
    rate = Rate(name="cookie, Python SDK 10", against="the official Python SDK on the same cookies", target=3.0)
    command = [str(client.program), "-S", str(_PROGRAMS / "official_python.py")]
    return _measure(rate, stage, plan, seal_format="fernet", theirs=command, client=client)


def measure_first_sight(stage: Stage, plan: Plan) -> Rate:
    """Check Fernet cookies none of which was seen before, against the official Python SDK 10.

    Raises:
        Unavailable: The SDK cannot be had.
    """
    client = Clients().python("v10")
    rate = Rate(name="cookie seen first, Python SDK 10", against="the same, nothing remembered", target=2.0)
    command = [str(client.program), "-S", str(_PROGRAMS / "official_python.py")]
    return _measure(rate, stage, plan, seal_format="fernet", theirs=command, client=client, forget=True)


def measure_against_node(stage: Stage, plan: Plan) -> Rate:
    """Check iron cookies, against the official Node SDK 11.

    Raises:
        Unavailable: The SDK cannot be had, or a Node that runs it.
    """
    client = Clients().node("v11")
    rate = Rate(name="cookie, Node SDK 11", against="the official Node SDK on the same cookies", target=2.0)
    command = [str(client.program), str(_PROGRAMS / "official_node.mjs")]
    return _measure(rate, stage, plan, seal_format="iron", theirs=command, client=client)


def _measure(
    rate: Rate,
    stage: Stage,
    plan: Plan,
    *,
    seal_format: SealFormat,
    theirs: list[str],
    client: Installed,
    forget: bool = False,
) -> Rate:
    asked = {
        "folder": str(client.folder),
        "port": stage.server.port,
        "client_id": stage.account.client_id,
        "password": _KEY,
        "cookies": _seal(stage, seal_format),
        "seconds": plan.cookie_seconds,
        "forget": forget,
    }
    ours = [sys.executable, str(_PROGRAMS / "ours.py")]
    return alternate(
        rate,
        _runner(ours, asked, python_path=str(Path(__file__).parents[1] / "src")),
        _runner(theirs, asked, python_path=str(client.folder)),
        rounds=plan.close_rounds,
    )


def _seal(stage: Stage, seal_format: SealFormat) -> list[str]:
    """Sign users in; their access tokens outlast the rounds."""
    account = stage.account
    with UserManagement(account.secret, client_id=account.client_id, base_url=stage.server.base_url) as um:
        answers = [
            um.authenticate_with_password(
                email,
                password=PASSWORD,
                session={"seal_session": True, "cookie_password": _KEY, "seal_format": seal_format},
            )
            for email in stage.emails[:_SESSIONS]
        ]
    return [answer.sealed_session or "" for answer in answers]


def _runner(command: list[str], asked: dict[str, object], *, python_path: str) -> Callable[[], Sample]:
    def run() -> Sample:
        done = subprocess.run(
            command,
            input=json.dumps(asked),
            env={"PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise LoadFailed(done.stderr[-1000:])
        checks = float(done.stdout)
        return Sample(rate=checks, p50=1000 / checks, p99=0.0)

    return run
