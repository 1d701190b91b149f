"""The rules' engine: ``decide`` what a command leads to, ``evolve`` a run with what happened.

It lists no commands and no kinds of events: the subjects register theirs, and what it has
to know beside is a trait of the command or the kind, where that is declared.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from ementor.meetings.domain.commands import AfterClose, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Moves
from ementor.meetings.domain.registry import DECIDES, EVOLVES
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects import cases, edits, hands, idle, moves, pairs, people, plan, turns
from ementor.meetings.domain.values import replace

SUBJECTS = (cases, edits, hands, idle, moves, pairs, people, plan, turns)
"""Importing them registers what is theirs."""


def overtaken(run: Run, command: Command, seen: int | None) -> bool:
    """Return whether the presser's screen, which shows event ``seen``, is older than what was pressed.

    A turn goes by the place in the course, and a minute more by the clock too: who resumes and goes on
    at once has meant both. Another item goes by the item: it is meant also when a raised hand has
    just got its turn. Pausing, ending and revealing mean the same on any screen.
    """
    if seen is None:
        return False
    match command.means:
        case Means.CLOCK:
            return seen < run.flow_number
        case Means.ITEM:
            return seen < run.item_number
        case Means.PLAN:
            return seen < run.schedule.number
        case Means.PLACE:
            return seen < run.moved_number
        case Means.NOTHING:
            return False


def decide(run: Run, command: Command, now: datetime) -> list[Event]:
    """Return what follows; nothing when it is so already; raise Refused when it cannot be."""
    now = max(now, run.at or now)  # a server clock set back may not unsay what was said
    if run.closed and command.after_close is AfterClose.IGNORED:
        return []
    if run.closed and command.after_close is AfterClose.REFUSED:
        raise Refused(Refusal.CLOSED)
    return DECIDES[type(command)](run, command, now)


def evolve(run: Run, event: Event) -> Run:
    """Return the run as it is after ``event``."""
    return EVOLVES[event.kind](stamped(run, event), event)


def replay(events: Iterable[Event]) -> Run:
    """Return the run that a log tells of."""
    return reduce(evolve, events, Run())


def stamped(run: Run, event: Event) -> Run:
    """Count the event, and note by its traits which screens are older than what it changes."""
    at, number, traits = event.at, run.number + 1, event.kind.traits
    schedule = run.schedule
    if traits.is_life and not event.data.get("itself"):
        schedule = replace(schedule, lived_at=at, asked_at=None)
    if traits.is_plan:
        undo = schedule.plan_undo if traits.keeps_undo else None
        schedule = replace(schedule, number=number, plan_undo=undo)
    return replace(
        run,
        number=number,
        at=at,
        schedule=schedule,
        heard_s=hands.heard_s(run, at),
        flow_number=number if traits.moves >= Moves.CLOCK else run.flow_number,
        moved_number=number if traits.moves >= Moves.PLACE else run.moved_number,
        item_number=number if traits.moves >= Moves.ITEM else run.item_number,
        beside_number=number if traits.is_beside else run.beside_number,
    )
