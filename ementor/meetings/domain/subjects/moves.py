"""The course of a meeting: its start and end, its items one after the other, its clock."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor.meetings.domain import changes, require, times
from ementor.meetings.domain.agenda import MIN_CLOCK_S, Item
from ementor.meetings.domain.commands import AfterClose, By, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.values import replace

REOPEN_S = 60
"""How long the end of a meeting can be undone."""
MAX_CLOCK_S = 24 * 60 * 60
RESTED_AFTER = timedelta(minutes=1)
"""A break left sooner was a wrong press and no rest."""
PAUSE_RESTS = timedelta(minutes=5)
"""A pause as long as this is a break, whatever it is called."""


@dataclass(frozen=True)
class Start(Command, means=Means.ITEM):
    """Start the meeting with the first item."""


@dataclass(frozen=True)
class NextItem(Command, means=Means.ITEM):
    """Go to the next item."""


@dataclass(frozen=True)
class EnterItem(Command, means=Means.ITEM):
    """Go to any item; one that was left continues where its clock was."""

    item_id: int


@dataclass(frozen=True)
class Pause(Command, means=Means.NOTHING):
    """Stop the clock."""


@dataclass(frozen=True)
class Resume(Command, means=Means.NOTHING):
    """Let the clock go on."""


@dataclass(frozen=True)
class Extend(Command, means=Means.CLOCK):
    """Give the clock that is shown more time, or less: ``seconds`` may be negative."""

    seconds: int = 60


@dataclass(frozen=True)
class Back(Command, means=Means.PLACE):
    """Undo the last move to another item or speaker."""


@dataclass(frozen=True)
class Reveal(Command, means=Means.NOTHING, by=By.LEADER):
    """Show the closing reflection's shared answers to everyone."""


@dataclass(frozen=True)
class Close(Command, means=Means.NOTHING, by=By.LEADER, after_close=AfterClose.IGNORED):
    """End the meeting; ``itself`` when nobody pressed, as it had been idle."""

    itself: bool = False


@dataclass(frozen=True)
class Reopen(Command, means=Means.PLACE, by=By.LEADER, after_close=AfterClose.DECIDED):
    """Undo the end, for a minute."""


@decides(Start)
def start(run: Run, command: Start, now: datetime) -> list[Event]:
    if run.started:
        return []
    first = require.next_item(run, Refusal.NOTHING_PLANNED)
    return [Event(Kind.STARTED, now, {"planned_s": times.rest_s(run)}), enter_item(run, first, now)]


@decides(NextItem)
def next_item(run: Run, command: NextItem, now: datetime) -> list[Event]:
    require.started(run)
    return [enter_item(run, require.next_item(run), now)]


@decides(EnterItem)
def go_to(run: Run, command: EnterItem, now: datetime) -> list[Event]:
    require.started(run)
    item = require.item_by_id(run, command.item_id)
    return [] if item == run.item else [enter_item(run, item, now)]


def enter_item(run: Run, item: Item, now: datetime) -> Event:
    """Return that ``item`` was entered; a round takes its order from who is present."""
    order = list(from_next(run.present, run.started_last)) if item.rules.takes_everyone else []
    data = {"item": item.id, "allotted_s": item.planned_s, "order": order}
    return Event(Kind.ITEM_ENTERED, now, data)


def from_next(people: tuple[int, ...], last: int | None) -> tuple[int, ...]:
    """Return people in their order, but beginning with the one after ``last`` by who joined the group."""
    if last is None or not people:
        return people
    starter = min((each for each in people if each > last), default=min(people))
    place = people.index(starter)
    return (*people[place:], *people[:place])


@decides(Pause)
def pause(run: Run, command: Pause, now: datetime) -> list[Event]:
    require.started(run)
    return [] if run.paused else [Event(Kind.PAUSED, now)]


@decides(Resume)
def resume(run: Run, command: Resume, now: datetime) -> list[Event]:
    require.started(run)
    return [Event(Kind.RESUMED, now)] if run.paused else []


@decides(Extend)
def extend(run: Run, command: Extend, now: datetime) -> list[Event]:
    """Give the shown clock more or less time; less never makes overtime of what was in time."""
    require.started(run)
    had_s, seconds = run.allotted_s, command.seconds
    has_s = min(had_s + seconds, MAX_CLOCK_S)
    if seconds < 0:
        has_s = max(has_s, MIN_CLOCK_S, min(had_s, math.ceil(run.elapsed_s(now))))
    if has_s == had_s:
        return []
    return [Event(Kind.EXTENDED, now, {"seconds": seconds, "allotted_s": has_s})]


