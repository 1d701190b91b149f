"""Where the keyboard goes on after each press: a line for every button of the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from ementor import clock
from ementor.archive import views as archive
from ementor.meetings import presses
from ementor.series import views as series
from tests.support.browsers import Rooms, assert_accessible
from tests.support.databases import Settings, app_of
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.pages import alive, open_reflection, press, unfold
from tests.support.people import said, shown

WHERE = """() => {
  const at = document.activeElement
  if (at.name === "press") return at.value
  const near = at.closest("[id]")
  return near === at ? `#${at.id}` : near ? `#${near.id} ${at.localName}` : at.localName
}"""
COLUMN = """() => {
  const at = document.activeElement
  if (at.closest(".foot") || at === document.body) return null
  if (at.closest("header.top")) return "top"
  const middle = at.getBoundingClientRect().left + at.offsetWidth / 2
  if (at.closest("#reflection")) return "reflection" // a line under the agenda, in the order of the meeting
  const columns = Object.entries({ side: "#side", turn: ".stage", notes: "#notes" })
  return columns.find(([, one]) => {
    const { left, right } = document.querySelector(one).getBoundingClientRect()
    return left <= middle && middle <= right
  })?.[0] ?? at.outerHTML.slice(0, 80)
}"""
SAME = "the same button"
MORE = "[popovertarget=more]"
"""What is behind *More* closes with the press."""
BY_SCRIPT = {"time_up", "move_item", "swap_pair"}
"""No button of theirs is pressed: the clock's end, a drag, and two names one after the other."""

TURNS = {
    "start": "pause",
    "pause": "resume",
    "resume": "pause",
    "plus_minute": SAME,
    "minus_minute": MORE,
    "raise_hand": "lower_hand",
    "lower_hand": "raise_hand",
    "next_item": "back",  # what leads on begins a round here
    "shuffle": SAME,
    "next": SAME,
    "postpone": MORE,
    "pass": MORE,
    "back": SAME,
    "give_word": "back",
    "next_turn": MORE,
}
MODES = {
    "name_owner": "unname_owner",
    "unname_owner": "name_owner",
    "draw_owners": MORE,
    "next_step": SAME,
    "draw_pairs": "back",  # and not on "Next item", which is where it was
}
AGENDA = {
    "up": SAME,
    "down": SAME,
    "skip_item": "unskip_item",
    "unskip_item": "skip_item",
    "enter_item": "#item-{} button",
    "remove_item": "restore_item",
    "restore_item": "[data-add-item]",
    "add_item": "[data-add-item]",
    "change_item": "[data-edit-item]",
    "set_times": "[hx-get]",
    "add_wish": "[data-add-item]",
}
TIME = {
    "start_short": "pause",
    "spread_over": "undo_plan",
    "undo_plan": "#h-agenda",
    "drop_item": "undo_plan",
    "stay_longer": "undo_plan",
    "take_break": "undo_plan",
    "refuse_break": "#h-agenda",
    "plus_five": SAME,
    "use_turn_length": "pause",
    "go_on": "pause",
    "free_talk": "pause",
}
PEOPLE = {
    "let_in": "#h-people",
    "refuse": "#h-people",
    "give_role": "#person-{} a",
    "make_facilitator": "#person-{} a",
    "remove_person": "#h-people",
    "rotate_link": SAME,
    "hand_over": "#h-people",
    "give_up": "#person-{} a",
    "take_over": "pause",
}
END = {"reveal": "#h-reflection", "end": "reopen", "reopen": "pause"}


def test_each_button_has_a_line() -> None:
    assert {archive.end, series.add_wish}  # the features above have registered theirs
    lines = [*TURNS, *MODES, *AGENDA, *TIME, *PEOPLE, *END]
    assert len(lines) == len(set(lines))
    assert set(lines) | BY_SCRIPT == set(presses.ACTIONS)


