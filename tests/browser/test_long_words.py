"""No text of anybody's makes a page wider than its window, or leads out of sight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import VIEWS, alive, answer, done, editor, look_at, pressed

WORD = "Wåm" * 30
URL = "https://example.org/" + "a-long-way/" * 12 + "?q=" + "W" * 60
NAME = "Wilhelmina" * 4  # as long as it may be
WIDTHS = (320, 380)
OUT_OF_REACH = """() => {
  const found = []
  const style = (one) => getComputedStyle(one)
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".vh, .skip")

  // What scrolls by itself is in reach; what ends in an ellipsis says that it goes on.
  function look(element, box, what) {
    let edges = [0, innerWidth]
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const { clipPath, overflowX, textOverflow } = style(one)
      if (clipPath !== "none" || textOverflow === "ellipsis" || /auto|scroll/.test(overflowX)) return
      if (overflowX === "visible") continue
      const { left, right } = one.getBoundingClientRect()
      edges = [Math.max(edges[0], left), Math.min(edges[1], right)]
    }
    if (box.width < 2 || (box.left > edges[0] - 1 && box.right < edges[1] + 1)) return
    const name = `${element.localName}#${element.id}.${element.className}`
    found.push(`${what} in ${name}: ${Math.round(box.left)} to ${Math.round(box.right)} of ${edges}`)
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (!text.data.trim() || !shown(text.parentElement)) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) look(text.parentElement, box, text.data.trim().slice(0, 20))
  }
  for (const one of document.querySelectorAll("a, button, input, select, textarea, dialog, [role=textbox]")) {
    if (shown(one) && one.type !== "hidden") look(one, one.getBoundingClientRect(), "the box")
  }
  const wide = document.documentElement.scrollWidth
  return wide > innerWidth ? [`the page is ${wide} px wide`, ...found] : found
}"""


def fits(page: Page, where: str, *, views: bool = False) -> None:
    """Fail where a page is wider than its window, or something in it stands outside or is cut off."""
    page.wait_for_load_state("load")  # with its style sheets
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        for view in VIEWS if views else (None,):
            if view:
                look_at(page, view)
            wrong = page.evaluate(OUT_OF_REACH)
            assert wrong == [], "\n".join([f"{where}, {view}, {width} px:", *wrong])


def act(server: Server, name: str, press: str, **fields: Any) -> None:
    """Press a button of the room without a page."""
    client = server.client_for(name)
    answered = client.post(f"/m/{server.house.meeting_id}/press", data={"press": press, **fields})
    assert answered.status_code == 303, answered.text


def item(server: Server, number: int, mode: str, **fields: Any) -> None:
    """Give an item the longest words, and the way it is held."""
    words = {"title": WORD[:90] + " " + "X" * 29, "prompt": f"{WORD} {URL}", "minutes": "20"}
    act(server, "Ada", "change_item", item=number, mode=mode, **words, **fields)


@pytest.mark.parametrize("locale", ["en", "fi"])
def test_pages_outside_the_room(open_room: Rooms, server: Server, locale: str) -> None:
    ada = server.house.person("Ada").client
    server.house.person(NAME)
    room = f"/m/{server.house.meeting_id}"
    settings = {"name": "G" * 60, "greeting": f"{WORD} {URL}"}
    assert ada.post(f"{room}/group", data=settings | {"entry": "open"}).status_code == 303
    page = open_room.context(locale=locale).new_page()
    link = server.url + server.house.join_path
    page.goto(link)
    fits(page, "joining")
    page.locator("main form input[name=name]").fill(NAME)
    page.locator("main form button").click()
    expect(page.locator("#name-wrong")).to_be_visible()
    fits(page, "a name that is taken")
    assert ada.post(f"{room}/group", data=settings | {"entry": "ask"}).status_code == 303
    page.goto(link)
    fits(page, "asking to come in")
    page.locator("main form input[name=name]").fill("Z" * 40)
    page.locator("main form button").click()
    expect(page.locator("#waiting")).to_be_visible()
    fits(page, "waiting")
    mine = open_room("Ada", locale=locale)
    expect(mine.locator("#knock button").first).to_be_visible()
    fits(mine, "somebody at the door", views=True)
    look_at(mine, "people")
    mine.locator(".to-group a[href$='/group']").click()
    expect(mine.locator("#sheet")).to_be_visible()
    fits(mine, "the group's settings")
    mine.goto(server.url)
    fits(mine, "the front page with one's meetings")
    mine.locator("[data-opens]").click()
    fits(mine, "starting a meeting")


@pytest.mark.parametrize("locale", ["en", "fi"])
def test_the_room_and_its_record(open_room: Rooms, server: Server, locale: str) -> None:
    server.house.template = "mepe-1"
    server.house.person("Ada")
    server.house.person(NAME)
    server.client_for("Ada").post(
        f"/m/{server.house.meeting_id}/group", data={"name": "G" * 60, "entry": "open"}
    )
    steps = {"how": "", "step-0-title": WORD, "step-0-time": "1", "step-1-title": WORD, "step-1-time": "1"}
    modes = ["open", "round", "case", "pairs", "writing", "input"]
    for number, mode in enumerate(modes, start=1):
        item(server, number, mode, **(steps if mode == "round" else {}))
    ada, wil = open_room("Ada", locale=locale), open_room(NAME, locale=locale)
    for page in (ada, wil):
        expect(editor(page)).to_be_visible()
    fits(ada, "before the start", views=True)
    look_at(ada, "agenda")
    ada.locator("#edit-agenda").click()
    fits(ada, "editing the agenda")
    ada.locator("[data-edit-item]").nth(1).click()
    expect(ada.locator("#item-title")).to_be_visible()
    fits(ada, "the form of an item")
    ada.locator("#item-editor [data-close]").first.click()
    ada.locator("#edit-agenda").click()
    look_at(ada, "people")
    ada.locator("#people a.icon").last.click()
    expect(ada.locator("#sheet")).to_be_visible()
    fits(ada, "what one may do about somebody")
    ada.locator("#sheet [data-close]").click()

    pressed(ada, "start")
    for page in (ada, wil):
        expect(page.locator("#item-1")).to_have_attribute("aria-current", "step")
    look_at(wil, "notes")
    editor(wil).click()
    wil.keyboard.insert_text(f"{WORD} {URL}")
    wil.keyboard.press("Enter")
    wil.keyboard.type("- ")
    wil.keyboard.insert_text(f"{URL} {WORD}")
    expect(wil.locator("#notes .saved")).to_have_attribute("data-state", "saved")
    pressed(wil, "raise_hand")
    fits(ada, "open talk", views=True)
    fits(wil, "open talk", views=True)
    for number, mode in enumerate(modes[1:], start=2):
        pressed(ada, "next_item")
        for page in (ada, wil):
            expect(page.locator(f"#item-{number}")).to_have_attribute("aria-current", "step")
        fits(ada, mode)
        fits(wil, mode)
        if mode in ("round", "case"):
            if mode == "case":
                person = server.house.person(NAME).id
                act(server, "Ada", "name_owner", person=person)
            pressed(ada, "next")
            for page in (ada, wil):
                expect(page.locator(".stage[data-phase=turn]")).to_be_attached()
            fits(ada, f"the first turn of a {mode}")
            fits(wil, f"the first turn of a {mode}")
            if mode == "case":
                for what in ("question", "next_step"):
                    kept = f"/m/{server.house.meeting_id}/case/{number}/{person}/{what}"
                    answered = server.client_for("Ada").post(kept, data={"text": f"{WORD} {URL}"})
                    assert answered.status_code < 400, answered.text
                expect(wil.locator(".kept").first).to_be_attached()
            else:
                pressed(ada, "next_turn")
                expect(wil.locator("#order-2.now")).to_be_attached()
            fits(ada, f"a turn of a {mode}", views=True)
            fits(wil, f"a turn of a {mode}", views=True)
        if mode == "writing":
            look_at(wil, "notes")
            wil.locator("#writing textarea").first.fill(f"{WORD}\n{URL}")
            expect(wil.locator("#writing [data-state=saved]").first).to_be_visible()
            fits(wil, "writing")
            wil.locator("#writing [data-share] button").first.click()
            expect(wil.get_by_role("dialog")).to_be_visible()
            fits(wil, "what is shared")
            wil.get_by_role("dialog").locator("[data-close]").first.click()
    wil.goto(wil.url.replace("#", "") + "/glance")
    alive(wil)
    fits(wil, "the small window")
    wil.goto(wil.url.removesuffix("/glance"))
    alive(wil)
    look_at(wil, "reflection")
    for question in ("1", "2"):
        answer(wil, question, f"{WORD} {URL}", "named")
    wil.locator("#reflection textarea[name=step]").fill(f"{WORD} {URL}")
    done(wil)
    look_at(ada, "reflection")
    pressed(ada, "reveal")
    ada.locator("#confirm-yes").click()
    for page in (ada, wil):
        look_at(page, "reflection")
        expect(page.locator("#reflection-shared")).to_be_visible()
        fits(page, "the closing reflection", views=True)
    act(server, "Ada", "end")
    look_at(ada, "turn")
    expect(ada.locator(".stage[data-phase=closed]")).to_be_visible()
    fits(ada, "the end")
    for page in (ada, wil):
        page.goto(page.url)
        expect(page.locator("#record")).to_be_visible()
        fits(page, "the record")
    server.pass_time(timedelta(seconds=70))
    for page in (ada, wil):
        expect(page.locator(".undo")).to_have_count(0)  # the page has come again: the record is sealed
        expect(page.locator("#record")).to_contain_text(WORD)
        fits(page, "the sealed record")
        page.set_viewport_size({"width": 320, "height": 700})
        hours = page.locator("#record header .whole")
        assert "–" in hours.inner_text()
        assert hours.evaluate("hours => new Set([...hours.getClientRects()].map(({ top }) => top)).size") == 1
