"""The practice room in a browser: by keyboard, on a small screen, with companions who act by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import pressed

STEPS = ["agenda", "listen", "soon", "turn", "hand", "notes", "closing", "done"]


def practice(open_room: Rooms, server: Server, **options: Any) -> Page:
    page = open_room.context(**options).new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.on("close", lambda _: sockets.clear())
    page.sockets = sockets  # type: ignore[attr-defined]
    page.goto(server.url)
    page.locator("a[href='/practice']").click()
    listening(page)
    at(page, "agenda")
    return page


def listening(page: Page) -> None:
    """Wait until the scripts have the page: a press before that is sent as a form, and brings a new page."""
    page.locator("body[style*=--guide]").wait_for(state="attached")


def at(page: Page, step: str) -> None:
    expect(page.locator("#coach")).to_have_attribute("data-step", step)


def in_time(page: Page, selector: str) -> None:
    """Let time pass until that is there; a timer is set only when an answer has arrived."""
    for _ in range(40):
        page.clock.fast_forward(3_000)
        try:
            return page.locator(selector).wait_for(state="attached", timeout=500)
        except PlaywrightTimeout:
            continue
    raise AssertionError(f"in two minutes there was no {selector}")


def tab_to(page: Page, selector: str) -> None:
    """Tab until the focus is there, as long as a patient person would."""
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {selector}")


def test_the_tour_is_walked_by_keyboard_on_a_small_screen_in_finnish(
    open_room: Rooms, server: Server
) -> None:
    page = practice(open_room, server, viewport=(320, 640), locale="fi", reduced_motion="reduce")
    say = page.locator("#say")
    expect(say).to_contain_text("Tapaamisen kulku")
    tab_to(page, "#coach-on")
    for step in ("listen", "soon", "turn"):
        page.keyboard.press("Enter")
        at(page, step)
        expect(page.locator("#coach-on")).to_be_focused()
        assert_no_sideways_scrolling(page)
    expect(page.locator(".stage .who")).to_have_text("Sinun vuorosi")
    tab_to(page, ".stage [value=next]")
    assert page.evaluate("""() => {
      const box = document.activeElement.getBoundingClientRect()
      const guide = document.querySelector("#coach").getBoundingClientRect()
      return box.bottom <= guide.top || box.top >= guide.bottom
    }"""), "the guide hides what has the focus"
    page.keyboard.press("Enter")
    expect(say).to_contain_text("Charlie Example")
    expect(page.locator("#coach-on")).to_be_focused()
    page.keyboard.press("Enter")
    at(page, "hand")
    page.keyboard.press("h")  # the room's own key for it
    expect(say).to_contain_text("seuraavana")
    page.locator("#coach-on").focus()
    page.keyboard.press("Enter")
    at(page, "notes")
    expect(page.locator("#v-notes")).to_be_checked()
    tab_to(page, "#note")
    page.keyboard.type("Yksi rivi")
    tab_to_back(page)
    page.keyboard.press("Enter")
    at(page, "closing")
    tab_to(page, "[data-seen]")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-seen")).to_have_text("Vain sinä näet tämän.")
    assert page.locator("#note").input_value() == "Yksi rivi"
    tab_to_back(page)
    page.keyboard.press("Enter")
    at(page, "done")
    assert_no_sideways_scrolling(page)
    assert page.sockets == []  # type: ignore[attr-defined]


def tab_to_back(page: Page) -> None:
    """Go back with Shift and Tab to the guide's button."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "coach-on":
            return
    raise AssertionError("no way back to the guide")


def test_the_companions_act_by_themselves_until_they_are_asked_to_wait(
    open_room: Rooms, server: Server
) -> None:
    context = open_room.context()
    page = context.new_page()
    page.clock.install()
    page.goto(f"{server.url}/practice")
    listening(page)
    page.locator("#coach-on").click()
    at(page, "listen")
    in_time(page, "[data-step=soon]")
    page.locator("#coach-wait").click()
    page.clock.fast_forward(60_000)
    at(page, "soon")
    page.locator("#coach-wait").click()
    in_time(page, "[data-step=turn]")
    page.clock.fast_forward(60_000)  # the visitor's turn is theirs
    at(page, "turn")
    pressed(page, "next")
    in_time(page, "[data-step=hand]")
    pressed(page, "raise_hand")
    in_time(page, "[data-step=hand][data-did=word]")
    expect(page.locator(".stage .who")).to_have_text("It is your turn")
    page.locator(".stage [value=next]").click()
    in_time(page, "[data-step=notes]")


def test_with_reduced_motion_nothing_goes_on_by_itself(open_room: Rooms, server: Server) -> None:
    page = open_room.context(reduced_motion="reduce").new_page()
    page.clock.install()
    page.goto(f"{server.url}/practice")
    listening(page)
    page.locator("#coach-on").click()
    at(page, "listen")
    expect(page.locator("#coach-wait")).to_have_attribute("aria-pressed", "true")
    page.clock.fast_forward(60_000)
    at(page, "listen")
    page.locator("#coach-on").click()
    at(page, "soon")


@pytest.mark.parametrize(("viewport", "scheme"), [((320, 640), "dark"), ((1280, 800), "light")])
def test_axe_finds_nothing_in_any_step(
    open_room: Rooms, server: Server, viewport: tuple[int, int], scheme: str
) -> None:
    page = practice(
        open_room, server, viewport=viewport, locale="sv", color_scheme=scheme, reduced_motion="reduce"
    )
    for step in STEPS[1:]:
        assert_accessible(page)
        assert_no_sideways_scrolling(page)
        page.locator("#coach-on").click()
        at(page, step)
    assert_accessible(page)
    page.locator("#coach-back").click()
    at(page, "closing")
    assert page.sockets == []  # type: ignore[attr-defined]


def test_without_a_script_the_tour_is_a_row_of_pages(open_room: Rooms, server: Server) -> None:
    page = open_room.context(java_script_enabled=False).new_page()
    page.goto(f"{server.url}/practice")
    for step in STEPS[1:4]:
        page.locator("#coach-on").click()
        at(page, step)
    page.locator(".stage [value=next]").click()
    expect(page.locator("#say")).to_contain_text("You passed the turn on")
