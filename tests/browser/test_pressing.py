"""What can be pressed stays where it is and means what it meant, and what matters now is in view."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.pages import look_at, pressed

LONG = (
    "Maija-Liisa Korkeamäki-Väänänen",
    "Kaarina Nieminen-Hietalahti",
    "Pertti Hyyppä-Kääriäinen",
    "Aleksanteri Yli-Hukkavuori",
)
BOXES = """() => Object.fromEntries([...document.querySelectorAll("button, a[href]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".vh, .skip"))
  .map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    const about = one.href ?? one.getAttribute("formaction")
    const box = [x, y + scrollY, width, height].map(Math.round)
    return [`${one.value || one.className} ${one.textContent.trim()} ${about}`, box]
  }))"""
FIELDS = "main :is(textarea, input:not([type=radio], [type=checkbox], [type=hidden]), [role=textbox])"


def act(server: Server, name: str, press: str, **fields: Any) -> None:
    """Press a button of the room without a page."""
    client = server.client_for(name)
    answered = client.post(f"/m/{server.house.meeting_id}/press", data={"press": press, **fields})
    assert answered.status_code == 303, answered.text


def come(server: Server, *names: str) -> None:
    for name in names:
        server.house.person(name)
        assert server.socket_for(name).join()["ok"]


@pytest.fixture
def case(server: Server) -> Server:
    """Ben's case, at the step in which its key question is written."""
    come(server, "Ada", "Ben")
    act(server, "Ada", "change_item", item=1, mode="case", title="Case", minutes="30", how="1")
    act(server, "Ada", "start")
    act(server, "Ada", "name_owner", person=server.house.person("Ben").id)
    act(server, "Ada", "next")
    act(server, "Ada", "next_step")
    return server


@pytest.fixture
def a_round(server: Server) -> Server:
    """A round under way: Ada speaks, Ben is next."""
    come(server, "Ada", "Ben", "Gus")
    act(server, "Ada", "change_item", item=1, mode="round", title="Round", minutes="12", how="1")
    act(server, "Ada", "start")
    act(server, "Ada", "next")
    return server


def settled(page: Page) -> None:
    """Wait until the parts that are asked for after the page have come: it looks the same twice."""
    seen: list[Any] = [None]

    def is_same() -> bool:
        seen.append(page.evaluate(BOXES))
        page.wait_for_load_state("networkidle")
        return bool(seen[-1] == seen[-2])

    wait_until(is_same, "the page to settle")


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("width", [320, 380, 1280])
def test_no_button_moves_when_a_field_gets_the_focus_or_loses_it(open_room: Rooms, width: int) -> None:
    ada = open_room("Ada", viewport=(width, 800))
    expect(ada.locator(".keep textarea")).to_be_visible()
    expect(ada.locator("#last-time")).not_to_have_attribute("data-beside", "0")
    settled(ada)
    views = ("agenda", "notes", "reflection", "people") if width < 768 else ("agenda",)
    seen = set()
    for view in views:
        look_at(ada, view)
        for field in ada.locator(FIELDS).all():
            if not field.is_visible():
                continue
            before = ada.evaluate(BOXES)
            field.evaluate("(one) => one.focus({ preventScroll: true })")
            with_focus = ada.evaluate(BOXES)
            field.blur()
            after = ada.evaluate(BOXES)
            name = field.evaluate("(one) => one.id || one.name || one.className")
            # The tools of the notes are there only then: what was there before has to stay where it was.
            assert {one: with_focus.get(one) for one in before} == before, f"{name} gets the focus"
            assert after == before, f"{name} loses the focus"
            seen.add(name)
    assert len(seen) > 1


@pytest.mark.parametrize("width", [320, 1280])
def test_next_after_typing_the_words_of_a_case_arrives_with_the_first_press(
    open_room: Rooms, case: Server, width: int
) -> None:
    """Pressing leaves the field: nothing that follows from that may move the button from under the finger."""
    ada, ben = open_room("Ada", viewport=(width, 700)), open_room("Ben")
    field = ada.locator(".keep textarea")
    field.click()
    ada.keyboard.type("How do I say no?")
    x, y = middle(ada, ".stage .acts .main")
    ada.mouse.move(x, y)
    ada.mouse.down()
    kept = ben.locator(".kept, .keep textarea").first
    wait_until(
        lambda: "no?" in (kept.text_content() or "") + kept.evaluate("(one) => one.value ?? ''"),
        "it to be kept",
    )
    assert middle(ada, ".stage .acts .main") == (x, y)
    ada.mouse.up()
    expect(ada.locator(".steps li[aria-current=step]")).to_have_attribute("data-n", "3")
    expect(ada.locator(".kept")).to_contain_text(["How do I say no?", ""])


