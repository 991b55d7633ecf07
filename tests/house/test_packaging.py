"""What is shipped: locks without hosts, a wheel with everything the code reads, no undeclared import."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house.source import parse

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "gatelodge"

# Where the distribution's name is not the module's.
MODULES = {
    "argon2-cffi": "argon2",
    "dnspython": "dns",
    "email-validator": "email_validator",
    "phonenumberslite": "phonenumbers",
    "psycopg": "psycopg",
    "pynacl": "nacl",
    "pyyaml": "yaml",
}


def locks() -> list[Path]:
    """Find every lock file."""
    return sorted(
        [
            *ROOT.glob("requirements/*.txt"),
            *ROOT.glob("tests/clients/python/*/requirements.txt"),
            *ROOT.glob("tests/clients/node/*/package-lock.json"),
        ]
    )


@pytest.mark.parametrize("lock", locks(), ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_has_hashes_and_names_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert "sha256:" in text or "sha512-" in text
    assert not re.search(r"\"resolved\"|--(index|extra-index)-url|--find-links|--trusted-host|@ (file|https?):", text)


def test_every_locked_python_package_is_pinned_with_hashes() -> None:
    for lock in ROOT.glob("requirements/*.txt"):
        for entry in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip()):
            assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
            assert "--hash=sha256:" in entry, entry


def test_every_import_of_the_package_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {match[0].lower() for line in declared if (match := re.match(r"[A-Za-z0-9_-]+", line))}
    allowed = {MODULES.get(name, name) for name in names} | set(sys.stdlib_module_names) | {"gatelodge"}

    undeclared = {
        f"{path.relative_to(PACKAGE)}: {module}"
        for path in PACKAGE.rglob("*.py")
        for module in imported(path)
        if module not in allowed
    }

    assert not undeclared


def imported(path: Path) -> set[str]:
    """Give the top-level modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "LICENSE", "NOTICE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]

    subprocess.run([*command, "--wheel-dir", str(tmp_path / "out"), str(tmp_path)], check=True)

    (wheel,) = (tmp_path / "out").glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("gatelodge/")}
    source = tmp_path / "src"
    written = {str(path.relative_to(source)) for path in (source / "gatelodge").rglob("*") if path.is_file()}
    assert shipped == written
