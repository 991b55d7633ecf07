"""The examples of a page: what stands between its fences."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def fences(page: str, language: str = "python") -> list[str]:
    """Give the examples of a page in one language, in order."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return [body for name, _, body in _FENCE.findall(text) if name == language]
