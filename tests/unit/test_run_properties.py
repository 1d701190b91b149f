"""What always holds, whatever is pressed by whomever, whenever, also with the clock set back."""

import json
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ementor.meetings.domain import floor, lengths, times
from ementor.meetings.domain.agenda import (
    MAX_ITEMS,
    CaseField,
    Item,
    ItemSettings,
    Mode,
    Step,
    StepSpeaker,
    least_turn_s,
    step_lengths_s,
    turn_length_s,
)
from ementor.meetings.domain.offers import offers
from ementor.meetings.domain.run import (
    AddItem,
    AskIdle,
    Back,
    ChangeItem,
    Close,
    Command,
    DrawPairs,
    DropItem,
    EnterItem,
    Event,
    Extend,
    FreeTalk,
    GiveRole,
    GiveWord,
    GoOn,
    Keep,
    Kind,
    LowerHand,
    MoveItem,
    NameOwners,
    Next,
    NextItem,
    NextStep,
    NextTurn,
    Pass,
    Pause,
    PersonCame,
    PersonLeft,
    PlanAgenda,
    Postpone,
    RaiseHand,
    RefuseBreak,
    Refused,
    RemoveItem,
    Reopen,
    RestoreItem,
    Resume,
    Reveal,
    Role,
    Run,
    SetTimes,
    Shuffle,
    SkipItem,
    SpreadOver,
    Start,
    StartShort,
    StayLonger,
    SwapPair,
    TakeBreak,
    TimeUp,
    Touch,
    UndoPlan,
    UnskipItem,
    UseTurnLength,
    decide,
    evolve,
    overtaken,
    replay,
)
from ementor.meetings.domain.shorten import least_s
from ementor.meetings.domain.state import MAX_PAST
from tests.support.runs import NOON, item

ITEM_IDS = range(1, 8)
TEXTS = [{"": "Own"}, {"fi": "Ääni", "en": "Voice"}, {"": " "}, {"": "x" * 700}]
MINUTES = [1, 2, 30, 0, 600]

STEPS = (
    Step({"": "Tell"}, 60),
    Step({"": "Ask"}, 120, StepSpeaker.EACH),
    Step({"": "Think"}, 30, StepSpeaker.NOBODY),
    Step({"": "Talk"}, 240, StepSpeaker.OTHERS),
    Step({"": "Promise"}, 60, keeps=CaseField.NEXT_STEP),
)
HOWS = [
    ItemSettings(),
    ItemSettings(steps=STEPS),
    ItemSettings(steps=STEPS[:2], auto=True),
    ItemSettings(turn_s=90, auto=True),
    ItemSettings(turn_s=5),
    ItemSettings(each=True, size=3),
    ItemSettings(steps=STEPS[1:4], size=2, auto=True),
    ItemSettings(least_heard=True),
    ItemSettings(steps=(Step({"": ""}, 60),)),
    ItemSettings(steps=(Step({"": "Too short"}, 1),)),
]

