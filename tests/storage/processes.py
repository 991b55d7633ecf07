"""Other processes that work on the same database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program of `programs/` whose standard output is a pipe."""
    command = [sys.executable, str(PROGRAMS / f"{program}.py"), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], *, within: float = 60) -> str:
    """Wait for a process that must succeed, and give what it printed."""
    try:
        printed, _ = process.communicate(timeout=within)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, printed
    return printed
