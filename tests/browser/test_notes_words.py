"""No letter of the notes is lost, doubled or mixed, whatever two do with the same block at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.test_notes_browser import (
    begin,
    card,
    editor,
    in_general,
    paste,
    same,
    saved,
    state,
    write,
)
from tests.support.pages import to_part, use_tool

COPIED = """() => {
  const clipboardData = new DataTransfer()
  document.querySelector("#doc").dispatchEvent(
    new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }))
  return clipboardData.getData("text/plain")
}"""
CARET = """() => {
  const { anchorNode, anchorOffset } = getSelection()
  return anchorNode.data?.slice(0, anchorOffset) ?? ""
}"""


def shared(ada: Page, ben: Page, words: str) -> None:
    """Let both have the same words, the cursor at their end, which is no space: that is not waited for."""
    begin(ada)
    write(ada, words)
    expect(editor(ben)).to_contain_text(words)
    begin(ben)
    ben.keyboard.press("Control+End")


@pytest.mark.parametrize(
    ("button", "inside"),
    [
        ("Bulleted list", "ul li"),
        ("Heading", "h3"),
        ("Task list", ".tasks li"),
        ("Off the record", ".off-record p"),
    ],
)
def test_words_written_offline_stay_in_a_block_that_has_changed_meanwhile(
    open_room: Any, button: str, inside: str
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "The shared paragraph.")
    ben.context.set_offline(True)
    write(ben, " BEN WROTE THIS OFFLINE")
    expect(state(ben)).to_have_text("Not saved yet")
    use_tool(ada, button)
    expect(ada.locator(f"#doc {inside}")).to_have_text("The shared paragraph.")
    saved(ada)
    ben.context.set_offline(False)
    same(ada, ben)
    for page in (ada, ben):
        expect(page.locator(f"#doc {inside}")).to_have_text("The shared paragraph. BEN WROTE THIS OFFLINE")


def test_words_written_offline_stay_in_blocks_that_were_split_and_joined(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "One")
    ada.keyboard.press("Enter")
    shared(ada, ben, "two three")
    ben.context.set_offline(True)
    write(ben, " and four")
    ada.keyboard.press("Home")
    ada.keyboard.press("Backspace")  # joins the two
    write(ada, ", ")
    for _ in range(4):
        ada.keyboard.press("ArrowRight")
    ada.keyboard.press("Enter")  # and splits them elsewhere
    expect(ada.locator("#doc > p")).to_have_text(["One, two ", "three"])
    saved(ada)
    ben.context.set_offline(False)
    same(ada, ben)
    for page in (ada, ben):
        expect(page.locator("#doc > p")).to_have_text(["One, two ", "three and four"])


def test_no_press_takes_a_letter_from_somebody_who_types(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "Start:")
    words = "abcdefghijklmnopqrstuvwxyz0123456789"
    for at, letter in enumerate(words):
        ben.keyboard.type(letter)
        if at % 3 == 0:
            use_tool(ada, ["Bulleted list", "Task list", "Heading", "Numbered list"][at // 3 % 4])
    same(ada, ben)
    expect(editor(ada)).to_have_text(f"Start:{words}")


def test_two_who_write_at_one_place_keep_their_words_whole(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "Here:")
    for left, right in zip("Kaikki on hyvin", "Allt är jättebra", strict=False):
        ada.keyboard.type(left)
        ben.keyboard.type(right)
    same(ada, ben)
    text = editor(ada).inner_text()
    assert "Kaikki on hyvin" in text
    assert "Allt är jättebr" in text


def test_what_is_being_composed_is_not_broken_by_somebody_who_types_beside_it(open_room: Any) -> None:
    """An input method (Japanese, or a dead key) shows what is not chosen yet, in the text itself."""
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "Word:")
    method = ada.context.new_cdp_session(ada)
    for so_far in ("k", "か", "かん", "かんj"):
        end = len(so_far)
        method.send("Input.imeSetComposition", {"text": so_far, "selectionStart": end, "selectionEnd": end})
        ben.keyboard.type("x")
        saved(ben)
    method.send("Input.insertText", {"text": "漢字"})
    same(ada, ben)
    expect(editor(ada)).to_have_text(re.compile("^Word:(xxxx漢字|漢字xxxx|x+漢字x+)$"))
    # Who leaves it unfinished hears of the others all the same.
    method.send("Input.imeSetComposition", {"text": "ka", "selectionStart": 2, "selectionEnd": 2})
    write(ben, "yyy")
    expect(editor(ada)).to_contain_text("yyy")


def test_f13_offline_both_change_the_same_paragraph(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "We meet on Tuesday at nine.")
    ben.context.set_offline(True)
    ben.keyboard.press("Home")
    write(ben, "Ben: ")
    expect(state(ben)).to_have_text("Not saved yet")
    ada.keyboard.press("Control+a")
    ada.keyboard.press("Control+b")
    ada.keyboard.press("End")
    write(ada, " Ada too.")
    saved(ada)
    ben.context.set_offline(False)
    same(ada, ben)
    expect(editor(ben)).to_have_text("Ben: We meet on Tuesday at nine. Ada too.")


def damage(route: WebSocketRoute) -> None:
    """Let something that no text may hold come between two words on their way."""
    server = route.connect_to_server()
    route.on_message(
        lambda sent: server.send(sent.replace(b"TOO MUCH", b"TOO\1MUCH") if isinstance(sent, bytes) else sent)
    )


def test_only_the_change_that_is_not_taken_is_taken_back_and_it_can_be_copied(
    open_room: Any, server: Any
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    ada.route_web_socket("**/socket.io/**", damage)
    ada.reload()
    begin(ada)
    write(ada, "Start. ")
    same(ada, ben)
    server.kill()
    write(ada, "BEFORE ")
    paste(ada, text="TOO MUCH of it")
    write(ada, " AFTER")
    expect(state(ada)).to_have_text("Not saved yet")
    server.start()
    taken = card(ada).get_by_role("textbox", name="Not saved in the notes")
    expect(card(ada).get_by_role("alert").filter(has_text="removed from the notes")).to_be_visible(
        timeout=20_000
    )
    expect(taken).to_have_value("TOO MUCH of it")
    same(ada, ben)
    expect(editor(ben)).to_have_text("Start. BEFORE  AFTER")
    write(ada, " and on")
    same(ada, ben)
    expect(editor(ben)).to_have_text("Start. BEFORE  AFTER and on")
    ada.reload()
    expect(taken).to_have_value("TOO MUCH of it")
    card(ada).get_by_role("button", name="Close").click()
    expect(taken).to_be_hidden()
    saved(ada)


# Undo


def test_what_was_done_can_be_undone_after_a_look_at_another_part_and_without_a_keyboard(
    open_room: Any,
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    shared(ada, ben, "Mine")
    write(ben, " and Ben's")
    expect(editor(ada)).to_contain_text("Ben's")
    in_general(ada)
    undo = ada.locator("#notes [data-act=undo]")
    expect(undo).to_have_attribute("aria-disabled", "true")
    to_part(ada, "item-1")
    expect(editor(ada)).to_contain_text("Mine")
    use_tool(ada, "Undo my last change")
    same(ada, ben)
    expect(editor(ben)).to_have_text(" and Ben's")
    use_tool(ada, "Redo my last change")
    same(ada, ben)
    expect(editor(ben)).to_have_text("Mine and Ben's")
    editor(ada).click()
    ada.keyboard.press("Control+z")
    expect(editor(ben)).to_have_text(" and Ben's")


def test_the_cursor_stays_with_its_letter_when_a_heading_is_undone(open_room: Any) -> None:
    ada = open_room("Ada")
    begin(ada)
    write(ada, "A heading")
    saved(ada)
    for _ in range(3):
        ada.keyboard.press("ArrowLeft")
    use_tool(ada, "Heading")
    expect(ada.locator("#doc h3")).to_have_text("A heading")
    ada.keyboard.press("Control+z")
    expect(ada.locator("#doc > p")).to_have_text("A heading")
    assert ada.evaluate(CARET) == "A head"
    ada.keyboard.press("Control+y")
    expect(ada.locator("#doc h3")).to_have_text("A heading")
    assert ada.evaluate(CARET) == "A head"


# Off the record


def kept_and_off(page: Page) -> tuple[list[str], list[str]]:
    """Return what stands on the record and what off it, block by block."""
    texts = "all => all.map(block => block.textContent).filter(Boolean)"
    on = page.locator("#doc > :not(.off-record)").evaluate_all(texts)
    return on, page.locator("#doc > .off-record > *").evaluate_all(texts)


def test_what_is_pasted_off_the_record_stays_off_it(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Kept")
    ada.keyboard.press("Enter")
    ada.keyboard.press("Control+Shift+Digit6")
    paste(ada, text="one\ntwo")
    ada.keyboard.press("Enter")
    paste(ada, html="<ul><li>three</li><li>four</li></ul>", text="x")
    for _ in range(2):
        ada.keyboard.press("ArrowLeft")
    paste(ada, text="A\nB")
    same(ada, ben)
    for page in (ada, ben):
        on, off = kept_and_off(page)
        assert on == ["Kept"]
        assert sorted("".join(off)) == sorted("onetwothreefourAB")


def test_words_off_the_record_stay_so_when_somebody_else_deletes_the_end_of_their_line(
    open_room: Any,
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    ada.keyboard.press("Control+Shift+Digit6")
    write(ada, "Between us")
    ada.keyboard.press("Enter")
    ada.keyboard.press("Enter")
    write(ada, "public")
    same(ada, ben)
    begin(ben)
    ada.context.set_offline(True)
    ada.keyboard.press("ArrowUp")
    ada.keyboard.press("End")
    write(ada, " SECRET")
    expect(state(ada)).to_have_text("Not saved yet")
    ben.keyboard.press("Control+Home")
    ben.keyboard.press("Shift+ArrowDown")
    ben.keyboard.press("Shift+Home")
    ben.keyboard.press("Backspace")
    expect(ben.locator("#doc .off-record")).to_have_count(0)
    saved(ben)
    ada.context.set_offline(False)
    expect(editor(ben)).to_contain_text("SECRET")
    for page in (ada, ben):
        expect(page.locator("#doc .off-record")).to_contain_text("SECRET")
    same(ada, ben)


def test_words_off_the_record_stay_so_when_nobody_has_that_part_open(open_room: Any) -> None:
    """They come from a page that shows another part, into one whose line was deleted, end and all."""
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    ada.keyboard.press("Control+Shift+Digit6")
    write(ada, "Between us")
    ada.keyboard.press("Enter")
    ada.keyboard.press("Enter")
    write(ada, "public")
    same(ada, ben)
    begin(ben)
    ada.context.set_offline(True)
    ada.keyboard.press("ArrowUp")
    ada.keyboard.press("End")
    write(ada, " SECRET")
    expect(state(ada)).to_have_text("Not saved yet")
    to_part(ada, "item-2")
    ben.keyboard.press("Control+Home")
    ben.keyboard.press("Shift+ArrowDown")
    ben.keyboard.press("Shift+Home")
    ben.keyboard.press("Backspace")
    expect(ben.locator("#doc .off-record")).to_have_count(0)
    saved(ben)
    to_part(ben, "item-2")
    ada.context.set_offline(False)
    saved(ada)
    for page in (ada, ben):
        to_part(page, "item-1")
        expect(editor(page)).to_contain_text("SECRET")
        assert kept_and_off(page) == (["public"], [" SECRET"])
    same(ada, ben)


# In and out by the clipboard


def lines(page: Page) -> list[str]:
    return page.locator("#doc").evaluate("doc => [...doc.children].map(block => block.textContent)")


SHEET = """<meta charset=utf-8><google-sheets-html-origin><style>td{border:1px solid}</style><table><colgroup><col></colgroup>
<tbody><tr><td>Nimi</td><td>Rooli</td><td>Aika</td></tr><tr><td>Aino</td><td></td><td><div>9.00</div></td></tr></tbody></table>"""  # noqa: E501
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=FI>
<p class=MsoNormal><b style='mso-bidi-font-weight:normal'>Sovittu<o:p></o:p></b></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>ensin</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span><span style='mso-list:Ignore'>o<span>&nbsp;&nbsp; </span></span></span>syvemmällä</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span>numero</p>
<p class=MsoNormal><span style='font-weight:normal'>loppu</span></p></body></html>"""  # noqa: E501


