"""What people write in the notes, and what a page lacks of them.

Whose own notes are meant is never an argument beside an ``actor``: they are the actor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from ementor import live
from ementor.accounts.models import User
from ementor.database import after_commit, db, transactional
from ementor.meetings import services as meetings
from ementor.notes import document as documents
from ementor.notes.document import SCHEMA, Document
from ementor.notes.services.log import keep, newest, parts
from ementor.notes.services.memory import document_of
from ementor.notes.services.refusals import OldPage, UpdateRefused, pay, require_open


@dataclass(frozen=True)
class NotesSnapshot:
    """What a page needs to have the notes as they are: what it lacks, and how far that comes."""

    update: bytes
    state_vector: bytes
    number: int


def add_update(
    meeting_id: int, update: bytes, *, actor: User, own: bool = False, sender: str | None = None
) -> int:
    """Keep one edit and return its number; once it is saved, tell everybody but ``sender``.

    One of the actor's ``own`` notes is told to their other pages only.
    Where more than the edit has to be kept (see ``Document.check``) ``sender`` is told too.
    The same edit twice is harmless: what brings nothing new is not kept again, and answered
    with 0. Raises NotFound, Conflict when the meeting has ended, TooFast, or UpdateRefused.
    """
    pay(db.engine, actor.id, len(update))
    meetings.get_meeting(meeting_id, actor=actor)
    document_of(meeting_id, actor.id if own else None)  # a long log is read before anybody is kept waiting
    return _add_update(meeting_id, update, actor=actor, own=own, sender=sender)


@transactional
def _add_update(meeting_id: int, update: bytes, *, actor: User, own: bool, sender: str | None) -> int:
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    require_open(meeting)
    owner_id = actor.id if own else None
    document = document_of(meeting_id, owner_id)
    try:
        kept = checked(document, meeting_id, update, actor.id)
    except documents.UpdateRejected as refused:
        raise UpdateRefused(refused.why) from None
    if kept is None:
        return 0
    number = document.number + 1
    keep(meeting_id, owner_id, number, kept, author_id=actor.id)
    after_commit(tell, document, meeting_id, owner_id, number, kept, sender if kept == update else None)
    return number


def checked(document: Document, meeting_id: int, update: bytes, author_id: int) -> bytes | None:
    """Check an update; what is under the ids of who has become one with its author is theirs now."""
    try:
        return document.check(update, author_id)
    except documents.NotTheirs:
        news = [document.become_one(*merge) for merge in meetings.merges(meeting_id)]
        if not any(news):
            raise
        return document.check(update, author_id)


def tell(
    document: Document,
    meeting_id: int,
    owner_id: int | None,
    number: int,
    update: bytes,
    sender: str | None = None,
    place: dict[str, object] | None = None,
) -> None:
    event = "note:update" if owner_id is None else "own:update"
    more = {"place": place} if place else {}
    live.send(meeting_id, event, {"update": update, "number": number, **more}, sender, owner_id=owner_id)
    document.told = max(document.told, number)


@transactional
def say(meeting_id: int, part: str, lines: Sequence[str], *, named: bool, actor: User) -> int:
    """Add a paragraph in somebody's name, or in nobody's, and show it to everybody once it is saved.

    Returns its number in the log, which without the name does not know the author either.
    Raises NotFound, Conflict when the meeting has ended, TooFast, or UpdateRefused.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    require_open(meeting)
    pay(db.engine, actor.id, sum(len(line) for line in lines))
    document = document_of(meeting_id)
    with document.lock:
        seed = document.seed(parts(meeting_id, None))
        before = document.update_since()
    lead = f"{actor.name}: " if named else ""
    update = documents.said(documents.merge([before, seed]) if seed else before, part, lead, lines)
    update = documents.merge([seed, update]) if seed else update
    try:
        document.check(update)
    except documents.UpdateRejected as refused:
        raise UpdateRefused(refused.why) from None
    number = document.number + 1
    keep(meeting_id, None, number, update, author_id=actor.id if named else None)
    after_commit(tell, document, meeting_id, None, number, update)
    return number


def sync(
    meeting_id: int, state_vector: bytes, *, schema: int = SCHEMA, actor: User, own: bool = False
) -> NotesSnapshot:
    """Return what a page at ``state_vector`` lacks; raises NotFound or OldPage.

    In an open meeting each part is seeded first.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    if schema != SCHEMA:
        raise OldPage(gettext("The notes have changed since this page was opened. Please reload it."))
    owner_id = actor.id if own else None
    if meeting.ended_at is None and document_of(meeting_id, owner_id).seed(parts(meeting_id, owner_id)):
        _seed(meeting_id, owner_id)
    document = document_of(meeting_id, owner_id)
    with document.lock:
        return NotesSnapshot(document.update_since(state_vector), document.state_vector(), document.number)


@transactional
def _seed(meeting_id: int, owner_id: int | None) -> None:
    document = document_of(meeting_id, owner_id)
    seed = document.seed(parts(meeting_id, owner_id))
    if seed is None:
        return
    number = newest(meeting_id, owner_id) + 1
    keep(meeting_id, owner_id, number, seed, author_id=None)
    after_commit(tell, document, meeting_id, owner_id, number, seed)


def newest_for(meeting_id: int, *, actor: User, own: bool = False) -> int:
    """Return the same for somebody who asks; raises NotFound."""
    meetings.get_meeting(meeting_id, actor=actor)
    return newest(meeting_id, actor.id if own else None)