EDITS: list[Command] = [
    *(AddItem(mode, {"": "New"}, {}, 5, 0, how) for mode in (Mode.ROUND, Mode.CASE) for how in HOWS),
    *[ChangeItem(id_, how=how) for id_ in ITEM_IDS for how in HOWS] * 2,
    *(AddItem(mode, {"": "New"}, {}, 5, place) for mode in Mode for place in (None, 0, 3, 99)),
    *(AddItem(Mode.OPEN, text, text, 5) for text in TEXTS),
    *(ChangeItem(id_, mode=mode) for id_ in ITEM_IDS for mode in Mode),
    *(ChangeItem(id_, minutes=minutes) for id_ in ITEM_IDS for minutes in MINUTES),
    *(ChangeItem(id_, title=text, prompt=text) for id_ in ITEM_IDS for text in TEXTS),
    *(MoveItem(id_, place) for id_ in ITEM_IDS for place in (-1, 0, 2, 4, 99)),
    *[RemoveItem(id_) for id_ in ITEM_IDS] * 2,
    *[SkipItem(id_) for id_ in ITEM_IDS] * 2,
    *[UnskipItem(id_) for id_ in ITEM_IDS] * 2,
    *[RestoreItem()] * 9,
]
ARRIVALS: list[Command] = [
    *(PersonCame(person) for person in range(1, 7)),
    *(PersonLeft(person, NOON + timedelta(minutes=m)) for person in range(1, 7) for m in (-5, 1, 500)),
    Touch("people"),
]
OTHERS: list[Command] = [
    *(PersonLeft(person, NOON, for_good=True) for person in range(1, 7)),
    *(GiveRole(person, role) for person in range(1, 4) for role in (*Role, None)),
]
TURNS: list[Command] = [
    *(GiveWord(person) for person in range(1, 7)),
    *(Shuffle(order) for order in permutations((1, 2, 3))),
    *[Postpone(), Pass()] * 3,
    *[Next()] * 12,
    *[NextStep(), NextTurn()] * 3,
    *[TimeUp(), UseTurnLength()] * 3,
    *(NameOwners(order) for order in ((1,), (2, 3), (3, 1, 2), (9,), ())),
]
TOGETHER: list[Command] = [
    *(RaiseHand(person) for person in range(1, 5)),
    *(LowerHand(person) for person in range(1, 5)),
    *(DrawPairs(groups) for groups in (((1, 2), (3,)), ((3, 1), (2,)), ((1, 2, 3),), ((1,), ()), ())),
    *(SwapPair(one, other) for one, other in ((1, 2), (1, 3), (2, 2), (1, 9))),
    *(Keep(1, what, text) for what in CaseField for text in ("Why?", " ", "x" * 700)),
    *(Keep(1, what, text, 1, ("0-00000000",)) for what in CaseField for text in ("How?", "x" * 600)),
]
MOVES: list[Command] = [
    *(EnterItem(id_) for id_ in ITEM_IDS),
    *(Extend(seconds) for seconds in (60, 60, -60, -60, 10**6, -(10**6))),
    *[Start(), Reveal(), NextItem(), Pause(), Resume()] * 2,
    *[Back()] * 6,
]
LATER = [None, *(NOON + timedelta(minutes=m) for m in (-5, 3, 10, 45, 700))]
PLANS: list[Command] = [
    *(SetTimes(starts_at, must_end_at) for starts_at in LATER for must_end_at in LATER),
    *(DropItem(id_) for id_ in ITEM_IDS),
    *[StartShort(), TakeBreak(), RefuseBreak(), AskIdle(), GoOn(), FreeTalk()] * 3,
    *[SpreadOver(), StayLonger(), UndoPlan()] * 9,
]
ENDS: list[Command] = [Close(), *[Reopen()] * 6]
WISHES = (
    [TURNS] * 8 + [TOGETHER] * 4 + [MOVES] * 4 + [EDITS] * 4 + [PLANS] * 3 + [ARRIVALS] * 2 + [OTHERS, ENDS]
)
GAPS_S = [0.0, 0.25, 3.5, 20.0, 55.0, 300.0, -0.5, -40.0, -600.0]


def presses_from(seed: int, count: int) -> list[tuple[Command, float]]:
    """Press at random. Left to draw each press, Hypothesis hardly gets past the first items."""
    random = Random(seed)
    return [(random.choice(random.choice(WISHES)), random.choice(GAPS_S)) for _ in range(count)]


PRESSES = st.builds(presses_from, st.integers(0, 2**32), st.integers(0, 120))
PEOPLE = st.sampled_from([(1, 2, 3), (3, 1, 2), (1, 2, 3, 4, 5), (2,), ()])
MODES = st.sampled_from([Mode.ROUND, Mode.ROUND, Mode.ROUND, Mode.CASE, Mode.CASE, Mode.PAIRS, *Mode])
SETTINGS = st.sampled_from([ItemSettings(), ItemSettings(), *HOWS[1:4], *HOWS[5:8]])
ITEMS = st.builds(item, MODES, st.sampled_from([1, 2, 10, 30]), how=SETTINGS)
AGENDAS = st.lists(ITEMS, min_size=1, max_size=6).map(tuple)

