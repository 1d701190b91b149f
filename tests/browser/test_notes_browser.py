"""The shared notes in browsers: written together, never lost, and the save state tells the truth."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling
from tests.support.copies import NotesClient
from tests.support.pages import to_part

HEAL_MS = 20_000
PASTE = """([type, data]) => {
  const clipboardData = new DataTransfer()
  for (const [kind, text] of Object.entries(data)) clipboardData.setData(kind, text)
  document.querySelector("#doc").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
}"""


def card(page: Page) -> Locator:
    return page.get_by_role("region", name="Notes")


def editor(page: Page) -> Locator:
    return card(page).get_by_role("textbox", name=re.compile("^Shared notes"))


def state(page: Page) -> Locator:
    return card(page).get_by_role("status")


def saved(*pages: Page) -> None:
    for page in pages:
        expect(state(page)).to_have_text("Saved", timeout=HEAL_MS)


def paste(page: Page, **data: str) -> None:
    kinds = {"html": "text/html", "text": "text/plain"}
    page.evaluate(PASTE, ["paste", {kinds[kind]: text for kind, text in data.items()}])


def begin(page: Page) -> Locator:
    """Wait until the notes can be written in, and put the cursor there."""
    saved(page)
    expect(editor(page)).to_have_attribute("contenteditable", "true")
    editor(page).click()
    expect(editor(page)).to_be_focused()
    return editor(page)


def write(page: Page, words: str) -> None:
    page.keyboard.type(words, delay=15)


def same(*pages: Page) -> None:
    """Wait until all of them show the same."""
    saved(*pages)
    for page in pages[1:]:
        expect(editor(page)).to_have_text(editor(pages[0]).inner_text().replace("\n", ""), timeout=HEAL_MS)


def in_general(page: Page) -> None:
    to_part(page, "general")
    expect(card(page).get_by_role("textbox", name="Shared notes: General")).to_be_visible()


def test_two_write_in_the_same_sentence_and_see_who_is_where(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "We meet on Tuesdays")
    expect(editor(ben)).to_contain_text("We meet on Tuesdays")
    begin(ben)
    ben.keyboard.press("Control+Home")
    expect(ada.locator(".caret[data-name=Ben]")).to_be_attached()
    expect(ben.locator(".caret[data-name=Ada]")).to_be_attached()
    expect(card(ada).get_by_role("list", name="Writing now")).to_contain_text("Ben")
    for left, right in zip("Yes! ", " at 9", strict=True):  # by turns, letter by letter
        ben.keyboard.type(left)
        ada.keyboard.type(right)
    same(ada, ben)
    expect(editor(ada)).to_have_text(re.compile(r"^Yes! We meet on Tuesdays at 9"))
    # A name is no part of the text.
    assert "Ben" not in ada.locator("#doc p").first.evaluate("node => node.textContent")


def test_offline_and_back_both_texts_are_there(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Start.")
    expect(editor(ben)).to_contain_text("Start.")
    begin(ben)
    ben.context.set_offline(True)
    ben.keyboard.press("Control+Home")
    write(ben, "Alone. ")
    expect(state(ben)).to_have_text("Not saved yet", timeout=2500)
    ada.keyboard.press("Control+End")
    write(ada, " Meanwhile.")
    saved(ada)
    ben.context.set_offline(False)
    same(ada, ben)
    expect(editor(ada)).to_have_text("Alone. Start. Meanwhile.")


def test_a_killed_server_loses_and_doubles_no_letter(open_room: Any, server: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "One. ")
    saved(ada)
    server.kill()
    write(ada, "Two. ")
    expect(state(ada)).to_have_text("Not saved yet", timeout=2500)
    begin_offline(ben)
    ben.keyboard.press("Control+Home")
    write(ben, "Zero. ")
    server.start()
    same(ada, ben)
    expect(editor(ben)).to_have_text(re.compile(r"^Zero\. One\. Two\."))
    ben.reload()
    saved(ben)
    expect(editor(ben)).to_have_text(re.compile(r"^Zero\. One\. Two\. ?$"))


def begin_offline(page: Page) -> None:
    editor(page).click()
    expect(editor(page)).to_be_focused()


def test_what_was_not_saved_yet_survives_a_reload(open_room: Any, server: Any) -> None:
    ada = open_room("Ada")
    begin(ada)
    write(ada, "Saved before. ")
    saved(ada)
    server.kill()
    write(ada, "Written while it was dead.")
    expect(state(ada)).to_have_text("Not saved yet", timeout=2500)
    asked = []
    ada.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    server.start()
    ada.reload()
    expect(editor(ada)).to_have_text("Saved before. Written while it was dead.", timeout=HEAL_MS)
    saved(ada)
    assert ada.evaluate("Object.keys(sessionStorage).filter(key => key.includes('unsent'))") == []
    assert asked in ([], ["beforeunload"])  # it may have been quick enough to save first


def looks(page: Page, name: str) -> None:
    """Press one of the tools for text and lists, which are behind a button."""
    tools = card(page).get_by_role("toolbar")
    tools.get_by_role("button", name="Aa, text and lists").click()
    tools.get_by_role("button", name=name).click()
    expect(tools.get_by_role("button", name=name)).to_be_hidden()


def test_the_toolbar_makes_what_it_says_and_works_by_keyboard(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    tool = card(ada).get_by_role("toolbar").get_by_role
    looks(ada, "Heading")
    write(ada, "We agreed")
    ada.keyboard.press("Enter")
    looks(ada, "Task list")
    write(ada, "Maja calls")
    ada.keyboard.press("Enter")
    write(ada, "Aksel shares")
    expect(card(ben).get_by_role("heading", name="We agreed")).to_be_visible()
    card(ben).get_by_role("checkbox", name="Maja calls").click()
    expect(card(ada).get_by_role("checkbox", name="Maja calls")).to_be_checked()
    expect(card(ada).get_by_role("checkbox", name="Aksel shares")).not_to_be_checked()
    for _ in range(2):
        ada.keyboard.press("Enter")  # out of the list
    ada.keyboard.press("Control+b")
    write(ada, "bold")
    ada.keyboard.press("Escape")  # Tab indents else
    ada.keyboard.press("Shift+Tab")
    expect(tool("button", name="Off the record")).to_be_focused()
    for _ in range(3):
        ada.keyboard.press("ArrowRight")
    expect(tool("button", name="Aa, text and lists")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(tool("button", name="Undo my last change")).to_be_focused()
    for _ in range(3):
        ada.keyboard.press("ArrowRight")
    expect(tool("button", name="Bold")).to_be_focused()
    expect(tool("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("Escape")
    expect(tool("button", name="Aa, text and lists")).to_be_focused()
    expect(tool("button", name="Bold")).to_be_hidden()
    expect(card(ben).locator("strong")).to_have_text("bold")
    same(ada, ben)


def test_a_link_is_set_in_a_small_form_and_only_if_it_is_safe(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "The guide")
    ada.keyboard.press("Control+a")
    ada.keyboard.press("Control+k")
    address = card(ada).get_by_role("textbox", name="Address of the link")
    expect(address).to_be_focused()
    address.fill("javascript:alert(1)")
    ada.keyboard.press("Enter")
    expect(card(ada).get_by_role("alert").filter(has_text="This address can't be opened")).to_be_visible()
    assert_accessible(ada)
    address.fill("guide.example/feedback")
    ada.keyboard.press("Enter")
    expect(editor(ada)).to_be_focused()
    link = card(ben).get_by_role("link", name="The guide")
    expect(link).to_have_attribute("href", "https://guide.example/feedback")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    ada.keyboard.press("Control+k")
    card(ada).get_by_role("button", name="Remove the link").click()
    expect(link).to_have_count(0)
    expect(editor(ben)).to_have_text("The guide")


def test_what_is_pasted_keeps_only_what_notes_are_made_of(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    paste(
        ada,
        html="""<h1 onclick="x()" style="color: red">Title</h1>
        <p>A <a href="javascript:alert(1)">trap</a>, a <a href="https://good.example/">link</a>
        <span style="font-weight: 700">bold</span><img src=x onerror="y()"><script>alert(1)</script></p>
        <iframe src="https://evil.example"></iframe><ul><li>item</li></ul>""",
        text="Title",
    )
    expect(card(ben).get_by_role("heading", name="Title")).to_be_visible()
    expect(card(ben).get_by_role("link")).to_have_count(1)
    expect(card(ben).locator("#doc strong")).to_have_text("bold")
    assert card(ben).locator("#doc :is(img:not(.ProseMirror-separator), script, iframe)").count() == 0
    saved(ada)


def test_five_megabytes_are_refused_and_nothing_changes(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Short.")
    saved(ada)
    paste(ada, text="x" * 5_000_000)
    expect(card(ada).get_by_role("alert").filter(has_text="too much to add")).to_be_visible()
    expect(editor(ada)).to_have_text("Short.")
    write(ada, " Still here.")
    same(ada, ben)
    expect(editor(ben)).to_have_text("Short. Still here.")
    expect(ada.locator("body")).to_have_attribute("data-connected", "true")


def test_a_refused_edit_is_taken_back_and_said(open_room: Any, server: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Good.")
    same(ada, ben)
    fill_up([server.socket_for(name) for name in ("Ben", "Eva", "Kim")])  # too much for one
    write(ada, " No room for this.")
    said = card(ada).get_by_role("alert").filter(has_text="full")
    expect(said).to_contain_text("removed from the notes")
    expect(editor(ada)).to_have_text(re.compile(r"^Good\.( N?o?)?$"))
    same(ada, ben)
    expect(ada.locator("body")).to_have_attribute("data-connected", "true")


def fill_up(sockets: list[Any]) -> None:
    """Write into the general notes until not a letter more is taken."""
    copies = [NotesClient(socket) for socket in sockets]
    for size in (200_000, 20_000, 2_000, 200, 20, 1):
        waiting = list(copies)
        while waiting:
            copy = waiting[0]
            copy.sync()
            error = copy.write("x" * size).get("error")
            if error:
                copy.begin_again()  # what was refused would be missed by what comes next
                waiting.remove(copy)
            assert error in (None, "full", "too_fast"), error


def test_nobodys_editor_is_pulled_away_when_the_group_moves_on(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ben)
    first = editor(ben).get_attribute("aria-label")
    write(ben, "Mine")
    ada.get_by_role("button", name="Start the meeting").click()
    expect(ada.get_by_role("button", name="Next item")).to_be_visible()
    ada.get_by_role("button", name="Next item").click()
    there = card(ben).get_by_role("button", name="Go there")
    expect(there).to_be_visible()
    assert editor(ben).get_attribute("aria-label") == first
    expect(editor(ben)).to_be_focused()
    write(ben, " still")
    expect(editor(ben)).to_have_text("Mine still")
    # Ada has written nothing: her notes follow the group.
    second = editor(ada).get_attribute("aria-label")
    assert second != first
    there.click()
    expect(there).to_be_hidden()
    expect(editor(ben)).to_have_attribute("aria-label", second or "")
    expect(editor(ben)).to_be_focused()
    expect(editor(ben)).to_have_text("")


def test_each_part_has_its_own_text_one_click_away(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "To the item")
    in_general(ada)
    begin(ada)
    write(ada, "To all")
    saved(ada)
    expect(editor(ben)).to_have_text("To the item")
    in_general(ben)
    expect(editor(ben)).to_have_text("To all")
    to_part(ben, "item-1")
    expect(editor(ben)).to_have_text("To the item")


def scope(page: Page, name: str) -> None:
    button = page.locator("#notes").get_by_role("group", name="Whose notes").get_by_role("button", name=name)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#notes").get_by_role("status")).to_have_text("Saved", timeout=HEAL_MS)
    expect(page.locator("#doc")).to_have_attribute("contenteditable", "true")


def test_own_notes_are_live_on_ones_own_pages_and_on_nobody_elses(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    phone = open_room("Ada")
    heard: list[str] = []
    ben.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    ben.reload()
    begin(ada)
    ada.keyboard.insert_text("Tlaloc")  # all at once, so that it is in one message
    expect(editor(ben)).to_have_text("Tlaloc")
    for page in (ada, phone):
        scope(page, "Only mine")
        expect(page.locator("#note-part")).to_be_hidden()
    ada.locator("#doc").click()
    ada.keyboard.insert_text("Quetzalcoatlus")
    expect(phone.get_by_role("textbox", name="Only mine")).to_have_text("Quetzalcoatlus")
    expect(ada.locator("#notes .saved")).to_have_text("Saved")
    scope(ben, "Only mine")
    expect(ben.locator("#doc")).to_have_text("")
    assert "Tlaloc" in "".join(heard)
    assert "Quetzalcoatlus" not in "".join(heard)
    scope(ada, "Shared")
    expect(editor(ada)).to_have_text("Tlaloc")
    scope(ada, "Only mine")
    expect(ada.locator("#doc")).to_have_text("Quetzalcoatlus")


def test_own_notes_that_were_not_saved_yet_survive_a_reload(open_room: Any, server: Any) -> None:
    ada = open_room("Ada")
    scope(ada, "Only mine")
    ada.locator("#doc").click()
    server.kill()
    write(ada, "Written while it was dead.")
    expect(ada.locator("#notes .saved")).to_have_text("Not saved yet", timeout=2500)
    ada.on("dialog", lambda dialog: dialog.accept())
    server.start()
    ada.reload()
    saved(ada)
    scope(ada, "Only mine")
    expect(ada.locator("#doc")).to_have_text("Written while it was dead.", timeout=HEAL_MS)
    assert ada.evaluate("Object.keys(sessionStorage).filter(key => key.includes('unsent'))") == []


def test_a_section_off_the_record_is_seen_by_all_and_says_what_it_is(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Kept")
    ada.keyboard.press("Enter")
    ada.keyboard.press("Control+Shift+Digit6")
    expect(ada.locator("#status")).to_have_text("Off the record: gone when the meeting ends")
    write(ada, "Between us")
    section = card(ben).get_by_role("group", name="Off the record")
    expect(section).to_have_text("Between us")
    tool = card(ada).get_by_role("button", name="Off the record")
    expect(tool).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("Home")
    ada.keyboard.press("Backspace")  # which carries nothing over the edge
    expect(section).to_have_text("Between us")
    ada.keyboard.press("End")
    for _ in range(2):
        ada.keyboard.press("Enter")  # out of it again
    expect(tool).to_have_attribute("aria-pressed", "false")
    write(ada, "after")
    ada.keyboard.press("Home")
    ada.keyboard.press("Backspace")
    expect(section).to_have_text("Between us")
    expect(card(ben).locator("#doc > p")).to_have_text(["Kept", "after"])
    ada.keyboard.press("ArrowUp")
    tool.click()
    expect(section).to_have_count(0)
    expect(card(ben).locator("#doc > p")).to_have_text(["Kept", "Between us", "after"])
    same(ada, ben)


def test_from_the_end_on_nothing_off_the_record_is_shown(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    ada.keyboard.press("Control+Shift+Digit6")
    write(ada, "Between us")
    section = ben.locator("#doc .off-record")
    expect(section).to_be_visible()
    saved(ada)
    ada.get_by_role("button", name="Start the meeting").click()
    end = ada.get_by_role("button", name="End the meeting").first
    end.click()
    ada.get_by_role("dialog").get_by_role("button", name="End the meeting").click()
    expect(section).to_be_hidden()
    expect(ben.locator("#doc")).to_have_attribute("contenteditable", "false")
    ada.get_by_role("button", name="Undo").click()
    expect(section).to_be_visible()
    expect(ben.locator("#doc")).to_have_attribute("contenteditable", "true")


def test_what_is_marked_is_said_by_more_than_its_colour(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    ada.keyboard.press("Control+Shift+Digit1")
    write(ada, "Silence helps")
    ada.keyboard.press("Control+Shift+Digit1")
    write(ada, " and ")
    card(ada).get_by_role("toolbar").get_by_role("button", name="Next step").click()
    write(ada, "Ben calls")
    marks = card(ben).locator("#doc mark")
    expect(marks).to_have_text(["Silence helps", "Ben calls"])
    shown = marks.evaluate_all("all => all.map(mark => getComputedStyle(mark, '::before').content)")
    assert all(word in sign for word, sign in zip(("✦", "→"), shown, strict=True)), shown
    assert marks.evaluate_all("all => all.map(mark => mark.dataset.label)") == ["Insight", "Next step"]
    same(ada, ben)


def test_what_may_be_told_outside_has_a_page_that_all_write(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    for page in (ada, ben):
        saved(page)
        to_part(page, "outside")
    ada.locator("#doc").click()
    write(ada, "We practised listening")
    expect(ben.get_by_role("textbox", name="Shared notes: Can be shared outside")).to_have_text(
        "We practised listening"
    )
    expect(ben.locator("#note-for")).to_contain_text("Everything else stays here.")
    expect(ben.locator("#note-for")).to_contain_text("can be recognised")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_card_is_accessible_and_fits(open_room: Any, width: int) -> None:
    ada = open_room("Ada", viewport=(width, 800))
    if width < 700:
        ada.get_by_role("radio", name="Notes").check()
    begin(ada)
    write(ada, "[] A task with a rather-long-word-" + "x" * 60)
    for _ in range(2):
        ada.keyboard.press("Enter")
    ada.keyboard.press("Control+Shift+Digit6")
    ada.keyboard.press("Control+Shift+Digit1")
    write(ada, "A thought")
    saved(ada)
    assert_no_sideways_scrolling(ada)
    assert_accessible(ada)


def test_two_processes_share_the_notes(open_room: Any, two_servers: Any, redis: Any) -> None:
    first, second = two_servers
    ada, ben = open_room("Ada", server=first), open_room("Ben", server=second)
    begin(ada)
    write(ada, "From one. ")
    expect(editor(ben)).to_contain_text("From one.")
    redis.kill()  # a message queue is a hint: the other process looks for itself
    try:
        write(ada, "Without a queue.")
        saved(ada)
        expect(editor(ben)).to_contain_text("Without a queue.", timeout=10_000)
    finally:
        redis.start()
