"""Faults of trust.md as people meet them: dead lines, sleep, several tabs. The number is in each name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browsers import Rooms
from tests.support.line import Line
from tests.support.outside import Server
from tests.support.pages import alive, press, pressed

KEPT = 6
"""How many connections a browser keeps to a server."""


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    line = Line(server.port)
    yield line
    line.close()


def behind(open_room: Rooms, line: Line, name: str) -> Page:
    """Open the room over ``line``, with as many connections kept as a browser keeps."""
    page = open_room(name)
    page.goto(page.url.replace(page.url.split("/m/")[0], line.url))
    alive(page)
    page.evaluate(
        f"Promise.all(Array.from({{length: {KEPT}}}, () => fetch('/healthz', {{cache: 'no-store'}})))"
    )
    return page


def test_f13_connections_fall_silent_and_the_page_is_new_as_soon_as_it_says_so(
    open_room: Rooms, line: Line
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


def test_f11_a_press_over_a_dead_connection_says_so_and_arrives(open_room: Rooms, line: Line) -> None:
    ada = behind(open_room, line, "Ada")
    press(ada, "Start the meeting")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")
    line.forget()
    pressed(ada, "next_item")
    expect(ada.locator("#notice")).to_have_text("Not delivered yet. Trying again…")
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    expect(ada.locator("#notice")).to_be_empty()
    alive(ada)


def test_f11_a_press_whose_answer_is_lost_is_sent_again_and_counts_once(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Edit the agenda")
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.request.post_data or "")
        route.fetch()  # it arrives, and nobody hears so
        return None

    ada.route("**/press", lose_the_first)
    order = [item.get_attribute("id") for item in ada.locator("#plan > li").all()]
    with ada.expect_response("**/press"):
        ada.locator(f"#{order[3]}").locator("button[value=up]").click()
    assert lost
    expect(ada.locator("#notice")).to_be_empty()
    expect(ada.locator("#plan > li").nth(2)).to_have_attribute("id", str(order[3]))
    expect(ada.locator("#plan > li").nth(1)).to_have_attribute("id", str(order[1]))