@decides(Back)
def back(run: Run, command: Back, now: datetime) -> list[Event]:
    require.started(run)
    if not run.past:
        raise Refused(Refusal.NOTHING_TO_UNDO)
    return [Event(Kind.WENT_BACK, now)]


@decides(Reveal)
def reveal(run: Run, command: Reveal, now: datetime) -> list[Event]:
    require.started(run)
    return [] if run.revealed else [Event(Kind.REVEALED, now)]


@decides(Close)
def close(run: Run, command: Close, now: datetime) -> list[Event]:
    require.started(run)
    return [Event(Kind.CLOSED, now, {"itself": True} if command.itself else {})]


@decides(Reopen)
def reopen(run: Run, command: Reopen, now: datetime) -> list[Event]:
    """Open a closed meeting again, for a minute."""
    require.started(run)
    if run.closed_at is None:
        return []
    if now - run.closed_at > timedelta(seconds=REOPEN_S):
        raise Refused(Refusal.TOO_LATE)
    return [Event(Kind.REOPENED, now)]


@evolves(Kind.STARTED)
def started(run: Run, event: Event) -> Run:
    ends_at = event.at + timedelta(seconds=event.data["planned_s"])
    return replace(
        run, started_at=event.at, planned_end_at=ends_at, schedule=replace(run.schedule, rested_at=event.at)
    )


@evolves(Kind.ITEM_ENTERED)
def item_entered(run: Run, event: Event) -> Run:
    data, at = event.data, event.at
    course = run.course.enter(data["item"], data["allotted_s"], tuple(data["order"]), at)
    item = run.item_by_id(data["item"])
    if item and item.rules.has_pairs:  # drawn when the item was held before
        course = replace(course, groups=run.pairings.get(item.id, ()))
    run = replace(rested(run, at), hands=())
    if run.course.item_id is None:
        return replace(run, course=course)
    run = changes.unskipped(changes.moved_to(run, course, at), course.item_id)
    return changes.joined(run) if run.has_pairs else run  # who came since the draw


@evolves(Kind.WENT_BACK)
def went_back(run: Run, event: Event) -> Run:
    """Return to the newest of the past; who has come since then is still here."""
    run = rested(run, event.at)
    if not run.past:
        return run
    course = run.course.return_to(run.past[-1], event.at)
    if course.item_id != run.course.item_id:
        run = replace(run, hands=(), beside_number=run.number)
    if course.speaker is not None:  # they may have raised a hand since
        run = changes.without_hand(run, course.speaker)
    run = replace(run, course=course, past=run.past[:-1])
    return changes.joined(changes.unskipped(run, course.item_id))


def rested(run: Run, at: datetime) -> Run:
    """Note that people have rested, when a break is left after more than a moment."""
    if run.rules.is_rest and run.course.wall_s(at) >= RESTED_AFTER.seconds:
        return replace(run, schedule=replace(run.schedule, rested_at=at))
    return run


@evolves(Kind.PAUSED)
def paused(run: Run, event: Event) -> Run:
    schedule = replace(run.schedule, paused_at=event.at)
    return replace(run, course=run.course.pause(event.at), schedule=schedule)


@evolves(Kind.RESUMED)
def resumed(run: Run, event: Event) -> Run:
    schedule = run.schedule
    if schedule.paused_at and event.at - schedule.paused_at >= PAUSE_RESTS:
        schedule = replace(schedule, rested_at=event.at)
    return replace(run, course=run.course.running(event.at), schedule=schedule)


@evolves(Kind.EXTENDED)
def extended(run: Run, event: Event) -> Run:
    return replace(run, course=run.course.extend(event.data["allotted_s"]))


@evolves(Kind.REVEALED)
def revealed(run: Run, event: Event) -> Run:
    return replace(run, revealed=True)


@evolves(Kind.CLOSED)
def closed(run: Run, event: Event) -> Run:
    schedule = replace(run.schedule, closed_itself=event.data.get("itself", False))
    return replace(run, closed_at=event.at, schedule=schedule)


@evolves(Kind.REOPENED)
def reopened(run: Run, event: Event) -> Run:
    return replace(run, closed_at=None, schedule=replace(run.schedule, closed_itself=False))
