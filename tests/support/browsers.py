"""Rooms in Chromium: each person has a browser context of their own, joined as on a known device."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

from tests.support import machine
from tests.support.outside import Server

FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OF_COLOUR = ("color-contrast", "link-in-text-block")  # what axe finds by colours alone
CONNECTED = "[data-connected=true]"
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
  console.error("CSP violation:", event.violatedDirective, event.blockedURI, event.sourceFile))
"""
SAY_WHEN_MEASURED = """
document.addEventListener("room:clock", () => document.documentElement.dataset.measured = "", true)
"""
OTHER_CLOCK = """
{
  const off = %d, Real = Date
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + off) }
    static now() { return Real.now() + off }
  }
}
"""


def launch_args(*names: str) -> dict[str, Any]:
    """Return how to start the first of these programs that is installed; root has no sandbox."""
    found = next(filter(None, map(machine.program, names)), None)
    if found is None:
        machine.missing("chromium")
    return {"executable_path": found, "args": [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]}


class Rooms:
    """Opens pages and hears what they complain of: CSP violations, errors, requests to elsewhere."""

    def __init__(self, browser: Browser, server: Server | None) -> None:
        self.browser, self.server = browser, server
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(
        self,
        name: str,
        *,
        server: Server | None = None,
        viewport: tuple[int, int] = (1280, 800),
        locale: str = "en",
        clock_off_s: float = 0,
        connected: bool = True,
        **options: Any,
    ) -> Page:
        """Open the room as ``name``, who joins first if need be, and wait until it is live.

        ``clock_off_s`` puts that computer's clock wrong. ``options`` are those of a
        browser context (``color_scheme``, ``reduced_motion``, ``has_touch``, ...).
        """
        server = server or self.server
        assert server is not None, "ask for the fixture `server`, or say which of two"
        client = server.client_for(name, locale=locale)
        context = self.context(viewport=viewport, locale=locale, clock_off_s=clock_off_s, **options)
        context.add_cookies(
            [{"name": each.name, "value": each.value or "", "url": server.url} for each in client.cookies]
        )
        page = context.new_page()
        page.goto(f"{server.url}/m/{server.house.person(name).meeting_id}")
        if connected:
            page.locator(CONNECTED).first.wait_for(state="attached", timeout=15_000)
        return page

    def context(
        self,
        *,
        viewport: tuple[int, int] = (1280, 800),
        locale: str = "en",
        clock_off_s: float = 0,
        **options: Any,
    ) -> BrowserContext:
        """Make a browser of somebody whom the server does not know yet; it is where the groups are."""
        options.setdefault("timezone_id", "Europe/Helsinki")
        size: Any = {"width": viewport[0], "height": viewport[1]}
        context = self.browser.new_context(viewport=size, locale=locale, **options)
        self.contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS)
        context.add_init_script(SAY_WHEN_MEASURED)
        if clock_off_s:
            context.add_init_script(OTHER_CLOCK % round(clock_off_s * 1000))
        context.on("console", self._hear)
        context.on("weberror", self._see)
        context.on("request", self._watch)
        return context

    def _hear(self, message: ConsoleMessage) -> None:
        if "CSP violation" in message.text or "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _see(self, error: WebError) -> None:
        self.complaints.append(f"{error.page.url if error.page else ''}: {error.error}")

    def _watch(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.complaints.append(f"asked elsewhere: {request.url}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)


def assert_accessible(page: Page, rules: Sequence[str] = ()) -> None:
    """Fail on anything that axe finds, of WCAG 2.2 A and AA and best practice alike; or by ``rules`` only."""
    if not page.evaluate("'axe' in window"):  # half a megabyte, which stays until the page goes
        page.evaluate(Axe().axe_script)
    # What it preloads, for rules that are not asked for, it may put into the page, against our CSP.
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    results = AxeResults(page.evaluate("axe.run", options | ({"runOnly": list(rules)} if rules else {})))
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def assert_no_sideways_scrolling(page: Page) -> None:
    """Fail when the page is wider than its window (WCAG 1.4.10)."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"
