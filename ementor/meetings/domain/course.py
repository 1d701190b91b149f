"""Where a meeting is: its item, its clocks and its turns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ementor.meetings.domain.values import replace

Groups = tuple[tuple[int, ...], ...]
"""Who talks with whom: people by group."""


@dataclass(frozen=True)
class Clock:
    """Counts up from 0 beside the time it was given; past that it is overtime."""

    allotted_s: int = 0
    spent_s: float = 0.0
    since: datetime | None = None
    """Ticking since then, on top of ``spent_s``; None while it stands."""

    def elapsed_s(self, now: datetime) -> float:
        if self.since is None:
            return self.spent_s
        return self.spent_s + max(0.0, (now - self.since).total_seconds())

    def left_s(self, now: datetime) -> float:
        """Return what is left, 0 in overtime."""
        return max(0.0, self.allotted_s - self.elapsed_s(now))

    def stopped(self, at: datetime) -> "Clock":
        return Clock(self.allotted_s, self.elapsed_s(at)) if self.since else self

    def running(self, at: datetime) -> "Clock":
        return self if self.since else Clock(self.allotted_s, self.spent_s, at)

    def allot(self, allotted_s: int) -> "Clock":
        return Clock(allotted_s, self.spent_s, self.since)


@dataclass(frozen=True)
class Course:
    """All that "back" restores.

    An item's clock runs while it is the current one and stops with every pause;
    the turns of a round have a clock of their own on top of it, and so have the steps
    of a turn. Wall time, pauses and all, is what ``entered_at`` and ``item_spent`` tell.
    """

    item_id: int | None = None
    entered_at: datetime | None = None
    item_spent: Mapping[int, float] = field(default_factory=dict)
    """Item id → seconds of wall time, for items that were left."""
    visited: frozenset[int] = frozenset()
    item_clock: Clock = field(default_factory=Clock)
    turn_clock: Clock | None = None
    paused: bool = False
    order: tuple[int, ...] = ()
    place: int | None = None
    """Index of the speaker in ``order``; None before the first turn, ``len(order)`` after the last."""
    passed: frozenset[int] = frozenset()
    speaker: int | None = None
    turn_s: int | None = None
    """What the turns to come last, once the facilitator has taken what was offered."""
    steps_s: tuple[int, ...] = ()
    """The seconds of each step of the turn under way."""
    step: int | None = None
    """Index of the step in ``steps_s``; None where a turn has none."""
    step_clock: Clock | None = None
    asked: tuple[int, ...] = ()
    """In a step that goes one by one: who has had the word in it, the last of them has it now."""
    groups: Groups = ()
    """Who talks with whom in pairs mode, once they are drawn."""
    seat: int | None = None
    """In pairs where each has a time: whose it is, as a place in each group."""

    @property
    def clock(self) -> Clock:
        """The clock to show: the step's, else the turn's, else the item's."""
        return self.step_clock or self.turn_clock or self.item_clock

    @property
    def ticking_since(self) -> datetime | None:
        return self.clock.since

    @property
    def spent_s(self) -> float:
        return self.clock.spent_s

    @property
    def allotted_s(self) -> int:
        return self.clock.allotted_s

    @property
    def round_is_open(self) -> bool:
        """Somebody may still get a turn, so that whoever comes in is put at the end."""
        return self.place is None or self.place < len(self.order)

    def wall_s(self, now: datetime) -> float:
        """Return the wall time spent in the current item, earlier visits included."""
        if self.item_id is None or self.entered_at is None:
            return 0.0
        before = self.item_spent.get(self.item_id, 0.0)
        return before + max(0.0, (now - self.entered_at).total_seconds())

    def stopped(self, at: datetime) -> Self:
        """Return it with the clocks standing; ``paused`` is untouched."""
        return self._with_clocks(lambda clock: clock.stopped(at))

    def running(self, at: datetime) -> Self:
        return replace(self._with_clocks(lambda clock: clock.running(at)), paused=False)

    def _with_clocks(self, change: Callable[[Clock], Clock]) -> Self:
        return replace(
            self,
            item_clock=change(self.item_clock),
            turn_clock=self.turn_clock and change(self.turn_clock),
            step_clock=self.step_clock and change(self.step_clock),
        )

    def pause(self, at: datetime) -> Self:
        return replace(self.stopped(at), paused=True)

    def enter(self, item_id: int, allotted_s: int, order: tuple[int, ...], at: datetime) -> "Course":
        """Leave the current item for another, whose clock starts where it was left."""
        spent = dict(self.item_spent)
        if self.item_id is not None:
            spent[self.item_id] = self.wall_s(at)
        return Course(
            item_id=item_id,
            entered_at=at,
            item_spent=spent,
            visited=self.visited | {item_id},
            item_clock=Clock(allotted_s, spent.get(item_id, 0.0), at),
            order=order,
        )

    def give_turn(
        self, person: int, order: tuple[int, ...], allotted_s: int, steps_s: tuple[int, ...], at: datetime
    ) -> Self:
        """Give ``person`` of ``order`` a turn from 0; its clock runs, after a pause too."""
        course = replace(
            self.running(at),
            turn_clock=Clock(allotted_s, 0.0, at),
            order=order,
            passed=self.passed - {person},
            place=order.index(person),
            speaker=person,
            steps_s=steps_s,
        )
        return course.enter_step(0 if steps_s else None, at)

    def take_seat(self, seat: int, allotted_s: int, steps_s: tuple[int, ...], at: datetime) -> Self:
        """Give the next one in each group their time."""
        course = replace(self.running(at), turn_clock=Clock(allotted_s, 0.0, at), seat=seat, steps_s=steps_s)
        return course.enter_step(0 if steps_s else None, at)

    def enter_step(self, step: int | None, at: datetime) -> Self:
        """Begin a step of the turn with its own clock; None where it has no steps."""
        clock = None if step is None else Clock(self.steps_s[step], 0.0, at)
        return replace(self.running(at), step=step, step_clock=clock, asked=())

    def end_round(self, at: datetime) -> Self:
        """Nobody is left to speak: the item's clock shows again."""
        course = replace(self.running(at), turn_clock=None, place=len(self.order), speaker=None)
        return replace(course, steps_s=(), step=None, step_clock=None, asked=())

    def end_seats(self, seats: int, at: datetime) -> Self:
        """Each has had their time in pairs."""
        return replace(self.running(at), turn_clock=None, seat=seats, steps_s=(), step=None, step_clock=None)

    def with_order(self, order: tuple[int, ...]) -> Self:
        """Put the turns to come in another order; after the last turn somebody may be added."""
        if self.place is not None and self.speaker is None:
            return replace(self, order=order, place=len(self.order) - 1)
        return replace(self, order=order)

    def join_round(self, people: tuple[int, ...]) -> Self:
        """Put those at the end who are not in the order yet."""
        late = tuple(person for person in people if person not in self.order)
        return replace(self, order=self.order + late) if late else self

    def join_groups(self, people: tuple[int, ...]) -> Self:
        """Put those in the smallest of the groups who are in none yet."""
        groups = joined(self.groups, people)
        return self if groups == self.groups else replace(self, groups=groups)

    def without(self, person: int) -> Self:
        """Return it without ``person``, who has no turn any more; what they say now ends unnamed."""
        before = self.order[: self.place or 0].count(person)
        place = None if self.place is None else self.place - before
        order = tuple(other for other in self.order if other != person)
        speaker = None if self.speaker == person else self.speaker
        passed = self.passed - {person}
        asked = tuple(other for other in self.asked if other != person)
        course = replace(self, order=order, place=place, passed=passed, speaker=speaker, asked=asked)
        return replace(course, groups=without(self.groups, person))

    def merged(self, kept: int, gone: int) -> Self:
        """Return it with ``kept`` in the place of ``gone``; of two turns of theirs one goes."""
        order, place = self.order, self.place
        stays = gone if gone in order else kept
        if kept in order and gone in order:
            one, other = sorted((order.index(kept), order.index(gone)))
            if self.speaker is not None and other == place:
                one, other = other, one
            stays = order[one]
            order = order[:other] + order[other + 1 :]
            place = place - 1 if place is not None and other < place else place
        passed = self.passed - {kept, gone} | ({kept} if stays in self.passed else frozenset())
        order = tuple(kept if person == gone else person for person in order)
        speaker = kept if self.speaker == gone else self.speaker
        # Who is asked now is the last of them; nobody is asked by themselves.
        asked = once(self.asked[::-1], kept, gone)[::-1]
        asked = tuple(person for person in asked if person != speaker)
        course = replace(self, order=order, place=place, passed=passed, speaker=speaker, asked=asked)
        return replace(course, groups=merged(self.groups, kept, gone))

    def without_turns(self, order: tuple[int, ...]) -> "Course":
        """Return it as if no turn had been given, for an item whose mode has changed."""
        return Course(
            item_id=self.item_id,
            entered_at=self.entered_at,
            item_spent=self.item_spent,
            visited=self.visited,
            item_clock=self.item_clock,
            paused=self.paused,
            order=order,
        )

    def extend(self, allotted_s: int) -> Self:
        """Set the clock that is shown; a turn grows with its step."""
        if self.step_clock:
            more_s = allotted_s - self.step_clock.allotted_s
            turn = self.turn_clock and self.turn_clock.allot(max(0, self.turn_clock.allotted_s + more_s))
            return replace(self, step_clock=self.step_clock.allot(allotted_s), turn_clock=turn)
        if self.turn_clock:
            return replace(self, turn_clock=self.turn_clock.allot(allotted_s))
        return self.allot_item(allotted_s)

    def allot_item(self, allotted_s: int) -> Self:
        return replace(self, item_clock=self.item_clock.allot(allotted_s))

    def return_to(self, earlier: "Course", at: datetime) -> "Course":
        """Return ``earlier``, as it was when it was left, going on from now.

        In the same item its clock has gone on meanwhile, as has the talk, and pairs stay as they are.
        """
        if earlier.item_id == self.item_id:
            earlier = replace(earlier, item_clock=self.stopped(at).item_clock, groups=self.groups)
        return earlier if earlier.paused else earlier.running(at)


