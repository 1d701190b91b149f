"""Help and the other pages about the service as they look, and the room on a home screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ementor.about import pictures
from tests.browser.test_pages import check
from tests.support.browsers import Rooms, assert_no_sideways_scrolling
from tests.support.outside import Server

PAGES = ("help", "privacy", "accessibility", "feedback")
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important }
p { word-spacing: .16em !important; margin-bottom: 2em !important }"""
LOADED = "img => img.complete && img.naturalWidth > 0"


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_pages_about_the_service(open_room: Rooms, server: Server, locale: str) -> None:
    page = open_room.context(locale=locale).new_page()
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        expect(page.locator("html")).to_have_attribute("lang", locale)
        expect(page.locator(f".help-links a[href='/{name}']")).to_have_attribute("aria-current", "page")
        check(page)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_hold_large_text(open_room: Rooms, server: Server, name: str) -> None:
    for locale in ("fi", "sv"):
        page = open_room.context(locale=locale, viewport=(320, 640), bypass_csp=True).new_page()
        page.goto(f"{server.url}/{name}")
        page.add_style_tag(content=f"html {{ font-size: 200% }} {TEXT_SPACING}")
        assert_no_sideways_scrolling(page)


def test_the_help_shows_the_room_in_the_viewers_language_and_colours(
    open_room: Rooms, server: Server
) -> None:
    for locale in pictures.IN:
        page = open_room.context(locale=locale, color_scheme="dark").new_page()
        page.goto(f"{server.url}/help")
        shown = page.locator("main img")
        expect(shown).to_have_count(len(pictures.HEIGHTS))
        for number, name in enumerate(pictures.HEIGHTS):
            picture = shown.nth(number)
            picture.scroll_into_view_if_needed()
            page.wait_for_function(LOADED, arg=picture.element_handle())
            seen = picture.evaluate("img => new URL(img.currentSrc).pathname")
            assert seen == f"/static/{pictures.file_of(name, locale, 'dark')}"
            assert len(picture.get_attribute("alt") or "") > 20


def test_the_links_of_the_help_lead_to_its_parts_by_keyboard(open_room: Rooms, server: Server) -> None:
    page = open_room.context(locale="fi").new_page()
    page.goto(f"{server.url}/help")
    for link in page.locator(".chips a").all():
        target = link.get_attribute("href") or ""
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"{target}:target h2")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_language_is_chosen_at_the_top_at_every_width(
    open_room: Rooms, server: Server, scripts: bool
) -> None:
    server.house.person("Ada")
    for width in (1280, 320):
        page = open_room.context(locale="en", viewport=(width, 640), java_script_enabled=scripts).new_page()
        for path in ("/", "/privacy?from=here", server.house.join_path):
            page.goto(server.url + path)
            for locale in ("sv", "fi", "en"):
                page.wait_for_load_state()
                button = page.locator(f".masthead button[lang={locale}]")
                box = button.bounding_box()
                assert box is not None
                assert box["y"] < 120
                button.click()
                expect(page.locator("html")).to_have_attribute("lang", locale)
                assert page.url == server.url + path


def test_a_language_is_named_in_full_for_the_ear(open_room: Rooms, server: Server) -> None:
    page = open_room.context(locale="en", viewport=(320, 640)).new_page()
    page.goto(server.url)
    for short, name in (("FI", "Suomi"), ("SV", "Svenska"), ("EN", "English")):
        expect(page.get_by_role("button", name=f"{short} {name}", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("button", name="Svenska", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/help", "room"])
def test_a_phone_can_put_the_room_on_its_home_screen(open_room: Rooms, server: Server, path: str) -> None:
    server.house.person("Ada")
    page = open_room("Ben") if path == "room" else open_room.context().new_page()
    if path != "room":
        page.goto(server.url + path)
    read = manifest_of(page)
    assert read["errors"] == []
    assert re.fullmatch(rf"{server.url}/app\.webmanifest\?locale=\w\w", read["url"])
    session = page.context.new_cdp_session(page)
    wrong = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of the tests is a private window, and offers nothing to be kept.
    assert {one["errorId"] for one in wrong} <= {"in-incognito"}
    parsed = read["manifest"]
    assert parsed["startUrl"] == f"{server.url}/open"
    assert len(parsed["icons"]) == 3
    assert parsed["display"].lower().endswith("standalone")


def manifest_of(page: Page) -> dict[str, Any]:
    """Return the manifest as the browser understands it, and what it does not."""
    answer: dict[str, Any] = page.context.new_cdp_session(page).send("Page.getAppManifest")
    return answer
