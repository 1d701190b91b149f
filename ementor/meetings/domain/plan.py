"""Being on time: what can be done about the end, and what follows from a wish to do it.

Nothing here happens by itself: the room offers, a person presses, and the end that a
button names is the end that it leads to. Who else looks at the plan is ``offers``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain import edits, turns
from ementor.meetings.domain.agenda import Agenda, Item, Mode, Text
from ementor.meetings.domain.commands import (
    AskIdle,
    DropItem,
    FreeTalk,
    GoOn,
    Planning,
    RefuseBreak,
    Refused,
    SetTimes,
    SpreadOver,
    StartShort,
    StayLonger,
    TakeBreak,
    UndoPlan,
    Why,
)
from ementor.meetings.domain.kinds import Event, Kind
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.values import replace

MINUTE = timedelta(minutes=1)
MAX_LENGTH = timedelta(hours=12)
HOUR = timedelta(minutes=60)
BREAK_MIN = 5
NO_BREAK_BEFORE_END = timedelta(minutes=15)
"""With less than this to come, going home is the break."""
ASK_AGAIN_AFTER = timedelta(minutes=20)
STAY_S = 5 * 60
FREE_TALK_MIN = 15
TALK_BEFORE_END = timedelta(minutes=10)
IDLE_AFTER = timedelta(minutes=30)
IDLE_GRACE = timedelta(minutes=15)
FREE_GRACE = timedelta(minutes=2)

BREAK: Text = {"fi": "Tauko", "sv": "Paus", "en": "Break"}
BREAK_PROMPT: Text = {
    "fi": "Nouse, liiku, katso kauas. Tapaamistila laskee ajan.",
    "sv": "Res dig, rör på dig, se långt bort. Rummet håller tiden.",
    "en": "Stand up, move, look into the distance. The room keeps the time.",
}
FREE_TALK: Text = {"fi": "Vapaa keskustelu", "sv": "Fritt samtal", "en": "Free talk"}
FREE_TALK_PROMPT: Text = {
    "fi": "Ohjelma on ohi. Jää juttelemaan tai lähde, kun sinulle sopii.",
    "sv": "Programmet är slut. Stanna och prata eller gå när det passar dig.",
    "en": "The agenda is done. Stay and talk, or leave when it suits you.",
}


# Shortening


def shortened(items: Sequence[Item], wanted: int) -> dict[int, int]:
    """Return minutes for each item, ``wanted`` in all: each gives in proportion to what it has.

    Breaks give nothing while the others can; no item is left under a minute and no closing
    reflection under four. When even that is more than ``wanted``, it is as short as can be;
    when the items take less than ``wanted``, they keep what they have.
    """
    least = {item.id: _least(item) for item in items}
    kept = {item.id: item.minutes if item.rules.is_rest else least[item.id] for item in items}
    return _shared(items, wanted, kept if sum(kept.values()) <= wanted else least)


def _least(item: Item) -> int:
    return min(item.minutes, item.rules.least_minutes)


def _shared(items: Sequence[Item], wanted: int, least: dict[int, int]) -> dict[int, int]:
    """Divide ``wanted`` by largest remainder, none under ``least`` or over what it has."""
    fixed: dict[int, int] = {}
    while True:
        free = [item for item in items if item.id not in fixed]
        left, had = wanted - sum(fixed.values()), sum(item.minutes for item in free)
        share = {item.id: item.minutes * min(max(left, 0), had) / had for item in free}
        low = {item.id: least[item.id] for item in free if share[item.id] < least[item.id]}
        if not low:
            break
        fixed |= low
    whole = {item_id: math.floor(minutes + 1e-9) for item_id, minutes in share.items()}
    spare = min(left, had) - sum(whole.values())
    by_rest = sorted(share, key=lambda item_id: whole[item_id] - share[item_id])
    for item_id in by_rest[: max(spare, 0)]:
        whole[item_id] += 1
    return {item.id: (fixed | whole)[item.id] for item in items}


def whole_minutes(seconds: float) -> int:
    """Return minutes as the room shows them: the half goes up, in the browser too."""
    return math.floor(seconds / 60 + 0.5)


def least_s(items: Sequence[Item]) -> int:
    """Return the seconds that the items take at the very least."""
    return sum(_least(item) for item in items) * 60


# What is offered


@dataclass(frozen=True)
class Offers:
    """What the room offers to do about time, each from an instant on; None is never.

    A page counts on by itself, as no message comes when a minute passes: the instants are
    there before their time. An end is the one that pressing now would lead to.
    """

    short_from: datetime | None = None
    """Before the start: from when a start takes the end past the one to keep."""
    keep_at: datetime | None = None
    """The end that shortening tries to keep."""
    over_from: datetime | None = None
    """From when the meeting would end a minute late."""
    over_min: int = 0
    """Minutes over the end to keep, as shown; negative when ahead."""
    most_s: int = 0
    """What shortening all that is to come can save."""
    short_end_at: datetime | None = None
    drop: Item | None = None
    drop_end_at: datetime | None = None
    stay_end_at: datetime | None = None
    """The end when people stay longer; None when it is locked."""
    stay_s: int = 0
    """What staying adds to what is planned anyway."""
    talk_from: datetime | None = None
    """From when ending the script before its time is near enough."""
    break_from: datetime | None = None
    long_from: datetime | None = None
    """From when the current item has run long."""
    free: bool = False
    """The script is over and people have stayed."""
    closes_at: datetime | None = None
    """When the meeting ends by itself, as the room has asked and nobody has answered yet."""

    def first(self, now: datetime) -> str | None:
        """Return the most urgent one whose time has come: one at a time is enough to read."""
        offered = {"over": self.over_from, "break": self.break_from, "long": self.long_from}
        return next((name for name, since in offered.items() if since and since <= now), None)


def offers(run: Run, now: datetime) -> Offers:
    """Return what may be offered to who facilitates."""
    now = max(now, run.at or now)
    ends_at = run.ends_at(now)
    keep_at = run.held_end_at if run.started else start_end_at(run)
    if run.closed or keep_at is None:
        return Offers()
    most_s = run.rest_s - least_s(run.coming)
    over_min = whole_minutes((ends_at - keep_at).total_seconds())
    short_end_at = ends_at - timedelta(seconds=min(most_s, max(over_min, 0) * 60))
    if not run.started:
        from_at = keep_at + MINUTE - timedelta(seconds=run.rest_s) if most_s and now < keep_at else None
        return Offers(short_from=from_at, keep_at=keep_at, most_s=most_s, short_end_at=short_end_at)
    item = to_drop(run.coming, over_min)
    return Offers(
        keep_at=keep_at,
        over_from=over_from(run, now),
        over_min=over_min,
        most_s=most_s,
        short_end_at=short_end_at,
        drop=item,
        drop_end_at=ends_at - timedelta(seconds=item.planned_s) if item else None,
        stay_end_at=None if run.schedule.must_end_at else ends_at + timedelta(seconds=stay_s(run, now)),
        stay_s=stay_s(run, now),
        talk_from=None if in_free_talk(run) else keep_at - TALK_BEFORE_END,
        break_from=break_from(run, now),
        long_from=long_from(run),
        free=in_free_talk(run),
        closes_at=closes_at(run),
    )


def start_end_at(run: Run) -> datetime | None:
    """Return the end that a meeting not started yet is to keep, None when none was set."""
    schedule = run.schedule
    if schedule.must_end_at or schedule.starts_at is None:
        return schedule.must_end_at
    return schedule.starts_at + timedelta(seconds=run.rest_s)


def over_from(run: Run, now: datetime) -> datetime | None:
    """Return from when the meeting would end a minute late, if nobody does anything."""
    end_at = run.held_end_at
    if end_at is None:
        return None
    rest = timedelta(seconds=run.rest_s)
    if run.over_s(now) >= 60:
        return end_at + MINUTE - rest - timedelta(seconds=run.item_allotted_s)  # some time past
    left_s = run.item_left_s(now) if run.paused else 0.0
    return end_at + MINUTE - rest - timedelta(seconds=left_s)


def to_drop(coming: Agenda, over_min: int) -> Item | None:
    """Return what to leave out: the smallest item that makes up for the overrun, else the largest."""
    may_go = [item for item in coming if item.rules.is_droppable]
    enough = [item for item in may_go if item.minutes >= over_min]
    if enough:
        return min(enough, key=lambda item: item.minutes)
    return max(may_go, key=lambda item: item.minutes, default=None)


def break_from(run: Run, now: datetime) -> datetime | None:
    """Return from when a break is proposed: an hour without one is over when this item is."""
    schedule, item = run.schedule, run.item
    coming = run.next_item
    if item is None or coming is None or schedule.rested_at is None or run.schedule.free_item == item.id:
        return None
    if item.rules.is_rest or coming.rules.is_rest or run.rest_s < NO_BREAK_BEFORE_END.seconds:
        return None
    hour_at = schedule.rested_at + HOUR
    item_ends_at = now + timedelta(seconds=run.item_left_s(now))
    due_at = min(hour_at, now) if item_ends_at >= hour_at else hour_at
    refused_at = schedule.break_refused_at
    return max(due_at, refused_at + ASK_AGAIN_AFTER) if refused_at else due_at


def long_from(run: Run) -> datetime | None:
    """Return from when the current item has run a fifth and a minute over its time."""
    since = run.item_since
    if since is None or run.schedule.free_item == run.course.item_id:
        return None
    long_s = run.item_allotted_s + max(60, run.item_allotted_s / 5)
    return since + timedelta(seconds=long_s - run.item_spent_s)


# Wishes


def plan(run: Run, command: Planning, now: datetime) -> list[Event]:
    """Return what follows from a wish about the plan."""
    match command:
        case SetTimes(starts_at, must_end_at):
            return set_times(run, starts_at, must_end_at, now)
        case StartShort():
            return start_short(run, now)
    if not run.started:
        raise Refused(Why.NOT_STARTED)
    match command:
        case SpreadOver():
            return spread(run, now)
        case DropItem(item_id):
            return drop(run, edits.coming(run, item_id), now)
        case StayLonger():
            return stay(run, now)
        case TakeBreak():
            return take_break(run, now)
        case RefuseBreak():
            since = break_from(run, now)
            return [Event(Kind.BREAK_REFUSED, now)] if since and since <= now else []
        case UndoPlan():
            if run.schedule.mended is None:
                raise Refused(Why.NOTHING_TO_UNDO)
            return [Event(Kind.PLAN_UNDONE, now)]
        case AskIdle():
            return [] if run.schedule.asked_at else [Event(Kind.IDLE_ASKED, now)]
        case GoOn():
            return go_on(run, now)
        case FreeTalk():
            return free_talk(run, now)


def set_times(
    run: Run, starts_at: datetime | None, must_end_at: datetime | None, now: datetime
) -> list[Event]:
    """Set, change or take away the wished start and the locked end."""
    schedule = run.schedule
    if run.started:
        starts_at = schedule.starts_at  # it has started
    begins_at = run.started_at or starts_at or now
    if must_end_at and must_end_at != schedule.must_end_at:
        if must_end_at <= now or must_end_at <= begins_at:
            raise Refused(Why.END_PASSED)
        if must_end_at - begins_at > MAX_LENGTH:
            raise Refused(Why.END_FAR)
    if (starts_at, must_end_at) == (schedule.starts_at, schedule.must_end_at):
        return []
    data = {
        "starts_at": starts_at.isoformat() if starts_at else None,
        "must_end_at": must_end_at.isoformat() if must_end_at else None,
    }
    return [Event(Kind.TIMES_SET, now, data)]


def start_short(run: Run, now: datetime) -> list[Event]:
    """Start late, all items the shorter for it; when it is not late, just start."""
    if run.started:
        return []
    if run.next_item is None:
        raise Refused(Why.NOTHING_PLANNED)
    end_at, events, items = start_end_at(run), [], run.coming
    if end_at is not None:
        over_min = whole_minutes((run.ends_at(now) - end_at).total_seconds())
        minutes = shortened(items, run.rest_s // 60 - max(over_min, 0))
        items = tuple(replace(item, minutes=minutes[item.id]) for item in items)
        events = spread_event(run, minutes, now)
    first = next(item for item in items if item.id == run.next_item.id)
    planned_s = sum(item.planned_s for item in items)
    return [*events, Event(Kind.STARTED, now, {"planned_s": planned_s}), turns.enter_item(run, first, now)]


def spread(run: Run, now: datetime) -> list[Event]:
    """Shorten what is to come by what the meeting is over."""
    over_min = whole_minutes(run.over_s(now))
    if over_min < 1:
        return []
    return spread_event(run, shortened(run.coming, run.rest_s // 60 - over_min), now)


def spread_event(run: Run, minutes: dict[int, int], now: datetime) -> list[Event]:
    changed = [[item.id, minutes[item.id]] for item in run.coming if minutes[item.id] != item.minutes]
    return [Event(Kind.PLAN_SPREAD, now, {"minutes": changed})] if changed else []


def drop(run: Run, item: Item, now: datetime) -> list[Event]:
    if run.state_of(item) == "skipped":
        return []
    return [Event(Kind.ITEM_DROPPED, now, {"item": item.id})]


def stay(run: Run, now: datetime) -> list[Event]:
    """Let the meeting end when its parts do; of the last one, over its time, make it five minutes more."""
    if run.schedule.must_end_at:
        raise Refused(Why.END_LOCKED)
    if run.over_s(now) <= 0:
        return []
    if not stay_s(run, now):
        return [Event(Kind.STAYED_LONGER, now, {"end_at": run.ends_at(now).isoformat()})]
    spent_s = run.course.item_clock.elapsed_s(now)
    allotted_s = math.ceil(spent_s) + stay_s(run, now)
    end_at = now + timedelta(seconds=allotted_s - spent_s)
    return [Event(Kind.STAYED_LONGER, now, {"end_at": end_at.isoformat(), "allotted_s": allotted_s})]


def stay_s(run: Run, now: datetime) -> int:
    """Return what staying has to add: when nothing is left, the end would be over at once."""
    return STAY_S if not run.coming and run.item_left_s(now) == 0 else 0


def take_break(run: Run, now: datetime) -> list[Event]:
    """Put a break next: nobody is cut off, and who wants it at once presses Next item."""
    here = agendas.place_of(run.agenda, run.course.item_id)
    if run.next_item is None or run.next_item.rules.is_rest or run.rules.is_rest:
        return []
    if len(run.agenda) >= agendas.MAX_ITEMS:
        raise Refused(Why.TOO_MANY)
    item = Item(run.last_item_id + 1, Mode.BREAK, BREAK, BREAK_PROMPT, BREAK_MIN)
    place = edits.allowed_place(run, run.agenda, 0 if here is None else here + 1)
    return [Event(Kind.BREAK_ADDED, now, {"item": agendas.item_to_data(item), "place": place})]


# After the end


def free_talk(run: Run, now: datetime) -> list[Event]:
    """End the script and let people stay; what was still to come is left out."""
    if in_free_talk(run):
        return []
    free = run.item_by_id(run.schedule.free_item)
    skips = [Event(Kind.ITEM_SKIPPED, now, {"item": item.id}) for item in run.coming if item != free]
    added: list[Event] = []
    if free is None:
        if len(run.agenda) >= agendas.MAX_ITEMS:
            raise Refused(Why.TOO_MANY)
        free = Item(run.last_item_id + 1, Mode.OPEN, FREE_TALK, FREE_TALK_PROMPT, FREE_TALK_MIN)
        data = {"item": agendas.item_to_data(free), "place": len(run.agenda)}
        added = [Event(Kind.ITEM_ADDED, now, data)]
    until = now + timedelta(seconds=max(0.0, free.planned_s - run.course.item_spent.get(free.id, 0.0)))
    entered = turns.enter_item(run, free, now)
    ended = Event(
        Kind.SCRIPT_ENDED, now, {"item": free.id, "minutes": free.minutes, "until": until.isoformat()}
    )
    return [*skips, *added, entered, ended]


def in_free_talk(run: Run) -> bool:
    """Tell whether the script is over and people have stayed."""
    return run.course.item_id is not None and run.course.item_id == run.schedule.free_item


def go_on(run: Run, now: datetime) -> list[Event]:
    """Say that the meeting goes on; in free talk that means a quarter of an hour more."""
    free = run.item
    if not run.schedule.asked_at:
        return []
    if free is None or not in_free_talk(run):
        return [Event(Kind.WENT_ON, now)]
    spent_s = run.course.item_clock.elapsed_s(now)
    minutes = min(agendas.MAX_MINUTES, math.ceil(spent_s / 60) + FREE_TALK_MIN)
    until = now + timedelta(seconds=max(0.0, minutes * 60 - spent_s))
    return [Event(Kind.SCRIPT_ENDED, now, {"item": free.id, "minutes": minutes, "until": until.isoformat()})]


# Idle


def quiet_since(run: Run, lived_at: datetime | None = None) -> datetime | None:
    """Return since when nothing has happened; None before the start.

    ``lived_at`` is the newest sign of life beside the run, such as in the notes.
    """
    if run.started_at is None:
        return None
    signs = [run.started_at, run.schedule.lived_at or run.started_at, *([lived_at] if lived_at else [])]
    if not run.present:
        signs += run.left_at.values()
    return max(signs)


def asks_at(run: Run, lived_at: datetime | None = None) -> datetime | None:
    """Return when the room asks whether the meeting is still going on, if nothing happens until then."""
    quiet = quiet_since(run, lived_at)
    if quiet is None or run.closed:
        return None
    if in_free_talk(run) and run.schedule.free_until:
        return max(run.schedule.free_until - FREE_GRACE, quiet + FREE_GRACE)
    end_at = run.held_end_at if run.present else _break_ends_at(run)
    return max(quiet, end_at or quiet) + IDLE_AFTER


def _break_ends_at(run: Run) -> datetime | None:
    """Return when a break is over: an empty room before that is what breaks are for."""
    if run.item is None or not run.item.rules.is_rest or run.item_since is None:
        return None
    return run.item_since + timedelta(seconds=run.item_allotted_s - run.item_spent_s)


def closes_at(run: Run) -> datetime | None:
    """Return when the meeting closes itself, if nobody says that it goes on; None while it has not asked."""
    asked_at = run.schedule.asked_at
    if asked_at is None or run.closed:
        return None
    return asked_at + (FREE_GRACE if in_free_talk(run) else IDLE_GRACE)


def idle_step(run: Run, lived_at: datetime | None, now: datetime) -> str | None:
    """Return what is due: "ask", "close", or "alive" when ``lived_at`` answers the question."""
    now = max(now, run.at or now)
    asked_at, closing_at, asking_at = run.schedule.asked_at, closes_at(run), asks_at(run, lived_at)
    if asked_at and closing_at:
        if lived_at and lived_at > asked_at:
            return "alive"
        return "close" if now >= closing_at else None
    return "ask" if asking_at and now >= asking_at else None
