"""Where things stand in the room, in Chromium: what matters is in sight, also with large text."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms, assert_no_sideways_scrolling
from tests.support.machine import wait_until
from tests.support.pages import VIEWS, alive, look_at, pressed

OTHERS = ("agenda", "notes", "people")
PHONE: dict[str, Any] = {"has_touch": True, "is_mobile": True}
LARGE_PX = 32
"""Text at 200 %, as somebody sets it in their browser: the page is not zoomed."""
SPACED = """() => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`)
  document.adoptedStyleSheets = [sheet]
}"""
"""The distances of WCAG 1.4.12."""
COVERED = """() => {
  const found = []
  for (const one of document.querySelectorAll("a, button, input, textarea, [role=textbox]")) {
    if (one.disabled || one.type === "hidden" || !one.checkVisibility({ visibilityProperty: true })) continue
    if (one.closest(".vh, .skip")) continue
    one.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" })
    const box = one.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) continue
    const y = Math.min(box.top + box.height / 2, innerHeight - 1)
    const at = document.elementFromPoint(box.left + box.width / 2, y)
    const same = at && (one.contains(at) || at.contains(one) || at.closest("label")?.contains(one))
    const name = (element) => element?.outerHTML.slice(0, 80)
    if (!same) found.push(`${name(one)} under ${name(at)}`)
  }
  scrollTo(0, 0)
  return found
}"""


def bottom(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("e => e.getBoundingClientRect().bottom"))


def top(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top"))


def larger(page: Page) -> None:
    """Set the browser's own text size to 200 %."""
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": LARGE_PX}})
    page.reload()
    alive(page)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{LARGE_PX}px"


@pytest.fixture
def started(server: Any) -> None:
    """Start a meeting whose first item is a round."""
    ada, path = server.client_for("Ada"), f"/m/{server.house.meeting_id}/press"
    first = {"item": "1", "mode": "round", "title": "Kierros", "prompt": "Mitä kuuluu?", "minutes": "9"}
    for what in ({"press": "change_item", **first}, {"press": "start"}):
        assert ada.post(path, data=what).status_code == 303


def in_round(open_room: Rooms, **how: Any) -> Page:
    """Answer the page of Ada, who has the first turn; Ben is next."""
    assert open_room.server
    open_room.server.client_for("Ada").post("/language", data={"locale": how.get("locale", "en")})
    ada, ben = open_room("Ada", **how), open_room("Ben")
    expect(ben.locator(".stage[data-phase=ready]")).to_be_attached()
    pressed(ada, "next")
    expect(ada.locator(".stage[data-phase=turn]")).to_be_attached()
    return ada


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_order_and_the_main_button_are_in_sight(open_room: Rooms, locale: str) -> None:
    ada = in_round(open_room, viewport=(1280, 800), locale=locale)
    expect(ada.locator(".queue .next")).to_be_visible()
    assert bottom(ada, ".queue") <= 800
    assert bottom(ada, ".stage .main") <= 800


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_on_a_small_phone_the_tabs_are_one_row_and_the_main_button_is_above_them(
    open_room: Rooms, locale: str
) -> None:
    ada = in_round(open_room, viewport=(320, 640), locale=locale, **PHONE)
    labels = ada.locator("#tabs label")
    expect(labels).to_have_count(5)
    assert len({round(box["y"]) for box in (one.bounding_box() for one in labels.all()) if box}) == 1
    lines = labels.evaluate_all("all => all.map(one => one.querySelector('span').getClientRects().length)")
    assert lines == [1] * 5
    assert round(bottom(ada, "#tabs")) == 640
    assert bottom(ada, ".stage .main") <= top(ada, "#tabs")
    assert_no_sideways_scrolling(ada)


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("width", [320, 380])
@pytest.mark.parametrize("locale", ["fi", "sv"])
def test_with_text_at_200_percent_nothing_is_wider_than_the_window_or_covered(
    open_room: Rooms, locale: str, width: int
) -> None:
    ada = in_round(open_room, viewport=(width, 720), locale=locale)
    larger(ada)
    for view in VIEWS:
        look_at(ada, view)
        assert_no_sideways_scrolling(ada)
        assert ada.evaluate(COVERED) == [], view


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("width", [320, 380])
def test_with_the_distances_of_wcag_nothing_is_wider_than_the_window_or_covered(
    open_room: Rooms, width: int
) -> None:
    ada = in_round(open_room, viewport=(width, 720), locale="fi", **PHONE)
    ada.evaluate(SPACED)
    for view in VIEWS:
        look_at(ada, view)
        assert_no_sideways_scrolling(ada)
        assert ada.evaluate(COVERED) == [], view


def test_each_view_is_the_only_one_when_narrow_and_all_stand_beside_each_other_when_wide(
    open_room: Rooms,
) -> None:
    ada = open_room("Ada", viewport=(380, 720))
    cards = {"turn": "#turn", "reflection": "#reflection"} | {view: f"#{view}" for view in OTHERS}
    for view in VIEWS:
        look_at(ada, view)
        for name, card in cards.items():
            expect(ada.locator(card)).to_be_visible(visible=name == view)
    ada.set_viewport_size({"width": 1280, "height": 800})
    expect(ada.locator("#tabs")).to_be_hidden()
    for card in cards.values():
        expect(ada.locator(card)).to_be_visible()


def test_each_view_is_found_again_where_it_was_left(open_room: Rooms) -> None:
    """Beside a call it is a mouse that goes from one narrow view to the next."""
    ada = open_room("Ada", viewport=(380, 500))

    def top() -> int:
        return int(ada.evaluate("scrollY"))

    def stands_at(place: int) -> None:
        wait_until(lambda: top() == place, f"the view to stand at {place} px")

    def press_tab(view: str) -> None:  # by its place, as Playwright's own click may scroll
        box = ada.locator(VIEWS[view]).bounding_box()
        assert box is not None
        ada.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(ada.locator(VIEWS[view])).to_be_checked()

    stands_at(0)
    press_tab("agenda")
    ada.mouse.move(190, 250)
    ada.mouse.wheel(0, 300)
    stands_at(300)
    for view in ("people", "notes", "turn"):
        press_tab(view)
        stands_at(0)
    press_tab("agenda")
    stands_at(300)


def test_a_key_to_a_view_scrolls_no_wide_room(open_room: Rooms) -> None:
    ada = open_room("Ada", viewport=(1280, 500))
    ada.mouse.move(190, 250)
    ada.mouse.wheel(0, 100)
    wait_until(lambda: ada.evaluate("scrollY") == 100, "the room to be scrolled")
    ada.keyboard.press("g")
    expect(ada.locator("#v-notes")).to_be_checked()
    assert ada.evaluate("scrollY") > 0


def test_the_menu_has_what_is_not_needed_in_each_meeting(open_room: Rooms) -> None:
    ben = open_room("Ben", viewport=(320, 640), **PHONE)
    expect(ben.locator("#to-languages, #to-invite")).to_have_count(1)
    expect(ben.locator("#to-languages")).to_be_hidden()
    ben.locator("[data-asks=menu]").click()
    menu = ben.get_by_role("dialog")
    expect(menu.get_by_label("Link for the others")).to_be_visible()
    links = (
        "My notes",
        "Group's page",
        "My name and devices",
        "Help",
        "Privacy",
        "Accessibility",
        "Not Ben?",
    )
    for name in links:
        expect(menu.get_by_role("link", name=name)).to_be_visible()
    assert_no_sideways_scrolling(ben)
    menu.get_by_role("button", name="Keyboard shortcuts").click()
    expect(ben.locator("#keys")).to_be_visible()
    ben.keyboard.press("Escape")
    expect(ben.locator("#to-menu")).to_be_focused()
    ben.locator("[data-asks=menu]").click()
    menu.get_by_role("button", name="Suomi").click()
    expect(ben.locator("html")).to_have_attribute("lang", "fi")
    expect(ben.locator("#turn")).to_be_visible()


def test_in_a_wide_room_the_head_has_the_invitation_the_language_and_the_menu(open_room: Rooms) -> None:
    ada, ben = open_room("Ada", viewport=(1280, 800)), open_room("Ben", viewport=(1280, 800))
    expect(ben.locator("#to-invite")).to_have_count(0)
    ada.get_by_role("link", name="Invite").click()
    expect(ada.get_by_role("dialog").get_by_label("Link for the others")).to_be_visible()
    ada.keyboard.press("Escape")
    ben.get_by_role("link", name="English").click()
    ben.get_by_role("dialog").get_by_role("button", name="Svenska").click()
    expect(ben.locator("html")).to_have_attribute("lang", "sv")
