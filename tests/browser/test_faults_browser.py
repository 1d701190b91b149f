"""Faults of trust.md as people meet them: dead connections, sleep, tabs. The number is in each name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.integration.test_faults import Presser
from tests.support.browsers import Rooms
from tests.support.line import NetworkLink
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.pages import (
    agree,
    alive,
    editor,
    end_meeting,
    look_at,
    measured,
    press,
    pressed,
    saved,
    seconds,
    to_part,
    unfold,
    write,
)

WITH_A_ROUND = "mepe-1"
KEPT = 6
"""How many connections a browser keeps to a server."""


@pytest.fixture
def line(server: Server) -> Iterator[NetworkLink]:
    line = NetworkLink(server.port)
    yield line
    line.close()


def behind(open_room: Rooms, line: NetworkLink, name: str, **how: Any) -> Page:
    """Open the room over ``line``, with as many connections kept as a browser keeps."""
    page = open_room(name, **how)
    page.goto(page.url.replace(page.url.split("/m/")[0], line.url))
    alive(page)
    page.evaluate(
        f"Promise.all(Array.from({{length: {KEPT}}}, () => fetch('/healthz', {{cache: 'no-store'}})))"
    )
    return page


def test_f13_connections_fall_silent_and_the_page_is_new_as_soon_as_it_says_so(
    open_room: Rooms, line: NetworkLink
) -> None:
    """The socket comes back over a new connection; no request waits for the dead ones to be given up."""
    ada, ben = open_room("Ada"), behind(open_room, line, "Ben")
    press(ada, "Start the meeting")
    expect(ben.locator("#item-1")).to_have_attribute("aria-current", "step")
    line.forget()
    pressed(ada, "next_item")
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    ben.evaluate("dispatchEvent(new Event('offline'))")  # what a browser says when it changes networks
    expect(ben.locator("[data-connected=false]")).to_be_attached()
    alive(ben)
    assert ben.locator("#run").get_attribute("data-number") == ada.locator("#run").get_attribute(
        "data-number"
    )
    expect(ben.locator("#line")).to_be_hidden()


def test_f11_a_press_over_a_dead_connection_says_so_and_arrives(open_room: Rooms, line: NetworkLink) -> None:
    ada = behind(open_room, line, "Ada")
    press(ada, "Start the meeting")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")
    line.forget()
    pressed(ada, "next_item")
    expect(ada.locator("#notice")).to_contain_text("Not delivered yet. Trying again…")
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    expect(ada.locator("#notice")).to_be_empty()
    alive(ada)


def lose_an_answer(page: Page) -> list[str]:
    """Let the next press arrive without the page hearing so; return the list in which it will be."""
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.request.post_data or "")
        route.fetch()
        return None

    page.route("**/press", lose_the_first)
    return lost


def test_f11_a_press_whose_answer_is_lost_is_sent_again_and_counts_once(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Edit the agenda")
    lost = lose_an_answer(ada)
    order = [item.get_attribute("id") for item in ada.locator("#plan > li").all()]
    with ada.expect_response("**/press"):
        ada.locator(f"#{order[3]}").locator("button[value=up]").click()
    assert lost
    expect(ada.locator("#notice")).to_be_empty()
    expect(ada.locator("#plan > li").nth(2)).to_have_attribute("id", str(order[3]))
    expect(ada.locator("#plan > li").nth(1)).to_have_attribute("id", str(order[1]))


def test_f11_the_undoing_of_an_end_says_that_it_has_not_arrived_and_is_sent_again(
    open_room: Rooms, server: Server
) -> None:
    """In the room and in the record, which is not connected to the room; what Ben does meanwhile stands."""
    ada, ben = open_room("Ada"), open_room("Ben")
    press(ada, "Start the meeting")
    Presser(server, "Ada").press("make_facilitator", person=server.house.person("Ben").id)
    end_meeting(ada)
    expect(ada.locator(".stage[data-phase=closed]")).to_be_visible()
    ada.goto(ada.url)
    lost = lose_an_answer(ada)
    press(ada, "Continue the meeting")
    expect(ada.locator("#notice")).to_contain_text("Not delivered yet. Trying again…")
    assert "reopen" in lost[0]
    expect(ben.get_by_role("button", name="Pause")).to_be_visible()
    expect(ada.get_by_role("button", name="Pause")).to_be_visible()  # the room, in the record's place
    alive(ada)
    lost = lose_an_answer(ada)
    end_meeting(ada)
    expect(ada.locator("#notice")).to_contain_text("Not delivered yet. Trying again…")
    assert "end" in lost[0]
    pressed(ben, "reopen")
    expect(ben.get_by_role("button", name="Pause")).to_be_visible()
    expect(ada.locator("#notice")).to_be_empty()
    expect(ada.get_by_role("button", name="Pause")).to_be_visible()


def test_f11_a_hat_whose_answer_is_lost_is_given_up_once(open_room: Rooms) -> None:
    """From the dialog about oneself. Who has given up may not do so again, and would be told that."""
    ada, ben = open_room("Ada"), open_room("Ben")
    unfold(ada, "people")
    ada.get_by_role("link", name="More about Ben").click()
    press(ada, "Make Ben a facilitator")
    ada.locator("#confirm-yes").click()
    expect(ben.get_by_role("button", name="Start the meeting").first).to_be_visible()
    ada.get_by_role("link", name="More about Ada").click()
    lost = lose_an_answer(ada)
    press(ada, "Give up facilitating")
    with ada.expect_response("**/press") as answer:
        ada.locator("#confirm-yes").click()
    assert lost
    assert answer.value.ok
    expect(ada.locator("#notice")).to_be_empty()
    expect(ada.get_by_role("button", name="Start the meeting")).to_have_count(0)


def test_f13_an_answer_is_saved_though_the_connections_are_dead(open_room: Rooms, line: NetworkLink) -> None:
    ben = behind(open_room, line, "Ben")
    look_at(ben, "reflection")
    field = ben.locator("#reflection textarea").first
    expect(field).to_be_visible()
    line.forget()
    field.fill("Written over a dead line")
    expect(ben.locator("#reflection [data-state=unsaved]").first).to_be_attached()
    expect(ben.locator("#reflection [data-state=saved]").first).to_be_attached()


def test_f11_what_did_not_arrive_from_a_dialog_is_said_in_it_and_kept(open_room: Rooms) -> None:
    """All that stands outside an open dialog can neither be reached nor heard."""
    ada = open_room("Ada")
    press(ada, "Edit the agenda")
    press(ada, "Add an item")
    dialog = ada.locator("#item-editor")
    dialog.locator("#item-title").fill("Typed with care")
    ada.route("**/press", lambda route: route.abort())
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert").last).to_have_text("That didn't get through. Try again in a moment.")
    expect(dialog.locator("#item-title")).to_have_value("Typed with care")
    ada.unroute("**/press")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(ada.locator("#plan")).to_contain_text("Typed with care")
    expect(ada.locator(".notice")).to_have_count(0)


TEN_MINUTES = timedelta(minutes=10)
LEAPING = """{
  const time = Date.now, counted = performance.now.bind(performance)
  window.leap = window.slept = 0
  Date.now = () => time() + leap + slept
  performance.now = () => counted() + leap
}"""
"""A page whose clocks can leap: both, or (slept) only the one on the wall, as the other rests in sleep."""
NO_HEARTBEAT = """{
  const every = setInterval
  window.setInterval = (work, ms, ...rest) => ms < 20_000 ? every(work, ms, ...rest) : 0
}"""
"""A page that does not ask by itself, every so often, whether its connection works."""


def test_f09_a_page_that_is_frozen_for_ten_minutes_wakes_up_in_the_right_turn_and_loses_no_letter(
    open_room: Rooms, server: Server, line: NetworkLink
) -> None:
    server.house.template = WITH_A_ROUND
    ada, ben = open_room("Ada"), behind(open_room, line, "Ben")
    for page in (ada, ben):
        page.add_init_script(LEAPING)
        page.reload()
        alive(page)
        measured(page)
    me = ben.locator("body").get_attribute("data-me")
    in_a_round(ada, ben)
    line.cut()
    write(ben, "Typed before the lid was closed.", 2)
    expect(ben.locator("#notes .saved")).to_have_attribute("data-state", "unsaved")
    lid = ben.context.new_cdp_session(ben)
    lid.send("Page.setWebLifecycleState", {"state": "frozen"})
    pressed(ada, "next")
    expect(ada.locator("#order-2.now")).to_be_attached()
    given, began = seconds(ada), time.monotonic()
    server.pass_time(TEN_MINUTES)
    ada.evaluate(f"leap += {TEN_MINUTES.total_seconds() * 1000}")
    line.mend()
    lid.send("Page.setWebLifecycleState", {"state": "active"})
    ben.evaluate(f"slept += {TEN_MINUTES.total_seconds() * 1000}")
    expect(ben.get_by_role("region", name="Turn")).to_contain_text("Your turn, Ben")
    alive(ben)
    saved(ben)
    assert ben.locator("body").get_attribute("data-me") == me
    wait_until(lambda: seconds(ben) < given - 300, "the time of who slept to be the room's")
    agree(ada, ben, within_s=2)
    passed_s = TEN_MINUTES.total_seconds() + time.monotonic() - began
    assert given - passed_s - 2 < seconds(ben) <= given - TEN_MINUTES.total_seconds() + 1
    expect(ada.locator("#people li", has_text="Ben")).to_have_count(1)
    expect(ada.locator("#people li.away")).to_have_count(0, timeout=30_000)  # her next heartbeat tells it
    look_at(ada, "notes")
    to_part(ada, "item-2")
    expect(editor(ada)).to_contain_text("Typed before the lid was closed.")


def test_f09_a_laptop_that_slept_asks_at_once_whether_its_line_lives(
    open_room: Rooms, server: Server, line: NetworkLink
) -> None:
    """All its connections are dead, and nothing but the wall clock's leap tells it."""
    server.house.template = WITH_A_ROUND
    ada, ben = open_room("Ada"), behind(open_room, line, "Ben")
    ben.add_init_script(NO_HEARTBEAT)
    ben.reload()
    alive(ben)
    in_a_round(ada, ben)
    line.forget()
    pressed(ada, "next")
    expect(ada.locator("#order-2.now")).to_be_attached()
    with ben.expect_event("websocket", timeout=15_000):  # it hangs up, and calls again
        ben.evaluate("{ const real = Date.now; Date.now = () => real() + 600_000 }")
    expect(ben.get_by_role("region", name="Turn")).to_contain_text("Your turn, Ben")
    alive(ben)
    agree(ada, ben)


