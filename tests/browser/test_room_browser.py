"""The room's clock and connection in Chromium."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocket, expect

from tests.support.browsers import Rooms
from tests.support.pages import agree, measured, press, pressed

DIGITS = "#ring .left"
EVENT = re.compile(r"^4[256]")


def tick(page: Page) -> None:
    """Wait until the digits are other ones."""
    expect(page.locator(DIGITS)).not_to_have_text(page.locator(DIGITS).inner_text())


def told(page: Page) -> str:
    """Return what the line says of the newest event that the page shows."""
    return f'"changed",{{"number":{page.locator("#run").get_attribute("data-number")}}}'


def test_a_running_timer_sends_no_messages(open_room: Rooms) -> None:
    page = open_room("Ada")
    frames: list[str] = []

    def listen(wire: WebSocket) -> None:
        wire.on("framesent", lambda frame: frames.append(str(frame)))
        wire.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)
    page.reload()
    expect(page.locator("[data-connected=true]")).to_be_attached()
    press(page, "Start the meeting")
    expect(page.locator("#item-1")).to_have_attribute("aria-current", "step")
    measured(page)
    for _ in range(2):
        tick(page)  # what the press brings is there by then
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    heard, press_told = len(frames), told(page)
    for _ in range(5):
        tick(page)
    # What is said again of the press, and the heartbeat of every 20 s, are no messages of the timer.
    known = ("room:beat", "note:newest", "note:poke", press_told)
    events = [frame for frame in frames[heard:] if EVENT.match(frame)]
    assert [frame for frame in events if not any(each in frame for each in known)] == []
    assert told(page) == press_told
    assert asked == []


def test_two_pages_show_the_same_second_whatever_their_clocks_say(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", clock_off_s=600)
    press(ada, "Start the meeting")
    expect(ben.locator("#item-1")).to_have_attribute("aria-current", "step")
    measured(ada)
    measured(ben)
    agree(ada, ben)
    ben.reload()
    expect(ben.locator("[data-connected=true]")).to_be_attached()
    agree(ada, ben)


def test_a_pressed_button_keeps_the_focus_and_edit_mode_stays(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Edit the agenda")
    pressed(ada, "start")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")
    expect(ada.get_by_role("button", name="Edit the agenda")).to_have_attribute("aria-pressed", "true")
    ada.get_by_role("button", name="Pause").press("Enter")
    expect(ada.get_by_role("button", name="Resume")).to_be_focused()


def test_an_item_is_dragged_to_another_place(open_room: Rooms) -> None:
    ada = open_room("Ada", viewport=(1280, 1400))
    press(ada, "Edit the agenda")
    expect(ada.locator("body[data-editing]")).to_be_attached()
    first, third = ada.locator("#plan > li").nth(0), ada.locator("#plan > li").nth(2)
    title = first.get_by_role("heading").inner_text()
    grip, there = first.locator("[data-drag]").bounding_box(), third.bounding_box()
    assert grip
    assert there
    ada.mouse.move(grip["x"] + 8, grip["y"] + 8)
    ada.mouse.down()
    ada.mouse.move(there["x"] + 40, there["y"] + there["height"] - 6, steps=4)
    ada.mouse.up()
    expect(ada.locator("#plan > li").nth(2).get_by_role("heading")).to_have_text(title)


def test_ending_is_asked_and_there_is_one_button_of_that_name(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Start the meeting")
    expect(ada.get_by_role("button", name="End the meeting")).to_have_count(1)
    press(ada, "End the meeting")
    expect(ada.get_by_role("dialog")).to_be_visible()
    again = "htmx.ajax('GET', run.getAttribute('hx-get'), { target: '#run', swap: 'outerMorph' })"
    ada.evaluate(f"run => {again}", ada.locator("#run").element_handle())  # somebody came, say
    expect(ada.get_by_role("button", name="End the meeting")).to_have_count(1)
    press(ada, "Cancel")
    expect(ada.get_by_role("dialog")).to_be_hidden()
    press(ada, "End the meeting")
    press(ada, "End the meeting")
    expect(ada.get_by_role("heading", name="The meeting has ended")).to_be_visible()
    press(ada, "Undo")
    expect(ada.get_by_role("button", name="Pause")).to_be_visible()
