"""Between two meetings, in browsers: promises come back, wishes get onto the agenda, and words are kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import alive, end_meeting, look_at, press, pressed, promise, walk_to
from tests.support.people import followed

BENS = "I keep my phone in my pocket on walks."
ADAS = "I ask one question before I give advice."
WISH = "How do I end a talk gently?"


def region(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


def held(open_room: Any, server: Server) -> tuple[Page, Page]:
    """Hold a first meeting in which Ada and Ben promise something; both are on the group's page then."""
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben")
    server.client_for("Gus")  # who comes later has to ask
    for page, text in ((ada, ADAS), (ben, BENS)):
        promise(page, text)
        expect(page.locator("#reflection [data-state]")).to_have_text("Saved")
    pressed(ada, "start")
    expect(ada.locator("#run")).to_have_attribute("data-phase", "item")
    end_meeting(ada)
    expect(ada.locator(".stage[data-phase=closed], #record")).to_be_visible()
    for page in (ada, ben):
        page.goto(server.url + server.house.join_path)
        page.wait_for_url(re.compile(r"/g/\d+$"))
    return ada, ben


def next_room(server: Server, *pages: Page) -> None:
    """Begin the second meeting, and go to its room."""
    client = server.client_for("Ada")
    room = followed(client.post(f"/m/{server.house.meeting_id}/next", data={"template": "mepe-2"}))
    for page in pages:
        page.goto(server.url + room if room.startswith("/") else room)
        alive(page)


def test_a_promise_comes_back_on_the_page_and_in_the_opening_round(open_room: Any, server: Server) -> None:
    ada, ben = held(open_room, server)
    promises = region(ben, "Promises")
    expect(promises).to_contain_text(BENS)
    expect(promises).to_contain_text(ADAS)
    going_on = promises.get_by_role("button", name="Still going")
    going_on.focus()
    ben.keyboard.press("Enter")
    expect(going_on).to_have_attribute("aria-pressed", "true")
    expect(going_on).to_be_focused()
    ada.reload()
    expect(region(ada, "Promises").locator("[data-promise-of]")).to_contain_text("still going")
    assert_accessible(ben)
    next_room(server, ada, ben)
    for page in (ada, ben):
        expect(region(page, "From last time")).to_contain_text(BENS)
    pressed(ada, "start")
    turn, name = ada.locator("#clock-data"), ""
    for _ in range(2):  # each has a turn in the opening round
        pressed(ada, "next")
        expect(turn).to_have_attribute("data-speaker-name", re.compile(f"^(?!{name}$)."))
        name = turn.get_attribute("data-speaker-name") or ""
        speaks, other = (ben, ada) if name == "Ben" else (ada, ben)
        expect(region(speaks, "From last time").locator(".own-step[data-speaks]")).to_be_visible()
        stands_out = region(other, "From last time").locator("li[data-speaks]")
        expect(stands_out).to_contain_text(f"{name} promised")
        expect(stands_out).to_contain_text(BENS if name == "Ben" else ADAS)
    assert_accessible(ada)
    region(ben, "From last time").get_by_role("button", name="Done").click()
    expect(region(ada, "From last time").locator("[data-promise-of] em")).to_have_text("done")
    pressed(ada, "next_item")
    expect(region(ada, "From last time").locator("details")).not_to_have_attribute("open", "")


def test_a_step_that_is_mine_alone_is_nobody_elses(open_room: Any, server: Server) -> None:
    ben = open_room("Ben")
    promise(ben, "Only mine.")
    ben.locator("#reflection").get_by_role("button", name="Only I see this").click()
    expect(ben.locator("#next-step-seen")).to_have_text("Only you see this.")
    ada, ben = held(open_room, server)
    expect(region(ada, "Promises")).to_contain_text(ADAS)
    expect(region(ada, "Promises")).not_to_contain_text(BENS)
    mine = region(ben, "Promises").get_by_role("button", name="Only I see this")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(mine).to_have_attribute("aria-pressed", "false")
    ada.reload()
    expect(region(ada, "Promises")).to_contain_text(BENS)


def wish(page: Page, text: str) -> None:
    wishes = region(page, "Bring up next time")
    wishes.get_by_role("textbox").fill(text)
    wishes.get_by_role("button", name="Add a wish").click()
    row = wishes.get_by_role("listitem").filter(has_text=text)
    expect(row).to_contain_text("only you see this")
    expect(wishes.get_by_role("textbox")).to_have_value("")
    row.get_by_role("button", name="Show the group").click()
    expect(row.get_by_role("button", name="Withdraw")).to_be_visible()


