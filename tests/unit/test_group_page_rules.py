"""The rules of the group's page: how long it is to a meeting, taking over, and going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.series.domain import going_on, takeover
from ementor.series.domain.countdown import Unit, left_until
from ementor.series.domain.dates import instant

ZONE = "Europe/Helsinki"
TUESDAY = datetime(2026, 11, 24, 9, 0)
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "unit", "number"),
    [
        (datetime(2026, 11, 18, 23, 59), Unit.DAYS, 6),
        (datetime(2026, 11, 19, 0, 1), Unit.DAYS, 5),
        (datetime(2026, 11, 22, 23, 59), Unit.DAYS, 2),
        (datetime(2026, 11, 23, 0, 1), Unit.TOMORROW, 1),
        (datetime(2026, 11, 23, 23, 30), Unit.TOMORROW, 1),
        (datetime(2026, 11, 24, 0, 1), Unit.HOURS, 9),
        (datetime(2026, 11, 24, 7, 45), Unit.HOURS, 1),
        (datetime(2026, 11, 24, 8, 0), Unit.MINUTES, 60),
        (datetime(2026, 11, 24, 8, 44, 30), Unit.MINUTES, 16),
        (datetime(2026, 11, 24, 9, 0), Unit.NOW, 0),
        (datetime(2026, 11, 24, 9, 5), Unit.NOW, 0),
    ],
)
def test_days_are_those_of_the_calendar_in_the_groups_zone(now: datetime, unit: Unit, number: int) -> None:
    left = left_until(instant(TUESDAY, ZONE), instant(now, ZONE), ZONE)
    assert (left.unit, left.number) == (unit, number)


def test_the_night_of_other_clocks_is_one_day_all_the_same() -> None:
    monday = instant(datetime(2026, 10, 26, 0, 30), ZONE)
    assert left_until(monday, instant(datetime(2026, 10, 24, 23, 45), ZONE), ZONE).number == 2


@given(st.timedeltas(timedelta(seconds=-10), timedelta(days=60)))
def test_a_ring_is_never_more_than_full(ahead: timedelta) -> None:
    left = left_until(NOW + ahead, NOW, ZONE)
    assert 0 <= left.share <= 1
    assert (left.share == 0) == (left.unit is Unit.NOW)


def test_a_group_is_left_alone_after_a_week_without_any_of_its_facilitators() -> None:
    week = timedelta(days=7)
    assert takeover.is_left_alone([NOW - week], NOW)
    assert not takeover.is_left_alone([NOW - week + timedelta(seconds=1)], NOW)
    assert not takeover.is_left_alone([NOW - 9 * week, NOW - timedelta(days=6)], NOW)
    assert takeover.is_left_alone([NOW - 9 * week, NOW - 2 * week], NOW)
    assert takeover.is_left_alone([], NOW)


def test_who_took_over_is_told_for_two_weeks() -> None:
    assert takeover.is_news(NOW, NOW)
    assert takeover.is_news(NOW - timedelta(days=13, hours=23), NOW)
    assert not takeover.is_news(NOW - timedelta(days=14), NOW)
    assert not takeover.is_news(None, NOW)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=400))
)
def test_what_is_proposed_is_ahead_and_on_the_same_day_of_the_week(last: datetime, since: timedelta) -> None:
    now = last + since
    walls = going_on.proposed(last, now)
    assert len(walls) == going_on.COUNT
    assert walls[0] >= now + going_on.SOON
    assert {(wall.weekday(), wall.time()) for wall in walls} == {(last.weekday(), last.time())}
    assert {after - before for before, after in pairwise(walls)} == {timedelta(weeks=4)}
    if since < timedelta(weeks=3):
        assert walls[0] == last + timedelta(weeks=4)
