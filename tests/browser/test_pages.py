"""Every page in every state: axe finds nothing, nothing scrolls sideways, nothing is too small to hit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import OF_COLOUR, Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import (
    VIEWS,
    alive,
    answer,
    done,
    editor,
    end_meeting,
    look_at,
    open_reflection,
    press,
    pressed,
    rate,
    speak,
    walk_to,
)

WIDE, NARROW = (1280, 800), (320, 700)
TOO_SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, [role=tab]")]
  .filter(one => one.checkVisibility({ visibilityProperty: true }) && one.type !== "hidden")
  .filter(one => !one.closest("p, .prose, .small.soft") || one.matches("button"))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width > 1 && !getComputedStyle(one).clipPath.includes("inset"))
  .filter(([one, box]) => box.width < 24 || box.height < 24)
  .map(([one, box]) => `${one.outerHTML.slice(0, 160)} is ${box.width} × ${box.height}`)
"""


def check(page: Page, *, views: bool = False) -> None:
    """Look at a page wide and narrow, light and dark; ``views``: at each view of the narrow room."""
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for view in VIEWS if views and size == NARROW else (None,):
            if view:
                look_at(page, view)
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            assert_accessible(page)
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            assert_accessible(page, OF_COLOUR)
            assert_no_sideways_scrolling(page)
            assert page.evaluate(TOO_SMALL) == []
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_way_in(open_room: Rooms, server: Server, locale: str) -> None:
    server.house.person("Ada")
    page = open_room.context(locale=locale).new_page()
    page.goto(server.url)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    check(page)
    page.locator("[data-opens]").click()
    check(page)
    page.locator("#start .btn.main").click()  # without a name
    expect(page.locator("#name-wrong")).to_be_visible()
    expect(page.locator("#name")).to_be_focused()
    check(page)
    page.goto(server.url + server.house.join_path)
    page.locator(f"button[lang={locale}]").click()
    expect(page.locator("html")).to_have_attribute("lang", locale)
    check(page)
    page.locator("main form input[name=name]").fill("ada")
    page.locator("main form button").click()
    expect(page.locator("#name-wrong")).to_be_visible()
    check(page)
    assert page.goto(f"{server.url}/j/wrong").status == 404  # type: ignore[union-attr]
    check(page)
    assert page.goto(f"{server.url}/m/1").status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize("locale", ["en", "fi"])
def test_the_room_from_before_the_start_to_the_record(open_room: Rooms, server: Server, locale: str) -> None:
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben")
    for page in (ada, ben):
        speak(page, locale)
        expect(page.locator("html")).to_have_attribute("lang", locale)
        alive(page)
        expect(editor(page)).to_be_visible()
    check(ada, views=True)
    check(ben)
    ada.locator("#edit-agenda").click()
    check(ada)
    ada.locator("[data-add-item]").click()
    check(ada)
    ada.locator("#item-title").fill("x" * 120)
    ada.locator("#item-form .btn.main").click()
    expect(ada.locator("#plan > [data-item]")).to_have_count(11)
    ada.locator("button[value=remove_item]").last.click()
    expect(ada.locator("#plan > [data-item]")).to_have_count(10)
    check(ada)  # with the undo of a deletion
    ada.locator("#edit-agenda").click()

    pressed(ada, "start")
    expect(ben.locator("#item-1")).to_have_attribute("aria-current", "step")
    check(ada)
    check(ben)
    pressed(ada, "next_item")  # the round, not begun
    expect(ben.locator("#item-2")).to_have_attribute("aria-current", "step")
    check(ada)
    pressed(ada, "next")  # one's own turn, and being next
    expect(ben.locator("#order-2.next")).to_be_visible()
    check(ada)
    check(ben)
    pressed(ada, "pause")
    expect(ada.locator("button[value=resume]")).to_be_visible()
    check(ada)
    pressed(ada, "next")
    expect(ada.locator("#order-2.now")).to_be_visible()
    pressed(ada, "next")  # the round is over
    expect(ada.locator("#order-2.done")).to_be_visible()
    check(ada)
    answer(ben, "1", "shared words", "named")
    rate(ben, 3)
    done(ben)
    check(ben, views=True)
    ada.locator(".finish button, button[value=end]").first.click()
    expect(ada.locator("#confirm")).to_be_visible()
    check(ada)
    ada.locator("#confirm button[value=no]").click()
    pressed(ada, "reveal")
    ada.locator("#confirm-yes").click()  # not everybody is done
    expect(ben.locator("#reflection-shared")).to_be_visible()
    check(ben)
    ada.locator("button[value=end]").first.click()
    ada.locator("#confirm-yes").click()
    expect(ben.locator(".stage[data-phase=closed]")).to_be_visible()
    check(ben)
    check(ada)
    ben.goto(ben.url)
    expect(ben.locator("#record")).to_be_visible()
    check(ben)
    ben.emulate_media(media="print")
    expect(ben.get_by_role("button").locator("visible=true")).to_have_count(0)


