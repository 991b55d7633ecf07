"""What a program sees of the client: its names, its weight, its types, its two faces."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import gatelodge
from gatelodge import AsyncUserManagement, UserManagement
from gatelodge.contract.operations import OPERATIONS
from tests.harness.unavailable import Unavailable, bring
from tools.generate_sync import write_sync

SERVER_PACKAGES = (
    "apsw argon2 asyncio bcrypt cryptography cyclopts flask granian greenlet jinja2 psycopg rich sqlite3 uvloop".split()
)
LIGHTEST = """
import sys, time
start = time.process_time()
from gatelodge import AsyncUserManagement, UserManagement
print(time.process_time() - start)
print(*(name for name in sys.modules if name.partition(".")[0] in {packages}))
ours = (name.split(".")[1] for name in sys.modules if name.startswith("gatelodge."))
print(*(layer for layer in ours if layer not in ("contract", "sdk")))
"""
ELSEWHERE = """
import os, sys
del os.fork, os.register_at_fork
sys.modules |= dict.fromkeys(["fcntl", "grp", "pwd", "resource", "termios", "uvloop"])
from gatelodge import UserManagement, errors, seal_session, unseal_session
import gatelodge.integrations.flask, gatelodge.integrations.starlette
um = UserManagement("sk", client_id="client_x", base_url="http://127.0.0.1:9", retries=0)
print(um.authenticate_with_session_cookie("x", cookie_password="x" * 32).reason)
try:
    um.get_user("user_01")
except errors.ConnectionFailed as refusal:
    print(refusal.code)
