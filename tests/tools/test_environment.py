"""`tools/environment`: what a fresh machine is told when something is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Copy what the script reads into an empty folder."""
    for name in ("tools", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / "clone" / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "clone")
    return tmp_path / "clone"


def bring(clone: Path, *, before: list[str] | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a person with nothing but the system's programs would."""
    return subprocess.run(
        [*(before or []), str(clone / "tools" / "environment"), "serve"],
        env={
            "HOME": str(clone),
            "PATH": "/usr/bin:/bin",
            "PYTHON": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def python_that(clone: Path, *, fails_on: str) -> str:
    """Make a Python that is this one, but for commands that mention a word."""
    program = clone.parent / "python3"
    program.write_text(f'#!/bin/sh\ncase "$*" in *{fails_on}*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return str(program)


def test_a_python_without_ensurepip_is_told_what_to_type(clone: Path) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"

    done = bring(clone, PYTHON=python_that(clone, fails_on="ensurepip"))

    assert done.returncode == 1
    assert done.stderr == (
        f"gatelodge: this Python cannot make environments; type: sudo apt install python{version}-venv\n"
    )
    assert not (clone / ".venv").exists()


def test_an_unreachable_registry_is_told_in_one_line(clone: Path) -> None:
    # Nothing listens on port 9 of the loopback interface.
    done = bring(clone, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_NO_CACHE_DIR="1", PIP_CONFIG_FILE="/dev/null")

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("gatelodge: the Python package registry cannot be reached")
    assert "Traceback" not in done.stdout


def test_an_environment_whose_making_was_interrupted_is_made_again(clone: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(clone / ".venv")], check=True)

    done = bring(clone, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_NO_CACHE_DIR="1", PIP_CONFIG_FILE="/dev/null")

    assert "making .venv" in done.stdout
    assert "registry cannot be reached" in done.stderr


def test_a_full_disk_is_told_in_one_line(clone: Path) -> None:
    full = "import os, resource, sys; size = 100_000\n"
    full += "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); os.execv(sys.argv[1], sys.argv[1:])"

    # No file may be larger, so that there is no room for pip.
    done = bring(clone, before=[sys.executable, "-c", full])

    assert done.returncode == 1
    assert done.stderr == "gatelodge: the disk is full; make room, then try again\n"
