"""What a press does that was a mistake: every press says so here, and a new one has to.

HARMLESS: nothing is lost, or it can simply be set again. ASKS: the page asks first. Else the name of the
press that undoes it, which whoever pressed has in view.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ementor.archive import views as archive_views
from ementor.meetings import presses
from ementor.meetings.cards.agenda import agenda as agenda_card
from ementor.meetings.domain.run import (
    Close,
    Command,
    EnterItem,
    Extend,
    Next,
    NextItem,
    Pass,
    RemoveItem,
    Run,
    SkipItem,
    SpreadOver,
    StayLonger,
)
from ementor.series import presses as series
from ementor.series import views as series_views
from tests.support.runs import item, planned, run_after, started
from tests.unit.test_stage import LEADER, stage, view_of

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
HARMLESS, ASKS = "harmless", "asks"

ROOM = {
    # the course of the meeting
    "start": HARMLESS,
    "start_short": "undo_plan",
    "next_item": "back",
    "enter_item": "back",
    "back": HARMLESS,
    "end": ASKS,  # and reopen takes it back for a minute
    "reopen": "end",
    "go_on": HARMLESS,
    "free_talk": ASKS,
    "reveal": ASKS,
    # turns
    "next": "back",
    "next_step": "back",
    "next_turn": "back",
    "time_up": "back",
    "pass": "back",
    "postpone": "back",
    "give_word": "back",
    "use_turn_length": HARMLESS,
    "raise_hand": "lower_hand",
    "lower_hand": "raise_hand",
    "shuffle": HARMLESS,
    "draw_owners": HARMLESS,
    "name_owner": "unname_owner",
    "unname_owner": "name_owner",
    "draw_pairs": HARMLESS,
    "swap_pair": HARMLESS,
    # the clock and the plan
    "pause": "resume",
    "resume": "pause",
    "plus_minute": "minus_minute",
    "minus_minute": "plus_minute",
    "plus_five": "minus_minute",
    "spread_over": "undo_plan",
    "stay_longer": "undo_plan",
    "drop_item": "undo_plan",
    "take_break": "undo_plan",
    "refuse_break": HARMLESS,
    "undo_plan": HARMLESS,
    # the agenda
    "add_item": "remove_item",
    "add_wish": "remove_item",
    "change_item": HARMLESS,
    "set_times": HARMLESS,
    "remove_item": "restore_item",
    "restore_item": "remove_item",
    "skip_item": "unskip_item",
    "unskip_item": "skip_item",
    "move_item": HARMLESS,
    "up": "down",
    "down": "up",
    # people
    "let_in": "remove_person",
    "refuse": ASKS,
    "remove_person": ASKS,
    "make_facilitator": ASKS,
    "hand_over": ASKS,
    "give_up": ASKS,
    "take_over": "give_up",
    "give_role": HARMLESS,
    "rotate_link": ASKS,
}
GROUP = {
    "prepare": HARMLESS,
    "open_room": ASKS,
    "cancel_meeting": ASKS,
    "let_in": "remove_person",
    "refuse": ASKS,
    "willing": HARMLESS,
    "swap": "decline_swap",
    "accept_swap": "swap",
    "decline_swap": HARMLESS,  # whoever asked may ask again
    "give_duty": "swap",
    "duty_rule": HARMLESS,
    "take_over": ASKS,
    "go_on": "skip",
    "promise": HARMLESS,  # pressed again it is taken back
    "promise_mine": HARMLESS,
    "wish": "wish_delete",
    "wish_show": HARMLESS,
    "wish_delete": ASKS,
    "wish_bring": "remove_item",
    "task": HARMLESS,
    "cannot_come": "can_come",
    "can_come": "cannot_come",
    "away": HARMLESS,
}
OTHER_PAGES = {
    "add": "skip",
    "save": HARMLESS,  # of a date: another agenda replaces a prepared one only where a box is ticked
    "skip": "put_back",
    "cancel": "put_back",
    "put_back": "skip",
    "zone": HARMLESS,
    "meetings": HARMLESS,
    "again": HARMLESS,
    "on": HARMLESS,
    "others": HARMLESS,
    "remove": ASKS,
    "rotate": ASKS,
    "end": HARMLESS,  # "Sign out for good", beside the undo of "Not me"
}
ASK_WITHOUT_A_NAME = {
    "accounts/devices.html": ('name="everywhere"', 'name="device"'),
    "meetings/_invite_sheet.html": ('class="btn text out"',),
}
"""Presses of other forms that cannot be taken back."""
NOTHING_IS_LOST = {("acts.py", "free_talk")}
"""There it is shown once the agenda is over, and has what follows below it."""


def buttons_in(text: str) -> list[str]:
    return re.findall(r"<button\b.*?</button>", text, re.DOTALL)


def test_every_press_says_how_it_is_taken_back() -> None:
    assert {archive_views.end, series_views.add_wish}  # the features have registered theirs
    assert set(ROOM) == set(presses.ACTIONS)
    assert set(GROUP) == set(series.PRESSES)
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    named = {name for text in texts for name in re.findall(r'name="press" value="(\w+)"', text)}
    assert named <= set(ROOM) | set(GROUP) | set(OTHER_PAGES)


def test_what_takes_back_is_a_press_too() -> None:
    known = {*ROOM, *GROUP, *OTHER_PAGES}
    said = {*ROOM.values(), *GROUP.values(), *OTHER_PAGES.values()}
    assert said - {HARMLESS, ASKS} <= known


def test_every_button_that_cannot_be_taken_back_asks_first() -> None:
    asked, silent = set(), []
    for path in sorted(TEMPLATES.rglob("*.html")):
        folder = path.parent.name
        table = GROUP | OTHER_PAGES if folder in {"series", "groups", "accounts"} else ROOM
        for one in buttons_in(path.read_text()):
            name = next(iter(re.findall(r'name="press" value="(\w+)"', one)), "")
            if table.get(name, ROOM.get(name)) != ASKS or path.name == "base.html":
                continue
            asked.add(name)
            if "data-confirm=" not in one:
                silent.append(f"{path.name}: {name}")
    for path in sorted((ROOT / "ementor/meetings/cards").glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Button" or not call.args:
                continue
            name = getattr(call.args[0], "value", "")
            if ROOM.get(name) != ASKS or (path.name, name) in NOTHING_IS_LOST:
                continue
            asked.add(name)
            if "confirm" not in {one.arg for one in call.keywords}:
                silent.append(f"{path.name}: {name}")
    asked |= {"wish_delete"}  # by its macro
    assert 'asks=_("Delete this wish?")' in (TEMPLATES / "series/_wishes.html").read_text()
    assert not silent
    assert asked == {name for table in (ROOM, GROUP, OTHER_PAGES) for name in table if table[name] == ASKS}


@pytest.mark.parametrize(("page", "buttons"), ASK_WITHOUT_A_NAME.items())
def test_other_forms_ask_too(page: str, buttons: tuple[str, ...]) -> None:
    for marked in buttons:
        found = [one for one in buttons_in((TEMPLATES / page).read_text()) if marked in one]
        assert found
        assert all("data-confirm=" in one for one in found)


ROUND = started(item("round", 10, "Round"), item("open", 10, "Talk"), item("open", 10, "More"))
LATE = run_after(started(item("open", 10), item("open", 20), item("open", 10)), (700, Extend(60)))
IN_VIEW: list[tuple[Run, Command, str]] = [
    (ROUND, Next(), "back"),
    (run_after(ROUND, (10, Next())), Pass(), "back"),
    (ROUND, NextItem(), "back"),
    (ROUND, EnterItem(3), "back"),
    (ROUND, SkipItem(3), "unskip_item"),
    (ROUND, RemoveItem(3), "restore_item"),
    (planned(item("open", 10), item("open", 5)), RemoveItem(1), "restore_item"),
    (ROUND, Close(), "reopen"),
    (LATE, SpreadOver(), "undo_plan"),
    (LATE, StayLonger(), "undo_plan"),
]


@pytest.mark.parametrize(("run", "command", "undo"), IN_VIEW)
def test_the_undo_is_in_view_for_whoever_pressed(run: Run, command: Command, undo: str) -> None:
    def has_undo(shown: Run) -> bool:
        view = view_of(shown, LEADER, seconds=760)
        agenda = agenda_card(replace(view, editing=True))
        plan_undo = agenda.offers.undo if agenda.offers else None
        by_the_card = {"restore_item": agenda.removed is not None, "undo_plan": plan_undo is not None}
        cards = repr((stage(shown, LEADER, seconds=760), agenda))
        return by_the_card.get(undo, f"name={undo!r}" in cards)

    assert undo == "back" or not has_undo(run)  # what was before can be gone back to already
    assert has_undo(run_after(run, (750, command)))
