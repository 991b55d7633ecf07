"""Run `gatelodge` commands as an operator does: as processes, in a folder, with variables."""

from __future__ import annotations

import errno
import json
import os
import secrets
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any

from tests.cli.warm import warm
from tests.harness.ports import free_port
from tests.harness.servers import PROGRAM, Server

_SECONDS = 60
LAST_LINE = "Ctrl-C stops it.\n"
# Takes the terminal as the one whose Ctrl-C it hears, even where the tests run in the background, and
# becomes the command.
_ON_A_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Read what it printed for machines."""
        return json.loads(self.out)

    @property
    def fault(self) -> str:
        """Give the one line of a command that failed, without a traceback."""
        lines = self.err.splitlines()
        assert self.status == 1, self
        assert len(lines) == 1, self.err
        assert lines[0].startswith("gatelodge: "), self.err
        return lines[0].removeprefix("gatelodge: ")


@dataclass(kw_only=True)
class Shell:
    """A folder to work in, and the variables that are exported there."""

    folder: Path
    exported: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str = "", **exported: str) -> Ran:
        """Run a command to its end, in a process that is forked from one with the imports done."""
        if arguments[:1] == ("serve",):
            # It forks its workers itself, from an interpreter that must be as an operator's is; and
            # whoever runs the tests may have a server of their own on the usual port.
            return self.run_cold(*arguments, stdin=stdin, **({"GATELODGE_PORT": str(free_port())} | exported))
        ran = warm().run(arguments, folder=self.folder, environment=self.environment(exported), stdin=stdin)
        return Ran(**ran)

    def run_cold(self, *arguments: str, stdin: str = "", **exported: str) -> Ran:
        """Run the installed program to its end."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(exported),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Run a command that must succeed, and read its JSON."""
        ran = self.run(*arguments, "--json", stdin=stdin)
        assert ran.status == 0, ran.err
        return ran.json()

    def type(self, *arguments: str, answers: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
        """Run a command on a terminal of its own; give its status and the screen's text.

        Each of `answers` is what to wait for on the screen and what to type then.
        """
        ours, theirs = os.openpty()
        with os.fdopen(ours, "r+b", buffering=0) as screen:
            process = subprocess.Popen(
                [sys.executable, "-c", _ON_A_TERMINAL, PROGRAM, *arguments],
                cwd=self.folder,
                env=self.environment({"TERM": "xterm", "COLUMNS": "200"}),
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
            os.close(theirs)
            try:
                text = _converse(screen, answers)
                return process.wait(timeout=_SECONDS / 2), text
            finally:
                process.kill()
                process.wait()

    def environment(self, exported: dict[str, str]) -> dict[str, str]:
        """Give the variables of a command; none of Gatelodge's that this shell may have."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | self.exported | exported


def _converse(screen: FileIO, answers: tuple[tuple[str, str], ...]) -> str:
    text, seen, waiting = "", 0, list(answers)
    deadline = time.monotonic() + _SECONDS / 2
    while time.monotonic() < deadline and (read := _read(screen)) is not None:
        text += read.decode().replace("\r\n", "\n")
        if waiting and waiting[0][0] in text[seen:]:
            seen = len(text)
            screen.write(waiting.pop(0)[1].encode())
    return text


def _read(screen: FileIO) -> bytes | None:
    """Read what came within a second; None once nobody has the terminal any more."""
    waiting = select.poll()
    waiting.register(screen, select.POLLIN)
    if not waiting.poll(1000):
        return b""
    try:
        return screen.read(65536) or None
    except OSError as fault:
        if fault.errno != errno.EIO:
            raise
        return None


def await_output(running: Server, text: str) -> str:
    """Wait until a server has printed this: it may be ready a moment before it says so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and text not in running.output():
        time.sleep(0.02)
    return running.output()


def production(database_url: str, folder: Path) -> Shell:
    """Give a shell that is set up for an installation in production."""
    exported = {
        "GATELODGE_DATABASE_URL": database_url,
        "GATELODGE_MASTER_KEY": secrets.token_urlsafe(32),
        "GATELODGE_BASE_URL": "https://auth.example.com",
    }
    return Shell(folder=folder, exported=exported)
