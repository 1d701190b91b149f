"""The log of a meeting, and the run that follows from it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from functools import reduce
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, ScalarSelect, bindparam, func, select

from ementor.database import db, is_writing, rows
from ementor.held import Statement
from ementor.lists import is_in
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.run import Event, Kind, Run
from ementor.meetings.models import Meeting, MeetingEvent

RUNS_IN_MEMORY = 1000

_runs: WeakKeyDictionary[Engine, OrderedDict[int, Run]] = WeakKeyDictionary()


class Newest(NamedTuple):
    """A meeting's newest event: its number, and when it happened; neither where there is none."""

    number: int | None
    at: datetime | None


def newest_event() -> tuple[ScalarSelect[int], ScalarSelect[datetime]]:
    """Return the columns of ``Newest``, for a statement over ``Meeting``.

    Each from the end of a meeting's index: SQLite would read the whole log to group it.
    """
    events = MeetingEvent.meeting_id == Meeting.id
    newest = select(MeetingEvent.at).where(events).order_by(MeetingEvent.number.desc()).limit(1)
    return select(func.max(MeetingEvent.number)).where(events).scalar_subquery(), newest.scalar_subquery()


def run_of(meeting_id: int, newest: Newest | None = None) -> Run:
    """Return the run of a meeting, replayed from its log; an empty one when it is sealed.

    A cached run reads only the events since: with 500 events in the log the room was shown three times
    slower than with five. Whoever has just read which is the ``newest`` needs no statement for it.
    What a transaction writes is cached after its commit, as it may yet be rolled back.
    """
    kept = _runs.setdefault(db.engine, OrderedDict())
    run = kept.get(meeting_id, Run())
    if run.number and newest == (run.number, run.at):
        return run
    events = events_since(meeting_id, run.number)
    if run.number and not (events and events[0].at == run.at):
        run, events = Run(), events_since(meeting_id, 1)  # this is not the log that we knew
    run = reduce(runs.evolve, events[1:] if run.number else events, run)
    if not is_writing():
        remember(meeting_id, run)
    return run


def run_at(meeting_id: int, number: int) -> Run:
    """Return how the meeting went when ``number`` was its newest event. Asks no rights."""
    return reduce(runs.evolve, events_since(meeting_id, 1)[:number], Run())


def remember(meeting_id: int, run: Run) -> None:
    kept = _runs.setdefault(db.engine, OrderedDict())
    kept[meeting_id] = run
    kept.move_to_end(meeting_id)
    while len(kept) > RUNS_IN_MEMORY:
        kept.popitem(last=False)


_SINCE = Statement(
    select(MeetingEvent.kind, MeetingEvent.at, MeetingEvent.data)
    .where(MeetingEvent.meeting_id == bindparam("meeting_id"), MeetingEvent.number >= bindparam("first"))
    .order_by(MeetingEvent.number)
)


def events_since(meeting_id: int, first: int) -> list[Event]:
    found = rows(_SINCE, {"meeting_id": meeting_id, "first": first})
    return [Event(Kind(kind), at, data) for kind, at, data in found]


def who_is_now(meeting_id: int, person_id: int) -> int:
    """Return who somebody is by now, of whom an older page of the meeting speaks: two may have become one."""
    for kept, gone in merges(meeting_id):
        person_id = kept if person_id == gone else person_id
    return person_id


def merges(meeting_id: int) -> list[tuple[int, int]]:
    """Return who became one with whom while the meeting's log was kept, the oldest first."""
    kind = MeetingEvent.kind == Kind.PEOPLE_MERGED.value
    query = select(MeetingEvent.data).where(MeetingEvent.meeting_id == meeting_id, kind)
    rows = db.session.scalars(query.order_by(MeetingEvent.number))
    return [(data["kept"], data["gone"]) for data in rows]


def numbers(meeting_ids: list[int]) -> dict[int, int]:
    """Return the newest number of each meeting, in one statement."""
    newest = rows(_NEWEST, {"meeting_ids": meeting_ids})
    return {meeting_id: number for meeting_id, number in newest if number}


_NEWEST = Statement(select(Meeting.id, newest_event()[0]).where(is_in(Meeting.id, "meeting_ids")))
