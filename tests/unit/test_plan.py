"""Being on time: starting late, over plan, a break in time, and a meeting that is idle."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ementor.meetings.domain import times
from ementor.meetings.domain.agenda import Item, Mode
from ementor.meetings.domain.offers import offers, to_drop
from ementor.meetings.domain.run import (
    AskIdle,
    Back,
    Close,
    DropItem,
    Extend,
    FreeTalk,
    GoOn,
    NextItem,
    Pause,
    PersonCame,
    PersonLeft,
    Refusal,
    RefuseBreak,
    Resume,
    SetTimes,
    SpreadOver,
    Start,
    StartShort,
    StayLonger,
    TakeBreak,
    UndoPlan,
    overtaken,
)
from ementor.meetings.domain.shorten import least_s, shortened
from ementor.meetings.domain.subjects.idle import asks_at, closes_at, in_free_talk
from ementor.meetings.domain.values import replace
from tests.support.runs import ADA, BEN, GUS, after, item, planned, run_after, started, why_not

MIN = 60.0


def minutes_of(run):
    return [each.minutes for each in run.agenda]


ITEMS = st.lists(st.builds(item, st.sampled_from([*Mode]), st.integers(1, 240)), min_size=0, max_size=12).map(
    lambda items: [replace(each, id=n) for n, each in enumerate(items, 1)]
)


@given(ITEMS, st.integers(-50, 3000))
def test_shortening_gives_exactly_what_was_asked_for_whenever_it_can_be(items, wanted):
    given_ = shortened(items, wanted)
    had = sum(each.minutes for each in items)
    least = least_s(items) // 60
    assert list(given_) == [each.id for each in items]
    assert sum(given_.values()) == max(least, min(wanted, had))
    for each in items:
        assert 1 <= given_[each.id] <= each.minutes
        if each.mode is Mode.REFLECTION:
            assert given_[each.id] >= min(4, each.minutes)


@given(ITEMS, st.integers(1, 3000))
def test_a_break_gives_nothing_while_the_others_can(items, wanted):
    given_ = shortened(items, wanted)
    others = [each for each in items if each.mode is not Mode.BREAK]
    if any(given_[each.id] < each.minutes for each in items if each.mode is Mode.BREAK):
        assert wanted < least_s(others) // 60 + sum(e.minutes for e in items if e.mode is Mode.BREAK)


@given(st.lists(st.integers(2, 240), min_size=1, max_size=12), st.integers(0, 100))
def test_each_gives_in_proportion_to_what_it_has(lengths, percent):
    items = [Item(n, Mode.OPEN, {"": "x"}, {}, length) for n, length in enumerate(lengths, 1)]
    wanted = sum(lengths) * percent // 100
    given_ = shortened(items, wanted)
    for one in items:
        for other in items:
            if one.minutes > other.minutes:
                assert given_[one.id] >= given_[other.id]


# A wished start and a locked end


def test_times_are_set_changed_and_taken_away():
    run = run_after(planned(item()), (0, SetTimes(after(600), after(3600))))
    assert (run.schedule.starts_at, run.schedule.must_end_at) == (after(600), after(3600))
    assert run_after(run, (5, SetTimes(after(600), after(3600)))).number == run.number
    run = run_after(run, (9, SetTimes()))
    assert (run.schedule.starts_at, run.schedule.must_end_at) == (None, None)


def test_an_end_that_cannot_be_is_refused():
    run = planned(item())
    assert why_not(run, (60, SetTimes(None, after(60)))) is Refusal.END_PASSED
    assert why_not(run, (0, SetTimes(after(600), after(600)))) is Refusal.END_PASSED
    assert why_not(run, (0, SetTimes(None, after(13 * 3600)))) is Refusal.END_FAR


def test_once_started_only_the_end_can_be_set():
    run = run_after(
        planned(item()), (0, SetTimes(after(600))), (600, Start()), (660, SetTimes(None, after(1800)))
    )
    assert (run.schedule.starts_at, run.schedule.must_end_at) == (after(600), after(1800))


def test_over_plan_is_held_against_the_locked_end():
    run = run_after(started(item(minutes=10), item(minutes=20)), (0, SetTimes(None, after(25 * MIN))))
    assert times.over_s(run, after(0)) == 5 * MIN
    assert times.over_s(run_after(run, (1, SetTimes())), after(1)) == 0


# Starting late


def late(*presses):
    return run_after(planned(item(minutes=10), item("break", 5), item("reflection", 5)), *presses)


def test_a_late_start_is_shifted_or_squeezed():
    run = late((0, SetTimes(after(600))))
    assert offers(run, after(0)).short_from == after(660)
    shifted = run_after(run, (780, Start()))
    assert (shifted.planned_end_at, minutes_of(shifted)) == (after(780 + 20 * MIN), [10, 5, 5])
    squeezed = run_after(run, (780, StartShort()))
    assert (squeezed.planned_end_at, minutes_of(squeezed)) == (after(600 + 20 * MIN), [8, 5, 4])
    assert squeezed.item_allotted_s == 8 * MIN
    assert offers(run, after(780)).short_end_at == squeezed.planned_end_at


def test_a_start_in_time_is_not_shortened():
    run = late((0, SetTimes(after(600))), (590, StartShort()))
    assert minutes_of(run) == [10, 5, 5]


def test_a_locked_end_offers_a_shorter_start_only_when_it_cannot_hold():
    run = late((0, SetTimes(None, after(30 * MIN))))
    assert offers(run, after(0)).short_from == after(11 * MIN)
    squeezed = run_after(run, (12 * MIN, StartShort()))
    assert times.ends_at(squeezed, after(12 * MIN)) == after(30 * MIN)


def test_a_start_too_late_for_that_is_as_short_as_can_be_and_says_so():
    run = late((0, SetTimes(None, after(30 * MIN))))
    offered = offers(run, after(28 * MIN))
    squeezed = run_after(run, (28 * MIN, StartShort()))
    assert minutes_of(squeezed) == [1, 1, 4]
    assert offered.short_end_at == times.ends_at(squeezed, after(28 * MIN)) == after(34 * MIN)
    assert offers(run, after(31 * MIN)).short_from is None


def test_nobody_starts_twice():
    assert run_after(late((0, Start())), (9, StartShort())).number == late((0, Start())).number
    assert overtaken(late((0, Start())), StartShort(), 5)


# Over plan


def over():
    """Two minutes over plan, in overtime, with 10, 20, a break of 5 and 5 of reflection to come."""
    items = (item(minutes=10), item(minutes=10), item(minutes=20), item("break", 5), item("reflection", 5))
    return started(*items), 12 * MIN


def test_over_plan_shows_from_the_minute_on():
    run, _ = over()
    assert offers(run, after(60)).over_from == after(11 * MIN)
    assert offers(run, after(12 * MIN)).over_from <= after(12 * MIN)
    paused = run_after(run, (60, Pause()))
    assert offers(paused, after(60)).over_from == after(120)


def test_what_is_left_is_shortened_by_what_it_is_over():
    run, now = over()
    shown = offers(run, after(now)).short_end_at
    run = run_after(run, (now, SpreadOver()))
    assert minutes_of(run) == [10, 9, 19, 5, 5]
    assert times.ends_at(run, after(now)) == shown == run.planned_end_at
    assert times.over_s(run, after(now)) == 0
    assert run_after(run, (now, SpreadOver())).number == run.number


def test_the_smallest_item_that_covers_it_is_dropped():
    run, now = over()
    offered = offers(run, after(now))
    assert offered.drop.id == 2
    run = run_after(run, (now, DropItem(2)))
    assert (run.state_of(run.agenda[1]), times.ends_at(run, after(now))) == ("skipped", offered.drop_end_at)
    assert why_not(run, (now, DropItem(1))) is Refusal.DONE
    far = to_drop(run.coming, 25)
    assert far.id == 3
    assert to_drop(run.coming[1:], 25) is None


def test_staying_longer_moves_the_planned_end_unless_it_is_locked():
    run, now = over()
    stayed = run_after(run, (now, StayLonger()))
    assert (stayed.planned_end_at, times.over_s(stayed, after(now))) == (after(52 * MIN), 0)
    locked = run_after(run, (0, SetTimes(None, after(50 * MIN))))
    assert why_not(locked, (now, StayLonger())) is Refusal.END_LOCKED
    assert offers(locked, after(now)).stay_end_at is None


def test_staying_in_the_last_item_gives_it_five_minutes():
    run = started(item(minutes=10))
    offered = offers(run, after(12 * MIN)).stay_end_at
    stayed = run_after(run, (12 * MIN, StayLonger()))
    assert offered == times.ends_at(stayed, after(12 * MIN)) == stayed.planned_end_at == after(17 * MIN)
    assert run_after(stayed, (12 * MIN, StayLonger())).number == stayed.number
    undone = run_after(stayed, (12 * MIN, UndoPlan()))
    assert (undone.item_allotted_s, undone.planned_end_at) == (10 * MIN, after(10 * MIN))


def test_each_of_them_can_be_undone_until_the_plan_changes():
    run, now = over()
    for wish in (SpreadOver(), DropItem(2), StayLonger(), TakeBreak()):
        undone = run_after(run, (now, wish), (now, UndoPlan()))
        assert (undone.agenda, undone.planned_end_at) == (run.agenda, run.planned_end_at)
        assert why_not(undone, (now, UndoPlan())) is Refusal.NOTHING_TO_UNDO
        assert why_not(run, (now, wish), (now, NextItem()), (now, UndoPlan())) is Refusal.NOTHING_TO_UNDO


def test_a_press_on_a_screen_with_another_plan_changes_nothing():
    run, now = over()
    seen = run.number
    run = run_after(run, (now, DropItem(2)))
    assert overtaken(run, SpreadOver(), seen)
    assert not overtaken(run, SpreadOver(), run.number)
    assert not overtaken(run_after(run, (now, PersonCame(99))), SpreadOver(), run.number)


# A break, and an item that runs long


def test_an_hour_without_a_break_proposes_one():
    run = started(item(minutes=40), item(minutes=30), item(minutes=30), item(minutes=20))
    assert offers(run, after(0)).break_from == after(3600)
    run = run_after(run, (2400, NextItem()))
    assert offers(run, after(2400)).break_from == after(2400)  # its end is past the hour
    run = run_after(run, (2400, RefuseBreak()))
    assert offers(run, after(2400)).break_from == after(2400 + 1200)
    rested = run_after(run, (2500, Pause()), (2800, Resume()))
    assert offers(rested, after(2800)).break_from == after(2800 + 3600)


def test_a_break_comes_next_and_counts_from_its_end():
    run = run_after(started(item(minutes=50), item(minutes=30)), (3600, TakeBreak()))
    assert [each.mode.value for each in run.agenda] == ["open", "break", "open"]
    assert offers(run, after(3600)).break_from is None
    assert run_after(run, (3601, TakeBreak())).number == run.number
    run = run_after(run, (3700, NextItem()), (4000, NextItem()))
    assert run.schedule.rested_at == after(4000)


def test_no_break_is_proposed_when_one_is_next_or_the_end_is_near():
    assert offers(started(item(minutes=70), item("break"), item()), after(0)).break_from is None
    assert offers(started(item(minutes=70), item(minutes=10)), after(0)).break_from is None


def test_an_item_runs_long_a_fifth_and_a_minute_past_its_time():
    assert offers(started(item(minutes=2), item()), after(0)).long_from == after(3 * MIN)
    run = started(item(minutes=30), item())
    assert offers(run, after(0)).long_from == after(36 * MIN)
    assert offers(run_after(run, (9, Pause())), after(9)).long_from is None
    assert offers(run_after(run, (9, Extend(300))), after(9)).long_from == after(42 * MIN)


def test_one_offer_at_a_time_the_most_urgent_first():
    run = started(item(minutes=10), item(minutes=60))
    assert offers(run, after(5 * MIN)).first(after(5 * MIN)) is None
    assert offers(run, after(13 * MIN)).first(after(13 * MIN)) == "over"
    run = run_after(run, (13 * MIN, StayLonger()))
    assert offers(run, after(13 * MIN)).first(after(13 * MIN)) == "long"


# Idle, and the soft end


def test_nobody_is_asked_while_a_long_talk_is_in_time():
    run = started(item(minutes=90))
    assert asks_at(run) == after(120 * MIN)
    assert asks_at(planned(item())) is None
    assert asks_at(run_after(run, (5, Close()))) is None


def test_an_empty_room_is_asked_after_half_an_hour():
    left = [(600.0, PersonLeft(person, after(590))) for person in (ADA, BEN, GUS)]
    run = run_after(started(item(minutes=90)), *left)
    assert asks_at(run) == after(590 + 30 * MIN)
    assert asks_at(run, after(700)) == after(700 + 30 * MIN)


def test_a_room_that_is_empty_in_a_long_break_is_not_asked():
    left = [(600.0, PersonLeft(person, after(590))) for person in (ADA, BEN, GUS)]
    run = run_after(started(item("break", minutes=60), item()), *left)
    assert asks_at(run) == after(90 * MIN)


def test_a_sign_of_life_answers_the_question():
    run = run_after(started(item(minutes=10)), (3000, AskIdle()))
    assert closes_at(run) == after(3000 + 15 * MIN)
    assert run_after(run, (3001, AskIdle())).number == run.number
    for life in (GoOn(), Extend(60), PersonCame(99)):
        assert closes_at(run_after(run, (3010, life))) is None
    assert closes_at(run_after(run, (3010, PersonLeft(ADA, after(3005))))) is not None
    assert run_after(run, (3010, GoOn()), (3011, GoOn())).number == run.number + 1


def test_people_may_stay_and_talk_without_being_over_plan():
    run = run_after(
        started(item(minutes=10), item("reflection", 5), item(minutes=9)), (0, SetTimes(None, after(1200)))
    )
    run = run_after(run, (600, NextItem()), (900, FreeTalk()))
    assert in_free_talk(run)
    assert times.over_s(run, after(900)) == 0
    assert times.ends_at(run, after(900)) == run.planned_end_at == after(900 + 15 * MIN)
    assert run.state_of(run.agenda[2]) == "skipped"
    assert run_after(run, (901, FreeTalk())).number == run.number


def test_free_talk_is_asked_before_its_end_and_may_be_made_longer():
    run = run_after(started(item(minutes=10)), (600, FreeTalk()))
    assert asks_at(run) == after(600 + 13 * MIN)
    run = run_after(run, (600 + 13 * MIN, AskIdle()))
    assert closes_at(run) == after(600 + 15 * MIN)
    longer = run_after(run, (600 + 14 * MIN, GoOn()))
    assert longer.planned_end_at == times.ends_at(longer, after(600 + 14 * MIN)) == after(600 + 29 * MIN)
    assert longer.agenda[-1].minutes == 29
    assert longer.item_allotted_s == 29 * MIN


def test_back_from_free_talk_returns_to_the_script():
    run = run_after(
        started(item(minutes=10), item(minutes=5)), (300, NextItem()), (600, FreeTalk()), (610, Back())
    )
    assert run.item == run.agenda[1]
    assert not in_free_talk(run)
    again = run_after(run, (620, FreeTalk()))
    assert (in_free_talk(again), len(again.agenda)) == (True, 3)
    assert times.over_s(again, after(620)) == 0


def test_a_break_left_at_once_was_none():
    run = run_after(started(item("break", 5), item(minutes=70)), (30, NextItem()))
    assert run.schedule.rested_at == after(0)
    run = run_after(started(item("break", 5), item(minutes=70)), (61, NextItem()))
    assert run.schedule.rested_at - after(0) == timedelta(seconds=61)