class Keyboard:
    """Somebody without a mouse, and which buttons they have pressed."""

    def __init__(self, page: Page, server: Server, name: str = "Ada") -> None:
        self.page, self.server, self.name = page, server, name
        self.pressed: set[str] = set()

    def number(self) -> int:
        return int(self.page.locator("#run").get_attribute("data-number") or 0)

    def arrange(self, name: str, who: str = "Ada", **values: Any) -> None:
        """Let somebody press elsewhere, and wait until this page shows what follows."""
        client, path = self.server.client_for(who), f"/m/{self.server.house.meeting_id}"

        def newest() -> int:
            return int(said(client.get(f"{path}/run").text, r'data-number="(\d+)"'))

        before = newest()
        assert client.post(f"{path}/press", data={"press": name, "seen": before, **values}).status_code == 303
        after = newest()
        assert after > before
        wait_until(lambda: self.number() >= after, f"{name} to be shown")

    def press(self, button: Locator, name: str, then: str, about: int | str = "") -> None:
        """Press Enter on a button, and on Yes where it asks first; the keyboard is at ``then`` after it."""
        button.focus()
        expect(button).to_be_focused()
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            self.page.keyboard.press("Enter")
            if self.page.locator("#confirm[open]").count():
                self.page.locator("#confirm-yes").press("Enter")
        number = int(said(answered.value.text(), r'id="run"[^>]*data-number="(\d+)"'))
        wait_until(lambda: self.number() >= number, f"{name} to be shown")
        self.stands(name, name if then == SAME else then.replace("{}", str(about)))
        self.pressed.add(name)

    def stands(self, name: str, at: str) -> None:
        if at.startswith("["):
            return expect(self.page.locator(f"{at}:focus")).to_have_count(1)
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [self.page.evaluate(WHERE)]
            return found == [at]

        try:
            wait_until(is_there, "the keyboard", timeout_s=5)
        except pytest.fail.Exception:
            raise AssertionError(f"after {name} the keyboard is at {found}, not at {at}") from None

    def presses(self, table: dict[str, str], *names: str, about: tuple[str, int] | None = None) -> None:
        """Press one button after the other as the table says."""
        for name in names:
            self.press(self.button(name, about), name, table[name], about[1] if about else "")

    def button(self, name: str, about: tuple[str, int] | None = None) -> Locator:
        """Return the button ``name``; where it is behind *More* that is opened."""
        address = f'[formaction$="{about[0]}={about[1]}"]' if about else ""
        button = self.page.locator(f'button[name=press][value="{name}"]{address}').first
        button.wait_for(state="attached")
        found = self.page.locator(f'button[name=press][value="{name}"]{address}:visible')
        if not found.count() and self.page.locator(f'#more button[value="{name}"]').count():
            self.page.locator(".to-more:visible").press("Enter")
        return found.first


@pytest.fixture
def ada(open_room: Rooms, server: Server) -> Keyboard:
    return Keyboard(open_room("Ada"), server)


@pytest.fixture
def add(server: Server) -> Callable[..., int]:
    """``add("pairs", "Walk", 6)``: an item at the end of the agenda; returns its id."""

    def add(mode: str, title: str, minutes: int, **settings: Any) -> int:
        client, path = server.client_for("Ada"), f"/m/{server.house.meeting_id}"
        form = {"press": "add_item", "mode": mode, "title": title, "minutes": minutes, **settings}
        assert client.post(f"{path}/press", data=form).status_code == 303
        return max(map(int, re.findall(r'id="item-(\d+)"', shown(client.get(path)))))

    return add


