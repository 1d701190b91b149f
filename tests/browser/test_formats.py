"""Known ways to talk, each from its template to its record: rounds, cases, pairs, dialogue.

Two or three of a group have pages; the others are here by sockets, and press as clients.
Where minutes would pass, the item is shortened in its form, or a turn ends by a press.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.outside import RemoteClient, Server
from tests.support.pages import end_meeting, press, pressed

SOON_MS = 20_000
ROUND, SET, FOURS, DIALOGUE = "single-5", "single-6", "single-7", "single-8"
FREE_DIALOGUE, CASE, TRIOS = "single-1", "single-2", "single-3"


class Group:
    """A meeting with pages for some and sockets for the others."""

    def __init__(self, server: Server, template: str, others: tuple[str, ...] = ()) -> None:
        self.server = server
        server.house.template = template
        self.clients: dict[str, RemoteClient] = {}
        server.house.person("Ada")
        for name in others:
            self.come(name)

    def id_of(self, name: str) -> int:
        return self.server.house.person(name).id

    def come(self, name: str) -> None:
        self.clients[name] = self.server.client_for(name)
        assert self.server.socket_for(name).join()["ok"]

    def press(self, who: str, press: str, /, **fields: Any) -> None:
        """Press as somebody who has no page here."""
        self.send(who, "press", press=press, **fields)

    def send(self, who: str, to: str, **data: Any) -> None:
        """Post to an address of the meeting as somebody who has no page here."""
        answer = self.clients[who].post(f"/m/{self.server.house.meeting_id}/{to}", data=data)
        assert answer.status_code == 303, answer.text[:500]


def turn(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the card in the middle says so."""
    expect(page.get_by_role("region", name="Turn")).to_contain_text(text, timeout=SOON_MS)


def at_item(page: Page, number: int) -> None:
    expect(page.locator(f"#item-{number}")).to_have_attribute("aria-current", "step", timeout=SOON_MS)


def here(page: Page, count: int) -> None:
    expect(page.get_by_role("region", name="People")).to_contain_text(f"{count} here", timeout=SOON_MS)


def next_item(page: Page, number: int) -> None:
    pressed(page, "next_item")
    at_item(page, number)


def is_next(page: Page) -> None:
    """Wait until nothing is left in this item but to go on."""
    expect(page.locator("button.main[value=next_item]")).to_be_visible(timeout=SOON_MS)


def step(page: Page, title: str) -> None:
    expect(page.locator(".steps li[aria-current=step]")).to_contain_text(title, timeout=SOON_MS)


def set_item(page: Page, number: int, **fields: str) -> None:
    """Change an item in its form, fields by their name."""
    editing = page.locator("#edit-agenda")
    if editing.get_attribute("aria-pressed") != "true":
        editing.click()
    page.locator(f"#item-{number}").get_by_role("button", name=re.compile("^Change")).click()
    form = page.locator("#item-editor")
    expect(form).to_be_visible(timeout=SOON_MS)
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value == "on")
        else:
            field.fill(value)
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden(timeout=SOON_MS)
    editing.click()
    expect(editing).to_have_attribute("aria-pressed", "false")


def record(page: Page) -> Any:
    """End the meeting, and return its record."""
    end_meeting(page)
    expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)  # by itself
    return page.locator("#record")


def test_a_talking_round_of_nine_in_twelve_minutes(open_room: Rooms, server: Server) -> None:
    """One passes, one comes late; nobody is forgotten, and each has as long as the room has for all."""
    group = Group(server, ROUND)
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(380, 800))
    rest = ("Cai", "Dan", "Eli", "Fay", "Hal", "Ivo")
    for name in rest:
        group.come(name)
    here(ada, 8)
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    turn(ada, "8 people, 1:20 each")
    press(ada, "Start the round: Ada")
    turn(ada, "Your turn, Ada")
    turn(ben, "You are next")
    press(ada, "Next speaker")
    turn(ben, "Your turn, Ben")
    pressed(ben, "pass")
    turn(ben, "You passed")
    group.come("Kai")
    here(ada, 9)
    for name in rest:
        turn(ada, f"{name} is speaking")
        group.press(name, "next")
    turn(ada, "Kai is speaking")
    expect(ada.locator(".queue li")).to_have_count(9)
    expect(ada.locator("#ring .of")).to_have_text("of 1:10", timeout=SOON_MS)
    group.press("Kai", "next")
    turn(ada, "Everyone has had a turn")
    next_item(ada, 3)
    next_item(ada, 4)
    kept = record(ada)
    expect(kept).to_contain_text("Round")
    for name in ("Ada", "Ben", *rest, "Kai"):
        expect(kept).to_contain_text(name)


