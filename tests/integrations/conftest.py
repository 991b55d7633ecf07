"""One Gatelodge in development mode, and the example of each framework as a process of its own."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.docs.fences import fences
from tests.harness.ports import free_port
from tests.harness.servers import PLAIN, Server, start_server
from tests.integrations.browser import Browser

if TYPE_CHECKING:
    from tests.harness.databases import Databases
    from tests.harness.guard import Guard

ROOT = Path(__file__).resolve().parents[2]
COOKIE_PASSWORD = "a password for cookies with thirty-two signs or more"
FRAMEWORKS = ("fastapi", "django", "flask")
SEED = """\
permissions:
  - slug: invoices:read
    name: Read invoices
roles:
  - slug: admin
    permissions: ["invoices:read"]
  - slug: member
organizations:
  - name: Acme
users:
  - {email: ada@example.com, password: correct horse 17, email_verified: true,
     memberships: [{organization: Acme, roles: [admin]}]}
  - {email: bob@example.com, password: correct horse 17, email_verified: true,
     memberships: [{organization: Acme, roles: [member]}]}
  - {email: eve@example.com, password: correct horse 17, email_verified: true}
"""
_START_SECONDS = 30.0


@pytest.fixture(scope="session")
def gatelodge(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "seed.yaml").write_text(SEED)
    started = start_server(
        guard,
        folder,
        database_url=databases.fresh("sqlite"),
        arguments=("--seed", str(folder / "seed.yaml")),
        settings={"GATELODGE_LIMITS": "false"},
    )
    yield started
    started.end()


@pytest.fixture(scope="session", params=FRAMEWORKS)
def app(request: pytest.FixtureRequest, gatelodge: Server, guard: Guard) -> Iterator[str]:
    """Give the address at which an example really listens."""
    with run_example(request.param, gatelodge, guard=guard) as address:
        yield address


def read_command(framework: str) -> list[str]:
    """Give the line with which a page starts its example, to be run by this interpreter."""
    line = fences(f"{framework}.md", "console")[-1].splitlines()[-1]
    program, *arguments = shlex.split(line.removeprefix("$ "))
    return arguments if program == "python" else ["-m", program, *arguments]


@contextlib.contextmanager
def run_example(framework: str, gatelodge: Server, *, guard: Guard) -> Iterator[str]:
    """Run an example as its page says, save for the port."""
    port = free_port()
    command = [word.replace("3000", str(port)) for word in read_command(framework)]
    if framework == "django":
        # A reloader runs the app in a process of its own, which nobody here would end.
        command.append("--noreload")
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ} | {
        # The code under test, wherever this test runs from.
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GATELODGE_BASE_URL": gatelodge.base_url,
        "GATELODGE_CLIENT_ID": gatelodge.client_id,
        "GATELODGE_API_KEY": gatelodge.api_key,
        "GATELODGE_COOKIE_PASSWORD": COOKIE_PASSWORD,
    }
    log = gatelodge.folder / f"example-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT / "examples",
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    guard.watch(process.pid)
    try:
        _await_answer(f"http://127.0.0.1:{port}", process, log=log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        guard.forget(process.pid)


def _await_answer(address: str, process: subprocess.Popen[bytes], *, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError), httpx2.Client(trust_env=False, verify=PLAIN) as http:
            http.get(address)
            return
        time.sleep(0.05)
    raise AssertionError(f"the example did not start: {log.read_text()}")


@pytest.fixture
def open_browser(app: str) -> Iterator[Callable[[], Browser]]:
    """Open browsers that were never here before."""
    with contextlib.ExitStack() as opened:

        def open_one() -> Browser:
            browser = Browser(app)
            opened.callback(browser.close)
            return browser

        yield open_one


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()
