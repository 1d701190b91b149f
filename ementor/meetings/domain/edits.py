"""What follows from a wish to edit the agenda."""

from datetime import datetime

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import Agenda, Data, How, Item
from ementor.meetings.domain.commands import (
    AddItem,
    ChangeItem,
    Edit,
    MoveItem,
    Plan,
    Refused,
    RemoveItem,
    RestoreItem,
    SkipItem,
    UnskipItem,
    Why,
)
from ementor.meetings.domain.kinds import Event, Kind
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.turns import enter_item
from ementor.meetings.domain.values import replace


def plan(run: Run, command: Plan, now: datetime) -> list[Event]:
    """Begin the log."""
    if run.number:
        raise Refused(Why.ALREADY_PLANNED)
    if len(command.agenda) > agendas.MAX_ITEMS:
        raise Refused(Why.TOO_MANY)
    items = [replace(item, id=number) for number, item in enumerate(command.agenda, start=1)]
    for item in items:
        check(item)
    data: Data = {"agenda": [agendas.item_to_data(item) for item in items]}
    if command.started_last is not None:
        data["started_last"] = command.started_last
    return [Event(Kind.PLANNED, now, data)]


def edit(run: Run, command: Edit, now: datetime) -> list[Event]:
    """Return what follows from an edit of the agenda."""
    match command:
        case AddItem():
            return add(run, command, now)
        case ChangeItem():
            return change(run, command, now)
        case RestoreItem():
            return restore(run, now)
        case MoveItem(item_id, place):
            return move(run, coming(run, item_id), place, now)
        case RemoveItem(item_id):
            return [Event(Kind.ITEM_REMOVED, now, {"item": coming(run, item_id).id})]
        case SkipItem(item_id):
            return skip(run, get(run, item_id), now)
        case UnskipItem(item_id):
            item = get(run, item_id)
            return [Event(Kind.ITEM_UNSKIPPED, now, {"item": item.id})] if item.skipped else []


def add(run: Run, command: AddItem, now: datetime) -> list[Event]:
    if len(run.agenda) >= agendas.MAX_ITEMS:
        raise Refused(Why.TOO_MANY)
    new_id = run.last_item_id + 1
    item = Item(new_id, command.mode, command.title, command.prompt, command.minutes, how=command.how)
    check(item)
    place = place_of_new(run) if command.place is None else allowed_place(run, run.agenda, command.place)
    return [Event(Kind.ITEM_ADDED, now, {"item": agendas.item_to_data(item), "place": place})]


def change(run: Run, command: ChangeItem, now: datetime) -> list[Event]:
    old = get(run, command.item_id)
    new = Item(
        id=old.id,
        mode=old.mode if command.mode is None else command.mode,
        title=old.title if command.title is None else command.title,
        prompt=old.prompt if command.prompt is None else command.prompt,
        minutes=old.minutes if command.minutes is None else command.minutes,
        how=old.how if command.how is None else command.how,
        form=old.form,
    )
    check(new)
    before, after = agendas.item_to_data(old), agendas.item_to_data(new)
    data: Data = {
        name: after[name] for name in ("mode", "title", "prompt", "minutes") if after[name] != before[name]
    }
    if new.how != old.how:
        data["how"] = agendas.how_to_data(new.how)
    if not data:
        return []
    if run.state_of(old) == "done" and not data.keys() <= {"title", "prompt"}:
        raise Refused(Why.DONE)  # its plan is what its actual minutes are held against
    return [Event(Kind.ITEM_CHANGED, now, {"item": old.id, **data})]


def move(run: Run, item: Item, place: int, now: datetime) -> list[Event]:
    rest = agendas.without(run.agenda, item.id)
    place = allowed_place(run, rest, place, item)
    if agendas.with_item_at(rest, place, item) == run.agenda:
        return []
    return [Event(Kind.ITEM_MOVED, now, {"item": item.id, "place": place})]


def restore(run: Run, now: datetime) -> list[Event]:
    if not run.removed:
        raise Refused(Why.NOTHING_TO_UNDO)
    if len(run.agenda) >= agendas.MAX_ITEMS:
        raise Refused(Why.TOO_MANY)
    place, item = run.removed[-1]
    place = allowed_place(run, run.agenda, place)
    return [Event(Kind.ITEM_RESTORED, now, {"item": item.id, "place": place})]


def skip(run: Run, item: Item, now: datetime) -> list[Event]:
    """Leave an item out; from the current one go on to the next."""
    if run.state_of(item) == "done":
        raise Refused(Why.DONE)
    if run.state_of(item) == "skipped":
        return []
    skipped = Event(Kind.ITEM_SKIPPED, now, {"item": item.id})
    if run.state_of(item) == "coming":
        return [skipped]
    if run.next_item is None:
        raise Refused(Why.NO_NEXT)
    return [skipped, enter_item(run, run.next_item, now)]


def get(run: Run, item_id: int) -> Item:
    """Return the item. Raises Refused when it has gone."""
    item = run.item_by_id(item_id)
    if item is None:
        raise Refused(Why.GONE)
    return item


def coming(run: Run, item_id: int) -> Item:
    """Return an item that has not been entered yet. Raises Refused when it has gone or has been."""
    item = get(run, item_id)
    if item.id in run.course.visited:
        raise Refused(Why.DONE)
    return item


def check(item: Item) -> None:
    """Raise Refused when an item's words or minutes are beyond the limits."""
    if not any(text.strip() for text in item.title.values()):
        raise Refused(Why.EMPTY)
    if any(len(text) > agendas.MAX_TITLE for text in item.title.values()):
        raise Refused(Why.TOO_LONG)
    if any(len(text) > agendas.MAX_PROMPT for text in item.prompt.values()):
        raise Refused(Why.TOO_LONG)
    if not agendas.MIN_MINUTES <= item.minutes <= agendas.MAX_MINUTES:
        raise Refused(Why.MINUTES)
    check_how(item.how)


def check_how(how: How) -> None:
    """Raise Refused when an item's settings are beyond the limits."""
    if how.turn_s is not None and not agendas.MIN_CLOCK_S <= how.turn_s <= agendas.MAX_MINUTES * 60:
        raise Refused(Why.STEPS)
    if len(how.steps) > agendas.MAX_STEPS or not agendas.MIN_SIZE <= how.size <= agendas.MAX_SIZE:
        raise Refused(Why.STEPS)
    for step in how.steps:
        if not any(text.strip() for text in step.title.values()):
            raise Refused(Why.EMPTY)
        if any(len(text) > agendas.MAX_TITLE for text in step.title.values()):
            raise Refused(Why.TOO_LONG)
        if not agendas.MIN_CLOCK_S <= step.seconds <= agendas.MAX_MINUTES * 60:
            raise Refused(Why.STEPS)


def allowed_place(run: Run, agenda: Agenda, place: int, moving: Item | None = None) -> int:
    """Return the place nearest to ``place`` in ``agenda`` that is still among those to come.

    ``agenda`` is the run's, perhaps less the item that is ``moving``.
    """
    first = 0
    if run.started:
        to_come = [*run.coming, *([moving] if moving else [])]
        places = [at for at, item in enumerate(run.agenda) if item in to_come]
        here = agendas.place_of(run.agenda, run.course.item_id)
        first = min([*places, len(run.agenda) if here is None else here + 1])
    return max(first, min(place, len(agenda)))


def place_of_new(run: Run) -> int:
    """Return the end of the agenda, or the place of a closing reflection that is still to come."""
    last = run.agenda[-1] if run.agenda else None
    if last and last.rules.is_closing and last.id not in run.course.visited:
        return len(run.agenda) - 1
    return len(run.agenda)
