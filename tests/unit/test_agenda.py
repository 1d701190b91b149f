"""Items and time boxes, and editing them before and during a meeting."""

import json

import pytest

from ementor.meetings.domain import times
from ementor.meetings.domain.agenda import (
    MAX_ITEMS,
    MAX_MINUTES,
    MAX_PROMPT,
    MAX_TITLE,
    MIN_CLOCK_S,
    Mode,
    item_from_data,
    item_to_data,
    turn_seconds,
)
from ementor.meetings.domain.run import (
    AddItem,
    Back,
    ChangeItem,
    EnterItem,
    MoveItem,
    NextItem,
    PlanAgenda,
    Refusal,
    RemoveItem,
    RestoreItem,
    Run,
    SkipItem,
    Start,
    UnskipItem,
    decide,
)
from tests.support.runs import after, item, planned, run_after, why_not

ABCD = planned(item(title="A"), item(title="B"), item(title="C"), item(title="D"))
IN_B = run_after(ABCD, (0, Start()), (1, NextItem()))
TALK = {"": "More talk"}


def titles(run: Run) -> str:
    return "".join(each.title[""] for each in run.agenda)


def add(title: str = "E", mode: Mode = Mode.OPEN, minutes: int = 5, place: int | None = None) -> AddItem:
    return AddItem(mode, {"": title}, {}, minutes, place)


# The table of the domain document: minutes, then seconds for 4, 5, 6, 8, 9 and 12 people.
@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [
        (8, [110, 86, 70, 50, 43, 30]),
        (9, [125, 98, 80, 57, 50, 35]),
        (10, [140, 110, 90, 65, 56, 40]),
        (12, [170, 134, 110, 80, 70, 50]),
        (15, [215, 170, 140, 102, 90, 65]),
        (18, [260, 206, 170, 125, 110, 80]),
        (24, [350, 278, 230, 170, 150, 110]),
    ],
)
def test_the_minutes_less_the_hand_overs_are_shared_equally(minutes, seconds):
    assert [turn_seconds(minutes * 60, people) for people in (4, 5, 6, 8, 9, 12)] == seconds


def test_a_turn_is_never_shorter_than_a_clock_can_be():
    assert turn_seconds(60, 30) == MIN_CLOCK_S
    assert turn_seconds(60, 0) == 50


def test_items_are_numbered_as_they_stand():
    assert [each.id for each in ABCD.agenda] == [1, 2, 3, 4]


def test_an_item_is_the_same_after_json():
    one = item("case", 25, "Ääni 🎧 שלום <script>")
    assert item_from_data(json.loads(json.dumps(item_to_data(one)))) == one


def test_an_item_kept_by_an_older_version_can_be_read():
    assert item_from_data({"id": 1, "mode": "open", "title": {"": "A"}, "minutes": 5}).prompt == {}


# Adding.


def test_a_new_item_comes_last():
    assert titles(run_after(ABCD, (0, add()))) == "ABCDE"


def test_a_new_item_comes_before_a_closing_reflection_that_is_still_to_come():
    run = planned(item(title="A"), item("reflection", title="Z"))
    assert titles(run_after(run, (0, add()))) == "AEZ"
    run = run_after(run, (0, Start()), (1, NextItem()), (2, add()))
    assert titles(run) == "AZE"


def test_a_new_item_can_be_put_anywhere_among_those_to_come():
    assert titles(run_after(ABCD, (0, add(place=0)))) == "EABCD"
    assert titles(run_after(IN_B, (2, add(place=0)))) == "ABECD"
    assert titles(run_after(IN_B, (2, add(place=3)))) == "ABCED"
    assert titles(run_after(IN_B, (2, add(place=99)))) == "ABCDE"
    assert titles(run_after(IN_B, (2, add(place=-1)))) == "ABECD"


def test_an_item_added_in_the_last_one_comes_after_it():
    run = run_after(IN_B, (2, NextItem()), (3, NextItem()), (4, add(place=0)))
    assert titles(run) == "ABCDE"
    assert run.next_item == run.agenda[4]


def test_an_id_is_never_given_twice():
    run = run_after(ABCD, (0, RemoveItem(4)), (1, add()))
    assert run.agenda[-1].id == 5


def test_there_is_a_largest_agenda():
    full = planned(*[item()] * MAX_ITEMS)
    assert why_not(full, (0, add())) is Refusal.TOO_MANY
    assert why_not(full, (0, RemoveItem(3)), (1, add()), (2, RestoreItem())) is Refusal.TOO_MANY
    assert why_not(Run(), (0, PlanAgenda((item(),) * (MAX_ITEMS + 1)))) is Refusal.TOO_MANY


@pytest.mark.parametrize("title", [{}, {"": ""}, {"": "  \t "}, {"fi": "", "en": ""}])
def test_an_item_has_a_title(title):
    assert why_not(ABCD, (0, AddItem(Mode.OPEN, title, {}, 5))) is Refusal.EMPTY
    assert why_not(ABCD, (0, ChangeItem(1, title=title))) is Refusal.EMPTY