def test_a_case_clinic_of_thirty_minutes(open_room: Rooms, server: Server) -> None:
    """Its length is chosen in the form; the key question and the next step are written where they arise."""
    group = Group(server, CASE, ("Gus",))
    ada, ben = open_room("Ada"), open_room("Ben")
    here(ada, 3)
    set_item(ada, 2, turn="30")
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    turn(ada, "Whose case?")
    pick = ada.get_by_role("group", name="Whose case?")
    pick.get_by_role("button", name="Ben", exact=True).click()
    turn(ada, "One turn, about 30 min")
    pressed(ada, "next")
    step(ben, "The situation")
    expect(ada.locator("#ring .of")).to_have_text("of 4 min", timeout=SOON_MS)
    turn(ben, "You have the floor.")
    pressed(ben, "next_step")
    step(ben, "The key question")
    ben.get_by_role("textbox", name="Key question").fill("How do I say no?")
    turn(ada, "Key question: How do I say no?")  # saved by itself, while it is written
    pressed(ada, "next_step")
    step(ada, "Clarifying questions")
    turn(ada, "The others, one by one.")
    for name, seen_by_ada in (("Gus", "Now Gus."), ("Ada", "Now you.")):
        pressed(ada, "next")
        turn(ada, seen_by_ada)
        turn(ben, f"Now {name}.")
    pressed(ada, "next_step")
    step(ben, "Quiet writing")
    expect(ada.locator("#ring .of")).to_have_text("of 2 min", timeout=SOON_MS)  # two of thirty
    turn(ben, "Everybody is quiet")
    pressed(ada, "next_step")
    step(ben, "The group thinks aloud")
    turn(ben, "You listen, with your microphone off.")
    turn(ada, "The others talk; Ben listens.")
    pressed(ada, "next_step")
    step(ada, "Owner responds")
    pressed(ada, "next_step")
    step(ada, "next step")
    ada.get_by_role("textbox", name="Ben's next step").fill("Ask Gus for an hour")
    turn(ben, "Ben's next step: Ask Gus for an hour")
    pressed(ada, "next_step")
    step(ada, "What I learned")
    press(ada, "Finish the case")
    turn(ada, "Everyone has had a turn")
    next_item(ada, 3)
    kept = record(ada)
    expect(kept).to_contain_text("How do I say no?")
    expect(kept).to_contain_text("Ask Gus for an hour")
    group.clients["Gus"].get(f"/m/{server.house.meeting_id}")


def test_an_action_learning_set_that_goes_on_by_itself(open_room: Rooms, server: Server) -> None:
    """Three owners, five steps each; the first one's go by the clock alone."""
    group = Group(server, SET, ("Ben", "Gus"))
    ada = open_room("Ada")
    here(ada, 3)
    set_item(ada, 2, turn="0:50")
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    pick = ada.get_by_role("group", name="Whose case?")
    for number, name in enumerate(("Ben", "Gus", "Ada"), start=1):
        pick.get_by_role("button", name=name, exact=True).click()
        turn(ada, "One turn, about 1 min" if number == 1 else f"{number} people, 0:50 each")
    pressed(ada, "next")
    step(ada, "Present the problem")
    for title in ("Clarifying questions", "Helping questions", "Sum up"):
        step(ada, title)
    group.send("Ben", f"case/2/{group.id_of('Ben')}/question", text="What is it that I avoid?")
    turn(ada, "Key question: What is it that I avoid?")
    step(ada, "What will you do next?")
    group.send("Ben", f"case/2/{group.id_of('Ben')}/next_step", text="Say it on Monday")
    turn(ada, "turn 2 of 3")
    step(ada, "Present the problem")
    pressed(ada, "next_turn")
    turn(ada, "turn 3 of 3")
    turn(ada, "You have the floor.")
    pressed(ada, "next_turn")
    turn(ada, "Everyone has had a turn")
    next_item(ada, 3)
    kept = record(ada)
    expect(kept).to_contain_text("What is it that I avoid?")
    expect(kept).to_contain_text("Say it on Monday")


def groups_on(page: Page) -> list[set[str]]:
    return [set(names) for names in page.locator(".groups li").evaluate_all(NAMES)]


NAMES = "all => all.map(one => [...one.querySelectorAll('bdi')].map(name => name.textContent.trim()))"


