"""The agenda: how it begins, and every edit of it before and during a meeting."""

from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain import changes, require
from ementor.meetings.domain.agenda import PLAIN, Agenda, Data, Item, ItemSettings, Mode, Text
from ementor.meetings.domain.commands import By, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import MAX_REMOVED, Run
from ementor.meetings.domain.subjects import moves
from ementor.meetings.domain.values import replace


@dataclass(frozen=True)
class PlanAgenda(Command, means=Means.NOTHING, by=By.SYSTEM):
    """Begin with this agenda; its items are numbered from 1 in their order.

    ``started_last`` is who began the group's first round last time: now it is the next one.
    """

    agenda: Agenda
    started_last: int | None = None


@dataclass(frozen=True)
class AddItem(Command, means=Means.NOTHING):
    """Add an item at ``place``; without one at the end, yet before a closing reflection."""

    mode: Mode
    title: Text
    prompt: Text
    minutes: int
    place: int | None = None
    how: ItemSettings = PLAIN


@dataclass(frozen=True)
class ChangeItem(Command, means=Means.NOTHING):
    """Change what is given; None leaves it as it is."""

    item_id: int
    mode: Mode | None = None
    title: Text | None = None
    prompt: Text | None = None
    minutes: int | None = None
    how: ItemSettings | None = None


@dataclass(frozen=True)
class MoveItem(Command, means=Means.NOTHING):
    """Move an item that is still to come to ``place`` of the whole agenda, from 0.

    It stops at the first of those to come: nothing is put before what has been.
    """

    item_id: int
    place: int


@dataclass(frozen=True)
class RemoveItem(Command, means=Means.NOTHING):
    """Take an item that is still to come off the agenda."""

    item_id: int


@dataclass(frozen=True)
class RestoreItem(Command, means=Means.NOTHING):
    """Put back what was removed last."""


@dataclass(frozen=True)
class SkipItem(Command, means=Means.ITEM):
    """Leave an item out; skipping the current one moves on to the next."""

    item_id: int


@dataclass(frozen=True)
class UnskipItem(Command, means=Means.NOTHING):
    """Take a skipped item in again."""

    item_id: int


@decides(PlanAgenda)
def plan(run: Run, command: PlanAgenda, now: datetime) -> list[Event]:
    """Begin the log."""
    if run.number:
        raise Refused(Refusal.ALREADY_PLANNED)
    if len(command.agenda) > agendas.MAX_ITEMS:
        raise Refused(Refusal.TOO_MANY)
    items = [replace(item, id=number) for number, item in enumerate(command.agenda, start=1)]
    for item in items:
        check(item)
    data: Data = {"agenda": [agendas.item_to_data(item) for item in items]}
    if command.started_last is not None:
        data["started_last"] = command.started_last
    return [Event(Kind.PLANNED, now, data)]


@decides(AddItem)
def add(run: Run, command: AddItem, now: datetime) -> list[Event]:
    require_room(run)
    new_id = run.last_item_id + 1
    item = Item(new_id, command.mode, command.title, command.prompt, command.minutes, how=command.how)
    check(item)
    place = place_of_new(run) if command.place is None else allowed_place(run, run.agenda, command.place)
    return [Event(Kind.ITEM_ADDED, now, {"item": agendas.item_to_data(item), "place": place})]


@decides(ChangeItem)
def change(run: Run, command: ChangeItem, now: datetime) -> list[Event]:
    old = require.item_by_id(run, command.item_id)
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
        raise Refused(Refusal.DONE)  # its plan is what its actual minutes are held against
    return [Event(Kind.ITEM_CHANGED, now, {"item": old.id, **data})]


@decides(MoveItem)
def move(run: Run, command: MoveItem, now: datetime) -> list[Event]:
    item = require.coming_item(run, command.item_id)
    rest = agendas.without(run.agenda, item.id)
    place = allowed_place(run, rest, command.place, item)
    if agendas.with_item_at(rest, place, item) == run.agenda:
        return []
    return [Event(Kind.ITEM_MOVED, now, {"item": item.id, "place": place})]


@decides(RemoveItem)
def remove(run: Run, command: RemoveItem, now: datetime) -> list[Event]:
    return [Event(Kind.ITEM_REMOVED, now, {"item": require.coming_item(run, command.item_id).id})]


@decides(RestoreItem)
def restore(run: Run, command: RestoreItem, now: datetime) -> list[Event]:
    if not run.removed:
        raise Refused(Refusal.NOTHING_TO_UNDO)
    require_room(run)
    place, item = run.removed[-1]
    place = allowed_place(run, run.agenda, place)
    return [Event(Kind.ITEM_RESTORED, now, {"item": item.id, "place": place})]


@decides(SkipItem)
def skip(run: Run, command: SkipItem, now: datetime) -> list[Event]:
    """Leave an item out; from the current one go on to the next."""
    item = require.item_by_id(run, command.item_id)
    state = run.state_of(item)
    if state == "done":
        raise Refused(Refusal.DONE)
    if state == "skipped":
        return []
    skipped = Event(Kind.ITEM_SKIPPED, now, {"item": item.id})
    if state == "coming":
        return [skipped]
    return [skipped, moves.enter_item(run, require.next_item(run), now)]