def in_a_round(ada: Page, ben: Page) -> None:
    """Go on to the round, and give Ada the first turn."""
    pressed(ada, "start")
    pressed(ada, "next_item")
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    pressed(ada, "next")
    for page in (ada, ben):
        expect(page.locator("#order-1.now")).to_be_attached()


def test_f12_three_tabs_of_one_person_are_one_and_the_notes_are_equal(open_room: Rooms) -> None:
    ada, first = open_room("Ada"), open_room("Ben")
    tabs = [first, first.context.new_page(), first.context.new_page()]
    for tab in tabs[1:]:
        tab.goto(first.url)
        alive(tab)
    expect(ada.locator("#people")).to_contain_text("2 here")
    expect(ada.locator("#people li", has_text="Ben")).to_have_count(1)
    pressed(ada, "start")
    for number, tab in enumerate(tabs, start=1):
        write(tab, f"Tab {number} of Ben.", 1)
        saved(tab)
    gone = tabs.pop()
    gone.close()
    pressed(ada, "pause")  # whatever the room is told of the closed tab, the next part shows
    expect(ada.locator("button[value=resume]")).to_be_visible()
    expect(ada.locator("#people")).to_contain_text("2 here")
    expect(ada.locator("#people li.away")).to_have_count(0)
    for page in [ada, *tabs]:
        alive(page)
        for number in (1, 2, 3):
            expect(editor(page)).to_contain_text(f"Tab {number} of Ben.")
    lines = [editor(page).inner_text().split() for page in [ada, *tabs]]
    assert lines == lines[:1] * len(lines)


