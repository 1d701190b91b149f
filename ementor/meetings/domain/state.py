"""The log of a meeting and the state it adds up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Self

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import Agenda, Data, Item, Mode, turn_seconds
from ementor.meetings.domain.course import Clock, Course
from ementor.meetings.domain.values import replace

MAX_PAST = 50
MAX_REMOVED = 20


class Kind(StrEnum):
    """What can have happened. Stored: never renamed, never given another meaning."""

    PLANNED = "planned"
    PERSON_CAME = "person_came"
    PERSON_LEFT = "person_left"
    TOUCHED = "touched"
    ITEM_ADDED = "item_added"
    ITEM_CHANGED = "item_changed"
    ITEM_MOVED = "item_moved"
    ITEM_REMOVED = "item_removed"
    ITEM_RESTORED = "item_restored"
    ITEM_SKIPPED = "item_skipped"
    ITEM_UNSKIPPED = "item_unskipped"
    STARTED = "started"
    ITEM_ENTERED = "item_entered"
    TURN_GIVEN = "turn_given"
    TURN_PASSED = "turn_passed"
    TURN_POSTPONED = "turn_postponed"
    ROUND_OVER = "round_over"
    ORDER_CHANGED = "order_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    WENT_BACK = "went_back"
    REVEALED = "revealed"
    CLOSED = "closed"
    REOPENED = "reopened"


CLOCK_KINDS = frozenset({Kind.PAUSED, Kind.RESUMED, Kind.EXTENDED})
"""Kinds after which the shown clock is another one, in the same place of the course."""
MOVE_KINDS = frozenset(
    {
        Kind.STARTED,
        Kind.ITEM_ENTERED,
        Kind.TURN_GIVEN,
        Kind.TURN_PASSED,
        Kind.TURN_POSTPONED,
        Kind.ROUND_OVER,
        Kind.ORDER_CHANGED,
        Kind.WENT_BACK,
        Kind.CLOSED,
        Kind.REOPENED,
    }
)
"""Kinds after which a press on an older screen meant something else: see ``run.overtaken``."""


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``data`` holds only what JSON can."""

    kind: Kind
    at: datetime
    data: Data = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """How a meeting goes: what its log adds up to. People are user ids."""

    number: int = 0
    at: datetime | None = None
    moved_number: int = 0
    """Number of the newest event that moved the course."""
    flow_number: int = 0
    """Number of the newest event that moved the course or changed a clock."""
    agenda: Agenda = ()
    last_item_id: int = 0
    removed: tuple[tuple[int, Item], ...] = ()
    """Place and item of what was removed, newest last."""
    present: tuple[int, ...] = ()
    """Who is in the room, in the order they came."""
    left_at: Mapping[int, datetime] = field(default_factory=dict)
    """Who was here and is not: when they were last seen."""
    started_at: datetime | None = None
    planned_end_at: datetime | None = None
    course: Course = field(default_factory=Course)
    past: tuple[Course, ...] = ()
    """What "back" returns to, newest last, clocks stopped."""
    revealed: bool = False
    closed_at: datetime | None = None

    # Where we are.

    @property
    def started(self) -> bool:
        return self.started_at is not None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    @property
    def item(self) -> Item | None:
        """The current item."""
        return self.item_by_id(self.course.item_id)

    def item_by_id(self, item_id: int | None) -> Item | None:
        return agendas.item_by_id(self.agenda, item_id)

    def state_of(self, item: Item) -> str:
        """Return "done", "now", "coming" or "skipped"; in a closed meeting nothing is "now"."""
        if item.id == self.course.item_id and not self.closed:
            return "now"
        if item.skipped:
            return "skipped"
        return "done" if item.id in self.course.visited else "coming"

    @property
    def coming(self) -> Agenda:
        """The items still to come, in their order."""
        return tuple(item for item in self.agenda if self.state_of(item) == "coming")

    @property
    def next_item(self) -> Item | None:
        """The first one to come after the current one, else one that was jumped over."""
        here = agendas.place_of(self.agenda, self.course.item_id)
        after = self.agenda[0 if here is None else here + 1 :]
        return next(iter([item for item in after if item in self.coming] or self.coming), None)

    # Who speaks.

    @property
    def has_turns(self) -> bool:
        return self.item is not None and self.item.mode is Mode.ROUND

    @property
    def names_a_speaker(self) -> bool:
        return self.item is not None and self.item.mode in (Mode.INPUT, Mode.CASE)

    @property
    def speaker(self) -> int | None:
        return self.course.speaker

    @property
    def order(self) -> tuple[int, ...]:
        return self.course.order

    @property
    def place(self) -> int | None:
        return self.course.place

    @property
    def turn_count(self) -> int:
        return len(self.order)

    @property
    def turn_s(self) -> int:
        """Seconds that a turn of the current round lasts, with as many people as there are now."""
        return turn_seconds(self.item.minutes, len(self.order)) if self.item else 0

    @property
    def upcoming(self) -> tuple[int, ...]:
        """Whose turn is still to come, next first; who is away comes after those present."""
        to_come = self.order[0 if self.place is None else self.place + 1 :]
        return tuple(sorted(to_come, key=lambda person: person not in self.present))

    @property
    def line(self) -> tuple[int, ...]:
        """The whole round in the order in which it will have gone."""
        return (*self.order[: 0 if self.place is None else self.place + 1], *self.upcoming)

    @property
    def round_ready(self) -> bool:
        """A round was entered and nobody has had the word yet."""
        return self.has_turns and self.place is None

    @property
    def round_is_over(self) -> bool:
        return self.has_turns and self.place is not None and self.place >= len(self.order)

    @property
    def people(self) -> frozenset[int]:
        """Everyone who has been in the room."""
        return frozenset(self.present) | frozenset(self.left_at) | frozenset(self.order)

    # Time. A closed meeting's clocks stand where they were when it was closed; while
    # the server's clock is behind the log, it is as late as the log says.

    def _until(self, now: datetime) -> datetime:
        return self.closed_at or max(now, self.at or now)

    @property
    def paused(self) -> bool:
        return self.item is not None and self.course.paused

    @property
    def ticking_since(self) -> datetime | None:
        return None if self.closed else self.course.ticking_since

    @property
    def spent_s(self) -> float:
        """Seconds on the clock that is shown, before ``ticking_since``."""
        return self._seconds_before_tick(self.course.clock)

    @property
    def allotted_s(self) -> int:
        return self.course.allotted_s

    def elapsed_s(self, now: datetime) -> float:
        """Return what the clock shows: the turn's, else the item's."""
        return self.course.clock.elapsed_s(self._until(now))

    @property
    def item_since(self) -> datetime | None:
        """The item's clock ticks since then, on top of ``item_spent_s``; None while it stands."""
        return None if self.closed else self.course.item_clock.since

    @property
    def item_spent_s(self) -> float:
        return self._seconds_before_tick(self.course.item_clock)

    def _seconds_before_tick(self, clock: Clock) -> float:
        return clock.spent_s if self.closed_at is None else clock.elapsed_s(self.closed_at)

    @property
    def item_allotted_s(self) -> int:
        """The current item's planned seconds, as extended."""
        return self.course.item_clock.allotted_s

    def item_elapsed_s(self, now: datetime) -> float:
        """Return the wall time spent in the current item, pauses included."""
        return self.course.wall_s(self._until(now))

    def item_left_s(self, now: datetime) -> float:
        """Return what is left of the current item, 0 in overtime."""
        return self.course.item_clock.left_s(self._until(now))

    def actual_s(self, item: Item, now: datetime) -> float:
        """Return the wall time spent in an item so far."""
        if item.id == self.course.item_id:
            return self.item_elapsed_s(now)
        return self.course.item_spent.get(item.id, 0.0)

    @property
    def rest_s(self) -> int:
        """Planned seconds of what is still to come."""
        return sum(item.planned_s for item in self.coming)

    def ends_at(self, now: datetime) -> datetime:
        """Return when the meeting ends if the rest takes its time; before the start, if it started now."""
        if self.closed_at is not None:
            return self.closed_at
        return self._until(now) + timedelta(seconds=self.item_left_s(now) + self.rest_s)

    def over_s(self, now: datetime) -> float:
        """Return how much later than planned it ends: negative when earlier, 0 before the start."""
        if self.planned_end_at is None:
            return 0.0
        return (self.ends_at(now) - self.planned_end_at).total_seconds()

    # Steps of evolve.

    def _moved_to(self, course: Course, at: datetime) -> Self:
        """Go on with ``course``; "back" returns to the present one."""
        past = (*self.past, self.course.stopped(at))[-MAX_PAST:]
        return replace(self, course=course, past=past)

    def _with_item(self, item: Item) -> Self:
        return replace(self, agenda=agendas.with_changed(self.agenda, item))

    def _unskipped(self, item_id: int | None) -> Self:
        item = self.item_by_id(item_id)
        return self._with_item(replace(item, skipped=False)) if item and item.skipped else self


