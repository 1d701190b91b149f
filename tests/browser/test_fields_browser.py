"""What two write into the same field: both texts stay, and what is not saved says so until it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import alive, end_meeting, look_at, press, pressed

SOON_MS = 20_000
UNSAVED_MS = 4_000
QUESTION = "Key question"


@pytest.fixture
def case(server: Server) -> None:
    """Let the first item be a case clinic, under way with Ben's case at its key question."""
    ada, ben = server.house.person("Ada"), server.house.person("Ben")
    client = server.client_for("Ada")
    server.socket_for("Ada").join()
    server.socket_for("Ben").join()
    item = {"item": "1", "mode": "case", "title": "Case", "minutes": "30", "how": "1", "case_steps": "eight"}
    for what, fields in (
        ("change_item", item),
        ("start", {}),
        ("name_owner", {"person": str(ben.id)}),
        ("next", {}),
        ("next_step", {}),
    ):
        answer = client.post(f"/m/{ada.meeting_id}/press", data={"press": what, **fields})
        assert answer.status_code == 303, (what, answer.text)


def question(page: Page) -> Any:
    return page.get_by_role("textbox", name=QUESTION)


def state(page: Page) -> Any:
    return page.locator("form.keep [data-state]").first


@pytest.mark.usefixtures("case")
def test_two_who_write_the_key_question_at_once_keep_both_texts(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    question(ben).fill("How do I say no?")
    expect(state(ben)).to_have_text("Saved")
    expect(question(ada)).to_have_value("How do I say no?")
    ben.context.set_offline(True)
    question(ben).fill("How do I say no to Ada?")
    expect(state(ben)).to_have_text("Not saved yet", timeout=UNSAVED_MS)
    question(ada).fill("What if I say no?")
    expect(state(ada)).to_have_text("Saved")
    ben.context.set_offline(False)
    both = "What if I say no?\n\nHow do I say no to Ada?"
    expect(question(ben)).to_have_value(both, timeout=SOON_MS)
    expect(state(ben)).to_have_text("Saved. Somebody else wrote here too: both texts are kept.")
    expect(ada.locator("[data-words]").first).to_have_text("What if I say no? How do I say no to Ada?")
    expect(question(ada)).to_have_value("What if I say no?")  # in use
    question(ada).press("End")
    question(ada).press_sequentially(" Now", delay=5)
    expect(question(ada)).to_have_value("What if I say no? Now\n\nHow do I say no to Ada?", timeout=SOON_MS)
    question(ada).blur()
    expect(question(ben)).to_have_value(both)  # in use
    question(ben).blur()
    expect(question(ben)).to_have_value("What if I say no? Now\n\nHow do I say no to Ada?", timeout=SOON_MS)
    for page in (ada, ben):
        assert_accessible(page)
        assert_no_sideways_scrolling(page)


@pytest.mark.usefixtures("case")
def test_what_was_written_offline_survives_the_reload_and_the_end_of_its_step(
    open_room: Rooms, server: Server
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    expect(question(ben)).to_be_visible()
    server.kill()
    question(ben).fill("How do I say no?")
    expect(state(ben)).to_have_text("Not saved yet", timeout=UNSAVED_MS)
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.goto("about:blank")
    server.start()
    alive(ada)
    pressed(ada, "next_step")
    expect(ada.locator(".steps li[aria-current=step]")).to_contain_text("Clarifying questions")
    ben.go_back()
    alive(ben)
    words = ada.get_by_role("region", name="Turn").get_by_text("How do I say no?")
    expect(words).to_be_visible(timeout=SOON_MS)
    expect(ben.locator("#loose")).to_be_hidden(timeout=SOON_MS)
    assert ben.evaluate("Object.keys(sessionStorage).filter(key => key.includes('unsaved'))") == []


@pytest.mark.usefixtures("case")
def test_who_is_writing_when_the_group_goes_on_writes_on(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    question(ben).press_sequentially("How do I", delay=5)
    pressed(ada, "next_step")
    expect(ben.locator("#loose")).to_be_visible()
    expect(question(ben)).to_be_focused()
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    question(ben).press_sequentially(" say no?", delay=5)
    expect(ada.get_by_role("region", name="Turn")).to_contain_text("How do I say no?", timeout=SOON_MS)
    press(ada, "Undo")
    expect(ben.locator("#loose")).to_be_hidden()
    expect(question(ben)).to_be_focused()
    expect(question(ben)).to_have_value("How do I say no?")


def edited(page: Page) -> Any:
    """Open the form of the first item."""
    if page.locator("#edit-agenda").get_attribute("aria-pressed") != "true":
        page.locator("#edit-agenda").click()
    page.locator("#item-1 [data-edit-item]").click()
    form = page.locator("#item-editor")
    expect(form.get_by_label("Title")).to_be_focused()
    return form


def test_two_who_change_an_item_see_both_and_nothing_is_lost(open_room: Rooms, server: Server) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    house = server.house
    path = f"/m/{house.person('Ada').meeting_id}/press"
    fields = {"press": "make_facilitator", "person": house.person("Ben").id}
    assert server.client_for("Ada").post(path, data=fields).status_code == 303
    look_at(ben, "agenda")
    expect(ben.locator("#edit-agenda")).to_be_visible()
    mine, theirs = edited(ben), edited(ada)
    theirs.get_by_label("Title").fill("Ada's title")
    theirs.get_by_label("Minutes", exact=True).fill("7")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs).to_be_hidden()
    mine.get_by_label("Title").fill("Ben's title")
    mine.get_by_label("Prompt").fill("What do you bring?")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("alert")).to_contain_text("Somebody else has changed this in the meantime.")
    title = mine.get_by_label("Title")
    expect(title).to_be_focused()
    expect(title).to_have_value("Ben's title")
    expect(title).to_have_accessible_description("Saved by somebody else: Ada's title")
    expect(mine.get_by_label("Minutes", exact=True)).to_have_value("7")
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    ben.keyboard.press("Enter")
    expect(mine).to_be_hidden()
    item = ada.locator("#item-1")
    expect(item).to_contain_text("Ben's title")
    expect(item).to_contain_text("7")

    mine = edited(ben)
    mine.get_by_label("Prompt").fill("Long thoughts")
    item.get_by_role("button", name="Delete").click()
    expect(ada.locator("#plan h3", has_text="Ben's title")).to_have_count(0)
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("button", name="Add it as a new item")).to_be_focused()
    expect(mine.get_by_label("Prompt")).to_have_value("Long thoughts")
    assert_accessible(ben)
    ben.keyboard.press("Enter")
    expect(mine).to_be_hidden()
    expect(ada.locator("#plan")).to_contain_text("Ben's title")


