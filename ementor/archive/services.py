"""Close a meeting and keep its record; undo that for a minute; then let the rest go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from weakref import WeakSet

from flask_babel import gettext
from sqlalchemy import Engine, delete, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import corrected, readers, search
from ementor.archive.models import RecordReader, RecordRow
from ementor.archive.sections import SECTIONS
from ementor.archive.versions import from_data, to_data
from ementor.database import db, transactional, truncate_journal
from ementor.errors import Conflict, NotAllowed, NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import REOPEN_S, Close, Reopen, Run
from ementor.meetings.models import Meeting
from ementor.meetings.record import Attendee, Record, Section
from ementor.meetings.services import presence

SEAL_AFTER = timedelta(seconds=REOPEN_S + 2)
"""A little longer than the undo lasts, so that an undo in its last second is not overtaken."""

log = logging.getLogger(__name__)
_in_journal: WeakSet[Engine] = WeakSet()
"""The databases whose journal still holds what was let go of."""


@dataclass(frozen=True)
class Kept:
    """A record as one of its readers may see it.

    ``own`` are the sections that have something for this reader only, and what that is. ``came_later``:
    they were no member yet. ``for_all``: not only for those who were there.
    """

    meeting: Meeting
    record: Record
    own: tuple[tuple[Section[Any], object], ...]
    sealed: bool
    may_reopen: bool
    facilitates: bool
    was_there: bool
    came_later: bool
    for_all: bool


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
        raise Conflict(gettext("The end of a meeting can be undone for a minute only."))
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
    record = _record(row)
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

    One that cannot be sealed does not keep the others from it, and is tried again. What was
    let go of leaves the journal on disk too; when a reader holds that, at the next call.
    """
    due = db.session.scalars(
        select(Meeting.id).where(Meeting.sealed.is_(False), Meeting.ended_at < clock.now() - SEAL_AFTER)
    ).all()
    db.session.commit()
    sealed = []
    for meeting_id in due:
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


def kept(meeting_id: int, *, actor: User) -> Kept:
    """Return the record for one who may read it.

    Raises NotFound for strangers and while the meeting goes on, NotAllowed for members
    of the group for whose eyes it is not.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    record = record_of(meeting_id)
    member = policy.require_member(actor, meeting.group_id)
    own = ((section, section.own(record, meeting, actor)) for section in SECTIONS if section.own)
    return Kept(
        meeting=meeting,
        record=record,
        own=tuple((section, theirs) for section, theirs in own if theirs),
        sealed=meeting.sealed,
        may_reopen=policy.leads(member) and not meeting.sealed,
        facilitates=policy.keeps(member),
        was_there=readers.was_there(actor, meeting_id),
        came_later=meeting.ended_at is not None and member.joined_at > meeting.ended_at,
        for_all=readers.is_for_all(meeting),
    )


@meetings.once_ended
def require_reader(meeting: Meeting, actor: User) -> None:
    """Raise NotAllowed unless somebody may read the record of a meeting that has ended."""
    if not readers.may_read(actor, meeting.id):
        raise NotAllowed(gettext("The group has agreed who reads this record, and you are not among them."))


def record_of(meeting_id: int) -> Record:
    """Return what all its readers may see, as it was corrected. Asks no rights.

    Raises NotFound while the meeting goes on. Before the seal, what was never revealed is not in it: a
    wrong press of "end" would otherwise show it.
    """
    return corrected.laid_over({meeting_id: kept_as_was(meeting_id)})[meeting_id]


def kept_as_was(meeting_id: int) -> Record:
    """Return ``record_of`` a meeting without the corrections."""
    query = select(RecordRow, Meeting).join(Meeting, Meeting.id == RecordRow.meeting_id)
    query = query.where(Meeting.id == meeting_id, Meeting.ended_at.is_not(None))
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(gettext("There is no record yet: the meeting is still going on."))
    row, meeting = found
    return _without_unrevealed(_record(row), sealed=meeting.sealed)


def records_of(meeting_ids: Collection[int]) -> dict[int, Record]:
    """Return the records of several meetings, as ``record_of`` does, by three statements. Asks no rights."""

    @cache
    def names() -> dict[int, dict[int, str]]:
        query = select(RecordReader.meeting_id, User.id, User.name)
        query = query.join(User, User.id == RecordReader.user_id)
        query = query.where(RecordReader.meeting_id.in_(meeting_ids))
        found: dict[int, dict[int, str]] = {}
        for meeting_id, person, name in db.session.execute(query):
            found.setdefault(meeting_id, {})[person] = name
        return found

    def there(meeting_id: int) -> dict[int, str]:
        return names().get(meeting_id, {})

    query = select(RecordRow.meeting_id, RecordRow.data, Meeting.sealed)
    query = query.join(Meeting, Meeting.id == RecordRow.meeting_id)
    query = query.where(Meeting.id.in_(meeting_ids), Meeting.ended_at.is_not(None))
    records = {
        meeting_id: _without_unrevealed(from_data(data, partial(there, meeting_id)), sealed=sealed)
        for meeting_id, data, sealed in db.session.execute(query)
    }
    return corrected.laid_over(records)


def _without_unrevealed(record: Record, *, sealed: bool) -> Record:
    if sealed or record.revealed:
        return record
    hidden = {one.key: one.unrevealed(record.of(one)) for one in SECTIONS if one.unrevealed}
    return replace(record, sections={**record.sections, **hidden})


def readable_by(actor: User, group_id: int) -> set[int]:
    """Return the meetings of a group whose records somebody may read."""
    return set(db.session.scalars(readers.readable(actor).where(Meeting.group_id == group_id)))


def readable_records(group_id: int, *, actor: User) -> tuple[Group, list[Record]]:
    """Return a group and the records of it that the actor may read, oldest first. Raises NotFound."""
    policy.require_member(actor, group_id)
    query = readers.readable(actor).where(Meeting.group_id == group_id)
    ids = db.session.scalars(query.order_by(Meeting.ended_at, Meeting.id)).all()
    return db.session.get_one(Group, group_id), [record_of(meeting_id) for meeting_id in ids]


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


def _record(row: RecordRow) -> Record:
    def there() -> dict[int, str]:
        query = select(User.id, User.name).join(RecordReader, RecordReader.user_id == User.id)
        return dict(db.session.execute(query.where(RecordReader.meeting_id == row.meeting_id)).all())

    return from_data(row.data, there)
