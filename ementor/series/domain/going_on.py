"""What is proposed to a group whose last date is over: a few more, at the same time of the week."""

from __future__ import annotations

from datetime import datetime, timedelta

WEEKS, COUNT = 4, 4
SOON = timedelta(days=1)
"""Nobody is proposed to meet earlier than that."""


def proposed(last: datetime, now: datetime) -> list[datetime]:
    """Return the local times of the dates proposed after ``last``; ``now`` is local time, too.

    The first is one gap after the last one, or when that is over the next such day of the week.
    """
    first = last + timedelta(weeks=WEEKS)
    if first < now + SOON:
        first += timedelta(weeks=-(-(now + SOON - first) // timedelta(weeks=1)))
    return [first + timedelta(weeks=WEEKS * number) for number in range(COUNT)]
