"""Quiet writing in the room: private, saved by itself, shared by choice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import pages
from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling


@pytest.fixture
def writing(server: Any) -> str:
    """Make the first item one that is written in; answers the meeting's address."""
    ada = server.house.person("Ada")
    room = f"/m/{ada.meeting_id}"
    fields = {
        "item": "1",
        "mode": "writing",
        "title": "Own words",
        "prompt": "What do you bring?",
        "minutes": "5",
    }
    answer = server.client_for("Ada").post(f"{room}/press", data={"press": "change_item", **fields})
    assert answer.status_code == 303
    return room


def field(page: Page, label: str = "What do you bring?") -> Any:
    return page.locator("#writing").get_by_label(label)


def state(page: Page) -> Any:
    return page.locator("#writing [data-state]").first


def scripted(page: Page) -> None:
    """Wait until the card has its script, which keeps a field open and two of one thing alike."""
    expect(page.locator("#writing textarea").first).to_be_visible()
    page.evaluate("import('/static/built/room/writing.js#0')")  # as cards.js does: it is the same import


def opened(page: Page, name: str) -> Any:
    """Open the dialog in which one chooses."""
    page.locator("#writing").get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


@pytest.mark.usefixtures("writing")
def test_each_writes_alone_and_shares_what_they_choose(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 640), has_touch=True)
    expect(ben.locator("#writing")).to_be_hidden()
    pages.look_at(ben, "notes")
    pages.press(ada, "Start the meeting")
    field(ben).press_sequentially("for all", delay=5)
    field(ben).press("Enter")
    field(ben).press_sequentially("only mine", delay=5)
    expect(state(ben)).to_have_text("Saved, only for you")
    expect(ada.locator("#ready-count")).to_have_text("0 of 2 ready")
    ben.get_by_role("button", name="My text is ready").tap()
    expect(ada.locator("#ready-count")).to_have_text("1 of 2 ready")
    expect(ben.get_by_role("button", name="My text is ready")).to_have_attribute("aria-pressed", "true")

    dialog = opened(ben, "Share a part")
    expect(dialog.get_by_role("checkbox").first).to_be_focused()
    expect(dialog).to_contain_text("under Own words")
    dialog.get_by_role("button", name="Share").tap()
    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one line.")
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    dialog.get_by_role("checkbox").first.check()
    dialog.get_by_role("button", name="Share").tap()
    expect(dialog).to_be_hidden()
    expect(ben.locator("#writing")).to_contain_text("1 line of this is in the group's notes.")
    expect(pages.editor(ada)).to_contain_text("Ben: for all")
    expect(pages.editor(ada)).not_to_contain_text("only mine")
    assert "only mine" not in ada.content()
    for page in (ada, ben):
        assert_accessible(page)
        assert_no_sideways_scrolling(page)


