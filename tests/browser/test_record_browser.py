"""The record in browsers: the room becomes it, it is corrected, printed and taken along."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import end_meeting, look_at, pressed, saved, write

SOON_MS = 30_000
WORDS = "Ten minutes of nothing but questions felt long."


@pytest.fixture
def held(open_room: Rooms) -> tuple[Page, Page]:
    """Ada and Ben in a meeting under way, Ben at a phone; something is in the notes of the first item."""
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    pressed(ada, "start")
    expect(ben.locator("#run")).to_have_attribute("data-phase", "item")
    write(ada, WORDS, 1)
    saved(ada)
    return ada, ben


def sealed(server: Server, ada: Page, *others: Page) -> None:
    """End the meeting and let its minute pass; each room becomes the record by itself."""
    end_meeting(ada)
    pages = (ada, *others)
    for page in pages:
        expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)
    server.pass_time(timedelta(seconds=70))
    for page in pages:
        expect(page.locator(".undo")).to_have_count(0, timeout=SOON_MS)


def test_rooms_become_the_record_by_themselves_and_what_is_not_saved_keeps_one_open(
    held: tuple[Page, Page], open_room: Rooms
) -> None:
    ada, ben = held
    gus = open_room("Gus")
    look_at(gus, "reflection")
    field = gus.locator("#reflection textarea").first
    expect(field).to_be_visible()
    gus.route("**/reflection", lambda route: route.abort())
    field.fill("not saved yet")
    expect(gus.locator("#reflection [data-state]")).to_contain_text("Not saved yet", timeout=SOON_MS)
    end_meeting(ada)
    for page in (ada, ben):
        expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_role("region", name="Shared notes")).to_contain_text(WORDS)
        assert_accessible(page)
        assert_no_sideways_scrolling(page)
    expect(gus.locator(".stage[data-phase=closed]")).to_be_visible()
    expect(field).to_have_value("not saved yet")
    ada.get_by_role("button", name="Continue the meeting").click()
    for page in (ada, ben):
        expect(page.locator("#run")).to_be_attached(timeout=SOON_MS)


def test_a_correction_by_keyboard_is_seen_by_others_and_put_back(
    held: tuple[Page, Page], server: Server
) -> None:
    ada, ben = held
    sealed(server, ada, ben)
    for page in (ada, ben):
        assert_accessible(page)
        assert_no_sideways_scrolling(page)
    pen = ben.get_by_role("link", name=re.compile("^Correct: "))
    pen.focus()
    ben.keyboard.press("Enter")
    text = ben.get_by_label("Note", exact=True)
    expect(text).to_have_value(WORDS)
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)
    text.focus()
    ben.keyboard.press("Control+Home")
    for _ in "Ten":
        ben.keyboard.press("Delete")
    ben.keyboard.type("Eight")
    ben.keyboard.press("Tab")
    ben.keyboard.press("Enter")
    notes = ben.get_by_role("region", name="Shared notes")
    expect(notes.locator("ins")).to_have_text("Eight")
    expect(notes).to_contain_text("Correction: Ben")
    assert_accessible(ben)
    assert_no_sideways_scrolling(ben)

    # Two at once: the second sees what the first one wrote, and keeps both.
    theirs = ada.context.new_page()
    theirs.goto(ada.url)
    address = theirs.get_by_role("link", name=re.compile("^Correct: ")).get_attribute("href")
    theirs.goto(server.url + str(address))
    theirs.get_by_label("Note", exact=True).fill("Nine minutes")
    ben.get_by_role("link", name=re.compile("^Correct: ")).click()
    ben.get_by_label("Note", exact=True).fill("Seven minutes")
    ben.get_by_role("button", name="Save the correction").click()
    expect(notes).to_contain_text("Seven minutes")
    theirs.get_by_role("button", name="Save the correction").click()
    expect(theirs.get_by_role("alert").filter(has_text="Somebody else")).to_be_visible()
    expect(theirs.get_by_label("Note", exact=True)).to_have_value("Nine minutes")
    expect(theirs.locator(".theirs")).to_contain_text("Seven minutes")
    assert_accessible(theirs)
    theirs.get_by_role("button", name="Save the correction").click()
    expect(theirs.get_by_role("region", name="Shared notes")).to_contain_text("Nine minutes")

    # The page that was open is told when somebody looks at it again.
    ben.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(ben.locator("#changed")).to_be_visible()
    ben.locator("#changed a").click()
    expect(ben.get_by_role("region", name="Shared notes")).to_contain_text("Nine minutes")
    ben.get_by_text("Show the earlier text").click()
    expect(ben.locator(".before del").first).to_be_visible()
    ben.get_by_role("button", name="Restore the earlier text").click()
    expect(ben.get_by_role("region", name="Shared notes").locator("ins").first).to_have_text("Seven")


def test_a_print_has_no_buttons_and_nothing_private(held: tuple[Page, Page], server: Server) -> None:
    ada, ben = held
    look_at(ada, "reflection")
    ada.locator("#reflection textarea[name=text-1]").fill("PRIVATE words")
    expect(ada.locator("#reflection [data-state]")).to_have_text("Saved")
    sealed(server, ada, ben)
    expect(ada.get_by_role("region", name="Only for you")).to_contain_text("PRIVATE words")
    assert "PRIVATE" not in ben.content()
    ada.emulate_media(media="print")
    expect(ada.get_by_text("PRIVATE words")).to_be_hidden()
    expect(ada.get_by_text("For the group's members.")).to_be_visible()
    expect(ada.get_by_text(WORDS)).to_be_visible()
    for gone in (
        ".masthead",
        ".foot",
        ".aside",
        ".contents",
        ".meet",
        ".steps-to",
        "#record .btn",
        "#record button",
    ):
        for one in ada.locator(gone).all():
            expect(one).to_be_hidden()
    assert len(ada.pdf(prefer_css_page_size=True)) > 1000


def test_what_is_taken_along_has_names_to_go_by(held: tuple[Page, Page], server: Server) -> None:
    ada, _ = held
    sealed(server, ada)
    meeting = ada.url.partition("#")[0].rpartition("/")[2]
    for name, end in (("Markdown", "md"), ("Word", "docx"), ("ZIP", "zip"), ("HTML", "html")):
        link = ada.get_by_role("link", name=name, exact=True)
        expect(link).to_have_attribute("href", f"/m/{meeting}/record.{end}")
    contents = ada.get_by_role("navigation", name="Contents")
    contents.get_by_role("link", name="Shared notes").click()
    expect(ada).to_have_url(re.compile("#notes$"))
    ada.set_viewport_size({"width": 380, "height": 800})
    expect(contents).to_be_hidden()
    ada.get_by_text("Contents", exact=True).locator("visible=true").click()
    ada.locator("details.contents").get_by_role("link", name="Download").click()
    expect(ada.get_by_role("link", name="Word", exact=True)).to_be_in_viewport()
