"""What a command needs of a run: each returns it, or raises Refused."""

from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.commands import Refusal, Refused
from ementor.meetings.domain.state import Run


def started(run: Run) -> None:
    if not run.started:
        raise Refused(Refusal.NOT_STARTED)


def current_item(run: Run) -> Item:
    if run.item is None:
        raise Refused(Refusal.NOT_STARTED)
    return run.item


def item_with_turns(run: Run) -> Item:
    item = current_item(run)
    if not run.has_turns:
        raise Refused(Refusal.NO_TURNS)
    return item


def speaker(run: Run) -> int:
    if run.speaker is None:
        raise Refused(Refusal.NO_SPEAKER)
    return run.speaker


def item_by_id(run: Run, item_id: int) -> Item:
    """Return the item, unless it has gone."""
    item = run.item_by_id(item_id)
    if item is None:
        raise Refused(Refusal.GONE)
    return item


def coming_item(run: Run, item_id: int) -> Item:
    """Return an item that has not been entered yet."""
    item = item_by_id(run, item_id)
    if item.id in run.course.visited:
        raise Refused(Refusal.DONE)
    return item


def next_item(run: Run, why: Refusal = Refusal.NO_NEXT) -> Item:
    item = run.next_item
    if item is None:
        raise Refused(why)
    return item
