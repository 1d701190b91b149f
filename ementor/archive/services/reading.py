"""Read the records of closed meetings, for those who may."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.archive import corrected, readers
from ementor.archive.models import RecordReader, RecordRow
from ementor.archive.sections import SECTIONS
from ementor.archive.versions import from_data
from ementor.database import db
from ementor.errors import NotAllowed, NotFound
from ementor.groups import policy
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.meetings.record import Record, Section


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
        raise NotAllowed(
            gettext("The group has agreed who can read this record, and you are not one of them.")
        )


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
    return _without_unrevealed(unpacked(row), sealed=meeting.sealed)


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


def unpacked(row: RecordRow) -> Record:
    def there() -> dict[int, str]:
        query = select(User.id, User.name).join(RecordReader, RecordReader.user_id == User.id)
        return dict(db.session.execute(query.where(RecordReader.meeting_id == row.meeting_id)).all())

    return from_data(row.data, there)