def test_turns(ada: Keyboard, server: Server, add: Callable[..., int], open_room: Rooms) -> None:
    ben, gus = (server.house.person(name).id for name in ("Ben", "Gus"))
    for name in ("Ben", "Gus"):
        open_room(name)
    talk, _ = add("open", "Talk", 5), add("round", "Check-in", 12)
    ada.presses(TURNS, "start", "pause", "resume", "plus_minute", "minus_minute")
    ada.arrange("enter_item", item=talk)
    ada.presses(TURNS, "raise_hand", "lower_hand", "next_item", "shuffle")
    ada.arrange("next")
    ada.presses(TURNS, "next")
    ada.page.keyboard.press("Tab")  # what takes a press back is the next stop
    ada.stands("next and Tab", "back")
    ada.presses(TURNS, "back", "postpone", "pass", "back")
    gives = ada.page.locator(f'button[value=give_word][formaction$="={gus}"]')
    who = gus if gives.count() else ben
    ada.presses(TURNS, "give_word", about=("person", who))
    steps = {"how": 1, "step-0-title": "Tell", "step-0-time": 1, "step-1-title": "Ask", "step-1-time": 1}
    ada.arrange("enter_item", item=add("round", "In steps", 12, **steps))
    ada.arrange("next")
    ada.presses(TURNS, "next_turn")
    assert ada.pressed == set(TURNS)


def test_cases_and_pairs(ada: Keyboard, server: Server, add: Callable[..., int], open_room: Rooms) -> None:
    case, pairs, _ = add("case", "Case", 20), add("pairs", "Walk", 6), add("open", "Talk", 5)
    ben, gus = (server.house.person(name).id for name in ("Ben", "Gus"))
    for name in ("Ben", "Gus", "Dan"):
        open_room(name)
    ada.arrange("start")
    ada.arrange("enter_item", item=case)
    ada.presses(MODES, "name_owner", "unname_owner", "name_owner", about=("person", ben))
    ada.presses(MODES, "name_owner", about=("person", gus))
    ada.presses(MODES, "draw_owners")
    ada.press(ada.button("next"), "next", "next_step")  # the same button in its place
    ada.presses(MODES, "next_step")
    ada.arrange("enter_item", item=pairs)
    ada.presses(MODES, "draw_pairs")
    ada.press(ada.button("draw_pairs"), "draw_pairs", MORE)  # again
    ada.page.locator("[data-swap]").press("Enter")
    names = ada.page.locator(".groups [role=button]")
    for place in (0, 1):
        names.nth(place).press("Enter")
    expect(ada.page.locator("[data-swap]")).to_be_focused()
    assert ada.pressed == set(MODES) | {"next"}


def test_the_agenda(ada: Keyboard, server: Server, add: Callable[..., int]) -> None:
    page, group = ada.page, said(shown(server.client_for("Ada").get("/")), r'href="/g/(\d+)"')
    first, second = add("open", "First", 5), add("open", "Second", 5)
    ada.arrange("start")
    page.locator("#edit-agenda").press("Enter")
    item = ("item", second)
    ada.presses(AGENDA, "up", "down", "skip_item", "unskip_item", "remove_item", about=item)
    ada.presses(AGENDA, "restore_item")
    ada.presses(AGENDA, "enter_item", about=("item", first))
    page.locator("[data-add-item]").press("Enter")
    page.locator("#item-form [name=title]").fill("Third")
    ada.press(page.locator("#item-editor .btn.main"), "add_item", AGENDA["add_item"])
    page.locator(f"[data-edit-item='{second}']").press("Enter")
    page.locator("#item-form [name=title]").fill("Other")
    ada.press(page.locator("#item-editor .btn.main"), "change_item", AGENDA["change_item"])
    page.locator("[hx-target='#times']").press("Enter")
    page.locator("#must-end-at").fill(f"{clock.now() + timedelta(hours=6):%H:%M}")  # UTC, so in 3 or 4
    ada.press(page.locator("#times-form .btn.main"), "set_times", AGENDA["set_times"])
    page.locator("#edit-agenda").press("Enter")
    client = server.client_for("Ada")
    assert client.post(f"/g/{group}", data={"press": "wish", "text": "Salary talks"}).status_code == 303
    wish = said(shown(client.get(f"/g/{group}")), r"[?&;]wish=(\d+)")
    show = {"press": "wish_show", "wish": wish, "shown": "yes"}
    assert client.post(f"/g/{group}", data=show).status_code == 303
    page.locator("#edit-agenda").press("Enter")
    ada.presses(AGENDA, "add_wish")
    assert ada.pressed == set(AGENDA)


