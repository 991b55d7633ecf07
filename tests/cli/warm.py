"""Processes for commands, forked from one that has imported everything already.

A command takes half a second of imports and a few milliseconds of work, and the tests run
hundreds of them. Each is a process of its own all the same, with its own folder, variables,
standard input and exit status. This file is also the program that they are forked from; it
has one thread, reads a request a line, and ends when the tests do, since its input ends.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

_SECONDS = 60
_WARMED = (
    "gatelodge.cli.apply",
    "gatelodge.cli.doctor",
    "gatelodge.cli.environments",
    "gatelodge.cli.init",
    "gatelodge.cli.keys",
    "gatelodge.cli.migrate",
    "gatelodge.cli.outbox",
    "gatelodge.cli.users",
    "gatelodge.doors.assemble",
    "gatelodge.kit.database.postgres",
)


class Warm:
    """The tests' side of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, arguments: tuple[str, ...], *, folder: Path, environment: dict[str, str], stdin: str) -> Any:
        """Run a command to its end; give its status, output and errors."""
        assert self._process.stdin
        assert self._process.stdout
        asked = {"arguments": arguments, "folder": str(folder), "environment": environment, "stdin": stdin}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@functools.cache
def warm() -> Warm:
    """Give this test run's process, started at the first command."""
    return Warm()


def _serve() -> None:
    for module in _WARMED:
        __import__(module)
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.dup(1)
    for line in requests:
        answer = _answer(json.loads(line))
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(asked["stdin"].encode())
        files[0].seek(0)
        pid = os.fork()
        if pid == 0:
            _become(asked, [file.fileno() for file in files])
        status = _wait(pid)
        out, err = (_read(file.fileno()) for file in files[1:])
        return {"status": status, "out": out, "err": err}


def _become(asked: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Turn the forked child into the command."""
    status: Any = 1
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.argv = ["gatelodge", *asked["arguments"]]
        from gatelodge.cli import main

        main()
    except SystemExit as ended:
        status = ended.code
    except BaseException:  # noqa: BLE001  # as the interpreter does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status or 0)


def _wait(pid: int) -> int:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, 9)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read().decode()


if __name__ == "__main__":
    _serve()