@pytest.mark.parametrize("minutes", [0, -5, MAX_MINUTES + 1, 600])
def test_minutes_have_limits(minutes):
    assert why_not(ABCD, (0, add(minutes=minutes))) is Refusal.MINUTES
    assert why_not(ABCD, (0, ChangeItem(1, minutes=minutes))) is Refusal.MINUTES
    assert why_not(Run(), (0, PlanAgenda((item(minutes=minutes),)))) is Refusal.MINUTES


def test_words_have_limits():
    long = "x" * MAX_TITLE
    assert why_not(ABCD, (0, add(title=long))) is None
    assert why_not(ABCD, (0, add(title=long + "x"))) is Refusal.TOO_LONG
    assert why_not(ABCD, (0, ChangeItem(1, title={"fi": "A", "sv": long + "x"}))) is Refusal.TOO_LONG
    assert why_not(ABCD, (0, ChangeItem(1, prompt={"": "x" * (MAX_PROMPT + 1)}))) is Refusal.TOO_LONG


# Changing.


def test_only_what_is_given_changes():
    run = run_after(ABCD, (0, ChangeItem(2, title=TALK)), (1, ChangeItem(2, minutes=7, mode=Mode.PAIRS)))
    changed = run.agenda[1]
    assert (changed.title, changed.minutes, changed.mode, changed.prompt) == (TALK, 7, Mode.PAIRS, {})


def test_a_change_to_the_same_changes_nothing():
    same = ChangeItem(2, mode=Mode.OPEN, title={"": "B"}, prompt={}, minutes=10)
    assert decide(ABCD, same, after(1)) == []


def test_the_words_of_what_was_done_can_be_put_right_and_not_its_time():
    assert why_not(IN_B, (2, ChangeItem(1, title=TALK, minutes=10))) is None
    assert why_not(IN_B, (2, ChangeItem(1, minutes=9))) is Refusal.DONE
    assert why_not(IN_B, (2, ChangeItem(1, mode=Mode.ROUND))) is Refusal.DONE


def test_changing_a_skipped_item_leaves_it_skipped():
    run = run_after(ABCD, (0, SkipItem(3)), (1, ChangeItem(3, minutes=7)))
    assert run.agenda[2].skipped
    assert times.rest_s(run) == 30 * 60


# Moving.


def test_before_the_start_everything_moves():
    assert titles(run_after(ABCD, (0, MoveItem(4, 0)))) == "DABC"
    assert titles(run_after(ABCD, (0, MoveItem(1, 2)))) == "BCAD"
    assert titles(run_after(ABCD, (0, MoveItem(1, 99)))) == "BCDA"


def test_during_the_meeting_items_move_among_those_to_come():
    assert titles(run_after(IN_B, (2, MoveItem(4, 2)))) == "ABDC"
    assert titles(run_after(IN_B, (2, MoveItem(4, 0)))) == "ABDC"
    assert titles(run_after(IN_B, (2, MoveItem(3, 3)))) == "ABDC"


def test_moving_an_item_to_where_it_is_changes_nothing():
    assert decide(ABCD, MoveItem(2, 1), after(1)) == []
    assert decide(IN_B, MoveItem(3, 0), after(2)) == []


def test_an_item_jumped_over_can_still_be_moved_down():
    run = run_after(ABCD, (0, Start()), (1, EnterItem(3)), (2, MoveItem(2, 3)))
    assert titles(run) == "ACDB"


@pytest.mark.parametrize("command", [MoveItem(1, 3), MoveItem(2, 3), RemoveItem(1), RemoveItem(2)])
def test_what_is_done_or_under_way_stays_where_it_is(command):
    assert why_not(IN_B, (2, command)) is Refusal.DONE


# Removing, with undo.


def test_what_was_removed_can_be_put_back_where_it_was():
    run = run_after(ABCD, (0, RemoveItem(2)), (1, RemoveItem(3)))
    assert titles(run) == "AD"
    run = run_after(run, (2, RestoreItem()), (3, RestoreItem()))
    assert titles(run) == "ABCD"
    assert why_not(run, (4, RestoreItem())) is Refusal.NOTHING_TO_UNDO


def test_what_is_put_back_later_is_still_to_come():
    run = run_after(ABCD, (0, RemoveItem(1)), (1, Start()), (2, NextItem()), (3, RestoreItem()))
    assert titles(run) == "BCAD"


def test_an_item_that_back_has_left_can_be_removed():
    run = run_after(IN_B, (2, Back()), (3, RemoveItem(2)))
    assert titles(run) == "ACD"


@pytest.mark.parametrize(
    "command",
    [ChangeItem(9, minutes=5), MoveItem(9, 0), RemoveItem(9), SkipItem(9), UnskipItem(9), EnterItem(9)],
)
def test_an_item_that_has_gone_is_refused_by_name(command):
    assert why_not(IN_B, (2, command)) is Refusal.GONE


def test_removing_twice_is_refused():
    assert why_not(ABCD, (0, RemoveItem(2)), (1, RemoveItem(2))) is Refusal.GONE
