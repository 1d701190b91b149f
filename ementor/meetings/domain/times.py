"""What is left of an item and of a meeting, and when the meeting ends."""

from datetime import datetime, timedelta

from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.state import Run


def item_elapsed_s(run: Run, now: datetime) -> float:
    """Return the wall time spent in the current item, pauses included."""
    return run.course.wall_s(run.until(now))


def item_left_s(run: Run, now: datetime) -> float:
    """Return what is left of the current item, 0 in overtime."""
    return run.course.item_clock.left_s(run.until(now))


def actual_s(run: Run, item: Item, now: datetime) -> float:
    """Return the wall time spent in an item so far."""
    if item.id == run.course.item_id:
        return item_elapsed_s(run, now)
    return run.course.item_spent.get(item.id, 0.0)


def rest_s(run: Run) -> int:
    """Return the planned seconds of what is still to come."""
    return sum(item.planned_s for item in run.coming)


def closing_s(run: Run) -> int | None:
    """Return the planned seconds from the coming closing reflection on; None when none is to come."""
    if not run.started or run.closed:
        return None
    coming = run.coming
    places = (place for place, item in enumerate(coming) if item.rules.is_closing)
    place = next(places, None)
    return None if place is None else sum(item.planned_s for item in coming[place:])


def ends_at(run: Run, now: datetime) -> datetime:
    """Return when the meeting ends if the rest takes its time; before the start, if it started now."""
    if run.closed_at is not None:
        return run.closed_at
    return run.until(now) + timedelta(seconds=item_left_s(run, now) + rest_s(run))


def held_end_at(run: Run) -> datetime | None:
    """Return the end that it is held against: the locked one, else the planned; None before the start."""
    return run.planned_end_at and (run.schedule.must_end_at or run.planned_end_at)


def over_s(run: Run, now: datetime) -> float:
    """Return how much later it ends than it should: negative when earlier, 0 before the start."""
    end_at = held_end_at(run)
    return 0.0 if end_at is None else (ends_at(run, now) - end_at).total_seconds()