def test_f12_three_tabs_come_back_at_once_from_a_dead_line(open_room: Rooms, line: NetworkLink) -> None:
    """The sockets that died are not counted against those that take their places."""
    ada, ben = open_room("Ada"), behind(open_room, line, "Ben")
    tabs = [ben, ben.context.new_page(), ben.context.new_page()]
    for tab in tabs[1:]:
        tab.goto(ben.url)
        alive(tab)
    pressed(ada, "start")
    for tab in tabs:
        expect(tab.locator("#item-1")).to_have_attribute("aria-current", "step")
    line.forget()
    pressed(ada, "next_item")
    for tab in tabs:
        tab.evaluate("dispatchEvent(new Event('offline'))")
    for tab in tabs:
        expect(tab.locator("#item-2")).to_have_attribute("aria-current", "step")
        alive(tab, timeout_s=15)


HURRIED = """() => {
  const real = setTimeout
  window.delays = []
  window.setTimeout = (work, ms, ...rest) => {
    if (!/sleep[^]* again /.test(new Error().stack)) return real(work, ms, ...rest)
    delays.push(ms)
    return real(work, 0, ...rest)
  }
}"""
"""The page notes how long it wants to wait before it calls again, and calls at once."""
DRAWS = 30


def test_f17_pages_that_are_told_that_the_server_goes_come_back_spread_over_two_seconds(
    open_room: Rooms,
) -> None:
    ada = open_room("Ada", connected=False)
    wires: list[WebSocketRoute] = []

    def through(wire: WebSocketRoute) -> None:
        wire.connect_to_server()
        wires.append(wire)

    ada.route_web_socket(re.compile("/socket.io/"), through)
    ada.reload()
    alive(ada)
    ada.evaluate(HURRIED)
    for draw in range(DRAWS):
        wires[-1].send('42["bye",{}]')
        wait_for(ada, f"delays.length === {draw + 1}")
        wait_for(ada, "document.body.hasAttribute('data-joined')")
        assert len(wires) == draw + 2
    delays = ada.evaluate("delays")
    assert max(delays) - min(delays) >= 2000
    assert min(delays) > 0
    assert max(delays) < 5000
    middle = sorted(delays)[DRAWS // 4 : -DRAWS // 4]
    assert max(middle) - min(middle) >= 500  # and not in two bunches, or one and a straggler


def wait_for(page: Page, expression: str) -> None:
    page.wait_for_function(f"() => {expression}")


SHOWN = """() => {
  const digits = document.querySelector("#ring .left")
  window.seen = []
  window.joined = 0
  document.body.addEventListener("room:online", () => { joined++ })
  new MutationObserver(() => {
    const [minutes, seconds] = digits.textContent.split(":").map(Number)
    seen.push([performance.now() / 1000, minutes * 60 + seconds])
  }).observe(digits, { childList: true, characterData: true, subtree: true })
}"""
"""The page notes when it shows which time left, and how often it has come into the room."""


@pytest.fixture
def proxy(two_servers: tuple[Server, Server]) -> Iterator[NetworkLink]:
    """The one address of two servers: whose turn it is, its ``target`` says."""
    line = NetworkLink(two_servers[0].port)
    yield line
    line.close()


def test_f18_two_servers_restart_in_turn_and_the_time_that_is_shown_does_not_jump(
    open_room: Rooms, two_servers: tuple[Server, Server], proxy: NetworkLink
) -> None:
    first, second = two_servers
    ben = behind(open_room, proxy, "Ben", server=first)
    Presser(second, "Ada").press("start")
    expect(ben.locator("#item-1")).to_have_attribute("aria-current", "step")
    measured(ben)
    ben.evaluate(SHOWN)
    for times, (going, staying) in enumerate(((first, second), (second, first)), 1):
        proxy.target = staying.port
        assert going.stop() == 0
        wait_for(ben, f"joined === {times}")
        alive(ben)
        draws = ben.evaluate("seen.length")
        wait_for(ben, f"seen.length > {draws + 2}")
        going.start()
    seen = ben.evaluate("seen")
    # A time left and when it is shown add up to the same, but for the second that is rounded up.
    sums = [at + left for at, left in seen]
    assert len({left for _, left in seen}) > 6
    assert max(abs(one - other) for one, other in pairwise(sums)) <= 2
    assert max(sums) - min(sums) <= 2
