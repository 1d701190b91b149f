"""When a group meets: dates in its own wall-clock time, and what may be done with them.

A date is local time without a zone, so that every third Tuesday at 9.00 stays at 9.00 when the
clocks are changed. Its instant follows from the group's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

OPENS_BEFORE = timedelta(minutes=15)
OPEN_AFTER_END = timedelta(minutes=60)
"""So long after its planned end a room that nobody has started stays open."""
MAX_DATES = 40
"""Dates ahead, also those that were skipped or cancelled; what has been does not count."""
MAX_A_DAY = 3
MAX_AHEAD = timedelta(days=3 * 366)
MIN_MINUTES, MAX_MINUTES = 10, 12 * 60
MAX_WEEKS = 26


class Kept(StrEnum):
    """What a date is kept as. Stored: never renamed."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """A date on which the group does not meet; the meeting moved on to the next one."""


class State(StrEnum):
    """What a date is at some moment."""

    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    """Its time is over, and nobody started it."""


class DateRefusal(StrEnum):
    """The reasons of a refusal; services have the words for them."""

    PAST = "past"
    FAR = "far"
    NO_SUCH_TIME = "no_such_time"
    TWICE = "twice"
    OVERLAP = "overlap"
    A_DAY = "a_day"
    TOO_MANY = "too_many"
    WEEKS = "weeks"
    LENGTH = "length"
    HELD = "held"
    CANCELLED = "cancelled"
    OTHER_OPEN = "other_open"
    GONE = "gone"


class DateRefused(Exception):
    """What was wished for cannot be; ``suggestion`` is a local time that can, ``other`` what hinders."""

    def __init__(
        self, why: DateRefusal, *, suggestion: datetime | None = None, other: datetime | None = None
    ) -> None:
        super().__init__(why.value)
        self.why, self.suggestion, self.other = why, suggestion, other


@dataclass(frozen=True)
class Date:
    """One date of a series; ``wall`` and ``moved_from`` are local time without a zone."""

    id: int
    wall: datetime
    minutes: int
    kept: Kept = Kept.PLANNED
    moved_from: datetime | None = None
    opened_at: datetime | None = None
    """When a facilitator opened its room before its time."""
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """The planned end, local time."""
        return self.wall + timedelta(minutes=self.minutes)

    @property
    def is_held(self) -> bool:
        """Tell whether its meeting has begun, so that it can no longer be moved."""
        return self.started_at is not None or self.ended_at is not None

    @property
    def is_ahead(self) -> bool:
        """Tell whether it can still be moved, skipped or cancelled."""
        return self.kept is Kept.PLANNED and not self.is_held


Dates = tuple[Date, ...]


def instant(wall: datetime, zone: str) -> datetime:
    """Return the moment of a local time, in UTC; of two when the clocks go back, the first."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wall_of(at: datetime, zone: str) -> datetime:
    """Return the local time of a moment, without its zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def exists(wall: datetime, zone: str) -> bool:
    """Tell whether clocks show this time; when they go forward an hour is left out."""
    return wall_of(instant(wall, zone), zone) == wall


def comes_twice(wall: datetime, zone: str) -> bool:
    """Tell whether clocks show this time twice, as they do in the hour before they go back."""
    later = wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    return exists(wall, zone) and later != instant(wall, zone)


def require_clear(wall: datetime, zone: str) -> None:
    """Raise DateRefused for a local time that clocks do not show, or show twice: a plan holds no instant."""
    if not exists(wall, zone):
        suggestion = wall_of(instant(wall, zone), zone)
        raise DateRefused(DateRefusal.NO_SUCH_TIME, suggestion=suggestion, other=wall)
    if comes_twice(wall, zone):
        raise DateRefused(DateRefusal.TWICE, other=wall)


def ordered(dates: Iterable[Date]) -> Dates:
    """Return the dates in the order of time."""
    return tuple(sorted(dates, key=lambda date: (date.wall, date.id)))


# Planning


def planned(first: datetime, gaps: Sequence[int], lengths: Sequence[int]) -> Dates:
    """Return the dates of a new series: ``gaps`` are weeks before each of the others.

    ``lengths`` are the minutes of each meeting. Numbered from 1. Raises DateRefused.
    """
    if any(not 1 <= weeks <= MAX_WEEKS for weeks in gaps):
        raise DateRefused(DateRefusal.WEEKS)
    walls = [first]
    for weeks in gaps:
        walls.append(walls[-1] + timedelta(weeks=weeks))
    return tuple(
        Date(number, wall, minutes)
        for number, (wall, minutes) in enumerate(zip(walls, lengths, strict=True), 1)
    )


def require_fit(dates: Dates, changed: Iterable[int], zone: str, now: datetime) -> Dates:
    """Return the dates in order, if those that were ``changed`` fit among the others. Raises DateRefused."""
    live = [date for date in dates if date.kept is Kept.PLANNED]
    if sum(instant(date.until, zone) > now for date in dates) > MAX_DATES:
        raise DateRefused(DateRefusal.TOO_MANY)
    for date in ordered(date for date in live if date.id in set(changed)):
        if not MIN_MINUTES <= date.minutes <= MAX_MINUTES:
            raise DateRefused(DateRefusal.LENGTH)
        for wall in (date.wall, date.until):
            require_clear(wall, zone)
        if instant(date.wall, zone) <= now:
            raise DateRefused(DateRefusal.PAST, other=date.wall)
        if instant(date.wall, zone) - now > MAX_AHEAD:
            raise DateRefused(DateRefusal.FAR, other=date.wall)
        others = [other for other in live if other.id != date.id]
        for other in others:
            if date.wall < other.until and other.wall < date.until:
                raise DateRefused(DateRefusal.OVERLAP, other=other.wall)
        if sum(other.wall.date() == date.wall.date() for other in others) >= MAX_A_DAY:
            raise DateRefused(DateRefusal.A_DAY, other=date.wall)
    return ordered(dates)


def moved(dates: Dates, date_id: int, wall: datetime, minutes: int, zone: str, now: datetime) -> Dates:
    """Return the dates with one at another time. Raises DateRefused."""
    date = _ahead(dates, date_id)
    if (wall, minutes) == (date.wall, date.minutes):
        return dates
    moved_from = date.moved_from if wall.date() == date.wall.date() else (date.moved_from or date.wall)
    if moved_from is not None and moved_from.date() == wall.date():
        moved_from = None  # it is back where it was
    changed = replace(date, wall=wall, minutes=minutes, moved_from=moved_from, opened_at=None)
    return require_fit(_with(dates, changed), [date_id], zone, now)


def skipped(dates: Dates, date_id: int, weeks: int, zone: str, now: datetime) -> Dates:
    """Return the dates with no meeting on one of them: it and all after it come ``weeks`` later.

    The day itself stays, with the id 0, to be put back. Raises DateRefused.
    """
    date = _ahead(dates, date_id)
    return _shifted(dates, date.wall, weeks, zone, now, gap=Date(0, date.wall, date.minutes, Kept.SKIPPED))


def put_back(dates: Dates, date_id: int, weeks: int, zone: str, now: datetime) -> Dates:
    """Return the dates with a skipped one met on after all, or a cancelled one held. Raises DateRefused."""
    date = _one(dates, date_id)
    if date.kept is Kept.CANCELLED:
        return require_fit(_with(dates, replace(date, kept=Kept.PLANNED)), [date_id], zone, now)
    if date.kept is not Kept.SKIPPED:
        return dates
    others = tuple(other for other in dates if other.id != date_id)
    return _shifted(others, date.wall, -weeks, zone, now)


def cancelled(dates: Dates, date_id: int) -> Dates:
    """Return the dates without a meeting on one of them; the others stay. Raises DateRefused."""
    date = _one(dates, date_id)
    if date.kept is Kept.CANCELLED:
        return dates
    return _with(dates, replace(_ahead(dates, date_id), kept=Kept.CANCELLED, opened_at=None))


def added(dates: Dates, wall: datetime, minutes: int, zone: str, now: datetime) -> Dates:
    """Return the dates with one more, which has the id 0. Raises DateRefused."""
    return require_fit((*dates, Date(0, wall, minutes)), [0], zone, now)


def _shifted(
    dates: Dates, since: datetime, weeks: int, zone: str, now: datetime, gap: Date | None = None
) -> Dates:
    """Return the dates with all meetings from ``since`` on so many weeks later. A day skipped stays."""
    if not 1 <= abs(weeks) <= MAX_WEEKS:
        raise DateRefused(DateRefusal.WEEKS)
    later = [date for date in dates if date.is_ahead and date.wall >= since]
    by = timedelta(weeks=weeks)
    changed = {date.id: replace(date, wall=date.wall + by, opened_at=None) for date in later}
    result = tuple(changed.get(date.id, date) for date in dates)
    return require_fit(result if gap is None else (*result, gap), changed, zone, now)


def _one(dates: Dates, date_id: int) -> Date:
    for date in dates:
        if date.id == date_id:
            return date
    raise DateRefused(DateRefusal.GONE)


def _ahead(dates: Dates, date_id: int) -> Date:
    date = _one(dates, date_id)
    if date.is_held:
        raise DateRefused(DateRefusal.HELD)
    if date.kept is not Kept.PLANNED:
        raise DateRefused(DateRefusal.CANCELLED)
    return date


def _with(dates: Dates, changed: Date) -> Dates:
    return tuple(changed if date.id == changed.id else date for date in dates)


# As time goes by


def states(dates: Dates, zone: str, now: datetime) -> Mapping[int, State]:
    """Return what each date is now. At most one is open or running."""
    found = {date.id: _alone(date, zone, now) for date in dates}
    running = [date for date in dates if found[date.id] is State.RUNNING]
    opened = [date for date in dates if found[date.id] is State.OPEN]
    current = max(running or opened, key=lambda date: _place(date, zone, now), default=None)
    for date in (*running, *opened):
        if current is not None and date.id != current.id:
            over = instant(date.until, zone) <= now or (not running and date.wall < current.wall)
            found[date.id] = State.MISSED if over and found[date.id] is State.OPEN else State.PLANNED
    return found


def opens_at(date: Date, zone: str) -> datetime:
    """Return when its room opens, unless a facilitator opens it earlier."""
    return instant(date.wall, zone) - OPENS_BEFORE


def require_openable(dates: Dates, date_id: int, zone: str, now: datetime) -> None:
    """Raise Refused unless a facilitator may open this date's room now."""
    _ahead(dates, date_id)
    found = states(dates, zone, now)
    for date in dates:
        if date.id != date_id and found[date.id] in {State.OPEN, State.RUNNING}:
            raise DateRefused(DateRefusal.OTHER_OPEN, other=date.wall)
    if found[date_id] is State.MISSED:
        raise DateRefused(DateRefusal.PAST)