whatever_is_pressed = given(AGENDAS, PEOPLE, PRESSES)
often = settings()


def opening(agenda: tuple[Item, ...], people: tuple[int, ...]) -> list[Command]:
    return [PlanAgenda(agenda), *(PersonCame(person) for person in people), Start()]


def course_of_events(agenda, people, presses):
    """Give each command in turn; yield the run before and after it, its events and the time."""
    run, now = Run(), NOON
    for command, gap_s in [*((each, 0.0) for each in opening(agenda, people)), *presses]:
        now += timedelta(seconds=gap_s)
        before, events = run, []
        with suppress(Refused):
            events = decide(run, command, now)
        for event in events:
            run = evolve(run, event)
        yield before, command, events, run, now


def log_of(agenda, people, presses) -> tuple[Run, list[Event]]:
    run, log = Run(), []
    for _, _, events, run, _ in course_of_events(agenda, people, presses):  # noqa: B007
        log += events
    return run, log


@often
@whatever_is_pressed
def test_the_log_tells_it_all(agenda, people, presses):
    run, log = log_of(agenda, people, presses)
    assert run.number == len(log)
    stored = [Event(Kind(e.kind.value), e.at, json.loads(json.dumps(e.data))) for e in log]
    assert stored == log
    assert replay(stored) == run


@often
@whatever_is_pressed
def test_what_stands_beside_the_turn_stays_until_its_number_moves(agenda, people, presses):
    run = Run()
    for event in log_of(agenda, people, presses)[1]:
        before, run = run, evolve(run, event)
        if run.beside_number == before.beside_number:
            assert beside_of(run) == beside_of(before), event.kind


def beside_of(run: Run) -> tuple[object, ...]:
    """Return what the closing reflection and quiet writing show of a run; its clock tells the rest."""
    item = run.item and run.item.id
    titles = [(one.id, one.title, one.prompt, one.mode, one.form) for one in run.agenda]
    return titles, run.removed, run.present, run.started, run.closed, run.revealed, item


@often
@whatever_is_pressed
def test_time_never_runs_backwards(agenda, people, presses):
    run, log = log_of(agenda, people, presses)
    assert [event.at for event in log] == sorted(event.at for event in log)
    assert all(seen_at <= run.at for seen_at in run.left_at.values())


@often
@whatever_is_pressed
def test_one_person_at_most_speaks_and_it_shows_who(agenda, people, presses):
    for _, _, _, run, _ in course_of_events(agenda, people, presses):
        assert len(set(run.order)) == len(run.order)
        if run.speaker is None:
            assert run.course.turn_clock is None or run.has_pairs
            assert not run.has_turns or floor.round_ready(run) or floor.round_is_over(run) or run.names_owners
        elif run.has_turns:
            assert run.order[run.place] == run.speaker
            assert run.course.turn_clock is not None
            assert run.speaker not in floor.upcoming(run)
            assert run.speaker not in run.course.passed
        else:
            assert run.names_a_speaker
            assert run.speaker in run.people
            assert run.course.turn_clock is None
        if not run.has_turns:
            assert (run.order, run.place) == ((), None)
        elif not floor.round_is_over(run) and not run.names_owners:
            assert set(run.present) <= set(run.order)
        assert floor.talking(run) is None or floor.talking(run) in run.people
        assert run.voice is None or run.voice != run.speaker