def test_a_wish_gets_onto_the_agenda_by_keyboard_and_by_drag(open_room: Any, server: Server) -> None:
    ada, ben = held(open_room, server)
    wish(ben, WISH)
    wish(ben, "What if nobody comes?")
    next_room(server, ada)
    walk_to(ada, "Edit the agenda")
    ada.keyboard.press("Enter")
    expect(ada.locator("#room-wishes li")).to_have_count(2)
    walk_to(ada, f"Add to the agenda: {WISH}")
    ada.keyboard.press("Enter")
    expect(ada.locator("#plan h3", has_text=WISH)).to_be_visible()
    expect(ada.locator("#room-wishes li")).to_have_count(1)
    expect(ada.locator("#room-wishes button[name=press]")).to_be_focused()
    assert_accessible(ada)
    grip = ada.locator("#room-wishes [data-drag-wish]")
    ada.set_viewport_size({"width": 1280, "height": 2200})  # both ends of the way are in sight
    start, target = grip.bounding_box(), ada.locator("#plan > li").nth(1).bounding_box()
    assert start is not None
    assert target is not None
    ada.mouse.move(start["x"] + 5, start["y"] + 5)
    ada.mouse.down()
    ada.mouse.move(target["x"] + 20, target["y"] + 3, steps=4)
    ada.mouse.up()
    expect(ada.locator("#plan > li").nth(1)).to_contain_text("What if nobody comes?")
    expect(ada.locator("#room-wishes li")).to_have_count(0)
    ben.reload()
    expect(ben.locator(".wishes li").first).to_contain_text("on the agenda of")


def test_what_is_written_for_the_task_survives_and_is_mine_until_shared(
    open_room: Any, server: Server
) -> None:
    ada, ben = held(open_room, server)
    task, state = region(ben, "In-between task"), ben.locator("#task-state")
    field = task.get_by_role("textbox")
    field.press_sequentially("I listened", delay=5)
    expect(state).to_have_text("Saved. Only you see this.")
    ben.context.set_offline(True)
    field.press_sequentially(" to my sister.", delay=5)
    expect(state).to_have_text(re.compile("Not saved yet"))
    ben.context.set_offline(False)
    expect(state).to_have_text("Saved. Only you see this.", timeout=20_000)
    ben.reload()
    expect(field).to_have_value("I listened to my sister.")
    ada.reload()
    expect(region(ada, "In-between task")).not_to_contain_text("Ben")
    task.get_by_role("button", name="Share with the group").click()
    expect(task.get_by_role("button", name="Stop sharing")).to_be_visible()
    ada.reload()
    theirs = region(ada, "In-between task").locator("details")
    theirs.locator("summary").click()
    expect(theirs).to_contain_text("I listened to my sister.")


def test_i_cannot_come_is_said_and_taken_back_by_one_press(open_room: Any, server: Server) -> None:
    ada, ben = held(open_room, server)
    press(ada, "Continue like this")
    expect(region(ada, "Next meeting")).to_be_visible()
    ben.reload()
    press(ben, "I can't come")
    ben.get_by_role("textbox", name=re.compile("Message to the facilitators")).fill("A course in Oulu.")
    expect(ben.locator("#away-state")).to_have_text("Saved")
    told = ben.get_by_role("button", name="Tell the others too")
    told.click()
    expect(told).to_have_attribute("aria-pressed", "true")
    assert_accessible(ben)
    ada.reload()
    expect(region(ada, "Next meeting")).to_contain_text("Ben can't come.")
    expect(region(ada, "Next meeting")).to_contain_text("A course in Oulu.")
    press(ben, "I can come after all")
    expect(ben.get_by_role("button", name="I can't come")).to_be_visible()
    ada.reload()
    expect(region(ada, "Next meeting")).not_to_contain_text("Ben can't come.")


@pytest.mark.parametrize(("width", "locale"), [(320, "fi"), (380, "sv"), (1280, "en")])
def test_it_fits(open_room: Any, server: Server, width: int, locale: str) -> None:
    ada, ben = held(open_room, server)
    wish(ben, WISH * 9)
    ben.context.close()
    page = open_room("Gus", viewport=(width, 800), locale=locale, connected=False)
    page.goto(server.url + server.house.join_path)
    assert_no_sideways_scrolling(page)
    next_room(server, page)
    look_at(page, "agenda")
    expect(page.locator("#last-time")).to_contain_text(BENS)
    assert_no_sideways_scrolling(page)
    assert ada
