"""The quiet bar in Chromium: in every view and size it says what concerns one, and leads there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsers import Rooms, assert_accessible
from tests.support.pages import look_at, open_reflection, press, pressed

NARROW = {
    "a small phone": {"viewport": (320, 640), "has_touch": True, "is_mobile": True},
    "a phone": {"viewport": (380, 720), "has_touch": True, "is_mobile": True},
    "the side panel of a call": {"viewport": (380, 720)},
}
OTHER_VIEWS = ("agenda", "notes", "reflection", "people")


def bar(page: Page) -> Locator:
    return page.locator("#bar")


def in_window(element: Locator) -> bool:
    return bool(
        element.evaluate(
            "e => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
        )
    )


@pytest.fixture
def in_round(server: Any, open_room: Rooms) -> Page:
    """Answer the facilitator's page of a round that waits to be started; Ben is the second in it."""
    change_first(server, "round")
    ada = open_room("Ada", viewport=(1280, 800))
    press(ada, "Start the meeting")
    expect(ada.locator(".stage[data-phase=ready]")).to_be_attached()
    return ada


def change_first(server: Any, mode: str) -> None:
    fields = {"item": "1", "mode": mode, "title": "Own words", "prompt": "What?", "minutes": "5"}
    room = f"/m/{server.house.meeting_id}/press"
    answer = server.client_for("Ada").post(room, data={"press": "change_item", **fields})
    assert answer.status_code == 303


@pytest.mark.parametrize("how", NARROW.values(), ids=NARROW)
def test_in_every_view_of_a_narrow_room_it_says_who_speaks_and_what_is_asked_of_me(
    in_round: Page, open_room: Rooms, how: dict[str, Any]
) -> None:
    ben = open_room("Ben", **how)
    pressed(in_round, "next")
    expect(bar(ben)).to_have_text(re.compile("Ada is speaking.*You are next", re.S))
    expect(bar(ben)).to_be_hidden()  # the turn is the view one begins with, and says all that itself
    for view in OTHER_VIEWS:
        look_at(ben, view)
        expect(bar(ben)).to_be_visible()
        expect(bar(ben).locator(".left")).to_have_text(re.compile(r"^\d+:\d\d$"))
        ben.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        assert in_window(bar(ben)), view
    pressed(in_round, "next")
    expect(bar(ben)).to_have_class("bar mine")
    expect(bar(ben)).to_contain_text("It is your turn")
    assert_accessible(ben)
    bar(ben).get_by_role("link").click()
    expect(ben.locator("#v-turn")).to_be_checked()
    expect(bar(ben)).to_be_hidden()
    expect(ben.locator(".stage .who")).to_be_in_viewport()
    expect(ben.locator("#turn")).to_be_focused()


def test_in_a_wide_room_it_comes_while_the_turn_is_out_of_sight(in_round: Page, open_room: Rooms) -> None:
    open_room("Ben", viewport=(1280, 800))
    pressed(in_round, "next")
    expect(bar(in_round)).to_contain_text("It is your turn")
    expect(bar(in_round)).to_be_hidden()
    open_reflection(in_round)  # it lies below the turn
    expect(in_round.locator("#reflection textarea").first).to_be_visible()
    height = in_round.evaluate("document.documentElement.scrollHeight")
    in_round.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(bar(in_round)).to_be_in_viewport()
    assert in_round.evaluate("document.documentElement.scrollHeight") == height, "it moves nothing"
    bar(in_round).get_by_role("link").click()
    expect(in_round.locator(".stage .who")).to_be_in_viewport()
    expect(bar(in_round)).to_be_hidden()


def test_its_time_runs_and_nobody_hears_each_second(in_round: Page, open_room: Rooms) -> None:
    ben = open_room("Ben", viewport=(380, 720))
    look_at(ben, "notes")
    pressed(in_round, "next")
    link = bar(ben).get_by_role("link", name="Ada is speaking, You are next", exact=True)
    expect(link).to_be_visible()
    sent: list[str | bytes] = []
    time = bar(ben).get_by_role("timer")
    shown = time.inner_text()
    assert shown == ben.locator("#ring .left").text_content()
    ben.on("request", lambda request: sent.append(request.url))
    expect(time).not_to_have_text(shown)
    expect(link).to_be_visible()
    assert sent == []
    live = "[aria-live], [role=status], [role=alert], [role=log]"
    assert bar(ben).evaluate("(e, live) => e.closest(live) ?? e.querySelector(live)", live) is None


def test_it_leads_to_ones_own_text_while_one_writes_alone(server: Any, open_room: Rooms) -> None:
    change_first(server, "writing")
    page = open_room("Ada", viewport=(380, 720))
    pressed(page, "start")
    look_at(page, "people")
    expect(bar(page)).to_have_class("bar alone")
    bar(page).get_by_role("link").click()
    expect(page.locator("#v-notes")).to_be_checked()
    expect(page.locator("#writing textarea").first).to_be_in_viewport()


def test_after_the_end_it_leads_to_the_record(in_round: Page, open_room: Rooms, server: Any) -> None:
    ben = open_room("Ben", viewport=(380, 720))
    look_at(ben, "notes")
    room = f"/m/{server.house.meeting_id}/press"
    assert server.client_for("Ada").post(room, data={"press": "end"}).status_code == 303
    expect(bar(ben)).to_contain_text("The meeting has ended")
    bar(ben).get_by_role("link", name="Open the record").click()
    expect(ben.locator("body.page")).to_be_attached()
