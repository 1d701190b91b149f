"""The cards beside the turn: what an item is for, what is offered about time, the people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ementor.meetings.cards.agenda import Agenda, Offers
from ementor.meetings.cards.agenda import agenda as agenda_card
from ementor.meetings.cards.people import Gathering, people
from ementor.meetings.domain.run import Next, RemoveItem, Run, SetTimes
from tests.support.runs import ADA, BEN, after, item, planned, run_after, started
from tests.unit.test_stage import LEADER, MEMBER, view_of

PROMPTS = {
    "How did it go?": "How did it go?",
    "Read the ground rules. What else do you need?": "Read the ground rules.",
    "Kerro esim. yksi hetki. Muut kuuntelevat.": "Kerro esim. yksi hetki.",
    "  Two lines\nof which the first is enough. ": "Two lines",
    "Wait… Then speak.": "Wait…",
    "3.5 minutes each. Then all.": "3.5 minutes each.",
    "": "",
}


@pytest.mark.parametrize(("prompt", "shown"), PROMPTS.items())
def test_an_item_says_what_it_is_for_in_the_first_sentence_of_its_prompt(prompt: str, shown: str) -> None:
    one = replace(item("round", 10), prompt={"": prompt})
    rest = replace(item("break", 5), prompt={"": prompt})
    lines = agenda_card(view_of(planned(one, rest), MEMBER)).lines
    assert [line.about for line in lines] == [shown, ""]  # a break says it all


def late(minutes: float, run: Run | None = None) -> Offers:
    """Return what is offered so many minutes over the plan of twenty."""
    run = run or started(item("open", 10), item("open", 10))
    offered = agenda_card(view_of(run, LEADER, seconds=(10 + minutes) * 60)).offers
    assert offered is not None
    return offered


def test_the_ways_out_are_folded_while_little_is_late_and_show_themselves_when_it_matters() -> None:
    states = {minutes: (late(minutes).folded, late(minutes).shown) for minutes in (0, 2, 4, 5, 8)}
    nothing, folded, shown = (False, False), (True, False), (False, True)
    assert states == {0: nothing, 2: folded, 4: folded, 5: shown, 8: shown}
    assert [one.folds for one in late(2).offers][:1] == [True]
    assert not any(one.folds for one in late(2).offers[1:])  # a break, an item that has run long


def test_an_end_that_people_leave_at_is_offered_at_once() -> None:
    run = started(item("open", 10), item("open", 10))
    run = run_after(run, (1, SetTimes(None, after(20 * 60))))
    assert (late(2, run).folded, late(2, run).shown) == (False, True)


def removed(*presses: object) -> Agenda:
    run = planned(item("open", 5, "One"), item("open", 5, "Two"), item("open", 5, "Three"))
    return agenda_card(view_of(run_after(run, *presses), LEADER))  # type: ignore[arg-type]


@pytest.mark.parametrize(("item_id", "place"), [(1, 0), (2, 1), (3, 2)])
def test_a_deletion_is_undone_where_the_item_stood(item_id: int, place: int) -> None:
    card = removed((1, RemoveItem(item_id)))
    assert (card.removed_from, card.removed) == (place, ("One", "Two", "Three")[place])


def test_each_person_has_one_way_in_and_members_only_their_own() -> None:
    view = view_of(run_after(started(item("round", 10)), (1, Next())), LEADER)
    seen = Gathering(7, tuple(view.people.values()), LEADER, started=True, closed=False, waiting=())
    assert all(row.more for row in people(seen).rows)
    assert people(seen).invites
    mine = people(replace(seen, viewer=MEMBER))
    assert [row.person.id for row in mine.rows if row.more] == [BEN]
    assert not mine.invites
    assert ADA in {row.person.id for row in mine.rows}
