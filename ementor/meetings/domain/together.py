"""Pairs and trios, the queue of open talk, and what is written down in a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from random import Random

from ementor.meetings.domain.agenda import MAX_PROMPT, Item, step_lengths_s
from ementor.meetings.domain.commands import (
    DrawPairs,
    Keep,
    LowerHand,
    RaiseHand,
    Refused,
    SwapPair,
    Together,
    Why,
)
from ementor.meetings.domain.course import Groups
from ementor.meetings.domain.kinds import Event, Kind
from ementor.meetings.domain.state import Run
from ementor.texts import merged_text

MAX_KEPT = 4 * MAX_PROMPT
"""So long may the words of a case become when several write at once, each up to ``MAX_PROMPT``."""
DRAWS = 300
"""So many orders are drawn, and the one in which the fewest meet again is taken."""

Met = Mapping[frozenset[int], int]
"""Two people → how often they have been in one group."""


def together(run: Run, command: Together, now: datetime) -> list[Event]:
    """Return what follows from a command about pairs, hands or a case's words."""
    if run.item is None:
        raise Refused(Why.NOT_STARTED)
    match command:
        case DrawPairs(groups):
            return drawn(run, groups, now)
        case SwapPair(one, other):
            return swapped(run, one, other, now)
        case RaiseHand(person):
            return raised(run, person, now)
        case LowerHand(person):
            return [Event(Kind.HAND_LOWERED, now, {"person": person})] if person in run.hands else []
        case Keep():
            return keep(run, command, run.item.id if command.item_id is None else command.item_id, now)


def drawn(run: Run, groups: Groups, now: datetime) -> list[Event]:
    require_pairs(run)
    together = [person for group in groups for person in group]
    if not groups or not all(groups) or sorted(together) != sorted(run.present):
        raise Refused(Why.WRONG_ORDER)
    if groups == run.groups:
        return []
    return [Event(Kind.PAIRS_DRAWN, now, {"groups": [list(group) for group in groups]})]


def swapped(run: Run, one: int, other: int, now: datetime) -> list[Event]:
    """Let two change places. Also while they talk: somebody's line may be down for good."""
    if not run.has_pairs:
        raise Refused(Why.NO_PAIRS)
    if one == other or not (run.group_of(one) and run.group_of(other)):
        raise Refused(Why.NOT_HERE)
    places = {one: other, other: one}
    groups = [[places.get(person, person) for person in group] for group in run.groups]
    return [Event(Kind.PAIRS_DRAWN, now, {"groups": groups})]


def require_pairs(run: Run) -> None:
    if not run.has_pairs:
        raise Refused(Why.NO_PAIRS)
    if run.course.seat is not None:
        raise Refused(Why.PAIRS_RUNNING)


def next_seat(run: Run, item: Item, now: datetime, *, whole: bool) -> Event:
    """Go to the next step, else to the next one's time; ``whole`` leaves the other steps out."""
    if not run.seats:
        raise Refused(Why.NO_TURNS)
    if not run.groups:
        raise Refused(Why.NO_PAIRS)
    course = run.course
    if course.step is not None and run.has_next_step and not whole:
        return Event(Kind.STEP_ENTERED, now, {"step": course.step + 1})
    if run.seats_are_over:
        raise Refused(Why.ROUND_OVER)
    seat = 0 if course.seat is None else course.seat + 1
    if seat >= run.seats:
        return Event(Kind.SEATS_OVER, now, {"seats": run.seats})
    steps_s = step_lengths_s(item.how.steps, run.turn_s)
    return Event(Kind.SEAT_TAKEN, now, {"seat": seat, "allotted_s": run.turn_s, "steps_s": list(steps_s)})


def raised(run: Run, person: int, now: datetime) -> list[Event]:
    if not run.has_queue:
        raise Refused(Why.NO_QUEUE)
    if person not in run.present:
        raise Refused(Why.NOT_HERE)
    if person in run.hands or person == run.speaker:
        return []
    return [Event(Kind.HAND_RAISED, now, {"person": person})]


def keep(run: Run, command: Keep, item_id: int, now: datetime) -> list[Event]:
    """Keep what was written in a case; also after its turn, as it may have been written offline."""
    key = (item_id, command.owner, command.what)
    before = run.kept.get(key, "")
    text = command.text.strip()
    if key not in run.kept and not has_case(run, item_id, command.owner):
        raise Refused(Why.NOT_ASKED)
    if len(text) > max(MAX_PROMPT, len(before)):
        raise Refused(Why.TOO_LONG)
    if command.seen is not None:
        text = merged_text(before, text, command.seen)
    if len(text) > MAX_KEPT:
        raise Refused(Why.TOO_LONG)
    if before == text:
        return []
    data = {"item": item_id, "owner": command.owner, "what": command.what.value, "text": text}
    return [Event(Kind.KEPT, now, data)]


def has_case(run: Run, item_id: int, owner: int) -> bool:
    """Return whether this is somebody's case on the table, or may have been in an item that is over."""
    if run.item is not None and run.item.id == item_id:
        return run.names_owners and owner in run.order
    item = run.item_by_id(item_id)
    is_over = item is not None and item.rules.names_owners and run.state_of(item) == "done"
    return is_over and owner in run.people


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
