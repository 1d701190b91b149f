"""Two people who become one: their edits, and their own notes."""

from __future__ import annotations

from functools import partial

from sqlalchemy import delete, select

from ementor import live
from ementor.accounts.merging.rows import join, move
from ementor.database import after_commit, db, transactional
from ementor.notes import document as documents
from ementor.notes.document import MINE
from ementor.notes.models import NoteUpdate, OwnNote, OwnNoteUpdate
from ementor.notes.services.log import keep, newest
from ementor.notes.services.memory import document_of, documents_in_memory


@transactional
def make_one(kept: int, gone: int) -> None:
    """Give one person the own notes of another, and the edits of the groups' that are theirs.

    Both pages can go on: own notes become one document that holds what both have written. For a part
    that is sealed the words of one are put below the other's. Asks no rights.
    """
    move(NoteUpdate.author_id, kept, gone)
    written = select(OwnNoteUpdate.meeting_id).where(OwnNoteUpdate.owner_id == gone).distinct()
    for meeting_id in sorted(db.session.scalars(written)):
        _join_own(meeting_id, kept, gone)
    join(OwnNote.owner_id, kept, gone, _both_own)


def _join_own(meeting_id: int, kept: int, gone: int) -> None:
    mine, theirs = document_of(meeting_id, kept), document_of(meeting_id, gone)
    number, edge = newest(meeting_id, kept), None
    if number:
        edge = documents.parted(mine.update_since(), theirs.update_since(), MINE)
    query = select(OwnNoteUpdate).where(OwnNoteUpdate.meeting_id == meeting_id)
    rows = db.session.scalars(query.where(OwnNoteUpdate.owner_id == gone).order_by(OwnNoteUpdate.number))
    updates = [row.data for row in rows.all()]
    db.session.execute(
        delete(OwnNoteUpdate).where(OwnNoteUpdate.meeting_id == meeting_id, OwnNoteUpdate.owner_id == gone)
    )
    for data in [*updates, *([edge] if edge else [])]:
        number += 1
        keep(meeting_id, kept, number, data, author_id=kept)
    db.session.flush()
    after_commit(documents_in_memory().pop, (meeting_id, gone), None)
    after_commit(partial(live.send, meeting_id, "own:poke", {"number": number}, owner_id=kept))


def _both_own(mine: OwnNote, theirs: OwnNote) -> None:
    if theirs.html not in mine.html:
        mine.html += theirs.html
