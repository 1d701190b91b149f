"""The log of a meeting and the state it adds up to; ``evolve`` says how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import (
    Agenda,
    CaseField,
    Item,
    Step,
)
from ementor.meetings.domain.course import Clock, Course, Groups
from ementor.meetings.domain.modes import NO_RULES, ModeRules
from ementor.meetings.domain.schedule import Schedule

MAX_PAST = 50
MAX_REMOVED = 20


class Role(StrEnum):
    """What somebody does for the others in one meeting. Stored: never renamed."""

    NOTES = "note_keeper"
    TECH = "tech_support"
    OBSERVER = "observer"


@dataclass(frozen=True)
class Run:
    """How a meeting goes: what its log adds up to. People are user ids."""

    number: int = 0
    at: datetime | None = None
    moved_number: int = 0
    """Number of the newest event that moved the course."""
    item_number: int = 0
    """Number of the newest event that moved it to another item, or back."""
    flow_number: int = 0
    """Number of the newest event that moved the course or changed a clock."""
    beside_number: int = 0
    """Number of the newest event after which what stands beside the turn may look different."""
    agenda: Agenda = ()
    last_item_id: int = 0
    removed: tuple[tuple[int, Item], ...] = ()
    """Place and item of what was removed, newest last."""
    present: tuple[int, ...] = ()
    """Who is in the room, in the order they came."""
    left_at: Mapping[int, datetime] = field(default_factory=dict)
    """Who was here and is not: when they were last seen."""
    roles: Mapping[int, Role] = field(default_factory=dict)
    """What somebody does for the others in this meeting."""
    started_at: datetime | None = None
    planned_end_at: datetime | None = None
    course: Course = field(default_factory=Course)
    past: tuple[Course, ...] = ()
    """What "back" returns to, newest last, clocks stopped."""
    revealed: bool = False
    closed_at: datetime | None = None
    schedule: Schedule = field(default_factory=Schedule)
    started_last: int | None = None
    """Who began the first round of the group's last meeting."""
    starter: int | None = None
    """Who began the first round of this one."""
    hands: tuple[int, ...] = ()
    """Who would like to speak, in the order they said so."""
    heard_s: Mapping[int, float] = field(default_factory=dict)
    """How long each has had the word so far: for the queue of open talk, shown and kept nowhere."""
    pairings: Mapping[int, Groups] = field(default_factory=dict)
    """Item id → who talked with whom in it."""
    kept: Mapping[tuple[int, int, CaseField], str] = field(default_factory=dict)
    """Item id, owner, what → words written down in a case."""

    # Where we are.

    @property
    def started(self) -> bool:
        return self.started_at is not None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    @cached_property
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

    @cached_property
    def coming(self) -> Agenda:
        """The items still to come, in their order."""
        return tuple(item for item in self.agenda if self.state_of(item) == "coming")

    @cached_property
    def next_item(self) -> Item | None:
        """The first one to come after the current one, else one that was jumped over."""
        here = agendas.index_of(self.agenda, self.course.item_id)
        after, coming = self.agenda[0 if here is None else here + 1 :], self.coming
        return next((item for item in after if item in coming), coming[0] if coming else None)

    # What the mode of the current item allows.

    @cached_property
    def rules(self) -> ModeRules:
        """What the mode of the current item allows and needs."""
        return self.item.rules if self.item else NO_RULES

    @property
    def has_turns(self) -> bool:
        """The item goes by turns: of everybody in a round, of the owners in a case clinic."""
        return self.rules.has_turns

    @property
    def names_owners(self) -> bool:
        return self.rules.names_owners

    @property
    def names_a_speaker(self) -> bool:
        return self.rules.names_speaker

    @property
    def has_queue(self) -> bool:
        return self.rules.has_queue

    @property
    def has_pairs(self) -> bool:
        return self.rules.has_pairs

    # Who has the word: ``floor`` tells who is next.

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
    def groups(self) -> Groups:
        return self.course.groups

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the turn under way; none where a turn has none."""
        return self.item.how.steps if self.item and self.course.step is not None else ()

    @property
    def step(self) -> Step | None:
        """The step under way. Steps that were changed meanwhile count for the next turn."""
        place = self.course.step
        return self.steps[place] if place is not None and place < len(self.steps) else None

    @property
    def voice(self) -> int | None:
        """Who has the word in a step that goes one by one."""
        return self.course.asked[-1] if self.course.asked else None

    @property
    def people(self) -> frozenset[int]:
        """Everyone who has been in the room."""
        return frozenset(self.present) | frozenset(self.left_at) | frozenset(self.order)

    def kept_words(self, item_id: int, owner: int, what: str) -> str:
        """Return what was written down in somebody's case."""
        return self.kept.get((item_id, owner, CaseField(what)), "")

    # The clocks: ``times`` tells when the meeting ends.

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

    def until(self, now: datetime) -> datetime:
        """Return the instant that the clocks show at ``now``.

        A closed meeting's clocks stand where they were when it was closed; while the server's clock is
        behind the log, it is as late as the log says.
        """
        return self.closed_at or max(now, self.at or now)

    def elapsed_s(self, now: datetime) -> float:
        """Return what the clock shows: the turn's, else the item's."""
        return self.course.clock.elapsed_s(self.until(now))