def test_two_who_change_the_settings_see_both(open_room: Rooms, server: Server) -> None:
    ada = open_room("Ada", viewport=(320, 700))
    meeting_id = server.house.person("Ada").meeting_id
    look_at(ada, "people")
    ada.get_by_role("link", name="Group settings").click()
    sheet = ada.get_by_role("dialog")
    name = sheet.get_by_label("Name of the group")
    before = name.input_value()
    data = {"name": "Friends", "entry": "ask", "greeting": "Welcome"}
    assert server.client_for("Ada").post(f"/m/{meeting_id}/group", data=data).status_code == 303
    name.fill(f"{before} and more")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Somebody else has changed this in the meantime.")
    expect(name).to_have_value(f"{before} and more")
    expect(name).to_have_accessible_description("Saved by somebody else: Friends")
    expect(sheet.get_by_label("Greeting")).to_have_value("Welcome")
    assert_accessible(ada)
    assert_no_sideways_scrolling(ada)
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()


def test_answers_and_quiet_writing_survive_a_reload_while_the_server_is_away(
    open_room: Rooms, server: Server
) -> None:
    """Also where the group has gone on meanwhile, and the item's own field is not there any more."""
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    client, path = server.client_for("Ada"), f"/m/{server.house.person('Ada').meeting_id}/press"
    item = {
        "item": "1",
        "mode": "writing",
        "title": "Own words",
        "prompt": "What do you bring?",
        "minutes": "5",
    }
    for data in ({"press": "change_item", **item}, {"press": "start"}):
        assert client.post(path, data=data).status_code == 303
    look_at(ben, "notes")
    writing = ben.get_by_role("textbox", name="What do you bring?")
    expect(writing).to_be_visible()
    look_at(ben, "reflection")
    answer = ben.locator("#reflection textarea[name=text-1]")
    answer.fill("I am not")
    expect(ben.locator("#reflection [data-state]")).to_have_text("Saved")
    server.kill()
    answer.fill("I am not alone")
    look_at(ben, "notes")
    writing.fill("A question")
    for state in (ben.locator("#reflection [data-state]"), ben.locator("#writing [data-state]")):
        expect(state).to_have_text("Not saved yet", timeout=UNSAVED_MS)
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.goto("about:blank")
    server.start()
    alive(ada)
    pressed(ada, "next_item")
    expect(ada.locator("#agenda .now")).not_to_have_attribute("data-item", "1")
    ben.go_back()
    alive(ben)
    expect(answer).to_have_value("I am not alone")
    expect(ben.locator("#reflection [data-state]")).to_have_text("Saved", timeout=SOON_MS)
    late = ben.locator("#loose").get_by_label("What do you bring?")
    expect(late).to_have_value("A question")
    expect(ben.locator("#loose [data-state]")).to_have_text("Saved", timeout=SOON_MS)
    assert_accessible(ben)
    expect(ben.locator("#loose")).to_be_hidden()
    look_at(ben, "notes")
    ben.locator("#notes [data-scope=mine]").click()
    ben.locator("#writing").get_by_role("button", name="Own words").click()
    expect(writing).to_have_value("A question")
    assert "A question" not in ada.content()


