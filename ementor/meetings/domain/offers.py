"""What the room offers to do about time: the end that a button names is the one that it leads to.

Nothing here happens by itself: the room offers and a person presses. What follows from a press
is in ``subjects.plan``.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor.meetings.domain.agenda import Agenda, Item
from ementor.meetings.domain.shorten import least_s
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects import idle

MINUTE = timedelta(minutes=1)
HOUR = timedelta(minutes=60)
NO_BREAK_BEFORE_END = timedelta(minutes=15)
"""With less than this to come, going home is the break."""
ASK_AGAIN_AFTER = timedelta(minutes=20)
STAY_S = 5 * 60
TALK_BEFORE_END = timedelta(minutes=10)


@dataclass(frozen=True)
class Offers:
    """What the room offers to do about time, each from an instant on; None is never.

    A page counts on by itself, as no message comes when a minute passes: the instants are
    there before their time. An end is the one that pressing now would lead to.
    """

    short_from: datetime | None = None
    """Before the start: from when a start takes the end past the one to keep."""
    keep_at: datetime | None = None
    """The end that shortening tries to keep."""
    over_from: datetime | None = None
    """From when the meeting would end a minute late."""
    over_min: int = 0
    """Minutes over the end to keep, as shown; negative when ahead."""
    most_s: int = 0
    """What shortening all that is to come can save."""
    short_end_at: datetime | None = None
    drop: Item | None = None
    drop_end_at: datetime | None = None
    stay_end_at: datetime | None = None
    """The end when people stay longer; None when it is locked."""
    stay_s: int = 0
    """What staying adds to what is planned anyway."""
    talk_from: datetime | None = None
    """From when ending the script before its time is near enough."""
    break_from: datetime | None = None
    long_from: datetime | None = None
    """From when the current item has run long."""
    free: bool = False
    """The script is over and people have stayed."""
    closes_at: datetime | None = None
    """When the meeting ends by itself, as the room has asked and nobody has answered yet."""

    def first(self, now: datetime) -> str | None:
        """Return the most urgent one whose time has come: one at a time is enough to read."""
        offered = {"over": self.over_from, "break": self.break_from, "long": self.long_from}
        return next((name for name, since in offered.items() if since and since <= now), None)


def offers(run: Run, now: datetime) -> Offers:
    """Return what may be offered to who facilitates."""
    now = max(now, run.at or now)
    ends_at = run.ends_at(now)
    keep_at = run.held_end_at if run.started else start_end_at(run)
    if run.closed or keep_at is None:
        return Offers()
    most_s = run.rest_s - least_s(run.coming)
    over_min = whole_minutes((ends_at - keep_at).total_seconds())
    short_end_at = ends_at - timedelta(seconds=min(most_s, max(over_min, 0) * 60))
    if not run.started:
        from_at = keep_at + MINUTE - timedelta(seconds=run.rest_s) if most_s and now < keep_at else None
        return Offers(short_from=from_at, keep_at=keep_at, most_s=most_s, short_end_at=short_end_at)
    item = to_drop(run.coming, over_min)
    return Offers(
        keep_at=keep_at,
        over_from=over_from(run, now),
        over_min=over_min,
        most_s=most_s,
        short_end_at=short_end_at,
        drop=item,
        drop_end_at=ends_at - timedelta(seconds=item.planned_s) if item else None,
        stay_end_at=None if run.schedule.must_end_at else ends_at + timedelta(seconds=stay_s(run, now)),
        stay_s=stay_s(run, now),
        talk_from=None if idle.in_free_talk(run) else keep_at - TALK_BEFORE_END,
        break_from=break_from(run, now),
        long_from=long_from(run),
        free=idle.in_free_talk(run),
        closes_at=idle.closes_at(run),
    )


def start_end_at(run: Run) -> datetime | None:
    """Return the end that a meeting not started yet is to keep, None when none was set."""
    schedule = run.schedule
    if schedule.must_end_at or schedule.starts_at is None:
        return schedule.must_end_at
    return schedule.starts_at + timedelta(seconds=run.rest_s)


def over_from(run: Run, now: datetime) -> datetime | None:
    """Return from when the meeting would end a minute late, if nobody does anything."""
    end_at = run.held_end_at
    if end_at is None:
        return None
    rest = timedelta(seconds=run.rest_s)
    if run.over_s(now) >= 60:
        return end_at + MINUTE - rest - timedelta(seconds=run.item_allotted_s)  # some time past
    left_s = run.item_left_s(now) if run.paused else 0.0
    return end_at + MINUTE - rest - timedelta(seconds=left_s)


def to_drop(coming: Agenda, over_min: int) -> Item | None:
    """Return what to leave out: the smallest item that makes up for the overrun, else the largest."""
    may_go = [item for item in coming if item.rules.is_droppable]
    enough = [item for item in may_go if item.minutes >= over_min]
    if enough:
        return min(enough, key=lambda item: item.minutes)
    return max(may_go, key=lambda item: item.minutes, default=None)


def break_from(run: Run, now: datetime) -> datetime | None:
    """Return from when a break is proposed: an hour without one is over when this item is."""
    schedule, item = run.schedule, run.item
    coming = run.next_item
    if item is None or coming is None or schedule.rested_at is None or run.schedule.free_item == item.id:
        return None
    if item.rules.is_rest or coming.rules.is_rest or run.rest_s < NO_BREAK_BEFORE_END.seconds:
        return None
    hour_at = schedule.rested_at + HOUR
    item_ends_at = now + timedelta(seconds=run.item_left_s(now))
    due_at = min(hour_at, now) if item_ends_at >= hour_at else hour_at
    refused_at = schedule.break_refused_at
    return max(due_at, refused_at + ASK_AGAIN_AFTER) if refused_at else due_at


def long_from(run: Run) -> datetime | None:
    """Return from when the current item has run a fifth and a minute over its time."""
    since = run.item_since
    if since is None or run.schedule.free_item == run.course.item_id:
        return None
    long_s = run.item_allotted_s + max(60, run.item_allotted_s / 5)
    return since + timedelta(seconds=long_s - run.item_spent_s)


def stay_s(run: Run, now: datetime) -> int:
    """Return what staying has to add: when nothing is left, the end would be over at once."""
    return STAY_S if not run.coming and run.item_left_s(now) == 0 else 0


def whole_minutes(seconds: float) -> int:
    """Return minutes as the room shows them: the half goes up, in the browser too."""
    return math.floor(seconds / 60 + 0.5)
