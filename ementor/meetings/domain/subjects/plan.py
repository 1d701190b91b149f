"""Being on time: the wished start, the locked end, and what is done about the end."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain import changes, require, times
from ementor.meetings.domain.agenda import Item, Mode, Text
from ementor.meetings.domain.commands import Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.offers import break_from, start_end_at, stay_s, whole_minutes
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.schedule import PlanUndo
from ementor.meetings.domain.shorten import shortened
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects import edits, moves
from ementor.meetings.domain.values import replace

MAX_LENGTH = timedelta(hours=12)
BREAK_MIN = 5
BREAK: Text = {"fi": "Tauko", "sv": "Paus", "en": "Break"}
BREAK_PROMPT: Text = {
    "fi": "Nouse, liiku, katso kauas. Tapaamistila laskee ajan.",
    "sv": "Res dig, rör på dig, se långt bort. Rummet håller tiden.",
    "en": "Stand up, move, look into the distance. The room keeps the time.",
}


@dataclass(frozen=True)
class SetTimes(Command, means=Means.NOTHING):
    """Set when the meeting is to start and must have ended; None takes it away."""

    starts_at: datetime | None = None
    must_end_at: datetime | None = None


@dataclass(frozen=True)
class StartShort(Command, means=Means.ITEM):
    """Start late and shorten all items, so that the end stays."""


@dataclass(frozen=True)
class SpreadOver(Command, means=Means.PLAN):
    """Shorten what is to come by what the meeting is over its plan."""


@dataclass(frozen=True)
class DropItem(Command, means=Means.PLAN):
    """Leave an item out for the end's sake."""

    item_id: int


@dataclass(frozen=True)
class StayLonger(Command, means=Means.PLAN):
    """Let the meeting end later than was planned."""


@dataclass(frozen=True)
class TakeBreak(Command, means=Means.PLAN):
    """Put a short break next."""


@dataclass(frozen=True)
class RefuseBreak(Command, means=Means.PLAN):
    """No break now."""


@dataclass(frozen=True)
class UndoPlan(Command, means=Means.PLAN):
    """Take back the last of what was done for the end's sake."""


@decides(SetTimes)
def set_times(run: Run, command: SetTimes, now: datetime) -> list[Event]:
    """Set, change or take away the wished start and the locked end."""
    schedule, must_end_at = run.schedule, command.must_end_at
    starts_at = schedule.starts_at if run.started else command.starts_at
    begins_at = run.started_at or starts_at or now
    if must_end_at and must_end_at != schedule.must_end_at:
        if must_end_at <= now or must_end_at <= begins_at:
            raise Refused(Refusal.END_PASSED)
        if must_end_at - begins_at > MAX_LENGTH:
            raise Refused(Refusal.END_FAR)
    if (starts_at, must_end_at) == (schedule.starts_at, schedule.must_end_at):
        return []
    data = {
        "starts_at": starts_at.isoformat() if starts_at else None,
        "must_end_at": must_end_at.isoformat() if must_end_at else None,
    }
    return [Event(Kind.TIMES_SET, now, data)]