def test_a_press_sends_what_was_shown_when_it_began(open_room: Rooms, a_round: Server) -> None:
    """Somebody else moves on while the button is held down: the press was meant for the turn that is over."""
    ada = open_room("Ada")
    main = ada.locator(".stage .acts .main")
    expect(main).to_contain_text("Ben")
    ada.mouse.move(*middle(ada, ".stage .acts .main"))
    ada.mouse.down()
    shown = ada.locator("#run").get_attribute("data-number")
    act(a_round, "Ada", "next")
    expect(main).to_contain_text("Gus")
    with ada.expect_response("**/press") as answered:
        ada.mouse.up()
    assert f"seen={shown}" in (answered.value.request.post_data or "")
    assert re.search(r"Ben</bdi> is speaking", answered.value.text())  # and not Gus: it counts once


def test_a_button_that_is_gone_under_the_finger_is_pressed_all_the_same(
    open_room: Rooms, a_round: Server
) -> None:
    ada = open_room("Ada")
    ada.mouse.move(*middle(ada, "[value=plus_minute]"))
    ada.mouse.down()
    ada.locator("[value=plus_minute]").evaluate("(one) => one.remove()")
    ada.mouse.up()
    expect(ada.locator("#ring .of")).to_have_text("of 4:50")  # 3:50 and a minute
    expect(ada.locator("[value=plus_minute]")).to_be_visible()


def test_what_more_opens_stays_open_while_the_room_goes_on_and_escape_closes_it(
    open_room: Rooms, a_round: Server
) -> None:
    ada = open_room("Ada")
    more = ada.locator("#more")
    expect(more).to_be_hidden()
    ada.get_by_role("button", name="More", exact=True).click()
    expect(more.get_by_role("button", name="Pass my turn")).to_be_visible()
    act(a_round, "Ada", "next")
    expect(more.get_by_role("button", name="Pass Ben's turn")).to_be_visible()
    ada.keyboard.press("Escape")
    expect(more).to_be_hidden()
    expect(ada.get_by_role("button", name="More", exact=True)).to_be_focused()
    ada.get_by_role("button", name="More", exact=True).click()
    more.get_by_role("button", name="Pass Ben's turn").click()
    expect(more).to_be_hidden()
    expect(ada.locator(".who")).to_contain_text("Gus is speaking")
    ada.keyboard.press("i")  # what is behind More has its key too
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")


def test_a_forgotten_hand_is_lowered_by_who_facilitates(open_room: Rooms, server: Server) -> None:
    come(server, "Ada", "Ben")
    act(server, "Ada", "change_item", item=1, mode="open", title="Talk", minutes="12", how="1")
    act(server, "Ada", "start")
    act(server, "Ben", "raise_hand", person=server.house.person("Ben").id)
    ada, ben = open_room("Ada"), open_room("Ben")
    expect(ben.get_by_role("button", name="Lower my hand")).to_be_visible()
    ada.get_by_role("button", name="More", exact=True).click()
    ada.get_by_role("button", name="Lower Ben's hand").click()
    expect(ben.get_by_role("button", name="Raise my hand")).to_be_visible()


def test_n_presses_the_main_button_in_each_step_of_a_case(open_room: Rooms, case: Server) -> None:
    ada = open_room("Ada")
    for n in range(3, 9):
        while ada.locator(".steps li[aria-current=step]").get_attribute("data-n") != str(n):
            number = ada.locator("#run").get_attribute("data-number")
            ada.keyboard.press("n")
            expect(ada.locator("#run")).not_to_have_attribute("data-number", str(number))


@pytest.mark.parametrize("who", ["Ada", LONG[1]])
def test_the_speaking_order_and_the_main_button_are_in_view_with_twelve_and_long_names(
    open_room: Rooms, server: Server, who: str
) -> None:
    names = ("Ada", *LONG, "Ben", "Gus", "Eve", "Dan", "Kai", "Max", "Zoe")
    come(server, *names)
    prompt = (
        "Mikä hetki nuorten kanssa jäi tältä viikolta mieleen, ja mitä sinä silloin teit tai jätit tekemättä?"
    )
    act(
        server,
        "Ada",
        "change_item",
        item=1,
        mode="round",
        title="Yksi hetki viikolta",
        prompt=prompt,
        minutes="36",
        how="1",
    )
    act(server, "Ada", "start")
    page = open_room(who, viewport=(1280, 800), locale="fi")
    for _ in range(3):
        for selector in (".queue", ".acts .main", ".also") if who == "Ada" else (".queue",):
            box = page.locator(f".stage {selector}").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 800, selector
            assert box["y"] > 0
        shown = page.locator("#run").get_attribute("data-number")
        act(server, "Ada", "next")
        expect(page.locator("#run")).not_to_have_attribute("data-number", str(shown))


def test_pressing_is_by_the_pointer_and_the_key_the_same(open_room: Rooms, a_round: Server) -> None:
    ada = open_room("Ada")
    ada.locator(".stage .acts .main").focus()
    ada.keyboard.press("Enter")
    expect(ada.locator(".who")).to_contain_text("Ben is speaking")
    pressed(ada, "next")
    expect(ada.locator(".who")).to_contain_text("Gus is speaking")
