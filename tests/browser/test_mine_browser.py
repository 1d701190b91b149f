"""My notes in a browser: found on a phone, ticked off, seen by the others, and read without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_between_browser import BENS, held, region
from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import walk_to

PHONE = (380, 800)


def notes_of(rooms: Any, server: Server, name: str, *, locale: str = "en", **how: Any) -> Page:
    """Open somebody's My notes in another browser of theirs."""
    client = server.client_for(name)
    context = rooms.context(locale=locale, **how)
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": server.url} for one in client.cookies]
    )
    page: Page = context.new_page()
    page.goto(server.url + "/notes")
    return page


def test_a_step_is_ticked_off_on_a_phone_and_the_group_sees_it(open_room: Any, server: Server) -> None:
    ada, _ = held(open_room, server)
    phone = notes_of(open_room, server, "Ben", viewport=PHONE)
    expect(phone.get_by_role("heading", name="My notes")).to_be_visible()
    expect(phone.get_by_role("link", name="Read the notes")).to_be_visible()
    assert_accessible(phone)
    assert_no_sideways_scrolling(phone)
    tick = phone.get_by_role("button", name=f"Done: {BENS}").first
    walk_to(phone, f"Done: {BENS}")
    phone.keyboard.press("Space")
    expect(tick).to_have_attribute("aria-pressed", "true")
    assert phone.evaluate("document.activeElement.id") == tick.get_attribute("id")
    expect(region(ada, "Promises").get_by_text("done", exact=True)).to_be_visible(timeout=60_000)
    phone.get_by_role("link", name="What I took with me").click()
    expect(phone).to_have_url(re.compile("whose=mine"))
    thread = region(phone, "What I took with me")
    expect(thread).to_contain_text("Done, as you told the group on")
    assert_accessible(phone)
    assert_no_sideways_scrolling(phone)
    thread.get_by_role("button", name=f"Done: {BENS}").click()
    expect(thread).to_contain_text("Still open")
    ada.reload()
    expect(region(ada, "Promises").get_by_text("done", exact=True)).to_be_hidden()


@pytest.mark.parametrize(("width", "locale", "scheme"), [(320, "fi", "dark"), (1280, "sv", "light")])
def test_it_works_without_scripts_and_in_every_size(
    open_room: Any, server: Server, width: int, locale: str, scheme: str
) -> None:
    held(open_room, server)
    how = {"viewport": (width, 800), "color_scheme": scheme, "java_script_enabled": False}
    page = notes_of(open_room, server, "Ben", locale=locale, **how)
    page.goto(server.url + "/notes?whose=mine")
    tick = page.locator(".thread .tick")
    expect(tick).to_have_attribute("aria-pressed", "false")
    tick.click()
    expect(page).to_have_url(re.compile(r"/notes\?whose=mine#tick-\d+$"))
    expect(tick).to_have_attribute("aria-pressed", "true")
    page.locator("#narrow > summary").click()
    page.locator("#f-time").select_option("month")
    page.locator(".filters button").click()
    expect(page).to_have_url(re.compile("time=month"))
    expect(page.locator(".thread .tick")).to_be_visible()
    with_scripts = notes_of(
        open_room, server, "Ben", locale=locale, viewport=(width, 800), color_scheme=scheme
    )
    for path in ("/notes", "/notes?whose=mine&time=year"):
        with_scripts.goto(server.url + path)
        assert_accessible(with_scripts)
        assert_no_sideways_scrolling(with_scripts)