@decides(StartShort)
def start_short(run: Run, command: StartShort, now: datetime) -> list[Event]:
    """Start late, all items the shorter for it; when it is not late, just start."""
    if run.started:
        return []
    next_item = require.next_item(run, Refusal.NOTHING_PLANNED)
    end_at, events, items = start_end_at(run), [], run.coming
    if end_at is not None:
        over_min = whole_minutes((times.ends_at(run, now) - end_at).total_seconds())
        minutes = shortened(items, times.rest_s(run) // 60 - max(over_min, 0))
        items = tuple(replace(item, minutes=minutes[item.id]) for item in items)
        events = spread_event(run, minutes, now)
    first = next(item for item in items if item.id == next_item.id)
    planned_s = sum(item.planned_s for item in items)
    return [*events, Event(Kind.STARTED, now, {"planned_s": planned_s}), moves.enter_item(run, first, now)]


@decides(SpreadOver)
def spread(run: Run, command: SpreadOver, now: datetime) -> list[Event]:
    """Shorten what is to come by what the meeting is over."""
    require.started(run)
    over_min = whole_minutes(times.over_s(run, now))
    if over_min < 1:
        return []
    return spread_event(run, shortened(run.coming, times.rest_s(run) // 60 - over_min), now)


def spread_event(run: Run, minutes: dict[int, int], now: datetime) -> list[Event]:
    changed = [[item.id, minutes[item.id]] for item in run.coming if minutes[item.id] != item.minutes]
    return [Event(Kind.PLAN_SPREAD, now, {"minutes": changed})] if changed else []


@decides(DropItem)
def drop(run: Run, command: DropItem, now: datetime) -> list[Event]:
    require.started(run)
    item = require.coming_item(run, command.item_id)
    if run.state_of(item) == "skipped":
        return []
    return [Event(Kind.ITEM_DROPPED, now, {"item": item.id})]


@decides(StayLonger)
def stay(run: Run, command: StayLonger, now: datetime) -> list[Event]:
    """Let the meeting end when its parts do; of the last one, over its time, make it five minutes more."""
    require.started(run)
    if run.schedule.must_end_at:
        raise Refused(Refusal.END_LOCKED)
    if times.over_s(run, now) <= 0:
        return []
    if not stay_s(run, now):
        return [Event(Kind.STAYED_LONGER, now, {"end_at": times.ends_at(run, now).isoformat()})]
    spent_s = run.course.item_clock.elapsed_s(now)
    allotted_s = math.ceil(spent_s) + stay_s(run, now)
    end_at = now + timedelta(seconds=allotted_s - spent_s)
    return [Event(Kind.STAYED_LONGER, now, {"end_at": end_at.isoformat(), "allotted_s": allotted_s})]


@decides(TakeBreak)
def take_break(run: Run, command: TakeBreak, now: datetime) -> list[Event]:
    """Put a break next: nobody is cut off, and who wants it at once presses Next item."""
    require.started(run)
    here = agendas.index_of(run.agenda, run.course.item_id)
    if run.next_item is None or run.next_item.rules.is_rest or run.rules.is_rest:
        return []
    edits.require_room(run)
    item = Item(run.last_item_id + 1, Mode.BREAK, BREAK, BREAK_PROMPT, BREAK_MIN)
    place = edits.allowed_place(run, run.agenda, 0 if here is None else here + 1)
    return [Event(Kind.BREAK_ADDED, now, {"item": agendas.item_to_data(item), "place": place})]


@decides(RefuseBreak)
def refuse_break(run: Run, command: RefuseBreak, now: datetime) -> list[Event]:
    require.started(run)
    since = break_from(run, now)
    return [Event(Kind.BREAK_REFUSED, now)] if since and since <= now else []


@decides(UndoPlan)
def undo(run: Run, command: UndoPlan, now: datetime) -> list[Event]:
    require.started(run)
    if run.schedule.plan_undo is None:
        raise Refused(Refusal.NOTHING_TO_UNDO)
    return [Event(Kind.PLAN_UNDONE, now)]


@evolves(Kind.TIMES_SET)
def times_set(run: Run, event: Event) -> Run:
    starts_at, must_end_at = _instant(event.data["starts_at"]), _instant(event.data["must_end_at"])
    return replace(run, schedule=replace(run.schedule, starts_at=starts_at, must_end_at=must_end_at))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@evolves(Kind.PLAN_SPREAD)
def plan_spread(run: Run, event: Event) -> Run:
    ids = {item_id for item_id, _ in event.data["minutes"]}
    minutes = tuple((item.id, item.minutes) for item in run.agenda if item.id in ids)
    run = with_undo(run, PlanUndo(minutes, planned_end_at=run.planned_end_at))
    return changes.with_all_minutes(run, event.data["minutes"])


@evolves(Kind.ITEM_DROPPED)
def item_dropped(run: Run, event: Event) -> Run:
    item_id = event.data["item"]
    run = with_undo(run, PlanUndo(dropped=item_id, planned_end_at=run.planned_end_at))
    item = run.item_by_id(item_id)
    return changes.with_item(run, replace(item, skipped=True)) if item else run


@evolves(Kind.BREAK_ADDED)
def break_added(run: Run, event: Event) -> Run:
    item = agendas.item_from_data(event.data["item"])
    run = with_undo(run, PlanUndo(added=item.id, planned_end_at=run.planned_end_at))
    return changes.with_new_item(run, item, event.data["place"])


@evolves(Kind.STAYED_LONGER)
def stayed_longer(run: Run, event: Event) -> Run:
    data = event.data
    had_s = run.course.item_clock.allotted_s if "allotted_s" in data else None
    run = with_undo(run, PlanUndo(planned_end_at=run.planned_end_at, allotted_s=had_s))
    if "allotted_s" in data:
        run = replace(run, course=run.course.allot_item(data["allotted_s"]))
    return replace(run, planned_end_at=datetime.fromisoformat(data["end_at"]))


@evolves(Kind.BREAK_REFUSED)
def break_refused(run: Run, event: Event) -> Run:
    return replace(run, schedule=replace(run.schedule, break_refused_at=event.at))


@evolves(Kind.PLAN_UNDONE)
def undone(run: Run, event: Event) -> Run:
    """Return the run with its plan as it was before it was changed last."""
    before = run.schedule.plan_undo
    if before is None:
        return run
    run = changes.with_all_minutes(with_undo(run, None), before.minutes)
    run = replace(changes.unskipped(run, before.dropped), planned_end_at=before.planned_end_at)
    if before.allotted_s is not None:
        run = replace(run, course=run.course.allot_item(before.allotted_s))
    if before.added is not None and before.added not in run.course.visited:
        run = replace(run, agenda=agendas.without(run.agenda, before.added))
    return run


def with_undo(run: Run, undo: PlanUndo | None) -> Run:
    return replace(run, schedule=replace(run.schedule, plan_undo=undo))
