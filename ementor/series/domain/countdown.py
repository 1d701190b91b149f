"""How long it is to a meeting, as people say it: in days, tomorrow, or in hours on the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ementor.series.domain.dates import wall_of

WHOLE_RING_DAYS = 14
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Unit(StrEnum):
    """What is counted."""

    DAYS = "days"
    TOMORROW = "tomorrow"
    HOURS = "hours"
    MINUTES = "minutes"
    NOW = "now"


@dataclass(frozen=True)
class Left:
    """How long it is; ``share`` is how full a ring shows it. It changes only with the number."""

    unit: Unit
    number: int
    share: float


def left_until(starts_at: datetime, now: datetime, zone: str) -> Left:
    """Return how long it is to a start: days are those of the calendar in the group's zone."""
    left = starts_at - now
    days = (wall_of(starts_at, zone).date() - wall_of(now, zone).date()).days
    if left <= timedelta(0):
        return Left(Unit.NOW, 0, 0.0)
    if left <= HOUR:
        minutes = -(-left // MINUTE)
        return Left(Unit.MINUTES, minutes, minutes / 60)
    if days == 0:
        hours = round(left / HOUR)
        return Left(Unit.HOURS, hours, hours / 24)
    return Left(Unit.TOMORROW if days == 1 else Unit.DAYS, days, min(1.0, days / WHOLE_RING_DAYS))
