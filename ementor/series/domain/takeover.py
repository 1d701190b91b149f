"""When a group counts as left alone by its facilitators, so that any member may take it over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

ABSENT_FOR = timedelta(days=7)
TOLD_FOR = timedelta(days=14)


def is_left_alone(facilitators_seen: Iterable[datetime], now: datetime) -> bool:
    """Tell whether no facilitator has been here for a while, or there is none."""
    return all(now - seen >= ABSENT_FOR for seen in facilitators_seen)


def is_news(taken_over_at: datetime | None, now: datetime) -> bool:
    """Tell whether the group is still told who took it over."""
    return taken_over_at is not None and now - taken_over_at < TOLD_FOR
