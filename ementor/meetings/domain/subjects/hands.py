"""Open talk: raised hands, whose turn it is in the queue, and how long each has spoken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.domain import changes, floor, require
from ementor.meetings.domain.commands import By, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.values import replace


@dataclass(frozen=True)
class RaiseHand(Command, means=Means.NOTHING, by=By.SELF):
    """Get in line to speak."""

    person: int

    @property
    def whose(self) -> int:
        return self.person


@dataclass(frozen=True)
class LowerHand(Command, means=Means.NOTHING, by=By.SELF):
    """Leave the line again."""

    person: int

    @property
    def whose(self) -> int:
        return self.person


@decides(RaiseHand)
def raise_hand(run: Run, command: RaiseHand, now: datetime) -> list[Event]:
    require.current_item(run)
    person = command.person
    if not run.has_queue:
        raise Refused(Refusal.NO_QUEUE)
    if person not in run.present:
        raise Refused(Refusal.NOT_HERE)
    if person in run.hands or person == run.speaker:
        return []
    return [Event(Kind.HAND_RAISED, now, {"person": person})]


@decides(LowerHand)
def lower_hand(run: Run, command: LowerHand, now: datetime) -> list[Event]:
    require.current_item(run)
    person = command.person
    return [Event(Kind.HAND_LOWERED, now, {"person": person})] if person in run.hands else []


def next_in_queue(run: Run, now: datetime) -> list[Event]:
    """Give the word to who is next in the queue of open talk; without one nobody has it."""
    queue = floor.queue(run)
    if queue:
        return [Event(Kind.TURN_GIVEN, now, {"person": queue[0]})]
    return [] if run.speaker is None else [Event(Kind.FLOOR_OPENED, now)]


@evolves(Kind.HAND_RAISED)
def hand_raised(run: Run, event: Event) -> Run:
    return replace(run, hands=(*run.hands, event.data["person"]))


@evolves(Kind.HAND_LOWERED)
def hand_lowered(run: Run, event: Event) -> Run:
    return changes.without_hand(run, event.data["person"])


@evolves(Kind.FLOOR_OPENED)
def floor_opened(run: Run, event: Event) -> Run:
    return changes.moved_to(run, replace(run.course, speaker=None), event.at)


def heard_s(run: Run, at: datetime) -> Mapping[int, float]:
    """Return how long each has spoken by ``at``: since the last event, whoever had the word."""
    who = floor.talking(run)
    if who is None or run.at is None or run.course.ticking_since is None or run.closed:
        return run.heard_s
    so_far_s = run.heard_s.get(who, 0.0) + max(0.0, (at - run.at).total_seconds())
    return {**run.heard_s, who: so_far_s}