def test_cells_of_a_sheet_stay_apart_and_rows_are_lines(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    paste(ada, html=SHEET, text="Nimi\tRooli\tAika\nAino\t\t9.00")
    assert lines(ada) == ["Nimi\tRooli\tAika", "Aino\t\t9.00"]
    same(ada, ben)
    assert lines(ben) == lines(ada)


def test_a_word_processors_list_is_a_list_and_its_bold_is_bold(open_room: Any) -> None:
    ada = open_room("Ada")
    begin(ada)
    paste(ada, html=WORD, text="x")
    assert lines(ada) == ["Sovittu", "ensin", "syvemmällä", "numero", "loppu"]
    expect(ada.locator("#doc strong")).to_have_text(["Sovittu"])
    expect(ada.locator("#doc > ul")).to_have_text(["ensin", "syvemmällä"])
    expect(ada.locator("#doc > ul").nth(1)).to_have_attribute("data-depth", "1")
    expect(ada.locator("#doc > ol")).to_have_text("numero")
    ada.keyboard.press("Control+a")
    assert ada.evaluate(COPIED) == "Sovittu\n- ensin\n  - syvemmällä\n1. numero\nloppu"


def test_a_list_of_any_depth_fits(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "Typed. ")
    deep = "".join(f"<ul><li>level {level}" for level in range(40)) + "</li></ul>" * 40
    paste(ada, html=deep, text="x")
    same(ada, ben)
    expect(ben.locator("#doc > ul")).to_have_count(40)


def test_lines_of_code_and_letters_that_no_text_holds(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    paste(ada, html="<pre>one\n  two\nthree</pre>", text="x")
    assert lines(ada) == ["one", "  two", "three"]
    ada.keyboard.press("Enter")
    paste(ada, text="a\0b\x07c")
    same(ada, ben)
    assert lines(ben)[-1] == "abc"


def test_plain_text_takes_bullets_numbers_and_ticks_along(open_room: Any) -> None:
    ada = open_room("Ada")
    begin(ada)
    for typed in ("# Agreed", "", "- one", "", "", "1. first", "second", "", "[] open", "[x] done"):
        write(ada, typed)
        if typed != "[x] done":
            ada.keyboard.press("Enter")
    ada.keyboard.press("Control+a")
    assert ada.evaluate(COPIED).strip().split("\n") == [
        "Agreed",
        "",
        "- one",
        "",
        "1. first",
        "2. second",
        "[ ] open",
        "[x] done",
    ]


def test_tab_indents_in_a_list_and_leaves_after_escape(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin(ada)
    write(ada, "- one")
    ada.keyboard.press("Enter")
    write(ada, "two")
    ada.keyboard.press("Tab")
    expect(editor(ada)).to_be_focused()
    expect(ben.locator("#doc ul[data-depth='1']")).to_have_text("two")
    ada.keyboard.press("Shift+Tab")
    expect(ben.locator("#doc ul[data-depth]")).to_have_count(0)
    ada.keyboard.press("Escape")
    ada.keyboard.press("Tab")
    expect(editor(ada)).not_to_be_focused()
