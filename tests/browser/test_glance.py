"""At a glance in Chromium: the clock over the call, signals, words for digits, keys, the turn on a phone."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, Page, expect

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.machine import wait_until
from tests.support.pages import alive, press, pressed, write

NO_FLOATING = "delete window.documentPictureInPicture"
COUNT = """
const count = (name) => {
  const seen = document.documentElement.dataset
  seen[name] = 1 + Number(seen[name] ?? 0)
}
const Tone = window.OscillatorNode
window.OscillatorNode = class extends Tone {
  constructor(...given) { super(...given); count("tones") }
}
if (window.WakeLock) {
  const request = WakeLock.prototype.request
  WakeLock.prototype.request = function (...given) { count("awake"); return request.apply(this, given) }
  const release = WakeLockSentinel.prototype.release
  WakeLockSentinel.prototype.release = function () { count("rested"); return release.call(this) }
}
"""
"""Counts on <html> what cannot be seen: the notes played, and the screen asked to stay on or not."""

SILENT_UNTIL_USED = """
let used = false
addEventListener("pointerdown", () => { used = true }, true)
window.AudioContext = class extends AudioContext {
  get state() { return used ? "running" : "suspended" }
  resume() { return Promise.resolve() }
}
"""
"""A browser that lets no page sound before it is used, whatever this one allows."""

HIDDEN = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, value: true })
  window.setTimeout = () => 0 // as late as a hidden page's may be
  document.dispatchEvent(new Event("visibilitychange"))
}"""
SHOWN = """() => {
  delete document.hidden
  document.dispatchEvent(new Event("visibilitychange"))
}"""


def begin(ada: Page, *others: Page, item: int = 1) -> None:
    """Start the meeting and go to an item."""
    pressed(ada, "start")
    for number in range(1, item + 1):
        if number > 1:
            pressed(ada, "next_item")
        for page in (ada, *others):
            expect(page.locator(f"#item-{number}")).to_have_attribute("aria-current", "step")


def float_clock(page: Page) -> Page:
    """Press the button in the corner of the turn; answers the window that opens."""
    with page.context.expect_page() as opened:
        press(page, "Show the clock over the call")
    return opened.value


def choose(page: Page, *names: str) -> None:
    """Choose in the dialog of clock and signals."""
    press(page, "Clock and signals")
    dialog = page.get_by_role("dialog", name="Clock and signals")
    for name in names:
        dialog.get_by_text(name, exact=True).click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def swipe(page: Page, across: int, y: int = 300) -> None:
    """Draw a finger over the page within a tenth of a second, however slow this machine is."""
    line = page.context.new_cdp_session(page)
    x, began = 190 - across // 2, time.time()
    for step in range(5):
        kind = "touchMove" if step else "touchStart"
        point = {"x": x + across * step / 4, "y": y}
        touch = {"type": kind, "touchPoints": [point], "timestamp": began + step / 50}
        line.send("Input.dispatchTouchEvent", touch)
    touch = {"type": "touchEnd", "touchPoints": [], "timestamp": began + 0.1}
    line.send("Input.dispatchTouchEvent", touch)


# Over the call


def test_the_floating_clock_shows_the_turn_and_presses_the_rooms_buttons(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada, ben)
    clock = float_clock(ada)
    expect(clock.get_by_role("heading", name="Welcome and how")).to_be_visible()
    digits = clock.locator(".ring .left"), ada.locator("#ring .left")
    wait_until(lambda: len({each.inner_text() for each in digits}) == 1, "both to show the same second")
    clock.get_by_role("button", name="Pause").click()
    expect(ben.locator(".stage")).to_contain_text("Paused")
    expect(clock.get_by_role("button", name="Resume")).to_be_focused()
    clock.keyboard.press("i")
    expect(clock.get_by_role("heading", name="Ground rules")).to_be_visible()
    expect(ben.locator("#item-2")).to_have_attribute("aria-current", "step")
    clock.close()
    expect(float_clock(ada).get_by_role("heading", name="Ground rules")).to_be_visible()


