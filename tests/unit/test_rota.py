"""Who does what in turn: fair through the series, whatever was agreed and whoever is away."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ementor.series.domain.rota import Slot, always, in_turns

SLOTS = tuple(Slot(number) for number in range(1, 7))


def test_it_goes_round_in_the_order_in_which_people_said_so() -> None:
    assert list(in_turns([1, 2, 3], None, SLOTS).values()) == [1, 2, 3, 1, 2, 3]


def test_it_goes_on_after_who_did_it_last() -> None:
    assert list(in_turns([1, 2, 3], 2, SLOTS).values()) == [3, 1, 2, 3, 1, 2]


def test_who_joins_later_takes_their_turn_after_those_who_were_told() -> None:
    before, after = in_turns([1, 2], 1, SLOTS[:3]), in_turns([1, 2, 9], 1, SLOTS[:3])
    assert before[1] == after[1] == 2
    assert after[2] == 9


def test_who_cannot_come_is_first_at_the_next_one() -> None:
    away = (Slot(1, away=frozenset({1})), *SLOTS[1:3])
    assert in_turns([1, 2, 3], None, away) == {1: 2, 2: 1, 3: 3}


def test_who_took_it_by_agreement_has_had_their_turn() -> None:
    assert in_turns([1, 2, 3], None, (Slot(1, agreed=3), *SLOTS[1:3])) == {1: 3, 2: 1, 3: 2}


def test_nobody_is_willing_or_everybody_is_away() -> None:
    assert in_turns([], None, SLOTS[:1]) == {1: None}
    assert in_turns([1], None, [Slot(1, away=frozenset({1}))]) == {1: None}


def test_one_person_always_unless_it_was_agreed_otherwise() -> None:
    assert always(7, (Slot(1), Slot(2, agreed=3))) == {1: 7, 2: 3}


PEOPLE = st.integers(1, 6)
ANY_SLOTS = st.lists(
    st.tuples(st.one_of(st.none(), PEOPLE), st.frozensets(PEOPLE, max_size=3)), max_size=12
).map(lambda found: [Slot(number, agreed, away) for number, (agreed, away) in enumerate(found, 1)])


@given(st.lists(PEOPLE, unique=True, min_size=1), st.one_of(st.none(), PEOPLE), st.integers(0, 20))
def test_without_agreements_nobody_does_it_twice_more_than_another(
    willing: list[int], last: int | None, count: int
) -> None:
    found = in_turns(willing, last, [Slot(number) for number in range(count)])
    times = Counter(dict.fromkeys(willing, 0)) + Counter(found.values())
    times = {person: times[person] for person in willing}
    assert max(times.values()) - min(times.values()) <= 1


@given(st.lists(PEOPLE, unique=True), st.one_of(st.none(), PEOPLE), ANY_SLOTS)
def test_whatever_was_agreed_it_holds_and_nobody_who_is_away_is_put_there(
    willing: list[int], last: int | None, slots: list[Slot]
) -> None:
    found = in_turns(willing, last, slots)
    assert list(found) == [slot.id for slot in slots]
    for slot in slots:
        if slot.agreed is not None:
            assert found[slot.id] == slot.agreed
        else:
            assert found[slot.id] in {None, *willing}
            assert found[slot.id] not in slot.away
            assert (found[slot.id] is None) == (set(willing) <= slot.away)
