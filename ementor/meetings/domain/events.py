"""What can have happened in a meeting: each kind of event with its traits, in one table."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Self

from ementor.meetings.domain.agenda import Data


class Moves(IntEnum):
    """How far an event takes the group from what an older screen shows; each includes those before it."""

    NOTHING = 0
    CLOCK = 1
    """The shown clock is another one, in the same place of the course."""
    PLACE = 2
    """The course is at another place: a press on an older screen meant something else."""
    ITEM = 3
    """The group is at another item, or at an earlier place again."""


@dataclass(frozen=True)
class Traits:
    """What an event changes, beside what the evolve of its subject says."""

    moves: Moves
    is_beside: bool = True
    """What stands beside the turn may look different."""
    is_plan: bool = False
    """An older screen showed another plan."""
    is_life: bool = True
    """It shows that people are there."""
    keeps_undo: bool = False
    """It changes the plan and leaves what an undo restores to the evolve of its subject."""


TURN = Traits(Moves.PLACE, is_beside=False)
TURN_CLOCK = Traits(Moves.CLOCK, is_beside=False)
TURN_DETAIL = Traits(Moves.NOTHING, is_beside=False)
ITEM = Traits(Moves.ITEM, is_plan=True)
PLAN = Traits(Moves.NOTHING, is_plan=True)
PLAN_CLOCK = Traits(Moves.CLOCK, is_plan=True)
BESIDE = Traits(Moves.NOTHING)


class Kind(StrEnum):
    """What can have happened. Stored: never renamed, never given another meaning."""

    traits: Traits

    def __new__(cls, value: str, *traits: Traits) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        (kind.traits,) = traits  # a kind declared without traits stops the import
        return kind

    PLANNED = "planned", BESIDE
    PERSON_CAME = "person_came", BESIDE
    PERSON_LEFT = "person_left", Traits(Moves.NOTHING, is_life=False)
    ROLE_GIVEN = "role_given", BESIDE
    TOUCHED = "touched", BESIDE
    ITEM_ADDED = "item_added", PLAN
    ITEM_CHANGED = "item_changed", PLAN
    ITEM_MOVED = "item_moved", PLAN
    ITEM_REMOVED = "item_removed", PLAN
    ITEM_RESTORED = "item_restored", PLAN
    ITEM_SKIPPED = "item_skipped", PLAN
    ITEM_UNSKIPPED = "item_unskipped", PLAN
    STARTED = "started", ITEM
    ITEM_ENTERED = "item_entered", ITEM
    TURN_GIVEN = "turn_given", TURN
    TURN_PASSED = "turn_passed", TURN
    TURN_POSTPONED = "turn_postponed", TURN
    ROUND_OVER = "round_over", TURN
    ORDER_CHANGED = "order_changed", TURN
    PAUSED = "paused", TURN_CLOCK
    RESUMED = "resumed", TURN_CLOCK
    EXTENDED = "extended", TURN_CLOCK
    WENT_BACK = "went_back", Traits(Moves.ITEM, is_beside=False, is_plan=True)
    REVEALED = "revealed", BESIDE
    CLOSED = "closed", ITEM
    REOPENED = "reopened", Traits(Moves.ITEM)
    TIMES_SET = "times_set", PLAN
    PLAN_SPREAD = "plan_spread", PLAN
    ITEM_DROPPED = "item_dropped", PLAN
    STAYED_LONGER = "stayed_longer", PLAN_CLOCK
    BREAK_ADDED = "break_added", PLAN
    BREAK_REFUSED = "break_refused", BESIDE
    PLAN_UNDONE = "plan_undone", Traits(Moves.CLOCK, is_plan=True, keeps_undo=True)
    IDLE_ASKED = "idle_asked", Traits(Moves.NOTHING, is_life=False)
    WENT_ON = "went_on", BESIDE
    SCRIPT_ENDED = "script_ended", PLAN_CLOCK
    STEP_ENTERED = "step_entered", TURN
    VOICE_GIVEN = "voice_given", TURN
    SEAT_TAKEN = "seat_taken", TURN
    SEATS_OVER = "seats_over", TURN
    FLOOR_OPENED = "floor_opened", TURN
    TURN_LENGTH_SET = "turn_length_set", TURN_CLOCK
    PAIRS_DRAWN = "pairs_drawn", TURN
    HAND_RAISED = "hand_raised", TURN_DETAIL
    HAND_LOWERED = "hand_lowered", TURN_DETAIL
    KEPT = "kept", TURN_DETAIL
    PEOPLE_MERGED = "people_merged", Traits(Moves.PLACE, is_life=False)


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``data`` holds only what JSON can."""

    kind: Kind
    at: datetime
    data: Data = field(default_factory=dict)