def test_a_room_that_is_reloaded_offers_the_floating_clock_again(open_room: Rooms) -> None:
    ada = open_room("Ada")
    begin(ada)
    offer = ada.get_by_text("Show the clock over the call").first
    clock = float_clock(ada)
    expect(clock.locator(".ring")).to_be_visible()
    ada.reload()
    alive(ada)
    expect(ada.locator("[data-pop=lost] .pop")).to_be_visible()
    expect(offer).to_be_visible()
    float_clock(ada).close()
    expect(ada.locator("[data-pop]")).to_have_count(0)
    ada.reload()
    alive(ada)
    expect(ada.locator("[data-pop]")).to_have_count(0)


def test_the_small_window_goes_on_when_the_room_is_reloaded_and_closed(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada, ben)
    for page in (ada, ben):
        page.evaluate(NO_FLOATING)
    mine, his = float_clock(ada), float_clock(ben)
    alive(mine)
    alive(his)
    mine.set_viewport_size({"width": 320, "height": 340})
    assert_no_sideways_scrolling(mine)
    assert_accessible(mine)
    expect(his.locator(".stage .acts button")).to_have_count(0)
    ada.reload()
    alive(ada)
    pressed(ada, "next_item")
    for window in (mine, his):
        expect(window.get_by_role("heading", name="Ground rules")).to_be_visible()
    ada.close()
    pressed(mine, "pause")
    expect(his.locator(".stage")).to_contain_text("Paused")
    pressed(mine, "plus_minute")
    expect(ben.locator("#ring .of")).to_have_text("of 6 min")
    expect(his.locator("#ring .of")).to_have_text("of 6 min")


# Signals


def test_who_is_next_is_told_in_the_ring_and_by_a_chime_only_to_who_chose_it(open_room: Rooms) -> None:
    ada, ben, cem = open_room("Ada"), open_room("Ben"), open_room("Cem")
    for page in (ben, cem):
        page.context.add_init_script(COUNT)
        page.reload()
        alive(page)
    choose(ben, "A soft chime")
    begin(ada, ben, cem, item=7)
    pressed(ada, "next")
    expect(ben.locator("#ring[data-signal] .of")).to_have_text("You are next")
    expect(cem.locator(".stage")).to_contain_text("Ada is speaking")
    expect(cem.locator("#ring[data-signal]")).to_have_count(0)
    expect(ben.locator("html")).to_have_attribute("data-tones", "2")
    pressed(ada, "next")
    expect(ben.locator("#ring[data-signal] .of")).to_have_text("It is your turn")
    expect(cem.locator("#ring[data-signal] .of")).to_have_text("You are next")
    expect(cem.locator("html[data-tones]")).to_have_count(0)


def test_sound_is_remembered_and_says_that_it_waits_for_a_click(open_room: Rooms) -> None:
    ben = open_room("Ben")
    choose(ben, "A soft chime")
    ben.context.add_init_script(SILENT_UNTIL_USED)
    ben.reload()
    alive(ben)
    waits = ben.get_by_text("Sound starts after your first click on this page.")
    expect(waits).to_be_visible()
    ben.get_by_role("heading", name="Agenda").click()
    expect(waits).to_be_hidden()
    press(ben, "Clock and signals")
    expect(ben.get_by_label("A soft chime")).to_be_checked()
    assert_accessible(ben)


def test_time_can_be_told_in_words_and_not_at_all(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada, ben)
    choose(ben, "In words")
    left = ben.locator("#ring .left")
    expect(left).to_have_text("A few minutes left")
    expect(ben).to_have_title("A few minutes left · Welcome and how this meeting goes — Ada's group")
    clock = float_clock(ben)
    expect(clock.locator(".ring .left")).to_have_text("A few minutes left")
    for below in ("of 4 min", "of 3 min", "of 2 min", "1 minute left"):
        pressed(ada, "minus_minute")
        expect(ada.locator("#ring .of")).to_have_text(below)
    expect(left).to_have_text("About a minute")
    choose(ben, "Hidden")
    expect(left).to_be_hidden()
    expect(ben).to_have_title("Welcome and how this meeting goes — Ada's group")
    ben.reload()
    alive(ben)
    expect(left).to_be_hidden()


