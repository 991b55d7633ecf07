"""A real browser, headless: the system's Chromium, driven over a pipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, expect, sync_playwright

from tests.harness.unavailable import Unavailable

PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures"
"""Where pictures of pages are kept, to be looked at."""
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
]
_SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
_PATIENCE = 40_000
_SHADES = ("light", "dark")


def find_chromium() -> str:
    """Give the path of the browser.

    Raises:
        Unavailable: There is none on this machine.
    """
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    raise Unavailable("Chromium for the journeys through the pages; type: sudo apt install chromium")


class _App(BaseHTTPRequestHandler):
    """Answers every request with what was asked for."""

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # the library's name
        """Say nothing."""


def _prepare_driver() -> None:
    """Let Playwright's driver run on the system's Node where its own lacks a library, as on a bare Debian.

    Raises:
        Unavailable: Neither runs here.
    """
    own, _ = compute_driver_executable()
    for node in filter(None, map(shutil.which, (own, "node"))):
        if subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0:
            os.environ["PLAYWRIGHT_NODEJS_PATH"] = node
            return
    raise Unavailable("The driver of Chromium does not run here; type: sudo apt install libatomic1")


@contextmanager
def _serve_app(port: int | None) -> Iterator[int]:
    """Run the app that browsers come back to, on a port of its own, unless one runs already."""
    if port is not None:
        yield port
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@contextmanager
def launch_chromium(callback: str, *, app: int | None = None) -> Iterator[Browser]:
    """Start a browser; for it an app at `callback` answers every request.

    That is the app that listens on port `app`, or one that shows the address. While it runs, this
    thread has a loop of the driver's and can run no other.
    """
    program = find_chromium()
    _prepare_driver()
    # The app's port may be taken on this machine, and redirects pass by what a driver would answer itself.
    with _serve_app(app) as port, sync_playwright() as driver:
        mapped = f"--host-resolver-rules=MAP {urlsplit(callback).netloc} 127.0.0.1:{port}"
        browser = driver.chromium.launch(executable_path=program, args=[*_FLAGS, mapped])
        yield browser
        browser.close()


@contextmanager
def visit_with(browser: Browser, *, scripts: bool = False) -> Iterator[BrowserContext]:
    """Let somebody use the browser who was never here before; it runs no scripts of the pages unless told to."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", java_script_enabled=scripts)
    # Long enough for a machine that does much else.
    context.set_default_timeout(_PATIENCE)
    expect.set_options(timeout=_PATIENCE)
    yield context
    context.close()


@contextmanager
def open_chromium(callback: str, *, app: int | None = None) -> Iterator[BrowserContext]:
    """Start a browser as above for one visitor alone."""
    with launch_chromium(callback, app=app) as browser, visit_with(browser) as context:
        yield context


def take_picture(session: CDPSession, file: Path) -> None:
    """Keep a picture of what the page of a session shows."""
    # Squeezed less than it could be, and without the driver's preparations: that takes half the time.
    asked = {"format": "png", "optimizeForSpeed": True}
    # A page that has just come in may have nothing to show for a moment; a picture is no proof of anything.
    for _ in range(3):
        try:
            file.write_bytes(b64decode(session.send("Page.captureScreenshot", asked)["data"]))
        except Error:
            time.sleep(0.2)
        else:
            return


def take_pictures(page: Page, name: str) -> None:
    """Keep pictures of a page, light and dark, on a telephone and on a desk."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    # It ends with the page: to end it here would take a device away that another session plays.
    session = page.context.new_cdp_session(page)
    for size, (width, height) in _SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for shade in _SHADES:
            page.emulate_media(color_scheme="dark" if shade == "dark" else "light")
            take_picture(session, PICTURES / f"{name}-{size}-{shade}.png")
    page.emulate_media(color_scheme="light")
