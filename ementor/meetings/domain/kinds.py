"""What can have happened in a meeting, and what each kind of event is about."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ementor.meetings.domain.agenda import Data


class Kind(StrEnum):
    """What can have happened. Stored: never renamed, never given another meaning."""

    PLANNED = "planned"
    PERSON_CAME = "person_came"
    PERSON_LEFT = "person_left"
    ROLE_GIVEN = "role_given"
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
    STEP_ENTERED = "step_entered"
    VOICE_GIVEN = "voice_given"
    SEAT_TAKEN = "seat_taken"
    SEATS_OVER = "seats_over"
    FLOOR_OPENED = "floor_opened"
    TURN_LENGTH_SET = "turn_length_set"
    PAIRS_DRAWN = "pairs_drawn"
    HAND_RAISED = "hand_raised"
    HAND_LOWERED = "hand_lowered"
    KEPT = "kept"
    PEOPLE_MERGED = "people_merged"


CLOCK_KINDS = frozenset(
    {
        Kind.PAUSED,
        Kind.RESUMED,
        Kind.EXTENDED,
        Kind.TURN_LENGTH_SET,
        Kind.STAYED_LONGER,
        Kind.PLAN_UNDONE,
        Kind.SCRIPT_ENDED,
    }
)
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
        Kind.STEP_ENTERED,
        Kind.VOICE_GIVEN,
        Kind.SEAT_TAKEN,
        Kind.SEATS_OVER,
        Kind.FLOOR_OPENED,
        Kind.PAIRS_DRAWN,
        Kind.PEOPLE_MERGED,
    }
)
"""Kinds after which a press on an older screen meant something else: see ``run.overtaken``."""
ITEM_KINDS = frozenset({Kind.STARTED, Kind.ITEM_ENTERED, Kind.WENT_BACK, Kind.CLOSED, Kind.REOPENED})
"""Kinds among them after which the group is at another item, or at an earlier place again."""

TURN_KINDS = frozenset(
    {
        Kind.TURN_GIVEN,
        Kind.TURN_PASSED,
        Kind.TURN_POSTPONED,
        Kind.ROUND_OVER,
        Kind.ORDER_CHANGED,
        Kind.PAUSED,
        Kind.RESUMED,
        Kind.EXTENDED,
        Kind.STEP_ENTERED,
        Kind.VOICE_GIVEN,
        Kind.SEAT_TAKEN,
        Kind.SEATS_OVER,
        Kind.FLOOR_OPENED,
        Kind.TURN_LENGTH_SET,
        Kind.PAIRS_DRAWN,
        Kind.HAND_RAISED,
        Kind.HAND_LOWERED,
        Kind.KEPT,
    }
)
"""Kinds that change whose turn it is and its clock, and nothing that stands beside."""


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``data`` holds only what JSON can."""

    kind: Kind
    at: datetime
    data: Data = field(default_factory=dict)
