"""When a group meets: every course of moving, skipping, cancelling, adding and opening."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.series.domain import dates as rules
from ementor.series.domain.dates import Date, DateRefusal, DateRefused, Dates, Kept, State

HELSINKI = "Europe/Helsinki"
FIRST = datetime(2026, 10, 6, 9, 0)
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def mepe(first: datetime = FIRST, weeks: int = 3) -> Dates:
    return rules.planned(first, [weeks] * 4, [90] * 5)


def why(call, *arguments) -> DateRefusal:
    with pytest.raises(DateRefused) as refused:
        call(*arguments)
    return refused.value.why


def utc(wall: datetime) -> datetime:
    return rules.instant(wall, HELSINKI)


# Planning


def test_every_third_tuesday_at_nine_stays_at_nine_when_the_clocks_go_back():
    dates = mepe()
    assert [date.wall for date in dates] == [FIRST + timedelta(weeks=3 * n) for n in range(5)]
    assert {date.wall.hour for date in dates} == {9}
    assert [utc(date.wall).hour for date in dates] == [6, 7, 7, 7, 7]


def test_a_time_that_the_clocks_leave_out_is_refused_with_one_that_they_show():
    night = datetime(2027, 3, 28, 3, 30)
    with pytest.raises(DateRefused) as refused:
        rules.added((), night, 60, HELSINKI, NOW)
    assert refused.value.why is DateRefusal.NO_SUCH_TIME
    assert refused.value.suggestion == datetime(2027, 3, 28, 4, 30)
    assert rules.exists(refused.value.suggestion, HELSINKI)


@pytest.mark.parametrize(("hour", "minutes"), [(3, 30), (2, 90)])
def test_a_start_or_an_end_that_comes_twice_is_refused(hour: int, minutes: int):
    with pytest.raises(DateRefused) as refused:
        rules.added((), datetime(2026, 10, 25, hour, 0), minutes, HELSINKI, NOW)
    assert refused.value.why is DateRefusal.TWICE
    assert rules.added((), datetime(2026, 10, 25, 2, 0), 120, HELSINKI, NOW)


def test_an_end_that_the_clocks_leave_out_is_refused():
    with pytest.raises(DateRefused) as refused:
        rules.added((), datetime(2027, 3, 28, 2, 0), 90, HELSINKI, NOW)
    assert refused.value.why is DateRefusal.NO_SUCH_TIME


def test_an_hour_that_comes_twice_is_its_first():
    assert utc(datetime(2026, 10, 25, 3, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("weeks", [0, -1, 27])
def test_a_rhythm_is_of_whole_weeks(weeks: int):
    assert why(rules.planned, FIRST, [weeks], [60, 60]) is DateRefusal.WEEKS


@pytest.mark.parametrize(
    ("wall", "minutes", "reason"),
    [
        (datetime(2026, 9, 30, 9), 60, DateRefusal.PAST),
        (datetime(2036, 1, 1, 9), 60, DateRefusal.FAR),
        (datetime(2026, 10, 6, 10, 29), 60, DateRefusal.OVERLAP),
        (datetime(2026, 10, 6, 8, 1), 60, DateRefusal.OVERLAP),
        (datetime(2026, 11, 1, 9), -30, DateRefusal.LENGTH),
        (datetime(2026, 11, 1, 9), 800, DateRefusal.LENGTH),
    ],
)
def test_a_date_that_cannot_be_is_refused(wall: datetime, minutes: int, reason: DateRefusal):
    assert why(rules.added, mepe(), wall, minutes, HELSINKI, NOW) is reason


def test_meetings_may_follow_each_other_but_not_all_day_long():
    dates = mepe()[:1]
    for number in range(1, rules.MAX_A_DAY):
        dates = _numbered(rules.added(dates, FIRST + timedelta(hours=2 * number), 60, HELSINKI, NOW))
    assert why(rules.added, dates, FIRST + timedelta(hours=8), 60, HELSINKI, NOW) is DateRefusal.A_DAY


def test_a_series_has_an_end():
    dates: Dates = ()
    for number in range(rules.MAX_DATES):
        dates = _numbered(rules.added(dates, FIRST + timedelta(days=number), 60, HELSINKI, NOW))
    assert why(rules.added, dates, FIRST + timedelta(days=90), 60, HELSINKI, NOW) is DateRefusal.TOO_MANY


# Changing


def test_a_moved_date_says_where_it_was_and_forgets_it_when_it_is_back():
    elsewhere = FIRST + timedelta(days=2)
    moved = rules.moved(mepe(), 1, elsewhere, 90, HELSINKI, NOW)
    assert moved[0].wall == elsewhere
    assert moved[0].moved_from == FIRST
    again = rules.moved(moved, 1, elsewhere + timedelta(days=1), 90, HELSINKI, NOW)
    assert again[0].moved_from == FIRST
    assert rules.moved(again, 1, FIRST, 90, HELSINKI, NOW) == mepe()


def test_a_move_within_the_day_is_not_another_day():
    assert rules.moved(mepe(), 1, FIRST + timedelta(hours=1), 90, HELSINKI, NOW)[0].moved_from is None


def test_a_skipped_date_moves_all_after_it_and_can_be_put_back():
    dates = mepe()
    skipped = _numbered(rules.skipped(dates, 4, 3, HELSINKI, NOW))
    assert [date.wall for date in skipped if date.kept is Kept.PLANNED] == [
        *(date.wall for date in dates[:3]),
        *(date.wall + timedelta(weeks=3) for date in dates[3:]),
    ]
    (gap,) = (date for date in skipped if date.kept is Kept.SKIPPED)
    assert gap.wall == dates[3].wall
    assert rules.put_back(skipped, gap.id, 3, HELSINKI, NOW) == dates


def test_a_cancelled_meeting_leaves_the_others_where_they_are():
    cancelled = rules.cancelled(mepe(), 2)
    assert cancelled[1].kept is Kept.CANCELLED
    assert [date.wall for date in cancelled] == [date.wall for date in mepe()]
    assert rules.cancelled(cancelled, 2) == cancelled
    assert rules.put_back(cancelled, 2, 3, HELSINKI, NOW) == mepe()


def test_what_has_been_held_stays():
    held = (replace(mepe()[0], started_at=utc(FIRST), ended_at=utc(FIRST) + timedelta(hours=1)), *mepe()[1:])
    later = utc(FIRST) + timedelta(days=1)
    assert why(rules.cancelled, held, 1) is DateRefusal.HELD
    assert why(rules.moved, held, 1, FIRST + timedelta(days=9), 90, HELSINKI, later) is DateRefusal.HELD
    assert why(rules.skipped, held, 1, 3, HELSINKI, later) is DateRefusal.HELD


# As time goes by


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(-16, State.PLANNED), (-15, State.OPEN), (0, State.OPEN), (149, State.OPEN), (150, State.MISSED)],
)
def test_a_room_opens_a_quarter_before_and_waits_an_hour_after_the_end(minutes: int, state: State):
    now = utc(FIRST) + timedelta(minutes=minutes)
    assert rules.states(mepe(), HELSINKI, now)[1] is state


def test_a_room_that_a_facilitator_opened_stays_open_until_another_ones_time():
    opened = (replace(mepe()[0], opened_at=NOW), *mepe()[1:])
    assert rules.states(opened, HELSINKI, NOW)[1] is State.OPEN
    assert rules.states(opened, HELSINKI, utc(FIRST) + timedelta(days=3))[1] is State.OPEN
    next_one = utc(mepe()[1].wall)
    assert rules.states(opened, HELSINKI, next_one)[1] is State.MISSED
    assert rules.states(opened, HELSINKI, next_one)[2] is State.OPEN


def test_while_one_is_running_no_other_opens():
    dates = _numbered(rules.added(mepe()[:1], FIRST + timedelta(minutes=90), 60, HELSINKI, NOW))
    running = (replace(dates[0], started_at=utc(FIRST)), dates[1])
    at = utc(FIRST) + timedelta(minutes=85)
    assert rules.states(running, HELSINKI, at) == {1: State.RUNNING, 2: State.PLANNED}
    assert why(rules.require_openable, running, 2, HELSINKI, at) is DateRefusal.OTHER_OPEN


# Every course


def _numbered(dates: Dates) -> Dates:
    """Give what was added an id, as the database does."""
    newest = max((date.id for date in dates), default=0)
    return tuple(replace(date, id=newest + 1) if date.id == 0 else date for date in dates)


IDS = st.integers(0, 9)
WALLS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 11, 1)).map(
    lambda wall: wall.replace(minute=wall.minute // 15 * 15, second=0, microsecond=0)
)
DEEDS = st.one_of(
    st.tuples(st.just("move"), IDS, WALLS, st.integers(-10, 800)),
    st.tuples(st.just("skip"), IDS, st.integers(0, 5)),
    st.tuples(st.just("put_back"), IDS, st.integers(1, 5)),
    st.tuples(st.just("cancel"), IDS),
    st.tuples(st.just("add"), WALLS, st.integers(0, 800)),
    st.tuples(st.just("open"), IDS),
    st.tuples(st.just("start"), IDS),
    st.tuples(st.just("end"), IDS),
    st.tuples(st.just("wait"), st.integers(0, 60 * 24 * 40)),
)


def _done(dates: Dates, deed: tuple, now: datetime) -> Dates:
    match deed:
        case ("move", which, wall, minutes):
            return rules.moved(dates, which, wall, minutes, HELSINKI, now)
        case ("skip", which, weeks):
            return rules.skipped(dates, which, weeks, HELSINKI, now)
        case ("put_back", which, weeks):
            return rules.put_back(dates, which, weeks, HELSINKI, now)
        case ("cancel", which):
            return rules.cancelled(dates, which)
        case ("add", wall, minutes):
            return rules.added(dates, wall, minutes, HELSINKI, now)
        case ("open", which):
            rules.require_openable(dates, which, HELSINKI, now)
            return _changed(dates, which, opened_at=now)
        case ("start", which):
            current = rules.current(dates, HELSINKI, now)
            if current is not None and current.id == which and not current.is_held:
                return _changed(dates, which, started_at=now)
        case ("end", which):
            if any(date.id == which and date.started_at and not date.ended_at for date in dates):
                return _changed(dates, which, ended_at=now)
    return dates


def _changed(dates: Dates, which: int, **values: object) -> Dates:
    return tuple(replace(date, **values) if date.id == which else date for date in dates)


@given(st.lists(DEEDS, max_size=25))
def test_whatever_is_done_the_dates_are_in_order_and_one_is_open_at_most(deeds: list[tuple]):
    dates, now = mepe(), NOW
    held: dict[int, Date] = {}
    for deed in deeds:
        if deed[0] == "wait":
            now += timedelta(minutes=deed[1])
        with suppress(DateRefused):
            before, dates = dates, _numbered(_done(dates, deed, now))
            assert {date.id for date in before if date.kept is not Kept.SKIPPED} <= {
                date.id for date in dates
            }
        assert [date.wall for date in rules.ordered(dates)] == sorted(date.wall for date in dates)
        assert len({date.id for date in dates}) == len(dates)
        live = rules.ordered(date for date in dates if date.kept is Kept.PLANNED and date.is_ahead)
        assert all(one.until <= other.wall for one, other in pairwise(live))
        assert all(rules.exists(date.wall, HELSINKI) for date in live)
        states = rules.states(dates, HELSINKI, now)
        assert sum(state in {State.OPEN, State.RUNNING} for state in states.values()) <= 1
        for date in dates:
            if date.is_held:
                assert replace(date, started_at=None, ended_at=None) == held.setdefault(
                    date.id, replace(date, started_at=None, ended_at=None)
                )
