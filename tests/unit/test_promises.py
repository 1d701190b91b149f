"""Which promises a group still has before it, whatever was promised and marked in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.series.domain.promises import Became, Made, current

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ADA, BEN = 1, 2


def made(number: int, became: Became = Became.OPEN, days: float | None = None, person: int = ADA) -> Made:
    """Return a promise of meeting 1, 2, …, which ended on that day, and what was marked on day ``days``."""
    return Made(person, number, START + number * DAY, became, None if days is None else START + days * DAY)


def numbers(found: Sequence[Made]) -> list[int]:
    return [one.meeting for one in found]


def test_the_newest_open_promise_stands_and_an_older_open_one_does_not():
    assert numbers(current([made(1), made(2)], START + 2 * DAY)) == [2]
    assert numbers(current([made(1)], START + 2 * DAY)) == [1]  # nothing was promised at the second


def test_what_goes_on_stays_beside_what_is_new():
    assert numbers(current([made(1, Became.GOING_ON, 1.5), made(3)], START + 3 * DAY)) == [3, 1]


@pytest.mark.parametrize("became", [Became.DONE, Became.LET_GO])
def test_what_is_over_is_seen_until_the_next_meeting_has_ended(became: Became):
    over = made(1, became, 1.5)
    assert numbers(current([over], START + 1 * DAY)) == [1]
    assert numbers(current([over], START + 2 * DAY)) == []


def test_each_person_has_their_own():
    found = current([made(1), made(2, person=BEN), made(2)], START + 2 * DAY)
    assert {(one.person, one.meeting) for one in found} == {(ADA, 2), (BEN, 2)}


PROMISES = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(1, 6), st.sampled_from(Became), st.floats(0, 8, allow_nan=False)
    ),
    max_size=18,
    unique_by=lambda each: each[:2],
).map(
    lambda each: [
        made(number, became, None if became is Became.OPEN else number + days, person)
        for person, number, became, days in each
    ]
)


@given(PROMISES, st.integers(6, 9), st.randoms())
def test_in_any_order_nothing_open_is_lost_and_nothing_over_comes_back(all_made, last, random):
    last_ended_at = START + last * DAY
    found = current(all_made, last_ended_at)
    shuffled = list(all_made)
    random.shuffle(shuffled)
    assert set(current(shuffled, last_ended_at)) == set(found)
    assert {one for one in all_made if one.became is Became.GOING_ON} <= set(found)
    for person, theirs in itertools.groupby(
        sorted(all_made, key=lambda one: one.person), lambda one: one.person
    ):
        newest = max(theirs, key=lambda one: one.meeting)
        opened = [one for one in found if one.person == person and one.became is Became.OPEN]
        assert opened == ([newest] if newest.became is Became.OPEN else [])
    later = set(current(all_made, last_ended_at + DAY))
    assert later <= set(found)  # time alone brings nothing back
    over = {one for one in found if one.became in {Became.DONE, Became.LET_GO}}
    assert all(one.became_at >= last_ended_at for one in over)
    assert [one.ended_at for one in found] == sorted((one.ended_at for one in found), reverse=True)