@decides(UnskipItem)
def unskip(run: Run, command: UnskipItem, now: datetime) -> list[Event]:
    item = require.item_by_id(run, command.item_id)
    return [Event(Kind.ITEM_UNSKIPPED, now, {"item": item.id})] if item.skipped else []


def require_room(run: Run) -> None:
    """Raise Refused when the agenda is full."""
    if len(run.agenda) >= agendas.MAX_ITEMS:
        raise Refused(Refusal.TOO_MANY)


def check(item: Item) -> None:
    """Raise Refused when an item's words or minutes are beyond the limits."""
    if not any(text.strip() for text in item.title.values()):
        raise Refused(Refusal.EMPTY)
    if any(len(text) > agendas.MAX_TITLE for text in item.title.values()):
        raise Refused(Refusal.TOO_LONG)
    if any(len(text) > agendas.MAX_PROMPT for text in item.prompt.values()):
        raise Refused(Refusal.TOO_LONG)
    if not agendas.MIN_MINUTES <= item.minutes <= agendas.MAX_MINUTES:
        raise Refused(Refusal.MINUTES)
    check_how(item.how)


def check_how(how: ItemSettings) -> None:
    """Raise Refused when an item's settings are beyond the limits."""
    if how.turn_s is not None and not agendas.MIN_CLOCK_S <= how.turn_s <= agendas.MAX_MINUTES * 60:
        raise Refused(Refusal.STEPS)
    if len(how.steps) > agendas.MAX_STEPS or not agendas.MIN_SIZE <= how.size <= agendas.MAX_SIZE:
        raise Refused(Refusal.STEPS)
    for step in how.steps:
        if not any(text.strip() for text in step.title.values()):
            raise Refused(Refusal.EMPTY)
        if any(len(text) > agendas.MAX_TITLE for text in step.title.values()):
            raise Refused(Refusal.TOO_LONG)
        if not agendas.MIN_CLOCK_S <= step.seconds <= agendas.MAX_MINUTES * 60:
            raise Refused(Refusal.STEPS)


def allowed_place(run: Run, agenda: Agenda, place: int, moving: Item | None = None) -> int:
    """Return the place nearest to ``place`` in ``agenda`` that is still among those to come.

    ``agenda`` is the run's, perhaps less the item that is ``moving``.
    """
    first = 0
    if run.started:
        to_come = [*run.coming, *([moving] if moving else [])]
        places = [at for at, item in enumerate(run.agenda) if item in to_come]
        here = agendas.index_of(run.agenda, run.course.item_id)
        first = min([*places, len(run.agenda) if here is None else here + 1])
    return max(first, min(place, len(agenda)))


def place_of_new(run: Run) -> int:
    """Return the end of the agenda, or the place of a closing reflection that is still to come."""
    last = run.agenda[-1] if run.agenda else None
    if last and last.rules.is_closing and last.id not in run.course.visited:
        return len(run.agenda) - 1
    return len(run.agenda)


@evolves(Kind.PLANNED)
def planned(run: Run, event: Event) -> Run:
    agenda = tuple(agendas.item_from_data(item) for item in event.data["agenda"])
    last = max((item.id for item in agenda), default=0)
    return replace(run, agenda=agenda, last_item_id=last, started_last=event.data.get("started_last"))


@evolves(Kind.ITEM_ADDED)
def item_added(run: Run, event: Event) -> Run:
    return changes.with_new_item(run, agendas.item_from_data(event.data["item"]), event.data["place"])


@evolves(Kind.ITEM_CHANGED)
def item_changed(run: Run, event: Event) -> Run:
    item = run.item_by_id(event.data["item"])
    return changes.changed(run, item, event.data) if item else run


@evolves(Kind.ITEM_MOVED)
def item_moved(run: Run, event: Event) -> Run:
    item = run.item_by_id(event.data["item"])
    if item is None:
        return run
    rest = agendas.without(run.agenda, item.id)
    return replace(run, agenda=agendas.with_item_at(rest, event.data["place"], item))


@evolves(Kind.ITEM_REMOVED)
def item_removed(run: Run, event: Event) -> Run:
    item_id = event.data["item"]
    item, place = run.item_by_id(item_id), agendas.index_of(run.agenda, item_id)
    if item is None or place is None:
        return run
    removed = (*run.removed, (place, item))[-MAX_REMOVED:]
    return replace(run, agenda=agendas.without(run.agenda, item_id), removed=removed)


@evolves(Kind.ITEM_RESTORED)
def item_restored(run: Run, event: Event) -> Run:
    if not run.removed:
        return run
    _, item = run.removed[-1]
    agenda = agendas.with_item_at(run.agenda, event.data["place"], item)
    return replace(run, agenda=agenda, removed=run.removed[:-1])


@evolves(Kind.ITEM_SKIPPED)
def item_skipped(run: Run, event: Event) -> Run:
    item = run.item_by_id(event.data["item"])
    return changes.with_item(run, replace(item, skipped=True)) if item else run


@evolves(Kind.ITEM_UNSKIPPED)
def item_unskipped(run: Run, event: Event) -> Run:
    return changes.unskipped(run, event.data["item"])