def joined(groups: Groups, people: tuple[int, ...]) -> Groups:
    """Return the groups with those in the smallest of them who are in none yet."""
    together = {person for group in groups for person in group}
    for person in people:
        if groups and person not in together:
            smallest = min(range(len(groups)), key=lambda place: len(groups[place]))
            groups = (*groups[:smallest], (*groups[smallest], person), *groups[smallest + 1 :])
    return groups


def once(people: tuple[int, ...], kept: int, gone: int) -> tuple[int, ...]:
    """Return the people with ``kept`` in the place of ``gone``, and only once."""
    return tuple(dict.fromkeys(kept if person == gone else person for person in people))


def merged(groups: Groups, kept: int, gone: int) -> Groups:
    """Return the groups with ``kept`` in the place of ``gone``; who was in two stays in their own."""
    if any(kept in group and gone not in group for group in groups):
        groups = without(groups, gone)
    return tuple(once(group, kept, gone) for group in groups)


def without(groups: Groups, person: int) -> Groups:
    """Return the groups without ``person``; who would be left alone joins another group."""
    had = next((group for group in groups if person in group), ())
    rest = tuple(other for other in had if other != person)
    others = tuple(group for group in groups if group != had)
    if len(rest) == 1 and others:
        return joined(others, rest)
    return tuple(left for group in groups if (left := rest if group == had else group))