def replay(events: Iterable[Event]) -> Run:
    """Return the run that a log tells of."""
    return reduce(evolve, events, Run())


def evolve(run: Run, event: Event) -> Run:
    """Return the run as it is after ``event``."""
    number = run.number + 1
    run = replace(run, number=number, at=event.at)
    if event.kind in MOVE_KINDS:
        run = replace(run, moved_number=number, flow_number=number)
    elif event.kind in CLOCK_KINDS:
        run = replace(run, flow_number=number)
    at, data, course = event.at, event.data, run.course
    match event.kind:
        case Kind.PLANNED:
            agenda = tuple(agendas.item_from_data(item) for item in data["agenda"])
            last = max((item.id for item in agenda), default=0)
            return replace(run, agenda=agenda, last_item_id=last)
        case Kind.PERSON_CAME:
            return came(run, data["person"])
        case Kind.PERSON_LEFT:
            return left(run, data["person"], datetime.fromisoformat(data["seen_at"]))
        case Kind.TOUCHED:
            return run
        case (
            Kind.ITEM_ADDED
            | Kind.ITEM_CHANGED
            | Kind.ITEM_MOVED
            | Kind.ITEM_REMOVED
            | Kind.ITEM_RESTORED
            | Kind.ITEM_SKIPPED
            | Kind.ITEM_UNSKIPPED
        ):
            return evolve_agenda(run, event)
        case Kind.STARTED:
            return replace(run, started_at=at, planned_end_at=at + timedelta(seconds=data["planned_s"]))
        case Kind.ITEM_ENTERED:
            entered = course.enter(data["item"], data["allotted_s"], tuple(data["order"]), at)
            if course.item_id is None:
                return replace(run, course=entered)
            return run._moved_to(entered, at)._unskipped(entered.item_id)
        case Kind.TURN_GIVEN | Kind.TURN_PASSED | Kind.TURN_POSTPONED | Kind.ROUND_OVER:
            return evolve_turn(run, event)
        case Kind.ORDER_CHANGED:
            return replace(run, course=replace(course, order=tuple(data["order"])))
        case Kind.PAUSED:
            return replace(run, course=course.pause(at))
        case Kind.RESUMED:
            return replace(run, course=course.running(at))
        case Kind.EXTENDED:
            return replace(run, course=course.allot(data["allotted_s"]))
        case Kind.WENT_BACK:
            return went_back(run, at)
        case Kind.REVEALED:
            return replace(run, revealed=True)
        case Kind.CLOSED:
            return replace(run, closed_at=at)
        case Kind.REOPENED:
            return replace(run, closed_at=None)