def current(dates: Dates, zone: str, now: datetime) -> Date | None:
    """Return the date whose room is open or running."""
    found = states(dates, zone, now)
    return next((date for date in dates if found[date.id] in {State.OPEN, State.RUNNING}), None)


def upcoming(dates: Dates, zone: str, now: datetime) -> Dates:
    """Return the dates that are still to come or under way, in order."""
    found = states(dates, zone, now)
    ahead = {State.PLANNED, State.OPEN, State.RUNNING}
    return ordered(date for date in dates if found[date.id] in ahead)


def _alone(date: Date, zone: str, now: datetime) -> State:
    """Return what a date would be if it were the only one."""
    if date.ended_at is not None:
        return State.ENDED
    if date.started_at is not None:
        return State.RUNNING
    if date.kept is not Kept.PLANNED:
        return State(date.kept.value)
    if date.opened_at is not None:  # by hand, and so for as long as no other room opens
        return State.OPEN
    if now >= instant(date.until, zone) + OPEN_AFTER_END:
        return State.MISSED
    return State.OPEN if now >= opens_at(date, zone) else State.PLANNED


def _place(date: Date, zone: str, now: datetime) -> tuple[bool, datetime]:
    """Tell which of two open rooms is meant: one whose time it is, and of those the later."""
    return now >= opens_at(date, zone), date.wall
