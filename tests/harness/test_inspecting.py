"""What looks over the pages sees the faults that there are."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.chromium import open_chromium
from tests.harness.inspecting import Inspector
from tests.harness.unavailable import bring

ADDRESS = "http://localhost:3000/page"
SOUND = """<!doctype html><html lang="en"><head><title>Page</title><style>{style}</style></head><body><main>
<h1>Page</h1>{more}</main></body></html>"""
_FAULTS = [
    ('<label>Name <input name="who"></label>', "", "who does not say what a browser may fill in"),
    ('<input name="who" autocomplete="name">', "", "light: label: <input"),
    ('<label>Name <input name="who" autocomplete="nickname-of-mine"></label>', "", "light: autocomplete-valid: <input"),
    ('<p id="fault">Wrong</p><label>Name <input autocomplete="name" autofocus></label>', "", "told of no field"),
    ('<p style="width:400px">wide</p>', "", "ltr: wider than 320 pixels"),
    ('<p style="margin-left:-60px">aside</p>', "", "rtl: wider than 320 pixels"),
    (
        '<p style="width:50em">large</p>',
        "p{max-width:900px} @media (max-width:500px){p{width:auto!important}}",
        "wider",
    ),
    ("<p>faint</p>", "@media (prefers-color-scheme:dark){body{background:#000}p{color:#333}}", "dark: color-contrast"),
    ("<p>faint</p>", "p{color:#bbb}", "light: color-contrast: <p>"),
    (f"<!--{'x' * 30_000}-->", "", "it weighs"),
]


def test_every_kind_of_fault_is_seen_and_a_sound_page_has_none(tmp_path: Path) -> None:
    with ExitStack() as opened:
        context = bring(lambda: opened.enter_context(open_chromium(ADDRESS)))
        page = context.new_page()
        page.goto(ADDRESS)
        browser = context.browser
        assert browser is not None
        inspector = Inspector(browser)

        def find(more: str, style: str) -> list[str]:
            page.set_content(SOUND.format(style=style, more=more))
            return inspector.find_faults(page, picture=tmp_path / "rtl.png")

        assert find("<p>Fine.</p>", "") == []
        for more, style, fault in _FAULTS:
            found = find(more, style)
            if not any(fault in each for each in found):
                pytest.fail(f"{more}: expected {fault!r}, found {found}")
        assert (tmp_path / "rtl.png").stat().st_size > 0