def test_one_two_four_all(open_room: Rooms, server: Server) -> None:
    group = Group(server, FOURS, ("Cai", "Dan", "Eli", "Fay", "Hal", "Ivo"))
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    here(ada, 8)
    set_item(ada, 4, auto="")
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    next_item(ada, 3)
    press(ada, "Draw pairs")
    turn(ben, "You are with ")
    expect(ada.locator(".groups li")).to_have_count(4)
    assert sorted(map(len, groups_on(ada))) == [2, 2, 2, 2]
    pairs = groups_on(ada)
    next_item(ada, 4)
    press(ada, "Draw groups")
    expect(ben.locator(".groups li")).to_have_count(2, timeout=SOON_MS)
    fours = groups_on(ada)
    assert sorted(map(len, fours)) == [4, 4]
    assert not any(pair <= four for pair in pairs for four in fours)
    next_item(ada, 5)
    press(ben, "Raise my hand")
    group.press("Cai", "raise_hand", person=group.id_of("Cai"))
    turn(ben, "You are next")
    pressed(ada, "next")
    turn(ben, "Your turn, Ben")
    press(ben, "Next speaker")
    turn(ada, "Cai is speaking")
    next_item(ada, 6)
    expect(record(ada)).to_contain_text("In fours")


def test_troika_consulting(open_room: Rooms, server: Server) -> None:
    """Five people are a trio and a pair; each has a time with its steps."""
    Group(server, TRIOS, ("Cai", "Dan", "Eli"))
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700), color_scheme="dark")
    here(ada, 5)
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    next_item(ada, 3)
    press(ada, "Draw trios")
    expect(ben.locator(".groups li")).to_have_count(2, timeout=SOON_MS)
    assert sorted(map(len, groups_on(ada))) == [2, 3]
    press(ada, "Start the turns")
    turn(ben, "turn 1 of 3")
    step(ben, "Tell")
    pressed(ada, "next_step")
    step(ben, "Questions")
    for number in (2, 3):
        pressed(ada, "next_turn")
        turn(ben, f"turn {number} of 3")
        step(ada, "Tell")
    pressed(ada, "next_turn")
    is_next(ada)
    next_item(ada, 4)
    next_item(ada, 5)
    expect(record(ada)).to_contain_text("Trios")


def test_a_structured_dialogue_of_ninety_minutes_shortened(open_room: Rooms, server: Server) -> None:
    Group(server, DIALOGUE, ("Ben", "Cai"))
    ada = open_room("Ada")
    here(ada, 3)
    set_item(ada, 3, minutes="2", turn="0:20")
    set_item(ada, 6, minutes="2", turn="0:20")
    press(ada, "Start the meeting")
    at_item(ada, 1)
    next_item(ada, 2)
    for number, after in ((3, 4), (6, 7)):
        next_item(ada, number)
        turn(ada, "3 people, 0:20 each")
        for place in (1, 2, 3):
            pressed(ada, "next")
            turn(ada, f"turn {place} of 3")
            expect(ada.locator("#ring .of")).to_have_text(re.compile("0:20|your turn"), timeout=SOON_MS)
        pressed(ada, "next")
        turn(ada, "Everyone has had a turn")
        next_item(ada, after)
        if after == 4:
            press(ada, "Draw pairs")
            turn(ada, "3 people, ")  # three are one group
            for place in (1, 2, 3):
                pressed(ada, "next")
                turn(ada, f"turn {place} of 3")
            pressed(ada, "next")
            is_next(ada)
            next_item(ada, 5)
    next_item(ada, 8)
    kept = record(ada)
    expect(kept).to_contain_text("Ground rules")
    expect(kept).to_contain_text("Pair talk")


def test_a_dialogue_whose_facilitator_is_gone_for_good_at_half_time(open_room: Rooms, server: Server) -> None:
    """After a minute without her another takes over, and the dialogue comes to its end."""
    group = Group(server, FREE_DIALOGUE, ("Gus",))
    ada, ben = open_room("Ada"), open_room("Ben")
    here(ben, 3)
    press(ada, "Start the meeting")
    at_item(ben, 1)
    for number in (2, 3, 4):
        next_item(ada, number)
    press(ada, "Draw pairs")
    turn(ben, "You are with ")
    next_item(ada, 5)
    at_item(ben, 5)
    ada.context.close()
    take_over = ben.get_by_role("button", name="Run the meeting")
    expect(take_over).to_be_visible(timeout=120_000)
    take_over.click()
    group.press("Gus", "raise_hand", person=group.id_of("Gus"))
    expect(ben.locator("button.main[value=next]")).to_be_visible()  # it was the next item's a moment ago
    next_item(ben, 6)
    next_item(ben, 7)
    pressed(ben, "next")
    turn(ben, "turn 1 of ")
    next_item(ben, 8)
    expect(record(ben)).to_contain_text("Ada")
