"""`tools.generate`: generated files are written, and a stale one is noticed."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tools import generate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def one_generator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the driver work in a folder of its own, with one generator that writes one file."""
    module = ModuleType("tests.tools.a_generator")
    module.generate = lambda: {"docs/made.txt": "made\n"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(generate, "GENERATORS", (module.__name__,))
    monkeypatch.setattr(generate, "ROOT", tmp_path)


@pytest.mark.usefixtures("one_generator")
def test_a_written_file_is_fresh(tmp_path: Path) -> None:
    assert generate.main([]) == 0

    assert (tmp_path / "docs" / "made.txt").read_text() == "made\n"
    assert generate.main(["--check"]) == 0


@pytest.mark.usefixtures("one_generator")
def test_a_changed_file_is_stale_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate.main([])
    (tmp_path / "docs" / "made.txt").write_text("changed by hand\n")

    assert generate.main(["--check"]) == 1

    assert "docs/made.txt is stale" in capsys.readouterr().out
    assert (tmp_path / "docs" / "made.txt").read_text() == "changed by hand\n"


@pytest.mark.usefixtures("one_generator")
def test_a_missing_file_is_stale() -> None:
    assert generate.main(["--check"]) == 1
