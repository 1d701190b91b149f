"""The log of some notes: its newest number, and a row more. None of this asks rights.

Where an ``owner_id`` is asked for, None means the notes of the group.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select

from ementor import clock
from ementor.database import db, rows
from ementor.held import Statement
from ementor.lists import is_in
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.notes.document import GENERAL, MINE, OUTSIDE, fragment_name
from ementor.notes.models import NoteUpdate, OwnNoteUpdate


def newest(meeting_id: int, owner_id: int | None = None) -> int:
    """Return the number of the newest kept update; 0 when there is none."""
    log, which = log_of(meeting_id, owner_id)
    return db.session.scalar(select(func.max(log.number)).where(*which)) or 0


def newest_of(meeting_ids: Iterable[int]) -> dict[int, int]:
    """Return meeting id → number of its newest kept update, in one query that reads no whole log."""
    found = rows(_NEWEST_OF, {"meeting_ids": meeting_ids})
    return {meeting_id: newest for meeting_id, newest in found if newest}


_NEWEST = select(func.max(NoteUpdate.number)).where(NoteUpdate.meeting_id == Meeting.id).scalar_subquery()
_NEWEST_OF = Statement(select(Meeting.id, _NEWEST).where(is_in(Meeting.id, "meeting_ids")))


def newest_own_since(moment: datetime) -> dict[tuple[int, int], int]:
    """Return (meeting id, owner) → number of the newest update of own notes kept since then.

    Grouped here, as SQLite would read the whole table in the order of the groups.
    """
    newest: dict[tuple[int, int], int] = {}
    for meeting_id, owner_id, number in rows(_OWN_SINCE, {"moment": moment}):
        newest[meeting_id, owner_id] = max(number, newest.get((meeting_id, owner_id), 0))
    return newest


_OWN_SINCE = Statement(
    select(OwnNoteUpdate.meeting_id, OwnNoteUpdate.owner_id, OwnNoteUpdate.number).where(
        OwnNoteUpdate.at >= bindparam("moment")
    )
)


def written_at(meeting_id: int) -> datetime | None:
    """Return when somebody last wrote anything, shared or their own; None when nobody has. Asks no rights."""
    # From the end of the log, as it may be long: who writes last writes the highest number.
    shared = (
        select(NoteUpdate.at)
        .where(NoteUpdate.meeting_id == meeting_id, NoteUpdate.author_id.is_not(None))
        .order_by(NoteUpdate.number.desc())
        .limit(1)
    )
    own = select(func.max(OwnNoteUpdate.at)).where(OwnNoteUpdate.meeting_id == meeting_id)
    return max((at for at in (db.session.scalar(shared), db.session.scalar(own)) if at), default=None)


def log_of(
    meeting_id: int, owner_id: int | None
) -> tuple[type[NoteUpdate] | type[OwnNoteUpdate], list[ColumnElement[bool]]]:
    """Return where the updates of some notes are kept, and which rows they are."""
    if owner_id is None:
        return NoteUpdate, [NoteUpdate.meeting_id == meeting_id]
    return OwnNoteUpdate, [OwnNoteUpdate.meeting_id == meeting_id, OwnNoteUpdate.owner_id == owner_id]


def keep(meeting_id: int, owner_id: int | None, number: int, update: bytes, *, author_id: int | None) -> None:
    row: NoteUpdate | OwnNoteUpdate
    if owner_id is None:
        row = NoteUpdate(meeting_id=meeting_id, number=number, author_id=author_id, data=update)
    else:
        row = OwnNoteUpdate(meeting_id=meeting_id, owner_id=owner_id, number=number, data=update)
    row.at = clock.now()
    db.session.add(row)


def parts(meeting_id: int, owner_id: int | None) -> list[str]:
    """Return the parts that people write in now."""
    if owner_id is not None:
        return [MINE]
    return [*(fragment_name(item.id) for item in meetings.run_of(meeting_id).agenda), GENERAL, OUTSIDE]


def part_names(meeting_id: int) -> list[str]:
    run = meetings.run_of(meeting_id)
    removed = [item for _, item in run.removed]  # what was written in them is not thrown away
    return [*(fragment_name(item.id) for item in (*run.agenda, *removed)), GENERAL, OUTSIDE]