def test_the_screen_stays_on_while_the_meeting_is_live(whole_chromium: Browser, open_room: Rooms) -> None:
    open_room.browser = whole_chromium  # the other one has no screen to keep on
    ada = open_room("Ada")
    ada.context.add_init_script(COUNT)
    ada.reload()
    alive(ada)
    expect(ada.locator("html[data-awake]")).to_have_count(0)
    begin(ada)
    expect(ada.locator("html")).to_have_attribute("data-awake", "1")
    pressed(ada, "next_item")
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    press(ada, "End the meeting")
    press(ada, "End the meeting")
    expect(ada.locator("html")).to_have_attribute("data-rested", "1")
    expect(ada.locator("html")).to_have_attribute("data-awake", "1")


def test_a_page_behind_the_call_keeps_the_second(open_room: Rooms) -> None:
    ada = open_room("Ada")
    begin(ada)
    with ada.expect_event("worker"):
        ada.evaluate(HIDDEN)
    for _ in range(3):  # the first may come from a timer that was set before
        expect(ada).not_to_have_title(ada.title())
    worker = ada.workers[0]
    with worker.expect_event("close"):
        ada.evaluate(SHOWN)


# Keys


def test_keys_press_the_buttons_in_sight_and_rest_while_somebody_writes(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada, ben)
    ben.keyboard.press("p")
    ben.keyboard.press("i")
    ada.keyboard.press("p")
    expect(ben.locator(".stage")).to_contain_text("Paused")
    ada.keyboard.press("+")
    expect(ada.locator("#ring .of")).to_have_text("of 6 min")
    write(ada, "pip", item=1)
    expect(ada.locator("#notes [role=textbox]")).to_contain_text("pip")
    expect(ben.locator("#notes [role=textbox]")).to_contain_text("pip")
    expect(ben.locator(".stage")).to_contain_text("Paused")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")


def test_the_keys_are_listed_and_can_be_switched_off(open_room: Rooms) -> None:
    ada = open_room("Ada")
    begin(ada)
    ada.keyboard.press("?")
    listed = ada.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_contain_text("Pause or resume")
    assert_accessible(ada)
    listed.get_by_label("Use these keys on this device").uncheck()
    press(ada, "Close")
    ada.keyboard.press("p")
    ada.reload()
    alive(ada)
    expect(ada.locator("[data-no-keys]")).to_be_attached()
    ada.keyboard.press("p")
    ada.keyboard.press("i")
    press(ada, "Pause")
    expect(ada.locator(".stage")).to_contain_text("Paused")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")


def test_a_key_leads_to_each_view(open_room: Rooms) -> None:
    ada = open_room("Ada", viewport=(380, 800))
    ada.keyboard.press("r")
    expect(ada.get_by_role("button", name="Write now")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(ada.locator("#reflection textarea").first).to_be_visible()
    ada.locator(".top h1").click()
    ada.keyboard.press("a")
    expect(ada.get_by_role("heading", name="Agenda")).to_be_visible()
    ada.keyboard.press("g")
    expect(ada.get_by_role("textbox", name="Shared notes")).to_be_focused()


# On a phone


def test_on_a_phone_the_turn_fills_the_screen_and_a_swipe_leads_on(open_room: Rooms) -> None:
    ada = open_room("Ada")
    how = {"has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}  # it scrolls at once
    ben = open_room("Ben", viewport=(380, 700), **how)
    begin(ada, ben)
    ring, tabs = ben.locator("#ring").bounding_box(), ben.locator("#tabs").bounding_box()
    assert ring
    assert tabs
    assert ring["width"] >= 200
    assert tabs["y"] + tabs["height"] <= 700
    assert_no_sideways_scrolling(ben)
    swipe(ben, -160)
    expect(ben.get_by_role("heading", name="Agenda")).to_be_in_viewport()
    expect(ben.locator("#ring")).not_to_be_in_viewport()
    swipe(ben, -160)
    expect(ben.get_by_role("heading", name="Notes")).to_be_in_viewport()
    swipe(ben, 160, y=95)
    expect(ben.get_by_role("heading", name="Agenda")).to_be_in_viewport()
    swipe(ben, -30)
    expect(ben.get_by_role("heading", name="Agenda")).to_be_in_viewport()
    ben.locator("#tabs label", has_text="Turn").tap()
    expect(ben.locator("#ring")).to_be_in_viewport()
    ben.locator("#tabs label", has_text="People").tap()
    expect(ben.get_by_role("heading", name="People")).to_be_in_viewport()
