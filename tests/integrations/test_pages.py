"""The page of each framework shows the very example that the tests sign in at."""

from __future__ import annotations

import pytest

from tests.docs.fences import ROOT, fences


@pytest.mark.parametrize("framework", ["django", "fastapi", "flask"])
def test_the_first_code_of_a_page_is_the_example(framework: str) -> None:
    example = (ROOT / "examples" / f"{framework}_app.py").read_text("utf-8")

    assert fences(f"{framework}.md")[0] == example
    assert f"{framework}_app.py" in (ROOT / "docs" / f"{framework}.md").read_text("utf-8")