def ask_idle(settings: Settings, meeting_id: int) -> None:
    """Let the room ask whether anybody is there, as it does when nothing has happened for a while."""
    from ementor.database import transactional
    from ementor.meetings import services
    from ementor.meetings.domain.run import AskIdle

    with app_of(settings):
        transactional(services.record)(meeting_id, AskIdle(), actor_id=None)


def test_time(
    ada: Keyboard,
    server: Server,
    add: Callable[..., int],
    open_room: Rooms,
    sqlite_settings: Settings,
) -> None:
    ben, page = open_room("Ben"), ada.page
    helsinki = clock.now().astimezone(ZoneInfo("Europe/Helsinki"))

    def later(minutes: float) -> None:
        server.pass_time(timedelta(minutes=minutes))
        for one in (ben, page):
            one.reload()
            alive(one)

    add("open", "Talk", 30)
    add("open", "More talk", 60)
    ada.arrange("set_times", starts_at=f"{helsinki - timedelta(minutes=20):%H:%M}", must_end_at="")
    later(0)
    ada.presses(TIME, "start_short")
    later(20)
    ada.presses(TIME, "spread_over", "undo_plan", "drop_item", "undo_plan", "stay_longer", "plus_five")
    later(45)
    ada.presses(TIME, "stay_longer", "take_break", "undo_plan", "refuse_break")
    ada.arrange("enter_item", item=add("round", "Check-in", 12))
    ada.arrange("next")
    later(8)
    ada.presses(TIME, "use_turn_length")
    for each in page.locator("#plan > [data-item]").all():
        if each.get_attribute("aria-current") != "step":
            ada.arrange("enter_item", item=each.get_attribute("data-item"))
    ada.presses(TIME, "free_talk")
    ada.arrange("plus_minute")
    ask_idle(sqlite_settings, server.house.meeting_id)
    page.reload()
    alive(page)
    ada.presses(TIME, "go_on")
    assert ada.pressed == set(TIME)


def test_people(ada: Keyboard, server: Server, open_room: Rooms) -> None:
    page, group = ada.page, {"name": "Circle", "entry": "ask"}
    ben = Keyboard(open_room("Ben"), server, "Ben")
    ids = {name: server.house.person(name).id for name in ("Ada", "Ben", "Gus")}
    open_room("Gus")

    def sheet(who: Keyboard, name: str, of: str) -> None:
        unfold(who.page, "people")
        who.page.locator(f"#person-{ids[of]} a").press("Enter")
        button = who.page.locator(f"#sheet button[value={name}]").first
        expect(button).to_be_visible()
        who.press(button, name, PEOPLE[name].replace("{}", str(ids[of])))

    ada.presses(PEOPLE, "rotate_link")
    client, path = server.client_for("Ada"), f"/m/{server.house.meeting_id}"
    assert client.post(f"{path}/group", data=group).status_code == 303
    for name in ("Zoe", "Yan", "Xia"):
        link = said(shown(client.get(path)), r"(/j/[\w-]+)")
        assert server.house.new_client().post(link, data={"name": name}).status_code == 303
        page.reload()
        alive(page)
    ada.press(ada.button("let_in"), "let_in", "#knock-said")  # it says who is next
    ada.press(ada.button("refuse"), "refuse", "#knock-said")
    ada.presses(PEOPLE, "let_in")
    ada.arrange("start")
    sheet(ada, "give_role", "Ben")
    sheet(ada, "make_facilitator", "Ben")
    sheet(ben, "give_up", "Ben")
    sheet(ada, "remove_person", "Gus")
    sheet(ada, "hand_over", "Ben")
    ben.page.close()
    server.pass_time(timedelta(minutes=2))
    page.reload()
    expect(ada.button("take_over")).to_be_visible(timeout=120_000)
    ada.presses(PEOPLE, "take_over")
    assert ada.pressed | ben.pressed == set(PEOPLE)


def test_the_end(ada: Keyboard) -> None:
    ada.arrange("start")
    open_reflection(ada.page)
    ada.presses(END, "reveal", "end", "reopen")
    assert ada.pressed == set(END)


