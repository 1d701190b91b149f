"""Close a meeting and keep its record; undo that for a minute; then let the rest go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakSet

from flask_babel import gettext
from sqlalchemy import Engine, bindparam, delete, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import search
from ementor.archive.models import RecordReader, RecordRow
from ementor.archive.sections import SECTIONS
from ementor.archive.services.reading import unpacked
from ementor.archive.versions import to_data
from ementor.database import db, rows, transactional
from ementor.errors import Conflict
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.held import Statement
from ementor.maintenance import truncate_journal
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import REOPEN_S, Close, Reopen, Run
from ementor.meetings.models import Meeting
from ementor.meetings.record import Attendee, Record
from ementor.meetings.services import presence

SEAL_AFTER = timedelta(seconds=REOPEN_S + 2)
"""A little longer than the undo lasts, so that an undo in its last second is not overtaken."""

log = logging.getLogger(__name__)
_DUE = Statement(select(Meeting.id).where(Meeting.sealed.is_(False), Meeting.ended_at < bindparam("before")))
_in_journal: WeakSet[Engine] = WeakSet()
"""The databases whose write-ahead log still contains deleted content."""


@transactional
def close_and_keep(meeting_id: int, *, actor: User, seen: int | None = None, press: str | None = None) -> Run:
    """End the meeting and keep its record, both or neither; twice is once, also where it went on meanwhile.

    ``press`` is the page's name for this press, as in ``meetings.act``. Raises NotFound,
    NotAllowed, or Conflict when the meeting has not started.
    """
    meeting = locked(meetings.get_meeting(meeting_id, actor=actor).id)
    run = meetings.act(meeting_id, Close(), actor=actor, seen=seen, press=press)
    if run.closed:
        _end(meeting, run)
    return run


@transactional
def close_by_itself(meeting_id: int, *, quiet_since: datetime | None) -> Run:
    """End a meeting that nobody has ended, and keep its record: for the system, see ``idle``.

    ``quiet_since`` is for the record to tell; free talk ends without a word.
    """
    meeting = locked(meeting_id)
    run = meetings.record(meeting_id, Close(itself=True), actor_id=None)
    _end(meeting, run, quiet_since=quiet_since)
    return run


@transactional
def reopen(meeting_id: int, *, actor: User, seen: int | None = None, press: str | None = None) -> Run:
    """Take back the end within a minute; all is as it was. Raises NotFound, NotAllowed or Conflict."""
    meeting = locked(meetings.get_meeting(meeting_id, actor=actor).id)
    if meeting.sealed:
        policy.require_facilitator(actor, meeting.group_id)
        raise Conflict(gettext("Ending a meeting can only be undone within a minute."))
    run = meetings.act(meeting_id, Reopen(), actor=actor, seen=seen, press=press)
    if not run.closed:
        meeting.ended_at = None
        ended = select(Meeting.id).where(Meeting.group_id == meeting.group_id, Meeting.ended_at.is_not(None))
        groups.close_to_new(meeting.group_id, closed=db.session.scalars(ended).first() is not None)
        db.session.execute(delete(RecordReader).where(RecordReader.meeting_id == meeting_id))
        db.session.execute(delete(RecordRow).where(RecordRow.meeting_id == meeting_id))
        search.forget(meeting_id)
        presence.come_in_again(meeting_id)
        run = meetings.run_of(meeting_id)
    return run


def when_sealed(function: Callable[[Meeting], None]) -> Callable[[Meeting], None]:
    """Let a feature above this one hear of a meeting whose end can no longer be undone."""
    _hear_of_sealed.append(function)
    return function


_hear_of_sealed: list[Callable[[Meeting], None]] = []


@transactional
def seal(meeting_id: int) -> bool:
    """Let go of what the record does not hold, once the end can no longer be undone.

    Dropped are who spoke how long (the log of events), what was deleted from the notes or
    off the record (their updates), who was connected, who was ready with writing and what of
    it they put into the notes, and whose an unnamed answer or a number was. Private words,
    own notes and next steps stay. Answers whether this call did it.
    """
    meeting = locked(meeting_id)
    if meeting.sealed or not meeting.ended_at or clock.now() - meeting.ended_at < SEAL_AFTER:
        return False
    run = meetings.run_of(meeting_id)
    _keep(meeting, run)
    row = db.session.get_one(RecordRow, meeting_id)
    record = unpacked(row)
    grown = {one.key: one.keep(meeting, run) for one in SECTIONS if one.keep and one.grows}
    row.data = to_data(replace(record, sections={**record.sections, **grown}))
    for hear in _hear_of_sealed:  # while it can still be told how the meeting went
        hear(meeting)
    for section in reversed(SECTIONS):
        if section.forget:
            section.forget(meeting, run)
    meeting.sealed = True
    search.forget(meeting_id)
    return True


def seal_due() -> list[int]:
    """Seal every meeting that ended more than a minute ago; answers which.

    One that cannot be sealed does not block the others, and is retried. Deleted content leaves
    the write-ahead log on disk too; while a reader needs the log, at the next call.
    """
    sealed = []
    for (meeting_id,) in rows(_DUE, {"before": clock.now() - SEAL_AFTER}):
        try:
            if seal(meeting_id):
                sealed.append(meeting_id)
        except Exception:
            log.exception("meeting %d cannot be sealed", meeting_id)
    if sealed:
        _in_journal.add(db.engine)
    if db.engine in _in_journal and truncate_journal():
        _in_journal.discard(db.engine)
    return sealed


def locked(meeting_id: int) -> Meeting:
    """Return the meeting, held so that nobody writes to it before this transaction ends."""
    query = select(Meeting).where(Meeting.id == meeting_id).with_for_update(of=Meeting)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _end(meeting: Meeting, run: Run, *, quiet_since: datetime | None = None) -> None:
    _keep(meeting, run, quiet_since=quiet_since)
    search.forget(meeting.id)
    # Who has not been here until now has something to ask the group first.
    groups.close_to_new(meeting.group_id, closed=True)


def _keep(meeting: Meeting, run: Run, *, quiet_since: datetime | None = None) -> None:
    """Write the record, unless it is there."""
    if db.session.get(RecordRow, meeting.id, populate_existing=True):
        return
    meeting.ended_at = ended_at = run.closed_at or clock.now()
    took_part = (section.took_part(meeting, run) for section in SECTIONS if section.took_part)
    query = select(User.id, User.name).where(User.id.in_({person for some in took_part for person in some}))
    names = sorted(db.session.execute(query).all(), key=lambda one: one.name.casefold())
    record = Record(
        title=dict(meeting.title),
        group=meeting.group.name,
        started_at=run.started_at,
        ended_at=ended_at,
        quiet_since=quiet_since,
        revealed=run.revealed,
        people=tuple(
            Attendee(person, name, run.roles[person].value if person in run.roles else None)
            for person, name in names
        ),
        sections={section.key: section.keep(meeting, run) for section in SECTIONS if section.keep},
    )
    said = policy.said_readers(meeting.group, meeting.readers)
    db.session.add(RecordRow(meeting_id=meeting.id, kept_at=clock.now(), readers=said, data=to_data(record)))
    db.session.flush()
    db.session.add_all(RecordReader(meeting_id=meeting.id, user_id=person) for person, _ in names)