@often
@whatever_is_pressed
def test_who_is_gone_for_good_has_no_turn_and_no_role(agenda, people, presses):
    for _, command, _, run, _ in course_of_events(agenda, people, presses):
        if isinstance(command, PersonLeft) and command.for_good and not run.closed:
            together = [
                one for groups in (run.groups, *run.pairings.values()) for group in groups for one in group
            ]
            assert command.person not in (*run.present, *run.order, *run.roles, *run.hands, *together)
            assert command.person not in (run.speaker, run.voice)
            for course in run.past:
                assert command.person not in (*course.order, *course.passed, course.speaker)


@often
@whatever_is_pressed
def test_the_clocks_are_never_negative_and_tick_unless_they_are_paused(agenda, people, presses):
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        for at in (now, now + timedelta(hours=1), NOON):
            assert run.elapsed_s(at) >= 0
            assert times.item_elapsed_s(run, at) >= 0
            assert all(times.actual_s(run, each, at) >= 0 for each in run.agenda)
        if run.item is None:
            assert run.ticking_since is None
            continue
        assert run.allotted_s >= 10
        assert run.item_allotted_s >= 10
        assert (run.ticking_since is None) == (run.item_since is None) == (run.paused or run.closed)
        if run.ticking_since:
            assert run.ticking_since <= run.at
            assert times.item_elapsed_s(run, now) >= run.elapsed_s(now) - 0.001


@often
@whatever_is_pressed
def test_the_end_is_now_and_what_is_left_of_this_item_and_the_rest(agenda, people, presses):
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        if run.closed:
            assert times.ends_at(run, now) == run.closed_at
            continue
        now, left_s = max(now, run.at), 0.0
        if run.item:
            # As timer.js counts it from the instants in the page.
            ticked_s = max(0.0, (now - run.item_since).total_seconds()) if run.item_since else 0.0
            left_s = max(0.0, run.item_allotted_s - run.item_spent_s - ticked_s)
        coming = [each for each in run.agenda if run.state_of(each) == "coming"]
        rest_s = sum(each.minutes * 60 for each in coming)
        assert times.ends_at(run, now) == now + timedelta(seconds=left_s + rest_s)
        held_end_at = times.held_end_at(run) or times.ends_at(run, now)
        assert times.over_s(run, now) == (times.ends_at(run, now) - held_end_at).total_seconds()


@often
@whatever_is_pressed
def test_a_planned_end_is_the_sum_of_its_parts_when_it_is_set(agenda, people, presses):
    for _, _, events, run, _ in course_of_events(agenda, people, presses):
        if {event.kind for event in events} & {Kind.STARTED, Kind.STAYED_LONGER, Kind.SCRIPT_ENDED}:
            assert abs(run.planned_end_at - times.ends_at(run, run.at)) < timedelta(milliseconds=1)


@often
@given(AGENDAS, PEOPLE, PRESSES, st.sampled_from(PLANS), st.floats(0, 5000))
def test_an_undo_restores_the_plan_and_an_offer_keeps_its_word(agenda, people, presses, command, gap_s):
    run, _ = log_of(agenda, people, presses)
    now = run.at + timedelta(seconds=gap_s)
    offered, changed = offers(run, now), run
    with suppress(Refused):
        for event in decide(run, command, now):
            changed = evolve(changed, event)
    if changed.schedule.plan_undo is None or changed.number == run.number:
        return
    ends_at = times.ends_at(changed, now)
    if isinstance(command, SpreadOver):
        assert ends_at == offered.short_end_at
        assert offered.most_s == times.rest_s(run) - least_s(run.coming)
    elif isinstance(command, DropItem) and offered.drop and offered.drop.id == command.item_id:
        assert ends_at == offered.drop_end_at
    elif isinstance(command, StayLonger):
        assert times.over_s(changed, now) == 0
    if isinstance(command, (SpreadOver, DropItem, StayLonger, TakeBreak)):
        for event in decide(changed, UndoPlan(), now):
            changed = evolve(changed, event)
        assert (changed.agenda, changed.planned_end_at) == (run.agenda, run.planned_end_at)
        assert (changed.course, changed.past, changed.removed) == (run.course, run.past, run.removed)


