"""A meeting that goes on by itself: asking whether anybody is there, and talk after the end."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain import changes, require
from ementor.meetings.domain.agenda import Item, Mode, Text
from ementor.meetings.domain.commands import By, Command, Means
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects import edits, moves
from ementor.meetings.domain.values import replace

FREE_TALK_MIN = 15
IDLE_AFTER = timedelta(minutes=30)
IDLE_GRACE = timedelta(minutes=15)
FREE_GRACE = timedelta(minutes=2)

FREE_TALK: Text = {"fi": "Vapaa keskustelu", "sv": "Fritt samtal", "en": "Free talk"}
FREE_TALK_PROMPT: Text = {
    "fi": "Ohjelma on ohi. Jää juttelemaan tai lähde, kun sinulle sopii.",
    "sv": "Programmet är slut. Stanna och prata eller gå när det passar dig.",
    "en": "The agenda is done. Stay and talk, or leave when it suits you.",
}


@dataclass(frozen=True)
class AskIdle(Command, means=Means.NOTHING, by=By.SYSTEM):
    """Ask whether the meeting is still going on."""


@dataclass(frozen=True)
class GoOn(Command, means=Means.NOTHING, by=By.ANYONE):
    """Say that the meeting is still going on."""


@dataclass(frozen=True)
class FreeTalk(Command, means=Means.PLACE, by=By.LEADER):
    """End the script and let people stay for a while."""


@decides(AskIdle)
def ask(run: Run, command: AskIdle, now: datetime) -> list[Event]:
    require.started(run)
    return [] if run.schedule.asked_at else [Event(Kind.IDLE_ASKED, now)]


@decides(GoOn)
def go_on(run: Run, command: GoOn, now: datetime) -> list[Event]:
    """Say that the meeting goes on; in free talk that means a quarter of an hour more."""
    require.started(run)
    free = run.item
    if not run.schedule.asked_at:
        return []
    if free is None or not in_free_talk(run):
        return [Event(Kind.WENT_ON, now)]
    spent_s = run.course.item_clock.elapsed_s(now)
    minutes = min(agendas.MAX_MINUTES, math.ceil(spent_s / 60) + FREE_TALK_MIN)
    until = now + timedelta(seconds=max(0.0, minutes * 60 - spent_s))
    return [Event(Kind.SCRIPT_ENDED, now, {"item": free.id, "minutes": minutes, "until": until.isoformat()})]


@decides(FreeTalk)
def free_talk(run: Run, command: FreeTalk, now: datetime) -> list[Event]:
    """End the script and let people stay; what was still to come is left out."""
    require.started(run)
    if in_free_talk(run):
        return []
    free = run.item_by_id(run.schedule.free_item)
    skips = [Event(Kind.ITEM_SKIPPED, now, {"item": item.id}) for item in run.coming if item != free]
    added: list[Event] = []
    if free is None:
        edits.require_room(run)
        free = Item(run.last_item_id + 1, Mode.OPEN, FREE_TALK, FREE_TALK_PROMPT, FREE_TALK_MIN)
        data = {"item": agendas.item_to_data(free), "place": len(run.agenda)}
        added = [Event(Kind.ITEM_ADDED, now, data)]
    until = now + timedelta(seconds=max(0.0, free.planned_s - run.course.item_spent.get(free.id, 0.0)))
    entered = moves.enter_item(run, free, now)
    ended = Event(
        Kind.SCRIPT_ENDED, now, {"item": free.id, "minutes": free.minutes, "until": until.isoformat()}
    )
    return [*skips, *added, entered, ended]


@evolves(Kind.IDLE_ASKED)
def asked(run: Run, event: Event) -> Run:
    return replace(run, schedule=replace(run.schedule, asked_at=event.at))


@evolves(Kind.WENT_ON)
def went_on(run: Run, event: Event) -> Run:
    return run  # a sign of life, as any other event


@evolves(Kind.SCRIPT_ENDED)
def script_ended(run: Run, event: Event) -> Run:
    item_id, until = event.data["item"], datetime.fromisoformat(event.data["until"])
    schedule = replace(run.schedule, free_item=item_id, free_until=until, must_end_at=None)
    run = changes.with_all_minutes(run, [(item_id, event.data["minutes"])])
    return replace(run, planned_end_at=until, schedule=schedule)


def in_free_talk(run: Run) -> bool:
    """Tell whether the script is over and people have stayed."""
    return run.course.item_id is not None and run.course.item_id == run.schedule.free_item


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