def test_tab_follows_the_eye_in_a_wide_room(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Start the meeting")
    expect(ada.locator("#plan [aria-current=step]")).to_be_visible()
    ada.locator(".home").first.focus()
    lefts = []
    for _ in range(120):
        ada.keyboard.press("Tab")
        box = ada.evaluate(COLUMN)
        if box is None:
            break
        lefts.append(box)
    columns = [column for at, column in enumerate(lefts) if not at or column != lefts[at - 1]]
    assert columns == ["top", "side", "turn", "reflection", "notes"]


def test_why_something_was_refused_stays_until_it_is_closed(open_room: Rooms, server: Server) -> None:
    ada = open_room("Ada")
    ada.clock.install()
    press(ada, "Start the meeting")
    expect(ada.locator("#plan [aria-current=step]")).to_be_visible()
    pause = ada.locator("button[value=pause]")
    pause.evaluate("button => button.value = 'raise_hand'")  # as an older page may
    pause = ada.locator("button[value=raise_hand]:visible").first
    pause.press("Enter")
    notice = ada.locator("#notice .notice")
    expect(notice).to_be_visible()
    ada.clock.fast_forward(60_000)
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Close").focus()
    ada.keyboard.press("Enter")
    expect(ada.locator("#notice")).to_be_empty()
    expect(pause).to_be_focused()


def test_an_error_of_the_item_form_belongs_to_its_field(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Edit the agenda")
    press(ada, "Add an item")
    minutes = ada.locator("#item-form [name=minutes]")
    ada.locator("#item-form [name=title]").fill("Talk")
    minutes.fill("0")
    ada.locator("#item-editor .btn.main").press("Enter")
    expect(minutes).to_be_focused()
    expect(minutes).to_have_attribute("aria-invalid", "true")
    expect(minutes).to_have_accessible_description(re.compile("Enter whole minutes"))
    minutes.fill("5")
    ada.locator("#item-form [name=title]").fill("")
    ada.keyboard.press("Enter")
    title = ada.locator("#item-form [name=title]")
    expect(title).to_be_focused()
    expect(title).to_have_accessible_description(re.compile("Give the item a title"))
    expect(minutes).not_to_have_attribute("aria-invalid", "true")
    assert_accessible(ada)


NAMES = """() => [...document.querySelectorAll("button, a[href], summary, [role=button]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.ariaLabel)
  .map((one) => {
    const copy = one.cloneNode(true)
    copy.querySelectorAll(".vh, [aria-hidden=true], .wide").forEach((part) => part.remove())
    return [copy.textContent, one.ariaLabel].map((text) => text.replace(/\\s+/g, " ").trim().toLowerCase())
  })
  .filter(([shown, name]) => !name.includes(shown))"""


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_what_a_button_shows_is_part_of_its_name(
    open_room: Rooms, server: Server, add: Callable[..., int], locale: str
) -> None:
    items = [add(mode, mode, 12) for mode in ("open", "round", "writing", "pairs", "case", "input", "break")]
    assert server.client_for("Ada").post("/language", data={"locale": locale}).status_code == 303
    ada, ben = open_room("Ada", locale=locale), open_room("Ben", locale=locale)
    wrong = []

    def look() -> None:
        for page in (ada, ben):
            if page.locator(".to-more:visible").count():
                page.locator(".to-more:visible").first.press("Enter")
            wrong.extend(page.evaluate(NAMES))
            page.keyboard.press("Escape")

    keyboard = Keyboard(ada, server)
    for fold in ("people", "offers", "reflection"):
        if ada.locator(f"[data-fold={fold}]:enabled:visible").count():
            unfold(ada, fold)
    look()
    keyboard.arrange("start")
    ada.locator("#edit-agenda").press("Enter")
    for item in items:
        keyboard.arrange("enter_item", item=item)
        look()
        if item in items[1:4:2]:
            keyboard.arrange("next" if item == items[1] else "draw_pairs")
            look()
    keyboard.arrange("end")
    look()
    assert wrong == []
