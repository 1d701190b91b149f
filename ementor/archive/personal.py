"""What records know of a person: who was there, who corrected, and the words they are found by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sqlalchemy import select

from ementor.accounts.merging.rows import join, move
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.archive import search, versions
from ementor.archive.models import Correction, RecordReader, RecordRow
from ementor.database import db
from ementor.meetings.models import Meeting
from ementor.meetings.personal import groups_of


def _merge(kept: int, gone: int) -> None:
    for row in _records(kept, gone):
        row.data = versions.with_one_person(row.data, kept, gone, partial(_readers, row.meeting_id))
    db.session.flush()
    join(RecordReader.user_id, kept, gone)
    move(Correction.author_id, kept, gone)
    search.forget_of(kept)


def _records(kept: int, gone: int) -> Iterable[RecordRow]:
    query = select(RecordRow).join(Meeting, Meeting.id == RecordRow.meeting_id)
    query = query.where(Meeting.group_id.in_(groups_of(kept, gone))).with_for_update(of=RecordRow)
    return db.session.scalars(query.execution_options(populate_existing=True))


def _readers(meeting_id: int) -> dict[int, str]:
    query = select(User.id, User.name).join(RecordReader, RecordReader.user_id == User.id)
    return dict(db.session.execute(query.where(RecordReader.meeting_id == meeting_id)).all())


def _has(person_id: int) -> set[int]:
    """Return the meetings that they were in and that have ended."""
    return set(db.session.scalars(select(RecordReader.meeting_id).where(RecordReader.user_id == person_id)))


def _export(person: User) -> JSON:
    """Return what somebody may read, and what they corrected."""
    raise NotImplementedError


register(Personal("archive", ("record_reader", "correction", "search_words"), _merge, _export, has=_has))
