"""What is asked many times a second: one statement on a held connection, without a session.

It asks who, whether they may, and how new all is. None means: ask the service of the same name, which
says what is the matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ementor import clock, live
from ementor.accounts.models import User
from ementor.batch import Batch, Job
from ementor.database import MAX_ID
from ementor.held import Held, Statement, held
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.notes import document as documents
from ementor.notes.document import Document, Logged
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.notes.services.cursors import Cursor
from ementor.notes.services.memory import brought_up, is_near
from ementor.notes.services.refusals import UpdateRefused, pay
from ementor.notes.services.writing import tell
from ementor.notes.yjs import require_harmless

TRIES = 3
AT_ONCE_S = 0.02
"""How long edits of others are taken along in one transaction, as nobody else has a turn meanwhile."""


class _Log(NamedTuple):
    """The statements of a log: the group's, or each person's own."""

    standing: Statement
    writing: Statement
    since: Statement
    insert: Statement

    @classmethod
    def of(cls, log: type[NoteUpdate] | type[OwnNoteUpdate]) -> _Log:
        newest = select(func.max(log.number)).where(log.meeting_id == Meeting.id)
        author = OwnNoteUpdate.owner_id if log is OwnNoteUpdate else NoteUpdate.author_id
        since = select(log.number, log.data, author)
        since = since.where(log.meeting_id == bindparam("meeting_id"), log.number > bindparam("after"))
        if log is OwnNoteUpdate:
            newest = newest.where(OwnNoteUpdate.owner_id == User.id)
            since = since.where(OwnNoteUpdate.owner_id == bindparam("person_id"))
        standing = meetings.standings().add_columns(func.coalesce(newest.scalar_subquery(), 0))
        return cls(
            Statement(standing),
            Statement(standing.with_for_update(read=True, key_share=True, of=Meeting)),
            Statement(since.order_by(log.number)),
            Statement(insert(log)),
        )


_SHARED, _OWN = _Log.of(NoteUpdate), _Log.of(OwnNoteUpdate)


class Standing(NamedTuple):
    """Who asks, whether anything may be written, and the newest numbers: of the log, of the notes."""

    is_open: bool
    person_id: int
    name: str
    number: int
    newest: int


def newest_quickly(engine: Engine, meeting_id: int, *, sign_in: str) -> int | None:
    """Do as ``newest_for`` does."""
    with held(engine) as connection:
        standing = _standing(connection, _SHARED.standing, meeting_id, sign_in)
    return standing.newest if standing else None


def show_cursor_quickly(
    engine: Engine, meeting_id: int, cursor: Cursor, *, sign_in: str, sender: str
) -> bool:
    """Do as ``show_cursor`` does; tell whether it is done."""
    with held(engine) as connection:
        standing = _standing(connection, _SHARED.standing, meeting_id, sign_in)
    if standing is None or not standing.is_open:
        return False
    told = cursor.of(sender, standing.person_id, standing.name)
    live.send(meeting_id, "note:aware", told, skip_sid=sender)
    return True


def _standing(connection: Held, statement: Statement, meeting_id: int, sign_in: str) -> Standing | None:
    if not 0 < meeting_id <= MAX_ID:
        return None
    rows = connection.rows(statement, {"meeting_id": meeting_id, "sign_in": sign_in})
    return Standing(*rows[0]) if rows else None


@dataclass(eq=False)
class Edit(Job):
    """An update on its way into a log; ``number`` is what its author is answered."""

    engine: Engine
    meeting_id: int
    update: bytes
    sign_in: str
    sender: str
    cursor: Cursor | None = None
    own: bool = False
    number: int | None = None
    kept: bytes = b""
    """What is written: the update, and with it what the server adds."""
    person_id: int = 0
    told: dict[str, object] | None = None
    document: Document | None = None
    """Where it is written: there it is applied once that is committed."""


_batches: WeakKeyDictionary[Engine, Batch[Edit]] = WeakKeyDictionary()


def add_update_quickly(edit: Edit) -> int | None:
    """Do as ``add_update`` does, with where its author is now, if that is given."""
    if edit.engine.dialect.name == "sqlite":
        batch = _batches.get(edit.engine) or _batches.setdefault(edit.engine, Batch(_add_all))
        batch.do(edit)
        return edit.number
    for _ in range(TRIES):  # PostgreSQL takes several writers at once, and gathers their commits itself
        edit.error = None
        _add_all([edit])
        if not isinstance(edit.error, IntegrityError):  # another process was faster
            break
    if edit.error is not None:
        raise edit.error
    return edit.number


def _add_all(edits: Sequence[Edit]) -> None:
    """Write what waits in one transaction: of each document one edit, and no more than takes a moment.

    What one of them is refused for, or stumbles over, is its own. What the database says is said
    to all of them: each then takes the long way, by itself.
    """
    engine, began = edits[0].engine, time.monotonic()
    taken: list[Edit] = []
    locked: list[Document] = []
    try:
        try:
            with held(engine, writes=True) as connection:
                for edit in edits:
                    if taken and time.monotonic() - began > AT_ONCE_S:
                        break
                    written = [each.document for each in taken if each.document]
                    if _alone(_write, edit, connection, written, locked):
                        taken.append(edit)
                if any(edit.document for edit in taken):
                    connection.commit()
            for edit in taken:
                _alone(_apply, edit)
        finally:
            for document in locked:
                document.lock.release()
        for edit in taken:
            _alone(_tell_of, edit)
    except SQLAlchemyError as error:
        taken = taken or list(edits)
        for edit in taken:
            if edit.document:
                pay(engine, edit.person_id, -len(edit.update))  # the same is tried again at once
            edit.error = edit.error or error
    for edit in taken:
        edit.done = True


def _alone(step: Callable[..., bool | None], edit: Edit, *more: Any) -> bool:
    """Take a step with one of many, which keeps its error to itself; tell whether it was its turn."""
    driver: Any = edit.engine.dialect.loaded_dbapi
    if edit.error is not None:
        return True
    try:
        return step(edit, *more) is not False
    except driver.Error:
        raise
    except BaseException as error:  # pycrdt's panics among them
        require_harmless(error)
        edit.error = error
        return True


def _write(edit: Edit, connection: Held, written: Sequence[Document], locked: list[Document]) -> bool:
    """Insert an edit, if it may be, and lock its document; False when that has been written in already."""
    edit.number = edit.told = edit.document = None  # of a turn that was broken off
    log = _OWN if edit.own else _SHARED
    standing = _standing(connection, log.writing, edit.meeting_id, edit.sign_in)
    if standing is None or not standing.is_open:
        return True
    author_id = edit.person_id = standing.person_id

    def since(after: int) -> Sequence[Logged]:
        which = {"meeting_id": edit.meeting_id, "person_id": author_id, "after": after}
        return connection.rows(log.since, which)

    key = edit.meeting_id, author_id if edit.own else None
    if not is_near(edit.engine, key, standing.newest):
        return True  # the long way brings it up, before its transaction
    document = brought_up(edit.engine, key, standing.newest, since)
    if document in written:
        return False
    if edit.cursor:
        edit.told = edit.cursor.of(edit.sender, author_id, standing.name)
    pay(edit.engine, author_id, len(edit.update))
    document.lock.acquire()
    locked.append(document)
    try:
        kept = document.check_locked(edit.update, author_id)
    except documents.NotTheirs:  # the long way knows who has become one with whom
        pay(edit.engine, author_id, -len(edit.update))
        return True
    except documents.UpdateRejected as refused:
        raise UpdateRefused(refused.why) from None
    edit.number = 0
    if kept is not None:
        edit.document, edit.number, edit.kept = document, document.number + 1, kept
        row = {"meeting_id": edit.meeting_id, "number": edit.number, "at": clock.now(), "data": kept}
        connection.rows(log.insert, row | {"owner_id" if edit.own else "author_id": author_id})
    return True


def _apply(edit: Edit) -> None:
    if edit.document and edit.number:
        edit.document.apply_locked(edit.kept, edit.person_id)
        edit.document.number = edit.number


def _tell_of(edit: Edit) -> None:
    if edit.number and edit.document:
        owner_id = edit.person_id if edit.own else None
        knows = edit.sender if edit.kept == edit.update else None
        tell(edit.document, edit.meeting_id, owner_id, edit.number, edit.kept, knows, edit.told)
    elif edit.told:
        live.send(edit.meeting_id, "note:aware", edit.told, skip_sid=edit.sender)
