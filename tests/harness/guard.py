"""End the processes and folders of a test run, even when the run itself is killed.

The guard is a process of its own. It reads commands from a pipe whose other end only the
test run holds; when the pipe closes, for whatever reason, it kills every process group still
on its list, removes every folder still on it, and ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self


class Guard:
    """The test run's side of the pipe."""

    def __init__(self) -> None:
        # A session of its own: ctrl-C at the terminal must reach the run and spare the guard.
        self._process = subprocess.Popen(
            [sys.executable, "-S", str(Path(__file__))], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def watch(self, group: int) -> None:
        """Kill this process group at the end."""
        self._say(f"watch {group}")

    def forget(self, group: int) -> None:
        """Leave this process group alone: it has ended, and its number may be given again."""
        self._say(f"forget {group}")

    def remove(self, folder: Path) -> None:
        """Remove this folder at the end."""
        self._say(f"remove {folder}")

    def close(self) -> None:
        """End what is left, and wait until it is gone."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _say(self, line: str) -> None:
        pipe = self._process.stdin
        if pipe is None:
            message = "the guard has no pipe"
            raise RuntimeError(message)
        pipe.write(line + "\n")
        pipe.flush()


def stand_guard() -> None:
    """Follow the commands until the pipe closes, then clean up."""
    groups: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        command, _, argument = line.rstrip("\n").partition(" ")
        match command:
            case "watch":
                groups.add(int(argument))
            case "forget":
                groups.discard(int(argument))
            case "remove":
                folders.append(argument)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    stand_guard()