def test_a_message_of_the_server_is_read_out_and_a_lost_line_said(open_room: Rooms, server: Server) -> None:
    ada = open_room("Ada")
    ada.locator("#edit-agenda").click()
    ada.locator("[data-add-item]").click()
    ada.locator("#item-title").fill("Longer")
    ada.locator("#item-minutes-field").fill("600")
    ada.locator("#item-form .btn.main").click()
    expect(ada.get_by_role("alert").filter(has_text="240")).to_be_visible()
    check(ada)
    ada.keyboard.press("Escape")
    server.kill()
    expect(ada.locator("#line")).to_be_visible(timeout=15_000)
    check(ada)
    server.start()
    expect(ada.locator("#line")).to_be_hidden(timeout=30_000)


def test_all_of_it_by_keyboard(open_room: Rooms, server: Server) -> None:
    page = open_room.context().new_page()
    page.goto(server.url)
    for name in ("Skip to content", "Start a meeting now"):
        walk_to(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Kim")
    walk_to(page, "Open the room")
    page.keyboard.press("Enter")
    alive(page)
    walk_to(page, "Copy link")
    walk_to(page, "Edit the agenda")
    page.keyboard.press("Enter")
    walk_to(page, "Move down: ")
    moved = page.locator(":focus").get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator(f"#plan > li:nth-child(2) #{moved}")).to_be_focused()  # it stays on the item
    walk_to(page, "Start the meeting")
    page.keyboard.press("Enter")
    expect(page.locator("#plan > :nth-child(1)[aria-current=step]")).to_be_visible()
    inside = "() => document.activeElement !== document.body && !!document.activeElement.closest('#run')"
    page.wait_for_function(inside)
    walk_to(page, "Next item")
    page.keyboard.press("Enter")
    expect(page.locator("#plan > :nth-child(2)[aria-current=step]")).to_be_visible()
    page.wait_for_function(inside)
    walk_to(page, "Shared notes: ")
    page.keyboard.type("no mouse")
    expect(page.locator("#notes .saved")).to_have_text("Saved")
    walk_to(page, "End the meeting")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    walk_to(page, "End the meeting", most=5)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Turn")).to_contain_text("The meeting has ended")


def test_the_names_that_scripts_rely_on(open_room: Rooms, server: Server) -> None:
    server.house.template = "mepe-1"
    ada = open_room("Ada")
    for region in ("Agenda", "Notes", "Closing reflection", "People"):
        expect(ada.get_by_role("region", name=region, exact=True)).to_be_visible()
    expect(ada.get_by_role("region", name="Turn")).to_be_visible()
    expect(ada.get_by_role("button", name="Copy link")).to_be_visible()
    press(ada, "Start the meeting")
    expect(ada.get_by_role("timer")).to_be_visible()
    expect(ada.get_by_role("textbox", name=re.compile("^Shared notes"))).to_be_visible()
    expect(ada.get_by_role("region", name="Notes").get_by_role("status")).to_have_text("Saved")
    open_reflection(ada)
    for name in ("Pause", "Add one minute", "My answers are ready", "Reveal", "End the meeting", "Next item"):
        expect(ada.get_by_role("button", name=name).first).to_be_visible()
    press(ada, "Pause")
    press(ada, "Resume")
    press(ada, "Next item")
    press(ada, "Start the round")
    press(ada, "More")
    expect(ada.get_by_role("button", name="Pass my turn", exact=True)).to_be_visible()
    end_meeting(ada)