def came(run: Run, person: int) -> Run:
    """Let somebody in, and in a round put them at the end of the order."""
    if person not in run.present:
        run = replace(run, present=(*run.present, person))
    run = replace(run, left_at={who: at for who, at in run.left_at.items() if who != person})
    return joined(run)


def left(run: Run, person: int, seen_at: datetime) -> Run:
    """Let somebody out. They keep their place in a round, as they are often back at once."""
    present = tuple(other for other in run.present if other != person)
    return replace(run, present=present, left_at={**run.left_at, person: seen_at})


def joined(run: Run) -> Run:
    """See to it that everyone present has a turn in a round that is not over."""
    if run.has_turns and run.course.round_is_open:
        return replace(run, course=run.course.join_round(run.present))
    return run


def went_back(run: Run, at: datetime) -> Run:
    """Return to the newest of the past; who has come since then is still here."""
    if not run.past:
        return run
    course = run.course.return_to(run.past[-1], at)
    return joined(replace(run, course=course, past=run.past[:-1])._unskipped(course.item_id))


def evolve_turn(run: Run, event: Event) -> Run:
    """Return the run after the word has gone on."""
    data, course = event.data, run.course
    if event.kind is Kind.TURN_PASSED:
        course = replace(course, passed=course.passed | {data["passed"]})
    person = data.get("person")
    if person is None:
        return run._moved_to(course.end_round(event.at), event.at)
    if "order" not in data:  # an input or a case: its clock just runs on
        return run._moved_to(replace(course, speaker=person), event.at)
    given = course.give_turn(person, tuple(data["order"]), data["allotted_s"], event.at)
    return run._moved_to(given, event.at)


