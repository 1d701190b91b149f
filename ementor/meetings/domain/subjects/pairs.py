"""Pairs and trios: who talks with whom, and whose time it is in each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from random import Random

from ementor.meetings.domain import changes, floor, lengths, require
from ementor.meetings.domain.agenda import Item, step_lengths_s
from ementor.meetings.domain.commands import Command, Means, Refusal, Refused
from ementor.meetings.domain.course import Groups
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run

DRAWS = 300
"""So many orders are drawn, and the one in which the fewest meet again is taken."""

Met = Mapping[frozenset[int], int]
"""Two people → how often they have been in one group."""


@dataclass(frozen=True)
class DrawPairs(Command, means=Means.PLACE):
    """Put people in these groups, before their time begins."""

    groups: Groups


@dataclass(frozen=True)
class SwapPair(Command, means=Means.PLACE):
    """Let two people change places between their groups."""

    one: int
    other: int


@decides(DrawPairs)
def draw_pairs(run: Run, command: DrawPairs, now: datetime) -> list[Event]:
    require_pairs(run)
    if run.course.seat is not None:
        raise Refused(Refusal.PAIRS_RUNNING)
    groups = command.groups
    together = [person for group in groups for person in group]
    if not groups or not all(groups) or sorted(together) != sorted(run.present):
        raise Refused(Refusal.WRONG_ORDER)
    if groups == run.groups:
        return []
    return [Event(Kind.PAIRS_DRAWN, now, {"groups": [list(group) for group in groups]})]


@decides(SwapPair)
def swap(run: Run, command: SwapPair, now: datetime) -> list[Event]:
    """Let two change places. Also while they talk: somebody's connection may be lost for good."""
    require_pairs(run)
    one, other = command.one, command.other
    if one == other or not (floor.group_of(run, one) and floor.group_of(run, other)):
        raise Refused(Refusal.NOT_HERE)
    places = {one: other, other: one}
    groups = [[places.get(person, person) for person in group] for group in run.groups]
    return [Event(Kind.PAIRS_DRAWN, now, {"groups": groups})]


def require_pairs(run: Run) -> None:
    require.current_item(run)
    if not run.has_pairs:
        raise Refused(Refusal.NO_PAIRS)


def next_seat(run: Run, item: Item, now: datetime, *, whole: bool = False) -> Event:
    """Go to the next step, else to the next one's time; ``whole`` leaves the other steps out."""
    course, seats = run.course, floor.seats(run)
    if not seats:
        raise Refused(Refusal.NO_TURNS)
    if not run.groups:
        raise Refused(Refusal.NO_PAIRS)
    if course.step is not None and floor.has_next_step(run) and not whole:
        return Event(Kind.STEP_ENTERED, now, {"step": course.step + 1})
    if floor.seats_are_over(run):
        raise Refused(Refusal.ROUND_OVER)
    seat = 0 if course.seat is None else course.seat + 1
    if seat >= seats:
        return Event(Kind.SEATS_OVER, now, {"seats": seats})
    turn_s = lengths.turn_s(run)
    steps_s = step_lengths_s(item.how.steps, turn_s)
    return Event(Kind.SEAT_TAKEN, now, {"seat": seat, "allotted_s": turn_s, "steps_s": list(steps_s)})


@evolves(Kind.PAIRS_DRAWN)
def pairs_drawn(run: Run, event: Event) -> Run:
    return changes.paired(run, tuple(tuple(group) for group in event.data["groups"]))


@evolves(Kind.SEAT_TAKEN)
def seat_taken(run: Run, event: Event) -> Run:
    data, at = event.data, event.at
    taken = run.course.take_seat(data["seat"], data["allotted_s"], tuple(data["steps_s"]), at)
    return changes.moved_to(run, taken, at)


@evolves(Kind.SEATS_OVER)
def seats_over(run: Run, event: Event) -> Run:
    return changes.moved_to(run, run.course.end_seats(event.data["seats"], event.at), event.at)


def draw(people: Sequence[int], size: int, met: Met, random: Random) -> Groups:
    """Return people in groups of about ``size``, in which as few as possible meet again.

    What does not come out even makes a trio of a pair, and smaller groups of larger ones.
    """
    people = list(people)
    count = max(1, (2 * len(people) + size - (size == 2)) // (2 * size))
    best: Groups = ()
    least = float("inf")
    for _ in range(DRAWS):
        random.shuffle(people)
        groups = tuple(tuple(people[start::count]) for start in range(count))
        again = sum(met.get(frozenset(two), 0) for group in groups for two in combinations(group, 2))
        if again < least:
            best, least = groups, again
        if not again:
            break
    return best
