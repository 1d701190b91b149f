"""Five people hold a whole meeting, from the link to the record, and nothing is lost.

Ada facilitates, on a computer whose clock is ten minutes off. Ben has a window of 320 px,
Aino reads Finnish, Kim has no mouse, and Nora's connection falls silent until the room thinks
that she has left. In the middle the server is killed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.line import NetworkLink
from tests.support.outside import Server
from tests.support.pages import (
    agree,
    alive,
    answer,
    done,
    editor,
    end_meeting,
    look_at,
    press,
    pressed,
    promise,
    rate,
    saved,
    to_part,
    unfold,
    walk_to,
    write,
)

MEPE = re.compile(r"^Mepe!")
ITEMS = 10


@pytest.fixture
def line(server: Server) -> Iterator[NetworkLink]:
    line = NetworkLink(server.port)
    yield line
    line.close()


def start(page: Page, url: str) -> str:
    """Start the first Mepe! meeting as a newcomer does, shorten it, and return its link."""
    page.goto(url)
    press(page, "Start a meeting now")
    page.get_by_label("Your name").fill("Ada")
    template = page.get_by_label("Template")
    template.select_option(label=template.locator("option", has_text=MEPE).inner_text())
    press(page, "Open the room")
    alive(page)
    press(page, "Edit the agenda")
    for item in page.locator("#plan > li").all():
        item.get_by_role("button", name=re.compile("^Change")).click()
        page.get_by_label("Minutes", exact=True).fill("1")
        press(page, "Save")
        expect(page.locator("#item-editor")).to_be_hidden()
        expect(item.locator(".mins")).to_have_text("1 minutes planned")
    press(page, "Edit the agenda")
    return page.locator("#join-link").input_value()


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.locator("main form input[name=name]").fill(name)
    page.locator("main form button").click()
    alive(page)


def join_by_keyboard(page: Page, link: str, name: str) -> None:
    page.goto(link)
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type(name)
    walk_to(page, "Join")
    page.keyboard.press("Enter")
    alive(page)


def write_by_keyboard(page: Page, text: str) -> None:
    if page.get_by_text("Go there").is_visible():
        walk_to(page, "Go there")
        page.keyboard.press("Enter")
    if not editor(page).evaluate("field => field === document.activeElement"):
        walk_to(page, "Shared notes: ")
    page.keyboard.press("Control+End")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def at_item(pages: list[Page], number: int) -> None:
    for page in pages:
        expect(page.locator(f"#item-{number}")).to_have_attribute("aria-current", "step", timeout=15_000)


def notes_on(page: Page) -> str:
    return page.get_by_role("region", name="Notes").inner_text()


def record_on(page: Page) -> list[str]:
    return page.locator("#record > .body > section").all_inner_texts()


def test_five_hold_a_meeting_and_nothing_is_lost(open_room: Rooms, server: Server, line: NetworkLink) -> None:
    ada = open_room.context(clock_off_s=600).new_page()
    ben = open_room.context(viewport=(320, 700)).new_page()
    aino = open_room.context(locale="fi").new_page()
    kim = open_room.context().new_page()
    nora = open_room.context().new_page()
    five = [ada, ben, aino, kim, nora]
    typed: list[str] = []

    def note(text: str) -> str:
        typed.append(text)
        return text

    def read_by(pages: list[Page], item: int | None = None) -> None:
        for page in pages:
            if item:
                look_at(page, "notes")
                to_part(page, f"item-{item}")
            expect(editor(page)).to_contain_text(typed[-1], timeout=15_000)

    # The link, and everybody by it.
    link = start(ada, server.url)
    join(ben, link, "Ben")
    aino.goto(link)
    press(aino, "Suomi")
    expect(aino.locator("html")).to_have_attribute("lang", "fi")
    join(aino, link, "Aino")
    join_by_keyboard(kim, link, "Kim")
    join(nora, link.replace(server.url, line.url), "Nora")
    expect(ada.get_by_role("region", name="People")).to_contain_text("5 here")
    expect(aino.locator("html")).to_have_attribute("lang", "fi")
    expect(aino.locator("#item-2")).to_contain_text("Alkukierros")

    # The first item: several write in the same notes.
    press(ada, "Start the meeting")
    at_item(five, 1)
    agree(ada, ben)
    write(ben, note("Ben: what we want from this."), 1)
    read_by(five)
    write(aino, note("Aino: hyvää huomenta kaikille."), 1)
    read_by(five)
    write_by_keyboard(kim, note("Kim: here without a mouse."))
    read_by(five)
    write(nora, note("Nora: the line holds so far."), 1)
    read_by(five)
    for page in five:
        saved(page)

    # The round: each has a turn and hands it on.
    press(ada, "Next item")
    at_item(five, 2)
    for page in five:
        look_at(page, "turn")
    press(ada, "Start the round")
    expect(ada.get_by_role("region", name="Turn")).to_contain_text("Your turn, Ada")
    expect(ben.get_by_role("region", name="Turn")).to_contain_text("You are next")
    press(ada, "Next speaker: Ben")
    expect(ben.get_by_role("region", name="Turn")).to_contain_text("Your turn, Ben")
    press(ben, "Next speaker")
    expect(aino.locator("#order-3")).to_have_attribute("aria-current", "true")
    pressed(aino, "next")
    expect(kim.get_by_role("region", name="Turn")).to_contain_text("Your turn, Kim")
    agree(kim, ada)
    walk_to(kim, "Next speaker")
    kim.keyboard.press("Enter")
    expect(nora.get_by_role("region", name="Turn")).to_contain_text("Your turn, Nora")
    press(nora, "Finish the round")
    expect(ada.get_by_role("region", name="Turn")).to_contain_text("Everyone has had a turn")

    # Nora's connection falls silent; she writes on, and so do the others, until the room sees her gone.
    press(ada, "Next item")
    at_item(five, 3)
    saved(nora)
    line.cut()
    write(nora, note("Nora: written where nobody hears me."), 3)
    expect(nora.locator("#notes .saved")).to_have_attribute("data-state", "unsaved")
    write(ben, note("Ben: the second of our rules."), 3)
    read_by([ada, aino, kim], item=3)
    write_by_keyboard(kim, note("Kim: and the third one."))
    read_by([ada, ben, aino])
    unfold(ada, "people")
    gone = ada.locator("#people li.away", has_text="Nora")
    expect(gone).to_be_visible(timeout=60_000)
    press(ada, "Next item")
    at_item([ada, ben, aino, kim], 4)
    write(aino, note("Aino: alustuksesta jäi kysymys."), 4)
    write(nora, note("Nora: still on my own."), 4)
    line.mend()
    alive(nora, timeout_s=40)
    expect(gone).to_be_hidden(timeout=15_000)
    at_item(five, 4)
    saved(nora)

    # The server is killed while three of them type, and started again.
    press(ada, "Next item")
    at_item(five, 5)
    write(kim, note("Kim: the line above and below."), 5)
    read_by([ben, aino], item=5)
    halves = [(ben, "Ben: this sentence sees ", "the server die and come back.")]
    halves += [(aino, "Aino: tämä lause ", "näkee saman asian.")]
    for page, first, _ in halves:
        to_part(page, "item-5")
        editor(page).click()
        page.keyboard.press("Control+Home" if page is aino else "Control+End")
        if page is aino:
            page.keyboard.press("Enter")
            page.keyboard.press("ArrowUp")
        page.keyboard.type(first)
    server.kill()
    for page, first, second in halves:
        page.keyboard.type(second)
        note(first + second)
    expect(ben.locator("#notes .saved")).to_have_attribute("data-state", "unsaved")
    server.start()
    for page in five:
        alive(page)
        saved(page)
    at_item(five, 5)
    agree(ada, nora)

    # On through the agenda to the reflection.
    for number in range(6, ITEMS + 1):
        press(ada, "Next item")
        at_item(five, number)
        if number == 7:
            write(nora, note("Nora: open talk, back again."), number)
            read_by([ada], item=7)
            write(ada, note("Ada: what I take along."), number)
            read_by([ada])
    for page, own in ((ada, "named"), (ben, "named"), (aino, "unnamed"), (nora, "private")):
        answer(page, "1", f"taken along, {own} {five.index(page)}", own)
        rate(page, 4)
    promise(ben, "call my mentee on Monday")
    walk_to(kim, "What are you taking with you")
    kim.keyboard.type("taken along by keyboard")
    walk_to(kim, "With name")
    kim.keyboard.press("Enter")
    walk_to(kim, "5, fully")
    kim.keyboard.press("Space")
    for page in (ada, ben, aino, nora):
        done(page)
    walk_to(kim, "My answers are ready")
    kim.keyboard.press("Enter")
    expect(ada.locator("#reflection-count")).to_have_text("5 of 5 ready")
    for page in five:
        expect(page.locator("#reflection [data-state]")).to_have_attribute("data-state", "saved")
        assert "taken along, named 0" not in page.locator("body").inner_text() or page is ada
    press(ada, "Reveal")
    for page in five:
        shared = page.locator("#reflection-shared")
        expect(shared).to_contain_text("taken along, unnamed 2")
        expect(shared).not_to_contain_text("private")
        expect(shared).not_to_contain_text("Aino")

    # The end, and the record.
    end_meeting(ada)
    expect(ada.locator("#record")).to_be_visible(timeout=30_000)  # by itself
    assert_all_is_kept(ada, typed)
    expect(ada.locator("#record")).not_to_contain_text("private 4")
    nora.goto(nora.url)
    expect(nora.locator("#record .own")).to_contain_text("taken along, private 4")
    aino.goto(link)
    aino.get_by_role("region", name="Menneet tapaamiset").get_by_role(
        "link"
    ).click()  # the link leads to the group's page
    expect(aino.locator("#record")).to_contain_text("Alkukierros")

    # It is still there after another kill.
    before = record_on(ada)
    server.kill()
    server.start()
    ada.goto(ada.url)
    assert record_on(ada) == before


def assert_all_is_kept(page: Page, typed: list[str]) -> None:
    steps, agenda, notes, reflection = record_on(page)[:4]
    assert len(page.locator("#record .plan > li").all()) == ITEMS
    assert "not reached" not in agenda
    for text in typed:
        assert notes.count(text) == 1, f"{text!r} is {notes.count(text)} times in the record:\n{notes}"
    for text in ("named 0", "named 1", "unnamed 2", "by keyboard"):
        assert reflection.count(text) == 1
    assert "5 answers" in reflection
    assert "Aino" not in reflection
    assert "call my mentee on Monday" in steps
    assert "Ben" in steps
