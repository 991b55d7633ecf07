"""The examples of docs/testing.md, each run as a project's own test file would be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.docs.fences import fences


def test_the_examples_pass_as_they_stand(tmp_path: Path) -> None:
    examples = fences("testing.md")
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{sum(example.count('def test_') for example in examples)} passed" in run.stdout
