"""Whoever is elsewhere is told whose time a page shows; whoever's clock is the same reads plain times."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, pressed

MARK = """selector => {
  const found = [...document.querySelectorAll(selector)].filter(one => one.checkVisibility())
  return found.map(one => getComputedStyle(one, "::after").content)
}"""


def marks(page: Page) -> set[str]:
    """Return what the style sheet adds to the times that can be seen."""
    return set(page.evaluate(MARK, ".at"))


def speak(page: Page, locale: str) -> None:
    """Choose the language of the pages, and come back."""
    room = page.url
    page.goto(room.partition("/m/")[0])
    page.locator(f"button[name=locale][value={locale}]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", locale)
    page.goto(room)
    alive(page)


@pytest.mark.parametrize(
    ("zone", "locale", "city"),
    [
        ("Europe/Stockholm", "en", " (Helsinki)"),
        ("America/New_York", "sv", " (Helsingfors)"),
        ("Asia/Kolkata", "fi", " (Helsinki)"),
        ("Europe/Helsinki", "en", ""),
        ("Europe/Mariehamn", "sv", ""),
    ],
)
def test_times_say_whose_they_are_elsewhere(open_room: Rooms, zone: str, locale: str, city: str) -> None:
    ada = open_room("Ada", timezone_id=zone)
    speak(ada, locale)
    shown = f'"{city}"' if city else "none"
    ends = re.compile(rf"\d\d?[.:]\d\d{re.escape(city)}$")
    for press in ("", "start"):
        if press:
            pressed(ada, press)
            expect(ada.locator("#run")).to_have_attribute("data-number", re.compile("^[1-9]"))
        expect(ada.locator("#ends")).to_have_text(ends)
        assert marks(ada) <= {shown}
    ada.reload()
    alive(ada)
    expect(ada.locator("#ends")).to_have_text(ends)


def test_a_group_that_is_started_has_the_browsers_zone(open_room: Rooms, server: Server) -> None:
    page = open_room.context(timezone_id="America/New_York").new_page()
    page.goto(server.url)
    page.get_by_role("button", name="Start a meeting now").first.click()
    page.get_by_label("Your name").fill("Ned")
    page.get_by_role("button", name="Open the room").click()
    alive(page)
    expect(page.locator("html")).to_have_attribute("data-zone", "America/New_York")
    expect(page.locator("#ends")).to_have_text(re.compile(r"\d\d:\d\d$"))  # and no city: it is hers
