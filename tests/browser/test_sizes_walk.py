"""Each view in each state of a meeting at each size: nothing too wide, and nothing to press that is covered.

One meeting is led through its states without a page, and four pages follow it: a facilitator's in Finnish
and, with text at 200 %, in Swedish; a member's the other way round, one of them on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive

SIZES = ((320, 640), (380, 720), (1280, 800))
LARGE_PX = 32
"""Text at 200 %, as somebody sets it in their browser."""
SPACED = """on => {
  const sheet = new CSSStyleSheet()
  if (on) sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`)
  document.adoptedStyleSheets = [sheet]
}"""
"""The distances of WCAG 1.4.12."""
LOOK = """async () => {
  const found = []
  const name = one => `${one?.outerHTML.replace(/\\s+/g, " ").slice(0, 110)}`
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) {
    const out = [...document.body.querySelectorAll("*")].filter(one => {
      const isOut = element => element.getBoundingClientRect().right > innerWidth + 1
      return isOut(one) && ![...one.children].some(isOut)
    })
    found.push(`the page is ${wide} px wide: ${name(out[0])}`)
  }
  const within = document.querySelector("dialog[open], #more:popover-open") ?? document
  const pressable = "a[href], button, input, select, textarea, summary, [role=textbox]"
  for (const one of within.querySelectorAll(pressable)) {
    if (one.disabled || one.type === "hidden" || !one.checkVisibility({ visibilityProperty: true })) continue
    if (one.closest(".vh, .skip, [inert]")) continue
    const label = one.closest("label")
    const seen = one.matches("[type=radio], [type=checkbox]") && label ? label : one
    // A long one is longer than the window: its beginning is what is pressed then.
    seen.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" })
    const box = seen.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) continue
    const top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom)
    const x = box.left + box.width / 2, y = (top + bottom) / 2
    if (x < 0 || x > innerWidth) { found.push(`${name(one)} is beside the window`); continue }
    const is = at => at && (seen.contains(at) || at.contains(seen) || at.closest("label")?.control === one)
    // The bar goes by what an observer has seen, which is a frame later than the scrolling.
    for (let frame = 0; frame < 10 && !is(document.elementFromPoint(x, y)); frame++)
      await new Promise(requestAnimationFrame)
    const at = document.elementFromPoint(x, y)
    if (!is(at)) found.push(`${name(one)} is under ${name(at)}`)
  }
  scrollTo(0, 0)
  return found
}"""
VIEWS = """() => [...document.querySelectorAll("input[name=view]")]
  .filter(one => (one.closest("label") ?? one).checkVisibility()).map(one => one.id)"""
MAIN_UNDER_TABS = """() => {
  const main = [...document.querySelectorAll("#run .btn.main")].find(one => one.checkVisibility())
  const tabs = document.querySelector(".tabs")
  if (!main || !tabs?.checkVisibility()) return null
  return Math.round(main.getBoundingClientRect().bottom - tabs.getBoundingClientRect().top)
}"""


class Walk:
    """A meeting, and the pages that look at it; what is wrong is collected, to be told as a whole."""

    def __init__(self, rooms: Rooms, server: Server) -> None:
        self.rooms, self.server = rooms, server
        self.room = f"/m/{server.house.meeting_id}"
        self.ada = server.client_for("Ada")
        self.pages: dict[str, Page] = {}
        self.wrong: list[str] = []

    def open(self, name: str, locale: str, *, large: bool, **options: Any) -> None:
        page = self.rooms(name, viewport=SIZES[0], locale=locale, reduced_motion="reduce", **options)
        speak(page, locale)
        if large:
            cdp = page.context.new_cdp_session(page)
            cdp.send("Page.setFontSizes", {"fontSizes": {"standard": LARGE_PX}})
            page.reload()
            alive(page)
        self.pages[f"{name} {locale} {200 if large else 100} %"] = page

    def press(self, what: str, **fields: Any) -> None:
        answer = self.ada.post(f"{self.room}/press", data={"press": what, **fields})
        assert answer.status_code == 303, (what, answer.status_code, answer.text[:500])

    def followed(self) -> None:
        """Wait until each page shows the newest state."""
        newest = self.ada.get(f"{self.room}/run").text.partition('data-number="')[2].partition('"')[0]
        for page in self.pages.values():
            expect(page.locator("#run")).to_have_attribute("data-number", newest)

    def look(self, state: str, *, views: bool = True) -> None:
        """Look at a state on every page at every size, and in every view where they are shown one by one."""
        for who, page in self.pages.items():
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                shown = page.evaluate(VIEWS) if views else []
                for view in shown or [None]:
                    if view:
                        page.locator(f"#{view}").check(force=True)
                    self.note(f"{state}, {who}, {width} px, {view}", page.evaluate(LOOK))
                if shown:
                    page.locator(f"#{shown[0]}").check(force=True)
            if "100 %" in who:
                self.look_closer(state, who, page)

    def look_closer(self, state: str, who: str, page: Page) -> None:
        """Look with spaced text, and at what a phone shows before anybody scrolls."""
        page.set_viewport_size({"width": 320, "height": 640})
        under = page.evaluate(MAIN_UNDER_TABS)
        if under is not None and under > 0:
            self.note(f"{state}, {who}, 320 × 640", [f"the main button is {under} px under the tabs"])
        page.evaluate(SPACED, True)
        self.note(f"{state}, {who}, 320 px, spaced", page.evaluate(LOOK))
        page.evaluate(SPACED, False)

    def look_at_what_opens(self, who: str, page: Page) -> None:
        """Look at More and at the menu, at each size."""
        for what, opened in ((".to-more", "#more:popover-open"), ("#to-menu", "#sheet[open]")):
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                button = page.locator(what).filter(visible=True)
                if not button.count():
                    continue  # a member who only listens has nothing more
                button.first.click()
                expect(page.locator(opened)).to_be_visible()
                expect(page.locator(f"{opened} :is(a, button)").first).to_be_visible()
                self.note(f"{opened}, {who}, {width} px", page.evaluate(LOOK))
                page.keyboard.press("Escape")
                expect(page.locator(opened)).to_have_count(0)

    def note(self, where: str, wrong: list[str]) -> None:
        self.wrong += [f"{where}: {one}" for one in wrong]


def speak(page: Page, locale: str) -> None:
    """Choose the language of the pages, and come back to the room."""
    room = page.url
    page.goto(room.partition("/m/")[0])
    page.locator(f"button[name=locale][value={locale}]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", locale)
    page.goto(room)
    alive(page)


@pytest.fixture
def walk(open_room: Rooms, server: Server) -> Iterator[Walk]:
    server.house.person("Ada")
    for name in ("Ben", "Cilla", "Dima"):
        server.house.person(name)
    walk = Walk(open_room, server)
    walk.open("Ada", "fi", large=False)
    walk.open("Ada", "sv", large=True)
    walk.open("Ben", "sv", large=False, has_touch=True, is_mobile=True)
    walk.open("Ben", "fi", large=True)
    return walk


def test_nothing_is_too_wide_or_covered(walk: Walk) -> None:
    modes = ("round", "case", "pairs", "writing", "open", "break")
    for number, mode in enumerate(modes, start=1):
        walk.press("change_item", item=number, mode=mode, title=f"Kohta {number}", prompt="", minutes=20)
    walk.followed()
    walk.look("before")
    walk.press("start")
    for state in ("a round, the first turn", "a round, another turn"):
        walk.press("next")
        walk.followed()
        walk.look(state)
    for who, page in walk.pages.items():
        walk.look_at_what_opens(who, page)
    for mode in modes[1:]:
        walk.press("next_item")
        if mode == "case":
            walk.press("name_owner", person=walk.server.house.person("Ben").id)
            walk.press("next")
        walk.followed()
        walk.look(mode)
    walk.press("reveal")
    walk.followed()
    walk.look("the answers are shown")
    walk.press("end")
    walk.server.pass_time(timedelta(seconds=70))
    for page in walk.pages.values():
        page.goto(page.url.partition("#")[0])
        expect(page.locator("#record")).to_be_visible()
    walk.look("the record", views=False)
    assert not walk.wrong, f"{len(walk.wrong)} of\n" + "\n".join(walk.wrong)
