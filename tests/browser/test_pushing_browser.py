"""Pushed parts in Chromium: a press shows on the others' pages by itself, and a lost one is fetched."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.support.browsers import Rooms
from tests.support.pages import alive, measured, press, pressed

PART = re.compile(r"/m/\d+/run\b")
STARTED = "#item-1[aria-current=step]"


def asks_of(page: Page) -> list[str]:
    """Return the addresses of the room's part that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if PART.search(request.url) else None)
    return asked


def settled(*pages: Page) -> None:
    """Wait until all show that all have come: until then a page fetches what it came too late for."""
    for page in pages:
        measured(page)
        expect(page.locator("#people li.away")).to_have_count(0)


def through(page: Page, damage: Any) -> list[WebSocketRoute]:
    """Let what the server sends go through ``damage``, and connect anew."""
    wires: list[WebSocketRoute] = []

    def route(wire: WebSocketRoute) -> None:
        server = wire.connect_to_server()
        server.on_message(lambda message: damage(wire, message))
        wires.append(wire)

    page.route_web_socket(re.compile("/socket.io/"), route)
    page.reload()
    alive(page)
    return wires


def test_a_press_shows_on_the_others_pages_and_nobody_asks_for_it(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", locale="fi")
    settled(ada, ben)
    asked = asks_of(ada), asks_of(ben)
    press(ada, "Start the meeting")
    expect(ben.locator(STARTED)).to_be_attached()
    ben.locator("#h-agenda").evaluate("node => node.dataset.mine = 'kept'")
    press(ada, "Pause")
    expect(ben.locator(".eyebrow")).to_contain_text("Pysäytetty")
    expect(ben.locator("#h-agenda")).to_have_attribute("data-mine", "kept")
    assert asked == ([], [])


def test_a_pushed_part_leaves_the_keyboard_where_it_is(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    settled(ada, ben)
    bell = ben.locator(".stage .bell")
    bell.focus()
    press(ada, "Start the meeting")
    expect(ben.locator(STARTED)).to_be_attached()
    expect(bell).to_be_focused()


def test_a_page_whose_pushes_are_lost_fetches_the_part(open_room: Rooms) -> None:
    """Nothing but a heartbeat tells it then."""
    ada, ben = open_room("Ada"), open_room("Ben")

    def without_pushes(wire: WebSocketRoute, message: str | bytes) -> None:
        if not (isinstance(message, str) and message.startswith('42["run"')):
            wire.send(message)

    through(ben, without_pushes)
    settled(ada, ben)
    asked = asks_of(ben)
    press(ada, "Start the meeting")
    expect(ada.locator(STARTED)).to_be_attached()
    ben.evaluate("dispatchEvent(new Event('online'))")  # it looks at once, not after twenty seconds
    expect(ben.locator(STARTED)).to_be_attached()
    assert len(asked) == 1


def test_a_pushed_part_that_does_not_fit_is_fetched(open_room: Rooms) -> None:
    """Of one that leaves out what this page does not have, and of an older one, nothing is shown."""
    ada, ben = open_room("Ada"), open_room("Ben")
    older: list[str] = []

    def elsewhere(wire: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, str) and message.startswith('42["run"'):
            older.append(message)
            message = re.sub(
                r'<div class=\\"side\\" id=\\"side\\" data-has=.*</section>',
                r'<div class=\\"side\\" id=\\"side\\" data-same=\\"0123\\"></div>',
                message,
            )
        wire.send(message)

    wires = through(ben, elsewhere)
    settled(ada, ben)
    asked = asks_of(ben)
    press(ada, "Start the meeting")
    expect(ben.locator(STARTED)).to_be_attached()
    assert len(asked) == 1
    press(ada, "Pause")
    expect(ben.locator(".eyebrow")).to_contain_text("Paused")
    wires[-1].send(older[-2])
    expect(ben.locator(".eyebrow")).to_contain_text("Paused")


def test_an_answer_to_a_press_that_does_not_fit_is_fetched(open_room: Rooms) -> None:
    """What it leaves out was swapped away while it was under way."""
    ada = open_room("Ada")
    settled(ada)

    def answer(route: Route) -> None:
        got = route.fetch()
        side = '<div class="side" id="side" data-same="0123"></div>'
        text, times = re.subn(
            r'<div class="side" id="side" data-has=.*</section>', side, got.text(), flags=re.S
        )
        assert times == 1
        route.fulfill(response=got, body=text)

    ada.route(re.compile("/press$"), answer)
    asked = asks_of(ada)
    press(ada, "Start the meeting")
    expect(ada.locator(STARTED)).to_be_attached()
    assert len(asked) == 1


def test_a_page_that_edits_the_agenda_keeps_its_tools(open_room: Rooms) -> None:
    ada, other = open_room("Ada"), open_room("Ada")
    settled(ada, other)
    press(ada, "Edit the agenda")
    tools = ada.locator("#plan[data-tools]")
    expect(tools).to_be_attached()
    pressed(other, "start")
    expect(ada.locator(STARTED)).to_be_attached()
    expect(tools).to_be_attached()
