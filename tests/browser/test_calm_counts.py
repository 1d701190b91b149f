"""How much there is to press at once: counted in each state, against the pictures of how calm it should be.

What counts: links, buttons, fields and editors that can be seen and used; not the link to the text.
What is open over the page counts alone, and of a record its main part, as its picture has no masthead. The
numbers are those of the pictures, and a page may have MARGIN more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.outside import Server

MARGIN = 6
"""A member has 14 in the picture of a round and may have 20, a facilitator 26 and may have 32."""
CONTROLS = """where => {
  const over = document.querySelector("dialog[open], :popover-open") ?? document.querySelector(where)
  const all = over.querySelectorAll("a[href], button, input, select, textarea, [role=textbox]")
  return [...all].filter(one => !one.disabled && one.type !== "hidden" && !one.closest(".skip, [inert]"))
    .filter(one => one.checkVisibility({ visibilityProperty: true }))
    .map(one => (one.getAttribute("aria-label") || one.textContent.trim() || one.id || one.name).slice(0, 40))
}"""
WIDE, NARROW = (1280, 800), (320, 640)
ADA, BEN = "Ada", "Ben"  # who facilitates, and a member
PICTURES: dict[tuple[str, str, tuple[int, int], str | None], int] = {
    ("before", ADA, WIDE, None): 21,
    ("before", ADA, NARROW, "turn"): 11,
    ("before", BEN, WIDE, None): 14,
    ("before", BEN, NARROW, "turn"): 7,
    ("a round", ADA, WIDE, None): 26,
    ("a round", ADA, NARROW, "turn"): 16,
    ("a round", BEN, WIDE, None): 14,
    ("a round", BEN, NARROW, "turn"): 7,
    ("a round", BEN, NARROW, "agenda"): 8,
    ("a round", BEN, NARROW, "notes"): 16,
    ("a round", BEN, NARROW, "reflect"): 9,
    ("a round", BEN, NARROW, "people"): 9,
    ("More", ADA, NARROW, "turn"): 7,
    ("the menu", ADA, NARROW, "turn"): 9 + 2,  # its picture has the three languages as one
    ("one's own turn", BEN, WIDE, None): 16,
    ("one's own turn", BEN, NARROW, "turn"): 9,
    ("case", ADA, WIDE, None): 24,
    ("case", ADA, NARROW, "turn"): 14,
    ("case", BEN, WIDE, None): 14,
    ("pairs", ADA, WIDE, None): 26,
    ("pairs", BEN, WIDE, None): 14,
    ("pairs", BEN, NARROW, "turn"): 7,
    ("writing", ADA, WIDE, None): 26,
    ("writing", BEN, WIDE, None): 14,
    ("writing", BEN, NARROW, "notes"): 12,
    ("open", ADA, WIDE, None): 26,
    ("open", BEN, WIDE, None): 14,
    ("break", ADA, WIDE, None): 26,
    ("break", BEN, WIDE, None): 14,
    ("the answers are shown", BEN, WIDE, None): 14,
    ("the answers are shown", BEN, NARROW, "reflect"): 9,
    ("the record", BEN, WIDE, None): 8,
    ("the record", BEN, NARROW, None): 7,
}


class Counted:
    """A meeting that is led through its states, and what its pages have too much of in them."""

    def __init__(self, server: Server, pages: dict[str, Page]) -> None:
        self.server, self.pages = server, pages
        self.room, self.ada = f"/m/{server.house.meeting_id}", server.client_for(ADA)
        self.wrong: list[str] = []
        self.states: set[str] = set()

    def press(self, what: str, **fields: Any) -> None:
        answer = self.ada.post(f"{self.room}/press", data={"press": what, **fields})
        assert answer.status_code == 303, (what, answer.status_code, answer.text[:500])

    def followed(self) -> None:
        """Wait until both pages show the newest state."""
        newest = self.ada.get(f"{self.room}/run").text.partition('data-number="')[2].partition('"')[0]
        for page in self.pages.values():
            expect(page.locator("#run")).to_have_attribute("data-number", newest)

    def count(self, state: str) -> None:
        self.states.add(state)
        for (told, who, size, view), most in PICTURES.items():
            if told != state:
                continue
            page = self.pages[who]
            page.set_viewport_size({"width": size[0], "height": size[1]})
            if view and not page.locator("dialog[open], :popover-open").count():
                page.locator(f"#v-{view}").check(force=True)
            found = page.evaluate(CONTROLS, "main" if state == "the record" else "body")
            if len(found) > most + MARGIN:
                where = f"{state}, {who}, {size[0]} px, {view}"
                self.wrong.append(f"{where}: {len(found)} of {most} + {MARGIN}: {', '.join(found)}")


@pytest.fixture
def counted(open_room: Rooms, server: Server) -> Iterator[Counted]:
    for name in (ADA, BEN, "Cilla", "Dima"):
        server.house.person(name)
    return Counted(server, {name: open_room(name, reduced_motion="reduce") for name in (ADA, BEN)})


def test_there_is_little_at_once(counted: Counted) -> None:
    modes = ("round", "case", "pairs", "writing", "open", "break")
    for number, mode in enumerate(modes, start=1):
        counted.press("change_item", item=number, mode=mode, title=f"Item {number}", prompt="", minutes=20)
    counted.followed()
    counted.count("before")
    counted.press("start")
    counted.followed()
    counted.count("a round")
    ada = counted.pages[ADA]
    ada.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for state, button, opened in (("More", ".to-more", "#more"), ("the menu", "#to-menu", "#sheet")):
        ada.locator("#v-turn").check(force=True)
        ada.locator(button).filter(visible=True).first.click()
        expect(ada.locator(f"{opened} :is(a, button)").first).to_be_visible()
        counted.count(state)
        ada.keyboard.press("Escape")
        expect(ada.locator(opened)).to_be_hidden()
    counted.press("give_word", person=counted.server.house.person(BEN).id)
    counted.followed()
    counted.count("one's own turn")
    for mode in modes[1:]:
        counted.press("next_item")
        if mode == "case":
            counted.press("name_owner", person=counted.server.house.person(ADA).id)
            counted.press("next")
        counted.followed()
        counted.count(mode)
    counted.press("reveal")
    counted.followed()
    counted.count("the answers are shown")
    counted.press("end")
    for page in counted.pages.values():
        page.goto(page.url.partition("#")[0])
        expect(page.locator("#record")).to_be_visible()
    counted.count("the record")
    assert counted.states == {state for state, *_ in PICTURES}
    assert not counted.wrong, f"{len(counted.wrong)} of\n" + "\n".join(counted.wrong)
