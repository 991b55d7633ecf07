"""Looks over a page as its visitors may have it: small, dark, right to left, in large letters, read aloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from axe_playwright_python.base import AXE_FILE_PATH  # type: ignore[import-untyped]  # it has no marker
from playwright.sync_api import Browser, Page, Route, ViewportSize

from tests.harness.chromium import take_picture

HEAVIEST = 30_000
"""Bytes that a page may weigh with all that it brings."""
_AXE = AXE_FILE_PATH.read_text("utf-8")
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The width that WCAG 2.2 §1.4.10 wants pages to fit into, and a desk where letters are doubled (§1.4.4).
_NARROW, _DESK = ViewportSize(width=320, height=640), ViewportSize(width=640, height=800)

_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_ROOT = "root => Object.assign(document.documentElement, root)"
_LETTERS = "size => { document.documentElement.style.fontSize = size }"
_BROUGHT = "[...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(each => each.href || each.src)"
_UNNAMED = """
[...document.querySelectorAll('input:not([type=hidden], [type=radio], [type=checkbox])')]
  .filter(each => !each.autocomplete).map(each => each.name)
"""
_TOLD = """
!document.querySelector('#fault')
  || !!document.querySelector('[aria-invalid][aria-describedby~=fault]') && !!document.querySelector('[autofocus]')
"""
# What the colours of the system's other shade can change.
_SHADES: dict[Literal["light", "dark"], list[str]] = {"light": _STANDARDS, "dark": ["color-contrast"]}
_SCAN = "standards => axe.run({runOnly: standards, resultTypes: ['violations']}).then(found => found.violations)"


class Inspector:
    """Shows itself what a visitor sees, in a window that runs scripts: the visitor's own need not."""

    def __init__(self, browser: Browser) -> None:
        """Open the window."""
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        context.set_default_timeout(40_000)
        self._page = context.new_page()
        self._camera = context.new_cdp_session(self._page)
        self._address = self._body = ""
        self._page.route(lambda url: url == self._address, self._answer)

    def close(self) -> None:
        """Close the window."""
        self._page.context.close()

    def find_faults(self, seen: Page, *, picture: Path) -> list[str]:
        """Give what is wrong with a page; `picture` is where it is kept as readers from right to left have it."""
        address = seen.url.partition("#")[0]
        self._show(address, seen.content())
        faults = [*self._weigh(address, seen), *self._list_unnamed(), *self._fit(picture)]
        if not self._page.evaluate(_TOLD):
            faults.append("what is wrong is told of no field, or no field has the focus")
        for shade, asked in _SHADES.items():
            self._page.emulate_media(color_scheme=shade)
            faults += [f"{shade}: {fault}" for fault in self._scan(asked)]
        return faults

    def _answer(self, route: Route) -> None:
        route.fulfill(content_type="text/html; charset=utf-8", body=self._body)

    def _show(self, address: str, body: str) -> None:
        self._address, self._body = address, body
        self._page.set_viewport_size(_NARROW)
        self._page.emulate_media(color_scheme="light")
        self._page.goto(address)
        self._page.evaluate(_AXE)

    def _weigh(self, address: str, seen: Page) -> list[str]:
        weight = len(seen.content().encode())
        for brought in self._page.evaluate(_BROUGHT):
            if urlsplit(brought).netloc == urlsplit(address).netloc:
                weight += len(self._page.request.get(urljoin(address, brought)).body())
        return [f"it weighs {weight} bytes"] if weight >= HEAVIEST else []

    def _list_unnamed(self) -> list[str]:
        return [f"{name} does not say what a browser may fill in" for name in self._page.evaluate(_UNNAMED)]

    def _fit(self, picture: Path) -> list[str]:
        faults = []
        for direction in ("ltr", "rtl"):
            self._page.evaluate(_ROOT, {"dir": direction})
            if self._page.evaluate(_WIDER):
                faults.append(f"{direction}: wider than {_NARROW['width']} pixels")
        take_picture(self._camera, picture)
        self._page.evaluate(_ROOT, {"dir": "ltr"})
        self._page.set_viewport_size(_DESK)
        self._page.evaluate(_LETTERS, "200%")
        if self._page.evaluate(_WIDER):
            faults.append("wider than the window in letters of double size")
        self._page.evaluate(_LETTERS, "")
        self._page.set_viewport_size(_NARROW)
        return faults

    def _scan(self, asked: list[str]) -> list[str]:
        found: list[dict[str, Any]] = self._page.evaluate(_SCAN, asked)
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