def test_two_devices_of_one_person_keep_both_answers(open_room: Rooms) -> None:
    laptop, phone = open_room("Ben"), open_room("Ben", viewport=(320, 700))
    for page in (laptop, phone):
        look_at(page, "reflection")
    fields = [page.locator("#reflection textarea[name=text-1]") for page in (laptop, phone)]
    fields[1].focus()
    phone.context.set_offline(True)
    fields[1].fill("From the phone")
    fields[0].fill("From the laptop")
    expect(laptop.locator("#reflection [data-state]")).to_have_text("Saved")
    phone.context.set_offline(False)
    expect(fields[1]).to_have_value("From the laptop\n\nFrom the phone", timeout=SOON_MS)
    expect(phone.locator("#reflection [data-state]")).to_contain_text("You also wrote here in another window")
    assert_accessible(phone)


@pytest.mark.usefixtures("case")
def test_what_comes_too_late_is_shown_with_its_reason_beside_the_record(
    open_room: Rooms, server: Server
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    expect(question(ben)).to_be_visible()
    server.kill()
    question(ben).fill("How do I say no?")
    expect(state(ben)).to_have_text("Not saved yet", timeout=UNSAVED_MS)
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.goto("about:blank")
    server.start()
    alive(ada)
    end_meeting(ada)
    expect(ada.locator(".stage[data-phase=closed], #record")).to_be_visible(timeout=SOON_MS)
    ben.go_back()
    expect(ben.locator("#record")).to_be_visible()
    expect(question(ben)).to_have_value("How do I say no?")
    expect(state(ben)).to_contain_text("Not saved yet. The meeting has ended.", timeout=SOON_MS)
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    ben.get_by_role("button", name="Leave it out").click()
    expect(ben.locator("#loose")).to_be_hidden()
    ben.reload()
    expect(ben.locator("#record")).to_be_visible()
    expect(ben.locator("#loose")).to_be_hidden()
