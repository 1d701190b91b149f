"""Notes, quiet writing and the closing reflection with less at once: what is behind a press loses no word."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import pages
from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling

SOON_MS = 20_000
PHONE: dict[str, Any] = {"viewport": (380, 760), "has_touch": True}
PRIVATE, ANSWER = "I have been avoiding it", "I am not alone"
PLACES = """() => [...document.querySelectorAll("#notes :is(#doc, #note-part, .note-scopes, footer)")]
  .map((one) => { const { x, y, width } = one.getBoundingClientRect(); return [x, y + scrollY, width] })"""


@pytest.fixture
def writing(server: Any) -> str:
    """A meeting whose second item is quiet writing."""
    server.house.template = "mepe-1"
    ada = server.client_for("Ada")
    room = f"/m/{server.house.meeting_id}"
    fields = {"item": "2", "mode": "writing", "title": "Own words", "prompt": "What do you bring?"}
    for data in ({"press": "change_item", "minutes": "5", **fields}, {"press": "start"}):
        assert ada.post(f"{room}/press", data=data).status_code == 303
    return room


def begin(page: Page) -> None:
    pages.saved(page)
    pages.editor(page).click()
    expect(pages.editor(page)).to_be_focused()


def in_quiet(*people: Page) -> None:
    for page in people:
        expect(page.locator(".stage")).to_have_attribute("data-mode", "writing")
        expect(page.locator("#writing[data-now]")).to_be_attached()


def by_the_line(page: Page) -> None:
    page.get_by_role("button", name="Go there").tap()


def by_the_seal(page: Page) -> None:
    page.get_by_role("button", name="Go to my own text").tap()


def by_the_switch(page: Page) -> None:
    page.locator("#notes").get_by_role("button", name="Only mine").tap()


def by_another_view(page: Page) -> None:
    pages.look_at(page, "agenda")
    pages.look_at(page, "notes")


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("way", [by_the_line, by_the_seal, by_the_switch, by_another_view])
def test_each_way_there_leads_a_phone_to_its_own_card(open_room: Any, way: Callable[[Page], None]) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", **PHONE)
    pages.look_at(ben, "notes")
    begin(ben)  # in the shared notes of the item before: nobody's editor is pulled away
    ben.keyboard.type("for all of us")
    expect(pages.editor(ada)).to_contain_text("for all of us")
    pages.pressed(ada, "next_item")
    in_quiet(ada, ben)
    expect(pages.editor(ben)).to_be_focused()
    expect(ben.get_by_text("The whole group sees this at once")).to_be_visible()
    way(ben)
    expect(pages.editor(ben)).to_be_hidden()
    own = ben.get_by_label("What do you bring?")
    expect(own).to_be_visible()
    expect(ben.get_by_role("heading", name="Only you see this")).to_be_visible()
    own.focus()
    ben.keyboard.type(PRIVATE)
    expect(ben.locator("#writing [data-state]")).to_have_text("Saved, only for you")
    assert PRIVATE not in ada.content()
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    ben.reload()
    pages.look_at(ben, "notes")
    expect(own).to_have_value(PRIVATE)
    expect(pages.editor(ben)).to_be_hidden()
    # Who asks for the shared notes has them; they are not one's own.
    ben.locator("#writing").get_by_role("button", name="Shared").tap()
    expect(ben.locator("#notes").get_by_role("button", name="Shared")).to_be_focused()
    begin(ben)
    ben.keyboard.type("shared on purpose")
    expect(pages.editor(ada)).to_contain_text("shared on purpose")
    assert PRIVATE not in ada.content()
    pages.pressed(ada, "next_item")
    expect(ben.get_by_text("The whole group sees this at once")).to_be_hidden()
    expect(pages.editor(ben)).to_be_focused()


@pytest.mark.usefixtures("writing")
def test_words_that_are_being_written_stay_in_their_field_when_the_group_goes_on(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", **PHONE)
    pages.look_at(ben, "notes")
    pages.pressed(ada, "next_item")
    in_quiet(ada, ben)
    own = ben.get_by_label("What do you bring?")
    own.press_sequentially("half a sen", delay=5)
    pages.pressed(ada, "next_item")
    expect(ben.locator(".stage")).not_to_have_attribute("data-mode", "writing")
    own.press_sequentially("tence", delay=5)
    expect(own).to_be_focused()
    expect(own).to_have_value("half a sentence")
    assert "half a sen" not in ada.content()


def test_the_parts_are_a_list_behind_the_title_for_the_keyboard_too(open_room: Any) -> None:
    ada = open_room("Ada")
    pages.saved(ada)
    title = ada.locator("#note-part")
    first = title.text_content() or ""
    title.focus()
    ada.keyboard.press("Enter")
    chosen = ada.get_by_role("menuitemradio", checked=True)
    expect(chosen).to_be_focused()
    assert_accessible(ada)
    ada.keyboard.press("ArrowUp")  # past the first
    expect(ada.get_by_role("menuitemradio", name="Can be shared outside")).to_be_focused()
    ada.keyboard.press("g")  # on from there: the first that begins so
    began = (
        "document.activeElement.matches('[role=menuitemradio]') && document.activeElement.innerText.trim()"
    )
    assert re.match(r"\d*\s*G", ada.evaluate(began))
    ada.keyboard.press("Escape")
    expect(title).to_be_focused()
    expect(title).to_have_text(first)
    expect(ada.get_by_role("menu")).to_be_hidden()
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("End")
    ada.keyboard.press("Enter")
    expect(title).to_be_focused()
    expect(title).to_contain_text("Can be shared outside")
    expect(ada.get_by_role("textbox", name="Shared notes: Can be shared outside")).to_be_visible()
    title.click()
    ada.get_by_role("button", name="Only mine").click()
    expect(ada.get_by_role("menu")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 380, 1280])
def test_the_tools_come_with_the_caret_and_nothing_moves(open_room: Any, width: int) -> None:
    ben = open_room("Ben", viewport=(width, 800), locale="fi")
    pages.look_at(ben, "notes")
    pages.saved(ben)
    tools, said = ben.locator("#notes .tools"), ben.locator("#note-for > span:visible").first
    expect(tools).to_be_hidden()
    before = ben.evaluate(PLACES)
    begin(ben)
    expect(tools).to_be_visible()
    expect(ben.locator("#note-for")).to_be_hidden()
    assert ben.evaluate(PLACES) == before
    words = tools.locator(".word").all_inner_texts()
    assert [word.strip() for word in words] == ["Ei talteen", "Oivallus", "Seuraava askel"]
    tools.locator("#note-looks-open").click()
    assert ben.evaluate(PLACES) == before
    assert_no_sideways_scrolling(ben)
    expect(pages.editor(ben)).to_be_focused()
    ben.locator("#note-part").focus()
    expect(tools).to_be_hidden()
    expect(said).to_be_visible()
    assert ben.evaluate(PLACES) == before


def test_the_editor_shows_that_it_has_the_keyboard_in_forced_colours_too(open_room: Any) -> None:
    ada = open_room("Ada")
    ada.emulate_media(forced_colors="active")
    pages.saved(ada)
    ring = "getComputedStyle(document.querySelector('.note-page')).outlineStyle"
    assert ada.evaluate(ring) == "none"
    begin(ada)
    assert ada.evaluate(ring) == "solid"


def answers(page: Page) -> Any:
    return page.locator("#reflection textarea[name=text-1]")


def state(page: Page) -> Any:
    return page.locator("#reflection [data-state]")


@pytest.mark.parametrize("width", [380, 1280])
def test_the_reflection_is_a_line_until_its_item_or_until_it_is_opened(open_room: Any, width: int) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(width, 800))
    if width < 700:
        ben.locator("#v-reflect").check()
    pages.press(ada, "Start the meeting")
    expect(ben.locator("#opens")).to_contain_text("planned for")
    expect(answers(ben)).to_have_count(0)
    assert_accessible(ben)
    button = ben.get_by_role("button", name="Write now")
    button.focus()
    ben.keyboard.press("Enter")
    expect(answers(ben)).to_be_visible()
    fold = ben.get_by_role("button", name="Fold")
    expect(fold).to_be_focused()
    expect(fold).to_have_attribute("aria-expanded", "true")
    answers(ben).fill(ANSWER)
    expect(state(ben)).to_have_text("Saved")
    fold.click()
    expect(answers(ben)).to_be_hidden()
    expect(ben.locator("#reflection")).not_to_contain_text("Saved", use_inner_text=True)
    last = ada.locator("#agenda li[data-item]").last.get_attribute("data-item")
    token = ada.locator("meta[name=csrf-token]").get_attribute("content") or ""
    ada.request.post(
        f"{ada.url}/press", form={"press": "enter_item", "item": last or "", "csrf_token": token}
    )
    for page in (ada, ben):
        expect(page.locator(".stage")).to_have_attribute("data-mode", "reflection")
        expect(answers(page)).to_be_attached()
    expect(answers(ben)).to_be_visible()
    expect(answers(ben)).to_have_value(ANSWER)
    expect(ben.get_by_role("button", name="Fold")).to_be_hidden()
    choice = ben.locator("#reflection").get_by_role("group", name=re.compile("^Who sees")).first
    choice.get_by_role("button", name="With name").click()
    expect(ben.locator("#answer-1-seen")).to_have_text("The group will see this with your name.")
    pages.pressed(ada, "reveal")
    ada.locator("#confirm-yes").click()
    expect(ben.get_by_role("heading", name="What the group shared")).to_be_visible()
    expect(ben.locator("#reflection-shared")).to_contain_text(ANSWER)
    assert_accessible(ben)
    own = ben.get_by_role("button", name="My own answers")
    if own.get_attribute("aria-expanded") == "false":
        own.click()
    expect(answers(ben)).to_have_value(ANSWER)


def test_folded_in_a_cut_line_the_words_are_said_to_be_unsaved_and_are_saved(
    open_room: Any, server: Any
) -> None:
    ben = open_room("Ben")
    pages.open_reflection(ben)
    answers(ben).fill("before")
    expect(state(ben)).to_have_text("Saved")
    server.kill()
    answers(ben).fill("before and during")
    fold = ben.get_by_role("button", name="Fold")
    fold.click()
    expect(answers(ben)).to_be_hidden()
    expect(state(ben)).to_have_text("Not saved yet", timeout=SOON_MS)
    expect(state(ben)).to_be_visible()  # on the line
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.goto("about:blank")
    server.start()
    ben.go_back()
    pages.alive(ben)
    expect(answers(ben)).to_have_value("before and during", timeout=SOON_MS)
    expect(state(ben)).to_have_text("Saved", timeout=SOON_MS)
    ben.reload()
    pages.open_reflection(ben)
    expect(answers(ben)).to_have_value("before and during")


def test_folded_the_words_that_wait_are_saved_when_the_line_is_back(open_room: Any) -> None:
    ben = open_room("Ben")
    pages.open_reflection(ben)
    ben.context.set_offline(True)
    answers(ben).fill(ANSWER)
    for name in ("Fold", "Write now", "Fold"):  # pressed again and again
        ben.get_by_role("button", name=name).click()
    expect(state(ben)).to_have_text("Not saved yet", timeout=SOON_MS)
    ben.context.set_offline(False)
    expect(state(ben)).to_have_text("Saved", timeout=SOON_MS)
    ben.reload()
    pages.open_reflection(ben)
    expect(answers(ben)).to_have_value(ANSWER)


@pytest.mark.usefixtures("writing")
def test_words_in_the_language_of_the_group_say_so(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", locale="fi")
    pages.pressed(ada, "next_item")
    in_quiet(ada, ben)
    expect(ben.locator("html")).to_have_attribute("lang", "fi")
    expect(ben.locator("#note-page")).to_have_attribute("lang", "en")
    expect(ben.locator("#writing label").first).to_have_attribute("lang", "en")
    assert ada.locator("#writing label").first.get_attribute("lang") is None
