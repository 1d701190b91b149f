"""When a meeting is to start and end, and what has been done about it: part of the run's state."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PlanUndo:
    """How the plan was before it was changed last, for an undo."""

    minutes: tuple[tuple[int, int], ...] = ()
    """Item id and minutes, of the items that were shortened."""
    dropped: int | None = None
    added: int | None = None
    planned_end_at: datetime | None = None
    allotted_s: int | None = None
    """Of the current item, when it was given more."""


@dataclass(frozen=True)
class Schedule:
    """The wished times, and how long it is since this or that."""

    starts_at: datetime | None = None
    must_end_at: datetime | None = None
    """The locked end."""
    number: int = 0
    """Number of the newest event that changed what is planned."""
    plan_undo: PlanUndo | None = None
    """What an undo restores; None once something else has changed the plan."""
    rested_at: datetime | None = None
    """When the last break ended; the start when there was none."""
    paused_at: datetime | None = None
    break_refused_at: datetime | None = None
    lived_at: datetime | None = None
    """When somebody last pressed, came or shared something."""
    asked_at: datetime | None = None
    """Since when the room asks whether the meeting is still going on."""
    free_item: int | None = None
    """The item of unscripted talk after the end of the script."""
    free_until: datetime | None = None
    closed_itself: bool = False
