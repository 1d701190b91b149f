"""The log of a meeting and the state it adds up to; ``evolve`` says how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import (
    HANDOVER_S,
    MIN_CLOCK_S,
    Agenda,
    Item,
    Keeps,
    Step,
    Who,
    least_turn_s,
    step_lengths_s,
    turn_length_s,
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
    kept: Mapping[tuple[int, int, Keeps], str] = field(default_factory=dict)
    """Item id, owner, what → words written down in a case."""

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
    def has_next_step(self) -> bool:
        return self.course.step is not None and self.course.step + 1 < len(self.course.steps_s)

    @property
    def voice(self) -> int | None:
        """Who has the word in a step that goes one by one."""
        return self.course.asked[-1] if self.course.asked else None

    @property
    def voices(self) -> tuple[int, ...]:
        """Who has not had the word yet in a step that goes one by one, next first."""
        if self.step is None or self.step.who is not Who.EACH or self.speaker is None:
            return ()
        others = [*(each for each in self.present if each > self.speaker), *self.present]
        waiting = (each for each in others if each != self.speaker and each not in self.course.asked)
        return tuple(dict.fromkeys(waiting))

    @property
    def talking(self) -> int | None:
        """Whose voice is heard now, as far as the room knows: nobody's while several talk."""
        if self.step is None:
            return self.speaker
        if self.step.who is Who.EACH:
            return self.voice
        return self.speaker if self.step.who is Who.SPEAKER else None

    @property
    def queue(self) -> tuple[int, ...]:
        """Who is next in open talk, next first: the same on every screen."""
        if self.item is not None and self.item.how.least_heard:
            return tuple(sorted(self.hands, key=lambda person: self.heard_s.get(person, 0.0)))
        return self.hands

    @property
    def groups(self) -> Groups:
        return self.course.groups

    def group_of(self, person: int) -> tuple[int, ...]:
        """Return who is in the same group, in its order; nobody before they are drawn."""
        return next((group for group in self.groups if person in group), ())

    @property
    def seats(self) -> int:
        """How many have a time of their own in each group; 0 where nobody has."""
        if not self.has_pairs or self.item is None or not self.item.how.has_seats:
            return 0
        return max((len(group) for group in self.groups), default=self.item.how.size)

    @property
    def seats_are_over(self) -> bool:
        return self.course.seat is not None and self.course.turn_clock is None

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
        """Seconds that the next turn lasts, with as many people as have one now."""
        return self.turn_s_of(self.seats or len(self.order))

    def turn_s_of(self, people: int) -> int:
        """Return how long the next turn lasts when so many have one."""
        if self.item is None:
            return 0
        if self.course.turn_s is not None:
            return self.course.turn_s
        return turn_length_s(self.item, people, self.item_allotted_s)

    @property
    def round_s(self) -> int:
        """Seconds that the whole round takes from its beginning, hand-overs and all."""
        if self.item is None:
            return 0
        if self.has_pairs:
            return self.seats * self.turn_s
        handover_s = 0 if self.names_owners and len(self.order) <= 1 else HANDOVER_S
        return len(self.order) * (self.turn_s + handover_s)

    @property
    def lengths_ahead(self) -> tuple[int, ...]:
        """The seconds of each step in the next turn."""
        return step_lengths_s(self.item.how.steps, self.turn_s) if self.item else ()

    def fair_turn_s(self, now: datetime) -> int | None:
        """Return how long each turn left may be, for the item to end in time; None when it is so already.

        The turn under way counts among those left until it has had its share. Whoever is away is
        left out: should they be back in time, it is reckoned anew. Never under ten seconds.
        """
        if self.item is None or self.item.how.turn_s is not None or not self.turns_left(now):
            return None
        left_s, turns = self._left_for_turns(now)
        fair_s = max(least_turn_s(self.item), int(left_s / turns) // 5 * 5)
        return fair_s if abs(fair_s - self.turn_s) >= MIN_CLOCK_S else None

    def turns_left(self, now: datetime) -> int:
        """Return among how many turns the rest of the item is shared; 0 where there is nothing to share."""
        if self.closed or not self.has_turns or self.place is None or self.round_is_over:
            return 0
        return self._left_for_turns(now)[1] if set(self.upcoming) & set(self.present) else 0

    def _left_for_turns(self, now: datetime) -> tuple[float, int]:
        """Return the seconds and the turns that are left, hand-overs taken off."""
        turns = sum(person in self.present for person in self.upcoming)
        left_s = self.item_left_s(now) - HANDOVER_S * turns
        spent_s = self.course.turn_clock.elapsed_s(self._until(now)) if self.course.turn_clock else 0.0
        shared_s = (left_s + spent_s) / (turns + 1) // 5 * 5
        if self.speaker is not None and not self.course.steps_s and spent_s < shared_s:
            return left_s + spent_s, turns + 1
        if self.course.turn_clock:
            left_s -= self.course.turn_clock.left_s(self._until(now))
        return left_s, turns

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
    def seats_ready(self) -> bool:
        """Pairs are drawn, and the first one's time has not begun."""
        return self.seats > 0 and bool(self.groups) and self.course.seat is None

    @property
    def round_is_over(self) -> bool:
        """Everyone has had a turn. In a case clinic another owner may still be named."""
        return self.has_turns and self.place is not None and self.speaker is None and not self.upcoming

    @property
    def people(self) -> frozenset[int]:
        """Everyone who has been in the room."""
        return frozenset(self.present) | frozenset(self.left_at) | frozenset(self.order)

    def kept_words(self, item_id: int, owner: int, what: str) -> str:
        """Return what was written down in somebody's case."""
        return self.kept.get((item_id, owner, Keeps(what)), "")

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

    @property
    def closing_s(self) -> int | None:
        """Planned seconds from the coming closing reflection on; None when none is to come."""
        if not self.started or self.closed:
            return None
        places = (place for place, item in enumerate(self.coming) if item.rules.is_closing)
        place = next(places, None)
        return None if place is None else sum(item.planned_s for item in self.coming[place:])

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
