"""How long the turns of the current item are, and how long they may be for it to end in time."""

from datetime import datetime

from ementor.meetings.domain.agenda import (
    HANDOVER_S,
    MIN_CLOCK_S,
    least_turn_s,
    step_lengths_s,
    turn_length_s,
)
from ementor.meetings.domain.floor import round_is_over, seats, upcoming
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.times import item_left_s


def turn_s(run: Run) -> int:
    """Return the seconds that the next turn lasts, with as many people as have one now."""
    return turn_s_of(run, seats(run) or len(run.order))


def turn_s_of(run: Run, people: int) -> int:
    """Return how long the next turn lasts when so many have one."""
    if run.item is None:
        return 0
    if run.course.turn_s is not None:
        return max(run.course.turn_s, least_turn_s(run.item))  # it may have more steps now
    return turn_length_s(run.item, people, run.item_allotted_s)


def round_s(run: Run) -> int:
    """Return the seconds that the whole round takes from its beginning, hand-overs and all."""
    if run.item is None:
        return 0
    if run.has_pairs:
        return seats(run) * turn_s(run)
    handover_s = 0 if run.names_owners and len(run.order) <= 1 else HANDOVER_S
    return len(run.order) * (turn_s(run) + handover_s)


def lengths_ahead(run: Run) -> tuple[int, ...]:
    """Return the seconds of each step in the next turn."""
    return step_lengths_s(run.item.how.steps, turn_s(run)) if run.item else ()


def fair_turn_s(run: Run, now: datetime) -> int | None:
    """Return how long each turn left may be, for the item to end in time; None when it is so already.

    The turn under way counts among those left until it has had its share. Whoever is away is
    left out: should they be back in time, it is reckoned anew. Never under ten seconds.
    """
    if run.item is None or run.item.how.turn_s is not None or not turns_left(run, now):
        return None
    left_s, turns = _left_for_turns(run, now)
    fair_s = max(least_turn_s(run.item), int(left_s / turns) // 5 * 5)
    return fair_s if abs(fair_s - turn_s(run)) >= MIN_CLOCK_S else None


def turns_left(run: Run, now: datetime) -> int:
    """Return among how many turns the rest of the item is shared; 0 where there is nothing to share."""
    if run.closed or not run.has_turns or run.place is None or round_is_over(run):
        return 0
    return _left_for_turns(run, now)[1] if set(upcoming(run)) & set(run.present) else 0


def _left_for_turns(run: Run, now: datetime) -> tuple[float, int]:
    """Return the seconds and the turns that are left, hand-overs taken off."""
    turns = sum(person in run.present for person in upcoming(run))
    clock = run.course.turn_clock
    left_s = item_left_s(run, now) - HANDOVER_S * turns
    spent_s = clock.elapsed_s(run.until(now)) if clock else 0.0
    shared_s = (left_s + spent_s) / (turns + 1) // 5 * 5
    if run.speaker is not None and not run.course.steps_s and spent_s < shared_s:
        return left_s + spent_s, turns + 1
    return left_s - (clock.left_s(run.until(now)) if clock else 0.0), turns