"""
SENDS_NOTHING = {
    "close",
    "get_authorization_url",
    "get_authorization_url_with_pkce",
    "get_jwks_url",
    "joined",
    "load_sealed_session",
}
IS_NO_CALL = {"close", "joined"}
PROGRAM = Path(__file__).with_name("program.py")
PACKAGE = Path(inspect.getfile(gatelodge)).parent


def methods(kind: type) -> dict[str, Any]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


def test_every_public_name_is_there() -> None:
    assert all(getattr(gatelodge, name) is not None for name in gatelodge.__all__)
    assert set(dir(gatelodge)) == set(gatelodge.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = gatelodge.nothing


def test_importing_the_client_is_quick_and_brings_nothing_of_the_server() -> None:
    runs: list[list[str]] = []
    # The quickest of some: on a busy machine even processor time grows.
    while not runs or (len(runs) < 20 and min(float(seconds) for seconds, *_ in runs) >= 0.150):
        ran = subprocess.run(
            [sys.executable, "-c", LIGHTEST.format(packages=set(SERVER_PACKAGES))],
            capture_output=True,
            text=True,
            check=True,
        )
        runs.append(ran.stdout.split("\n"))

    assert {(packages, modules) for _, packages, modules, *_ in runs} == {("", "")}
    assert min(float(seconds) for seconds, *_ in runs) < 0.150


def test_the_client_runs_where_nothing_can_be_forked_as_on_windows() -> None:
    ran = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=False, timeout=60)

    assert ran.stdout.split() == ["invalid_session_cookie", "connection_failed"], ran.stderr


def test_both_faces_have_the_same_methods_with_the_same_arguments() -> None:
    plain, awaited = methods(UserManagement), methods(AsyncUserManagement)

    assert plain.keys() == awaited.keys()
    for name, method in plain.items():
        twin = inspect.signature(awaited[name]).parameters
        assert list(inspect.signature(method).parameters.values()) == list(twin.values())


def test_arguments_after_the_first_are_named() -> None:
    for name, method in methods(UserManagement).items():
        _, *members = inspect.signature(method).parameters.values()
        assert all(member.kind is inspect.Parameter.KEYWORD_ONLY for member in members[1:]), name


def test_every_method_that_calls_tells_its_http_call_and_its_contract_page() -> None:
    calls = {f"{operation.method} {operation.path.replace('*}', '}')}" for operation in OPERATIONS}
    told: dict[str, str] = {}
    for name, method in methods(AsyncUserManagement).items():
        if name in IS_NO_CALL:
            continue
        documentation = inspect.getdoc(method) or ""
        assert "contract page" in documentation, name
        if call := re.search(r"`((?:DELETE|GET|PATCH|POST|PUT) [^`]+)`", documentation):
            told[name] = call.group(1)

    assert set(told.values()) <= calls
    assert {name for name in methods(AsyncUserManagement) if name not in told} == SENDS_NOTHING


def test_the_synchronous_client_is_what_the_generator_writes() -> None:
    folder = Path(inspect.getfile(UserManagement)).parent
    sources = sorted((folder.parent / "_async").glob("*.py"))

    assert [path.name for path in sources] == sorted(path.name for path in folder.glob("*.py"))
    for source in sources:
        assert (folder / source.name).read_text("utf-8") == write_sync(source.read_text("utf-8")), source.name


def test_the_generator_leaves_no_trace_of_coroutines() -> None:
    source = '''
from collections.abc import AsyncIterator, Awaitable, Callable
from gatelodge.sdk._async.calls import AsyncCalls

async def walk(turn: Callable[[str], Awaitable[AsyncPageOf[int]]]) -> AsyncIterator[int]:
    """Walk an `AsyncPageOf`: `await client.close()`."""
    async with opened as page:
        async for item in (await turn("awaited")).items():
            yield item
'''

    assert (
        write_sync(source).partition("\n")[2]
        == '''
from collections.abc import Callable, Iterator
from gatelodge.sdk._sync.calls import Calls

def walk(turn: Callable[[str], PageOf[int]]) -> Iterator[int]:
    """Walk an `PageOf`: `client.close()`."""
    with opened as page:
        for item in (turn("awaited")).items():
            yield item
'''
    )


def checker(name: str) -> Path:
    program = Path(sys.executable).with_name(name)
    if not program.exists():
        raise Unavailable(f"{name} is not installed; type: tools/environment check")
    return program


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mypy", ["--strict", "--no-incremental", "--config-file=", "--python-version=3.11"]),
        ("pyright", ["--pythonpath", sys.executable]),
    ],
)
def test_a_program_that_uses_the_class_is_typed_through_and_through(
    name: str, arguments: list[str], tmp_path: Path
) -> None:
    program = bring(lambda: checker(name))
    text = PROGRAM.read_text("utf-8")
    (tmp_path / "program.py").write_text("# pyright: strict\n" + text, "utf-8")
    (tmp_path / "wrong.py").write_text("# pyright: strict\n" + text.replace("user.email", "user.emial"), "utf-8")

    checked = subprocess.run(
        [program, *arguments, "program.py", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    faults = [line for line in checked.stdout.splitlines() if ".py:" in line]

    assert faults, checked.stdout + checked.stderr
    assert all("wrong.py" in line for line in faults), checked.stdout
    assert any("emial" in line for line in faults)


@pytest.mark.timeout(300)
def test_every_public_type_is_known_to_a_checker_that_sees_the_installed_package(tmp_path: Path) -> None:
    program = bring(lambda: checker("pyright"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True, timeout=60)
    (packages,) = (tmp_path / "venv").glob("lib/*/site-packages")
    shutil.copytree(PACKAGE, packages / "gatelodge", ignore=shutil.ignore_patterns("__pycache__"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), "utf-8")

    checked = subprocess.run(
        [program, "--verifytypes", "gatelodge", "--ignoreexternal", "--outputjson"],
        # It asks the first python of the path where packages are, whatever else it is told.
        env=os.environ | {"PATH": f"{tmp_path}/venv/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    told = json.loads(checked.stdout)["typeCompleteness"]

    counts = told["exportedSymbolCounts"]
    vague = [each["name"] for each in told["symbols"] if each["isExported"] and not each["isTypeKnown"]]
    assert counts["withKnownType"] > 5_000
    assert (counts["withAmbiguousType"], counts["withUnknownType"]) == (0, 0), vague