def evolve_agenda(run: Run, event: Event) -> Run:
    """Return the run after the agenda was edited."""
    data = event.data
    match event.kind:
        case Kind.ITEM_ADDED:
            item = agendas.item_from_data(data["item"])
            agenda = agendas.with_item_at(run.agenda, data["place"], item)
            return replace(run, agenda=agenda, last_item_id=max(run.last_item_id, item.id))
        case Kind.ITEM_RESTORED:
            for _, item in run.removed[-1:]:
                agenda = agendas.with_item_at(run.agenda, data["place"], item)
                run = replace(run, agenda=agenda, removed=run.removed[:-1])
            return run
    item_id = data["item"]
    found, place = run.item_by_id(item_id), agendas.place_of(run.agenda, item_id)
    if found is None or place is None:
        return run
    rest = agendas.without(run.agenda, item_id)
    match event.kind:
        case Kind.ITEM_CHANGED:
            return changed(run, found, data)
        case Kind.ITEM_MOVED:
            return replace(run, agenda=agendas.with_item_at(rest, data["place"], found))
        case Kind.ITEM_REMOVED:
            removed = (*run.removed, (place, found))[-MAX_REMOVED:]
            return replace(run, agenda=rest, removed=removed)
        case Kind.ITEM_SKIPPED:
            return run._with_item(replace(found, skipped=True))
    return run._unskipped(item_id)


def changed(run: Run, old: Item, data: Data) -> Run:
    """Change an item, and with it the clocks and turns of the course that is in it."""
    new = replace(
        old,
        mode=Mode(data.get("mode", old.mode)),
        title=data.get("title", old.title),
        prompt=data.get("prompt", old.prompt),
        minutes=data.get("minutes", old.minutes),
    )
    run = run._with_item(new)
    if new.minutes != old.minutes:
        run = replace(
            run,
            course=with_minutes(run.course, new),
            past=tuple(with_minutes(course, new) for course in run.past),
        )
    if new.mode is not old.mode:
        # What was before in this item had turns that no longer mean anything; a skipped one may be
        # only in the past.
        past = tuple(course for course in run.past if course.item_id != new.id)
        course = run.course
        if course.item_id == new.id:
            course = course.without_turns(run.present if new.mode is Mode.ROUND else ())
        if (course, past) != (run.course, run.past):
            number = run.number
            run = replace(run, course=course, past=past, moved_number=number, flow_number=number)
    return run


def with_minutes(course: Course, item: Item) -> Course:
    return course.allot_item(item.planned_s) if course.item_id == item.id else course