@often
@whatever_is_pressed
def test_every_offer_is_there_from_the_instant_it_says(agenda, people, presses):
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        if not run.started or run.closed:
            continue
        now = max(now, run.at)
        over_from = offers(run, now).over_from
        assert (over_from <= now) == (times.over_s(run, now) >= 60)
        if over_from > now:
            for off_s, late in ((-1, False), (0, True)):
                assert (times.over_s(run, over_from + timedelta(seconds=off_s)) >= 60 - 1e-3) == late


@often
@whatever_is_pressed
def test_the_agenda_keeps_its_limits_and_what_has_been(agenda, people, presses):
    for before, _, _, run, _ in course_of_events(agenda, people, presses):
        ids = [each.id for each in run.agenda]
        assert len(set(ids)) == len(ids) <= MAX_ITEMS
        assert max(ids, default=0) <= run.last_item_id
        assert all(1 <= each.minutes <= 240 for each in run.agenda)
        assert all(any(text.strip() for text in each.title.values()) for each in run.agenda)
        assert run.course.visited <= set(ids)
        assert run.started == (run.item is not None)
        assert run.item is None or not run.item.skipped
        assert run.next_item is None or run.state_of(run.next_item) == "coming"
        assert (run.next_item is None) == (times.rest_s(run) == 0)
        been = [each.id for each in before.agenda if each.id in before.course.visited]
        assert been == [each for each in ids if each in before.course.visited]


@often
@given(AGENDAS, PEOPLE, PRESSES, st.sampled_from([*TURNS, *MOVES, *PLANS, *ENDS]), st.sampled_from(GAPS_S))
def test_a_double_press_from_one_screen_changes_nothing_twice(agenda, people, presses, command, gap_s):
    run, _ = log_of(agenda, people, presses)
    seen, now = run.number, run.at + timedelta(seconds=gap_s)
    with suppress(Refused):
        for event in decide(run, command, now):
            run = evolve(run, event)
        assert overtaken(run, command, seen) or decide(run, command, now) == []


@often
@given(AGENDAS, PEOPLE, PRESSES, st.floats(0, 500), st.floats(0, 500))
def test_back_restores_the_course_as_it_was_left(agenda, people, presses, wrong_s, back_s):
    run, _ = log_of(agenda, people, presses)
    for command in (Next(), NextStep(), Pass(), Postpone(), NextItem(), GiveWord(1), GiveWord(2)):
        with suppress(Refused):
            wrong_at = run.at + timedelta(seconds=wrong_s)
            events = decide(run, command, wrong_at)
            if not events:
                continue
            later, back_at = run, wrong_at + timedelta(seconds=back_s)
            for event in events:
                later = evolve(later, event)
            for event in decide(later, Back(), back_at):
                later = evolve(later, event)
            was, course = run.course, later.course
            assert later.past == run.past[1 - MAX_PAST :]
            assert (course.item_id, course.speaker, course.place) == (was.item_id, was.speaker, was.place)
            assert course.order[: len(was.order)] == was.order
            assert (course.passed, course.visited, course.paused) == (was.passed, was.visited, was.paused)
            assert course.allotted_s == was.allotted_s
            assert course.wall_s(back_at) == was.wall_s(back_at)
            assert (course.step, course.seat, course.asked) == (was.step, was.seat, was.asked)
            if course.turn_clock:
                assert later.elapsed_s(back_at) == run.elapsed_s(wrong_at)
            assert (later.ticking_since is None) == (run.ticking_since is None)


@often
@given(AGENDAS, PEOPLE, PRESSES, st.data())
def test_no_stored_event_stops_a_meeting(agenda, people, presses, data):
    """A log with rows missing tells something wrong, yet it can be read."""
    _, log = log_of(agenda, people, presses)
    kept = [event for event in log if data.draw(st.integers(0, 9)) > 0]
    run = replay(kept)
    assert run.number == len(kept)


