"""What is told to those who hear the room: a listener, the speaker, the facilitator, each their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Rooms
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.pages import alive
from tests.support.people import shown

LISTEN = """() => {
  if (window.heard) return
  window.heard = []
  const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]"
  new MutationObserver((changes) => {
    const told = new Set()
    for (const { target } of changes) {
      const one = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target).closest?.(live)
      if (one?.checkVisibility({ visibilityProperty: true })) told.add(one)
    }
    for (const one of told) {
      const text = one.textContent.replace(/\\s+/g, " ").trim()
      if (text) window.heard.push(text)
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })
}"""
NOTHING: list[str] = []
Press = Callable[..., None]


class Ears:
    """People in a room, and what each page has told since one last asked."""

    def __init__(self, server: Server, **pages: Page) -> None:
        self.server, self.pages = server, pages
        for page in pages.values():
            expect(page.locator("#notes .saved")).to_have_text("Saved")
            page.evaluate(LISTEN)

    def press(self, who: str, name: str, **values: Any) -> None:
        """Press a button as somebody does on a page of their own."""
        client, path = self.server.client_for(who), f"/m/{self.server.house.meeting_id}"
        seen = self.pages[who].locator("#run").get_attribute("data-number")
        answer = client.post(f"{path}/press", data={"press": name, "seen": seen, **values})
        assert answer.status_code == 303, answer.text

    def hear(self, *, away: str = "", **expected: list[str]) -> None:
        """Wait until each has heard just this since the last time; who is ``away`` is not asked."""
        here = {name: page for name, page in self.pages.items() if name != away}
        wanted = {name: expected.get(name, expected.get("all", NOTHING)) for name in here}

        def heard() -> dict[str, list[str]]:
            return {name: page.evaluate("window.heard") for name, page in here.items()}

        with suppress(pytest.fail.Exception):
            wait_until(lambda: heard() == wanted, "all to have heard it")
        assert heard() == wanted
        for page in here.values():
            page.evaluate("window.heard = []")


@pytest.fixture
def add(server: Server) -> Callable[..., int]:
    """``add("pairs", "Walk", 6)``: an item at the end of the agenda; returns its id."""

    def add(mode: str, title: str, minutes: int, **settings: Any) -> int:
        client, path = server.client_for("Ada"), f"/m/{server.house.meeting_id}"
        form = {"press": "add_item", "mode": mode, "title": title, "minutes": minutes, **settings}
        assert client.post(f"{path}/press", data=form).status_code == 303
        return max(map(int, re.findall(r'id="item-(\d+)"', shown(client.get(path)))))

    return add


def test_a_round_is_heard(open_room: Rooms, server: Server, add: Callable[..., int]) -> None:
    talk, round_item, later = (
        add("open", "Talk", 5),
        add("round", "Check-in", 12),
        add("round", "Check-out", 12),
    )
    pages = {name: open_room(name) for name in ("Ada", "Ben", "Gus")}
    ears = Ears(server, **pages)
    ears.press("Ada", "start")
    first = pages["Ada"].locator("#plan [aria-current=step] h3").inner_text()
    ears.hear(all=[f"The meeting is under way. Now: {first}"])
    ears.press("Ada", "enter_item", item=talk)
    ears.hear(all=["Now: Talk"])
    ears.press("Ben", "raise_hand", person=server.house.person("Ben").id)
    ears.hear(Ada=["Ben would like to speak"], Ben=["You are next"])
    ears.press("Ben", "lower_hand", person=server.house.person("Ben").id)
    ears.press("Ada", "enter_item", item=round_item)
    ears.hear(Ada=["Now: Check-in. You are next"], Ben=["Now: Check-in"], Gus=["Now: Check-in"])
    ears.press("Ada", "next")
    ears.hear(
        Ada=["It is your turn"],
        Ben=["Ada is speaking. You are next"],
        Gus=["Ada is speaking"],
    )
    ears.press("Ada", "next")
    ears.hear(
        Ada=["Ben is speaking"],
        Ben=["It is your turn"],
        Gus=["Ben is speaking. You are next"],
    )
    ears.press("Ada", "pause")
    ears.hear(all=["Paused"])
    ears.press("Ada", "resume")
    ears.hear(all=["The clock is running"])
    ears.press("Ada", "plus_minute")
    ears.hear(all=["The total time is now 4:50"])
    for time in ("3:50", "2:50", "1:50"):
        ears.press("Ada", "minus_minute")
        ears.hear(all=[f"The total time is now {time}"])
    ears.press("Ada", "minus_minute")  # the time that is left is the speaker's and the facilitator's business
    ears.hear(
        Ada=["The total time is now 0:50. 1 minute left"],
        Ben=["The total time is now 0:50. 1 minute left"],
        Gus=["The total time is now 0:50"],
    )
    # A turn that comes back is heard again; who is away meanwhile hears how things stand, once.
    pages["Gus"].context.set_offline(True)
    expect(pages["Gus"].locator("#line")).to_be_visible(timeout=60_000)
    ears.press("Ada", "back")
    ears.hear(Ada=["It is your turn"], Ben=["Ada is speaking. You are next"], away="Gus")
    ears.press("Ada", "next")
    ears.hear(Ada=["Ben is speaking"], Ben=["It is your turn"], away="Gus")
    ears.press("Ada", "pause")
    ears.hear(Ada=["Paused"], Ben=["Paused"], away="Gus")
    pages["Gus"].context.set_offline(False)
    alive(pages["Gus"])
    ears.hear(Gus=["Paused. The total time is now 3:50"])
    ears.press("Ada", "next")
    ears.hear(
        Ada=["Gus is speaking. The clock is running"],
        Ben=["Gus is speaking. The clock is running"],
        Gus=["It is your turn. The clock is running"],
    )
    ears.press("Gus", "next")
    ears.hear(all=["Everyone has had a turn"])
    ears.press("Ada", "change_item", item=later, mode="round", title="Farewell", minutes=12)
    ears.hear(all=["The agenda has changed"])
    pages["Ben"].reload()  # who just came hears nothing old
    ears = Ears(server, **pages)
    ears.press("Ada", "enter_item", item=later)
    ears.hear(Ada=["Now: Farewell. You are next"], Ben=["Now: Farewell"], Gus=["Now: Farewell"])


def test_a_case_is_heard(open_room: Rooms, server: Server, add: Callable[..., int]) -> None:
    case = add("case", "Case", 20)
    ears = Ears(server, **{name: open_room(name) for name in ("Ada", "Ben", "Gus")})
    ears.press("Ada", "start")
    ears.hear(all=["The meeting is under way. Now: Welcome and how this meeting goes"])
    ears.press("Ada", "enter_item", item=case)
    ears.hear(all=["Now: Case"])
    ears.press("Ada", "name_owner", person=server.house.person("Ben").id)
    ears.hear(Ben=["You are next"])

    def step(title: str, *, Ada: str, Ben: str, Gus: str) -> None:  # noqa: N803 - people
        ears.press("Ada", "next")
        ears.hear(Ada=[title + Ada], Ben=[title + Ben], Gus=[title + Gus])

    speaks = {"Ada": "Ben has the floor", "Ben": "You have the floor", "Gus": "Ben has the floor"}
    quiet = "Everybody is quiet and writes for themselves"
    asked = {"Ada": "The others, one by one", "Ben": "The others, one by one. You answer"}
    step("The situation. ", **speaks)
    step("The key question. ", **speaks)
    step("Clarifying questions, one at a time. ", **asked, Gus="The others, one by one. You are next")
    step("", Ada="Now Gus. You are next", Ben="Now Gus. You answer", Gus="Now you")
    step("", Ada="Now you", Ben="Now Ada. You answer", Gus="Now Ada")
    step("Quiet writing. ", Ada=quiet, Ben=quiet, Gus=quiet)
    talk = "The others talk; Ben listens"
    alone = "You listen, with your microphone off"
    step("The group thinks aloud, owner listens muted. ", Ada=talk, Ben=alone, Gus=talk)
    step("Owner responds: what landed? ", **speaks)
    step("Owner's next step. ", **speaks)
    step("What I learned for my own work. ", **asked, Gus="The others, one by one. You are next")
    step("", Ada="Now Gus. You are next", Ben="Now Gus. You answer", Gus="Now you")
    step("", Ada="Now you", Ben="Now Ada. You answer", Gus="Now Ada")
    over = "Everyone has had a turn"
    step("", Ada=over, Ben=over, Gus=over)


def test_pairs_quiet_writing_and_the_end_are_heard(
    open_room: Rooms, server: Server, add: Callable[..., int]
) -> None:
    pairs, writing = add("pairs", "Walk", 6), add("writing", "Letter", 5)
    pages = {name: open_room(name) for name in ("Ada", "Ben", "Gus")}
    ears = Ears(server, **pages)
    ears.press("Ada", "start")
    ears.hear(all=["The meeting is under way. Now: Welcome and how this meeting goes"])
    ears.press("Ada", "enter_item", item=pairs)
    ears.hear(all=["Now: Walk"])
    ears.press("Ada", "draw_pairs")
    expect(pages["Ada"].locator("#news [data-key^=with-]")).to_be_attached()
    key = pages["Ada"].locator("#news [data-key^=with-]").get_attribute("data-key") or ""
    by_id = {str(server.house.person(name).id): name for name in pages}
    order = [by_id[one] for one in key.split("-")[2:]]  # as they were drawn
    others = {name: " and ".join(one for one in order if one != name) for name in pages}
    ears.hear(**{name: [f"You are with {whom}"] for name, whom in others.items()})
    ears.press("Ada", "enter_item", item=writing)
    ears.hear(all=["Now: Letter. Everybody is quiet and writes for themselves"])
    late = open_room("Zoe")
    ears.hear(all=["Zoe has joined"])
    ears.pages["Zoe"] = late
    ears = Ears(server, **ears.pages)
    ears.press("Ada", "reveal")
    ears.hear(all=["The answers are shown to everyone"])
    ears.press("Ada", "end")
    ears.hear(all=["The meeting has ended"])
    ears.press("Ada", "reopen")
    ears.hear(all=["The meeting is under way. Now: Letter. Everybody is quiet and writes for themselves"])
