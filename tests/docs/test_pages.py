"""The tutorial and the migration page: their examples run, and their tables leave nothing out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.fences import ROOT, fences
from tests.sdk.test_methods import PROMISES
from tools.generate_methods import http_call


@pytest.mark.parametrize("page", ["index.md", "migrating.md", "tutorial.md"])
def test_the_examples_of_a_page_run_from_top_to_bottom(page: str, tmp_path: Path) -> None:
    (tmp_path / "accounts.py").write_text("\n".join(fences(page)), "utf-8")

    run = subprocess.run(
        [sys.executable, "-W", "error", "accounts.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "app.db").exists()


DASH = "\N{EN DASH}"


def test_the_table_of_calls_names_every_promised_method_with_its_request() -> None:
    rows = re.findall(
        r"^\| `(\w\w\w+)` \|.*\| (\S.*) \|$", (ROOT / "docs" / "migrating.md").read_text("utf-8"), re.MULTILINE
    )

    told = {name: request.strip("`") for name, request in rows}
    assert told == {promise.name: http_call(promise.name) or DASH for promise in PROMISES}
    assert len(told) == len(rows)
