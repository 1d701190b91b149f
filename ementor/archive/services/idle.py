"""A meeting that nobody ends: the room asks whether it still goes on, then ends it and keeps its record.

The question is an event, so that every page shows it and a restart does not forget it; the
rules are in ``meetings.domain.subjects.idle``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select

from ementor import clock
from ementor.archive import services
from ementor.database import rows, transactional
from ementor.held import Statement
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import AskIdle, Kind, Touch
from ementor.meetings.domain.subjects.idle import FREE_GRACE, idle_step, in_free_talk, quiet_since
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.notes import services as notes

LOOK_EVERY_S = 15.0
"""How often each process looks after the idle meetings."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quiet:
    """A meeting in which nothing has happened for a while."""

    meeting_id: int
    group_name: str
    since: datetime


def tend_all() -> None:
    """Ask in every meeting that is idle, and end those in which nobody has answered."""
    for meeting_id, newest in _quiet_for(FREE_GRACE):
        try:
            run = meetings.run_of(meeting_id, newest)
            # Whatever was written only makes it later, unless the room has asked already.
            if (run.schedule.asked_at or idle_step(run, None, clock.now())) and _step(meeting_id):
                tend(meeting_id)
        except Exception:  # whatever is wrong with one meeting, the others are looked after
            log.exception("meeting %d cannot be looked after", meeting_id)


@transactional
def tend(meeting_id: int) -> str | None:
    """Do what is due in one meeting, once however many processes look; answers what it was."""
    meeting = services.locked(meeting_id)
    step = None if meeting.ended_at else _step(meeting_id)
    match step:
        case "alive":
            meetings.record(meeting_id, Touch("notes"), actor_id=None)
        case "ask":
            meetings.record(meeting_id, AskIdle(), actor_id=None)
        case "close":
            _close(meeting_id)
    return step


def close_quiet(quiet_for: timedelta, *, dry_run: bool) -> list[Quiet]:
    """End every meeting in which nothing has happened for that long, without asking; answers which."""
    closed = []
    for meeting_id, _ in _quiet_for(quiet_for):
        quiet = _close_quiet(meeting_id, quiet_for, dry_run=dry_run)
        if quiet:
            closed.append(quiet)
    return closed


@transactional
def _close_quiet(meeting_id: int, quiet_for: timedelta, *, dry_run: bool) -> Quiet | None:
    meeting = services.locked(meeting_id)
    since = quiet_since(meetings.run_of(meeting_id), notes.written_at(meeting_id))
    if meeting.ended_at or since is None or clock.now() - since < quiet_for:
        return None
    if not dry_run:
        _close(meeting_id)
    return Quiet(meeting_id, meeting.group.name, since)


def _quiet_for(least: timedelta) -> list[tuple[int, meetings.Newest]]:
    """Return the meetings under way without an event for that long, in one statement."""
    found = rows(_QUIET, {"before": clock.now() - least})
    return [(meeting_id, meetings.Newest(number, at)) for meeting_id, number, at in found]


def _quiet() -> Select[int, int, datetime]:
    number, at = meetings.newest_event()
    started = select(MeetingEvent).where(
        MeetingEvent.meeting_id == Meeting.id, MeetingEvent.kind == Kind.STARTED
    )
    return (
        select(Meeting.id, number, at)
        .where(Meeting.ended_at.is_(None), at <= bindparam("before"), started.exists())
        .order_by(Meeting.id)
    )


_QUIET = Statement(_quiet())


def _step(meeting_id: int) -> str | None:
    return idle_step(meetings.run_of(meeting_id), notes.written_at(meeting_id), clock.now())


def _close(meeting_id: int) -> None:
    run = meetings.run_of(meeting_id)
    since = None if in_free_talk(run) else quiet_since(run, notes.written_at(meeting_id))
    services.close_by_itself(meeting_id, quiet_since=since)
