"""Two people become one, whatever has happened and goes on: see ``test_run_properties``."""

import dataclasses
import json
import re
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from ementor.meetings.domain import floor
from ementor.meetings.domain.agenda import CaseField
from ementor.meetings.domain.run import (
    AskIdle,
    Close,
    Event,
    GiveWord,
    Kind,
    MergePeople,
    Next,
    RaiseHand,
    Refused,
    Run,
    decide,
    evolve,
    replay,
)
from ementor.meetings.domain.values import replace
from tests.support.runs import NOON, item, run_after, started
from tests.unit.test_run_properties import AGENDAS, PEOPLE, PRESSES, course_of_events, opening

FAR = 10**9
"""Added to each person's id, so that it is no item, second or number."""
NAMES = {"person", "owner", "one", "other", "order", "groups", "started_last", "kept", "gone"}
PERSON = st.integers(1, 6)
TWO = st.tuples(PERSON, PERSON)


def far(value):
    """Return a command about the same people by far ids."""

    def moved(ids):
        return tuple(map(moved, ids)) if isinstance(ids, tuple) else ids and ids + FAR

    if not dataclasses.is_dataclass(value):
        return value
    fields = {each.name for each in dataclasses.fields(value)} & NAMES
    return replace(value, **{name: moved(getattr(value, name)) for name in fields})


def log_of(agenda, people, presses):
    """Give each command in turn; return the run and its events."""
    run, log, now = Run(), [], NOON
    for command in [*opening(agenda, people), *presses]:
        with suppress(Refused):
            for event in decide(run, far(command), now):
                run = evolve(run, event)
                log.append(event)
    return run, log


def merge(kept, gone):
    return MergePeople(kept, gone)


@given(AGENDAS, PEOPLE, PRESSES, TWO)
def test_who_is_gone_is_nowhere_and_the_log_tells_it_again(agenda, people, presses, two):
    kept, gone = two
    wishes = [command for command, _ in presses]
    run, log = log_of(agenda, people, wishes)
    for event in decide(run, far(merge(kept, gone)), run.at):
        run = evolve(run, event)
        log.append(event)
    if kept != gone:
        assert not re.search(rf"\b{FAR + gone}\b", repr(run))
    stored = [Event(Kind(e.kind.value), e.at, json.loads(json.dumps(e.data))) for e in log]
    assert replay(stored) == run


@given(AGENDAS, PEOPLE, PRESSES, TWO, PRESSES)
def test_the_two_have_one_place_in_each_line_and_the_meeting_goes_on(agenda, people, presses, two, later):
    merged = [*presses, (merge(*two), 0.0), *later]
    for before, command, _, run, _ in course_of_events(agenda, people, merged):
        assert len(set(run.order)) == len(run.order)
        assert len(set(run.present)) == len(run.present)
        assert len(set(run.hands)) == len(run.hands)
        assert not set(run.present) & set(run.left_at)
        together = [one for group in run.groups for one in group]
        assert len(set(together)) == len(together)
        assert run.voice is None or run.voice != run.speaker
        if run.has_turns and run.speaker is not None:
            assert run.order[run.place] == run.speaker
            assert run.speaker not in floor.upcoming(run)
            assert run.speaker not in run.course.passed
        if isinstance(command, MergePeople):
            kept, gone = two
            had = {kept if one == gone else one for one in before.people}
            assert set(run.people) == had
            assert run.speaker == (kept if before.speaker == gone else before.speaker)
            assert (run.closed, run.item, run.spent_s) == (before.closed, before.item, before.spent_s)
            if before.has_turns and not floor.round_is_over(before):
                assert len(run.order) == len({kept if one == gone else one for one in before.order})


def test_what_both_wrote_in_one_case_is_kept_from_both():
    run = started(item("case"))
    run = replace(run, kept={(1, 1, CaseField.QUESTION): "Mine", (1, 2, CaseField.QUESTION): "Theirs"})
    run = run_after(run, (9, merge(1, 2)))
    assert run.kept == {(1, 1, CaseField.QUESTION): "Mine\n\nTheirs"}


def test_who_has_the_word_keeps_it_and_the_other_turn_goes():
    run = run_after(started(item("round"), people=(1, 2, 3)), (1, Next()), (2, Next()))
    assert (run.order, run.speaker) == ((1, 2, 3), 2)
    assert run_after(run, (3, merge(1, 2))).order == (1, 3)
    assert run_after(run, (3, merge(1, 2))).speaker == 1
    assert floor.upcoming(run_after(run, (3, merge(2, 1)))) == (3,)
    assert floor.upcoming(run_after(run, (3, merge(3, 2)))) == ()
    assert floor.upcoming(run_after(run, (3, merge(3, 1)))) == ()  # they have had their turn
    later = run_after(run, (3, merge(1, 2)), (4, GiveWord(3)))
    assert later.speaker == 3


def test_whose_word_it_is_waits_for_none_and_asks_not_themselves():
    run = started(item("open"), people=(1, 2, 3))
    run = run_after(run, (1, RaiseHand(1)), (2, RaiseHand(3)), (3, GiveWord(2)), (4, merge(1, 2)))
    assert (run.speaker, run.hands) == (1, (3,))
    case = started(item("case"), people=(1, 2, 3))
    case = replace(case, course=replace(case.course, speaker=1, order=(1,), place=0, asked=(3, 2)))
    case = run_after(case, (4, merge(1, 2)))
    assert (case.speaker, case.voice) == (1, 3)


def test_becoming_one_is_no_sign_that_the_meeting_goes_on():
    run = run_after(started(item("open")), (5, AskIdle()))
    assert run.schedule.asked_at
    assert run_after(run, (9, merge(1, 2))).schedule == run.schedule


def test_a_closed_meeting_that_can_be_reopened_tells_of_it_too():
    run = run_after(started(item("round")), (5, Close()), (6, merge(1, 2)))
    assert run.closed
    assert run.people == {1, 3}
