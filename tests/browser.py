"""A real browser for the tests of pages: Chromium without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from programs import program

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the browser's program."""
    return program(*NAMES, lost="the page is not looked at in a browser")


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser, and end it afterwards."""
    found = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1000) -> Iterator[tuple[Page, list[str]]]:
    """Open a file without a network; give the page, and a list that fills with all that goes wrong in it.

    Wrong are: a request for anything but the file itself and what it holds, a failed request, an error or a warning on
    the console, a script that fails, and a dialogue.
    """
    faults: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    allowed = ("data:", path.resolve().as_uri())
    page.on("request", lambda r: None if r.url.startswith(allowed) else faults.append(f"request: {r.url[:200]}"))
    page.on("requestfailed", lambda r: faults.append(f"failed: {r.url[:200]}"))
    page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))

    def dismiss(dialog: object) -> None:
        faults.append("dialogue")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismiss)
    try:
        page.goto(path.resolve().as_uri())
        yield page, faults
    finally:
        context.close()


def barriers(page: Page) -> list[tuple[str, str]]:
    """Scan a page with axe-core for what keeps people out; return each finding with the first place that has it."""
    # What is in order is not listed: to describe thousands of such places takes as long as the scan itself.
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(f"{one['impact']}: {one['id']}", one["nodes"][0]["html"][:120]) for one in found]