@often
@whatever_is_pressed
def test_steps_are_parts_of_a_turn_and_last_as_long_together(agenda, people, presses):
    for _, _, events, run, _ in course_of_events(agenda, people, presses):
        course = run.course
        assert (course.step is None) == (course.step_clock is None) == (not course.steps_s)
        if course.step is not None:
            assert course.turn_clock is not None
            assert course.step < len(course.steps_s)
            assert set(course.asked) <= run.people
        for event in events:
            if event.data.get("steps_s"):
                assert sum(event.data["steps_s"]) == event.data["allotted_s"]
                assert min(event.data["steps_s"]) > 0


@often
@whatever_is_pressed
def test_everyone_present_is_in_one_group_once_they_are_drawn(agenda, people, presses):
    for _, _, _, run, _ in course_of_events(agenda, people, presses):
        together = [person for group in run.groups for person in group]
        assert len(set(together)) == len(together)
        assert not together or (run.has_pairs and set(run.present) <= set(together))
        assert all(run.groups)
        assert run.course.seat is None or (run.has_pairs and run.course.seat <= 6)


@often
@whatever_is_pressed
def test_the_queue_is_of_those_who_raised_a_hand_and_have_not_the_word(agenda, people, presses):
    for _, _, _, run, _ in course_of_events(agenda, people, presses):
        assert not run.hands or run.has_queue
        assert sorted(floor.queue(run)) == sorted(set(run.hands))
        assert set(run.hands) <= set(run.present)
        assert run.speaker not in run.hands


@often
@whatever_is_pressed
def test_what_each_was_heard_is_no_more_than_the_meeting_took(agenda, people, presses):
    run, log = log_of(agenda, people, presses)
    assert all(heard_s >= 0 for heard_s in run.heard_s.values())
    took_s = (log[-1].at - log[0].at).total_seconds()
    assert sum(run.heard_s.values()) <= took_s + 0.001


@often
@whatever_is_pressed
def test_fair_turns_end_with_the_item_unless_it_is_too_late_for_that(agenda, people, presses):
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        now = max(now, run.at)
        fair_s = lengths.fair_turn_s(run, now)
        if fair_s is None:
            continue
        here = [person for person in floor.upcoming(run) if person in run.present]
        assert fair_s >= least_turn_s(run.item)
        after = evolve(run, decide(run, UseTurnLength(), now)[0])
        turn_left_s = after.course.turn_clock.left_s(now) if after.course.turn_clock else 0
        takes_s = turn_left_s + len(here) * (10 + fair_s)
        assert fair_s == least_turn_s(run.item) or takes_s <= times.item_left_s(run, now) + 0.001
        assert lengths.fair_turn_s(after, now) is None


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=12), st.integers(10, 20_000))
def test_a_turn_is_divided_among_its_steps_without_a_rest(shares, turn_s):
    lengths = step_lengths_s([Step({}, share) for share in shares], turn_s)
    assert sum(lengths) == turn_s
    assert min(lengths) >= min(10, turn_s // len(shares))


@given(MODES, st.integers(1, 240), st.integers(1, 12))
def test_the_turns_of_an_item_fit_into_it(mode, minutes, people):
    turn_s = turn_length_s(item(mode, minutes), people, minutes * 60)
    assert turn_s == 10 or turn_s * people <= minutes * 60


@often
@given(PEOPLE.filter(bool), st.lists(st.sampled_from(ARRIVALS), max_size=8))
def test_in_an_undisturbed_round_everyone_speaks_once(people, arrivals):
    presses = [step for arrival in arrivals for step in ((arrival, 1.0), (Next(), 1.0))]
    presses += [(Next(), 1.0)] * 12
    speakers = []
    for _, _, events, run, _ in course_of_events((item("round"),), people, presses):
        speakers += [run.speaker for event in events if event.kind is Kind.TURN_GIVEN]
    assert floor.round_is_over(run)
    assert sorted(speakers) == sorted(run.order)
