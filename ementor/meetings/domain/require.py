"""What a command needs of a run: each returns it, or raises Refused."""

from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.commands import Refused, Why
from ementor.meetings.domain.state import Run


def started(run: Run) -> None:
    if not run.started:
        raise Refused(Why.NOT_STARTED)


def current_item(run: Run) -> Item:
    if run.item is None:
        raise Refused(Why.NOT_STARTED)
    return run.item


def item_with_turns(run: Run) -> Item:
    item = current_item(run)
    if not run.has_turns:
        raise Refused(Why.NO_TURNS)
    return item


def speaker(run: Run) -> int:
    if run.speaker is None:
        raise Refused(Why.NO_SPEAKER)
    return run.speaker


def item_by_id(run: Run, item_id: int) -> Item:
    """Return the item, unless it has gone."""
    item = run.item_by_id(item_id)
    if item is None:
        raise Refused(Why.GONE)
    return item


def coming_item(run: Run, item_id: int) -> Item:
    """Return an item that has not been entered yet."""
    item = item_by_id(run, item_id)
    if item.id in run.course.visited:
        raise Refused(Why.DONE)
    return item


def next_item(run: Run, why: Why = Why.NO_NEXT) -> Item:
    item = run.next_item
    if item is None:
        raise Refused(why)
    return item
