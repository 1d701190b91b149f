"""What two write into the same field: both texts stay, and what is not saved says so until it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import alive, press, pressed

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
    return page.get_by_label(QUESTION)


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
    press(ada, "Back")
    expect(ben.locator("#loose")).to_be_hidden()
    expect(question(ben)).to_be_focused()
    expect(question(ben)).to_have_value("How do I say no?")