@pytest.mark.usefixtures("writing")
def test_when_the_group_goes_on_nothing_closes_under_the_hands_of_who_writes(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    pages.press(ada, "Start the meeting")
    scripted(ben)
    field(ben).press_sequentially("half a sen", delay=5)
    pages.press(ada, "Next item")
    expect(ben.locator("#agenda .now")).not_to_have_attribute("data-item", "1")
    field(ben).press_sequentially("tence", delay=5)
    expect(field(ben)).to_have_value("half a sentence")
    expect(state(ben)).to_have_text("Saved, only for you")
    ben.reload()
    mine = ben.locator("#writing").get_by_role("button", name="Own words")
    expect(field(ben)).to_have_count(0)
    mine.click()
    expect(mine).to_have_attribute("aria-expanded", "true")
    expect(field(ben)).to_have_value("half a sentence")
    expect(ben.locator("#writing").get_by_role("button", name="My text is ready")).to_have_count(0)
    mine.click()
    expect(field(ben)).to_have_count(0)
    expect(ada.locator("#writing")).to_be_hidden()


@pytest.mark.usefixtures("writing")
def test_over_a_dead_line_it_says_so_and_a_reload_or_a_killed_server_loses_nothing(
    open_room: Any, server: Any
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    pages.press(ada, "Start the meeting")
    field(ben).fill("before")
    expect(state(ben)).to_have_text("Saved, only for you")
    server.kill()
    field(ben).fill("before and during")
    expect(state(ben)).to_have_text("Not saved yet", timeout=3_000)
    server.start()
    expect(state(ben)).to_have_text("Saved, only for you", timeout=20_000)
    server.kill()
    field(ben).fill("before, during and after")
    expect(state(ben)).to_have_text("Not saved yet", timeout=3_000)
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.goto("about:blank")
    server.start()
    ben.go_back()
    pages.alive(ben)
    expect(field(ben)).to_have_value("before, during and after")
    expect(state(ben)).to_have_text("Saved, only for you", timeout=15_000)
    ben.reload()
    expect(field(ben)).to_have_value("before, during and after")


WRITING = re.compile(r"/built/room/writing\.js")


@pytest.mark.usefixtures("writing")
def test_a_script_that_did_not_come_comes_when_the_line_is_back(open_room: Any, server: Any) -> None:
    ada = open_room("Ada")
    ada.route(WRITING, lambda route: route.abort())
    with ada.expect_event("requestfailed", lambda request: "writing.js" in request.url):
        pages.press(ada, "Start the meeting")
    field(ada).fill("before")
    expect(state(ada)).to_have_text("Saved, only for you")
    server.kill()
    ada.unroute(WRITING)
    with ada.expect_response(WRITING) as back:
        server.start()
    assert back.value.ok
    pages.alive(ada)
    server.kill()
    field(ada).fill("before and during")
    expect(state(ada)).to_have_text("Not saved yet", timeout=3_000)
    ada.on("dialog", lambda dialog: dialog.accept())
    ada.goto("about:blank")
    server.start()
    ada.go_back()
    expect(field(ada)).to_have_value("before and during")
    expect(state(ada)).to_have_text("Saved, only for you", timeout=15_000)


@pytest.mark.usefixtures("writing")
def test_two_windows_of_one_person_keep_both_texts_in_sight(open_room: Any) -> None:
    ada, laptop, phone = open_room("Ada"), open_room("Ben"), open_room("Ben", viewport=(380, 800))
    pages.press(ada, "Start the meeting")
    pages.look_at(phone, "notes")
    field(phone).click()
    field(laptop).fill("from the laptop")
    expect(state(laptop)).to_have_text("Saved, only for you")
    field(phone).fill("from the phone")
    other = phone.locator("#writing [data-other]")
    expect(other).to_have_text("from the laptop")
    assert_accessible(phone)
    phone.get_by_role("button", name="Add it to my text").click()
    expect(other).to_have_count(0)
    expect(field(phone)).to_have_value("from the phone\n\nfrom the laptop")
    phone.reload()
    expect(field(phone)).to_have_value("from the phone\n\nfrom the laptop")


@pytest.mark.usefixtures("writing")
def test_too_much_is_refused_in_words_and_stays_in_its_field(open_room: Any) -> None:
    ada = open_room("Ada")
    pages.press(ada, "Start the meeting")
    field(ada).fill("x" * 8001)
    expect(state(ada)).to_have_text("Not saved yet. Please shorten this to at most 8000 characters.")
    expect(field(ada)).to_have_value("x" * 8001)
    field(ada).fill("shorter")
    expect(state(ada)).to_have_text("Saved, only for you")


def test_the_keyboard_leads_through_writing_and_sharing(open_room: Any, writing: str) -> None:
    ada = open_room("Ada")
    pages.press(ada, "Start the meeting")
    expect(field(ada)).to_be_visible()
    pages.walk_to(ada, "What do you bring?")
    ada.keyboard.type("by keyboard")
    pages.walk_to(ada, "Share all")
    ada.keyboard.press("Enter")
    dialog = ada.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    ada.keyboard.press("Escape")
    expect(ada.get_by_role("button", name="Share all")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(dialog.get_by_role("checkbox")).to_be_focused()
    pages.walk_to(ada, "Share", most=6)
    ada.keyboard.press("Enter")
    expect(pages.editor(ada)).to_contain_text("Ada: by keyboard")
    ada.goto(f"{ada.url}/writing")
    assert_accessible(ada)
    expect(field(ada)).to_have_value(re.compile("by keyboard"))


@pytest.mark.usefixtures("writing")
def test_what_was_written_past_a_mistaken_end_is_saved_once_it_is_undone(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    pages.press(ada, "Start the meeting")
    expect(field(ben)).to_be_visible()
    ben.context.set_offline(True)  # so that he writes on before he hears of it
    pages.end_meeting(ada)
    expect(ada.get_by_text("The meeting has ended").first).to_be_visible()
    field(ben).fill("my first words")
    expect(state(ben)).to_have_text("Not saved yet", timeout=3_000)
    ben.context.set_offline(False)
    expect(ben.get_by_text("The meeting has ended").first).to_be_visible(timeout=20_000)
    ada.locator("#undo-end").get_by_role("button", name="Undo").click()
    expect(field(ben)).to_have_value("my first words", timeout=15_000)
    expect(state(ben)).to_have_text("Saved, only for you", timeout=15_000)


def test_the_next_step_is_one_in_both_of_its_places_and_stays_open_under_the_hands(
    open_room: Any, server: Any
) -> None:
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben")
    pages.press(ada, "Start the meeting")
    pages.open_reflection(ben)
    step, twin = ben.locator("#step-now"), ben.locator("#next-step")
    go_to(ada, "Next step")
    expect(ben.locator("#writing")).to_contain_text("The group will see this with your name.")
    scripted(ben)
    step.press_sequentially("ask Gus", delay=5)
    expect(twin).to_have_value("ask Gus")
    go_to(ada, "Break")
    step.press_sequentially(" for coffee", delay=5)
    expect(step).to_be_focused()
    expect(twin).to_have_value("ask Gus for coffee")
    twin.focus()
    expect(ben.locator("#writing")).to_be_hidden()
    twin.fill("ask Gus for tea")
    expect(ben.locator("#reflection [data-state]")).to_have_text("Saved")
    go_to(ada, "Next step")
    expect(step).to_have_value("ask Gus for tea")
    assert_accessible(ben)


def test_the_self_assessment_is_filled_in_by_keyboard_and_stays_ones_own(open_room: Any, server: Any) -> None:
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 640))
    pages.press(ada, "Start the meeting")
    go_to(ada, "Quiet writing")
    pages.look_at(ben, "notes")
    statement = ben.get_by_role("group", name="I ask more than I advise.")
    four = statement.get_by_role("button", name="4")
    four.focus()
    ben.keyboard.press("Space")
    expect(four).to_have_attribute("aria-pressed", "true")
    expect(four).to_be_focused()
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    expect(ada.locator("#writing .statement [aria-pressed=true]")).to_have_count(0)
    ben.reload()
    pages.look_at(ben, "notes")
    expect(four).to_have_attribute("aria-pressed", "true")


def go_to(page: Page, title: str) -> None:
    """Go to an item by the agenda's own button."""
    if page.locator("#edit-agenda").get_attribute("aria-pressed") == "false":
        page.locator("#edit-agenda").click()
    page.get_by_role("button", name=f"Go to: {title}").click()
    expect(page.locator("#agenda .now h3")).to_have_text(title)
