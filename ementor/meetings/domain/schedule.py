"""When a meeting is to start and end, and what has been done about it: part of the run's state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ementor.meetings.domain.values import replace

if TYPE_CHECKING:
    from ementor.meetings.domain.kinds import Event
    from ementor.meetings.domain.state import Run

RESTED_AFTER = timedelta(minutes=1)
"""A break left sooner was a wrong press and no rest."""
PAUSE_RESTS = timedelta(minutes=5)
"""A pause as long as this is a break, whatever it is called."""


@dataclass(frozen=True)
class Mended:
    """How the plan was before it was mended last, for an undo."""

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
    mended: Mended | None = None
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


def after(run: Run, event: Event) -> Schedule:
    """Return the schedule after ``event`` happened in ``run``."""
    schedule, at, data = run.schedule, event.at, event.data
    if event.kind not in ("person_left", "idle_asked", "people_merged") and not data.get("itself"):
        schedule = replace(schedule, lived_at=at, asked_at=None)
    if event.kind in PLAN_KINDS:
        schedule = replace(schedule, number=run.number + 1, mended=None)
    match event.kind:
        case "times_set":
            starts_at = _instant(data["starts_at"])
            return replace(schedule, starts_at=starts_at, must_end_at=_instant(data["must_end_at"]))
        case "started":
            return replace(schedule, rested_at=at)
        case "item_entered" | "went_back":
            if run.item and run.item.rules.is_rest and run.course.wall_s(at) >= RESTED_AFTER.seconds:
                return replace(schedule, rested_at=at)
        case "paused":
            return replace(schedule, paused_at=at)
        case "resumed":
            if schedule.paused_at and at - schedule.paused_at >= PAUSE_RESTS:
                return replace(schedule, rested_at=at)
        case "plan_spread":
            ids = {item_id for item_id, _ in data["minutes"]}
            minutes = tuple((item.id, item.minutes) for item in run.agenda if item.id in ids)
            return replace(schedule, mended=Mended(minutes, planned_end_at=run.planned_end_at))
        case "item_dropped":
            return replace(schedule, mended=Mended((), data["item"], None, run.planned_end_at))
        case "break_added":
            return replace(schedule, mended=Mended((), None, data["item"]["id"], run.planned_end_at))
        case "stayed_longer":
            allotted_s = run.course.item_clock.allotted_s if "allotted_s" in data else None
            return replace(schedule, mended=Mended((), None, None, run.planned_end_at, allotted_s))
        case "break_refused":
            return replace(schedule, break_refused_at=at)
        case "idle_asked":
            return replace(schedule, asked_at=at)
        case "script_ended":
            until = datetime.fromisoformat(data["until"])
            return replace(schedule, free_item=data["item"], free_until=until, must_end_at=None)
        case "closed":
            return replace(schedule, closed_itself=data.get("itself", False))
        case "reopened":
            return replace(schedule, closed_itself=False)
    return schedule


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


PLAN_KINDS = frozenset(
    {
        "item_added",
        "item_changed",
        "item_moved",
        "item_removed",
        "item_restored",
        "item_skipped",
        "item_unskipped",
        "times_set",
        "started",
        "item_entered",
        "went_back",
        "plan_spread",
        "item_dropped",
        "break_added",
        "stayed_longer",
        "plan_undone",
        "script_ended",
        "closed",
    }
)
"""Kinds after which an older screen showed another plan: see ``run.overtaken``."""
