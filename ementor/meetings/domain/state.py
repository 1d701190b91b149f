"""The log of a meeting and the state it adds up to; ``evolve`` says how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import Agenda, Data, Item, Mode, turn_seconds
from ementor.meetings.domain.course import Clock, Course
from ementor.meetings.domain.schedule import Schedule
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
    TIMES_SET = "times_set"
    PLAN_SPREAD = "plan_spread"
    ITEM_DROPPED = "item_dropped"
    STAYED_LONGER = "stayed_longer"
    BREAK_ADDED = "break_added"
    BREAK_REFUSED = "break_refused"
    PLAN_UNDONE = "plan_undone"
    IDLE_ASKED = "idle_asked"
    WENT_ON = "went_on"
    SCRIPT_ENDED = "script_ended"


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
    schedule: Schedule = field(default_factory=Schedule)

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
        """Return how much later it ends than it should: negative when earlier, 0 before the start."""
        if self.held_end_at is None:
            return 0.0
        return (self.ends_at(now) - self.held_end_at).total_seconds()

    @property
    def held_end_at(self) -> datetime | None:
        """The end that it is held against: the locked one, else the planned one; None before the start."""
        return self.planned_end_at and (self.schedule.must_end_at or self.planned_end_at)

    # Steps of evolve.

    def moved_to(self, course: Course, at: datetime) -> Self:
        """Go on with ``course``; "back" returns to the present one."""
        past = (*self.past, self.course.stopped(at))[-MAX_PAST:]
        return replace(self, course=course, past=past)

    def with_item(self, item: Item) -> Self:
        return replace(self, agenda=agendas.with_changed(self.agenda, item))

    def unskipped(self, item_id: int | None) -> Self:
        item = self.item_by_id(item_id)
        return self.with_item(replace(item, skipped=False)) if item and item.skipped else self
