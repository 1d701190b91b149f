"""What people do with the shared notes, and each with their own.

Whose own notes are meant is never an argument beside an ``actor``: they are the actor's. Where an
``owner_id`` is asked for, None means the notes of the group. A document is kept in memory as far as
the log is committed, and brought up to date from the log each time it is used: another process may
have written meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from itertools import product
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, Engine, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ementor import clock, live
from ementor.accounts.merging.rows import join, move
from ementor.accounts.models import User
from ementor.batch import Batch, Job
from ementor.budget import Bucket
from ementor.database import MAX_ID, after_commit, db, transactional
from ementor.errors import Conflict, DomainError, Invalid, TooFast
from ementor.held import Held, Statement, held
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.notes import document as documents
from ementor.notes.document import COLLECTED, GENERAL, MINE, OUTSIDE, SCHEMA, Document, Why, fragment_name
from ementor.notes.models import NoteUpdate, OwnNote, OwnNoteUpdate

DOCUMENTS_IN_MEMORY = 1000
APPLIED_AT_ONCE = 200
MAX_PLACE_BYTES = 200
TRIES = 3
AT_ONCE_S = 0.02
"""How long edits of others are taken along in one transaction, as nobody else has a turn meanwhile."""
TOO_FAST = lazy_gettext("Too many messages at once. Wait a moment.")
WRONG = lazy_gettext("The page sent something it should not have.")

BURST_BYTES = 1024 * 1024
BYTES_PER_SECOND = 50 * 1024

log = logging.getLogger(__name__)

_buckets: WeakKeyDictionary[Engine, dict[int, Bucket]] = WeakKeyDictionary()
"""Person → bytes that they may send, and since when (monotonic, of this process)."""

_memory: WeakKeyDictionary[Engine, OrderedDict[tuple[int, int | None], Document]] = WeakKeyDictionary()

REFUSALS = {
    Why.GARBAGE: lazy_gettext("The notes did not take this change."),
    Why.TOO_LARGE: lazy_gettext("That is too much at once for the notes."),
    Why.FULL: lazy_gettext("The notes of this meeting are full."),
    Why.GAP: lazy_gettext("Something before this change is missing. It will be sent again."),
    Why.TOO_FAST: lazy_gettext("Too many messages at once. Wait a moment."),
}


class UpdateRefused(Invalid):
    """An update that the document does not take; ``name`` says why to the page's script."""

    def __init__(self, why: Why) -> None:
        super().__init__(REFUSALS[why])
        self.name = why.value


class Ended(Conflict):
    """Nothing can be written any more."""

    name = "ended"


class OldPage(DomainError):
    """The page was made for notes of another shape."""

    status = 409
    name = "old_page"


@dataclass(frozen=True)
class Place:
    """Where in the notes somebody is: from ``anchor`` to ``head`` of a part; no bytes mean nowhere."""

    part: str
    anchor: bytes
    head: bytes

    def of(self, sender: str, person_id: int, name: str) -> dict[str, object]:
        """Return it as others are told. Name and colour are the server's: a page can only say where."""
        if max(map(len, (self.part, self.anchor, self.head))) > MAX_PLACE_BYTES:
            raise Invalid(WRONG)
        user = {"id": person_id, "name": name}
        return {"who": sender, "user": user, "part": self.part, "anchor": self.anchor, "head": self.head}


Logged = tuple[int, bytes, int | None]
"""One update of a log: its number, its bytes and who wrote it."""


@dataclass(frozen=True)
class Copy:
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
    _pay(db.engine, actor.id, len(update))
    return _add_update(meeting_id, update, actor=actor, own=own, sender=sender)


@transactional
def _add_update(meeting_id: int, update: bytes, *, actor: User, own: bool, sender: str | None) -> int:
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    _require_open(meeting)
    owner_id = actor.id if own else None
    document = document_of(meeting_id, owner_id)
    try:
        kept = _checked(document, meeting_id, update, actor.id)
    except documents.Refused as refused:
        raise UpdateRefused(refused.why) from None
    if kept is None:
        return 0
    number = document.number + 1
    _keep(meeting_id, owner_id, number, kept, author_id=actor.id)
    after_commit(_tell, meeting_id, owner_id, number, kept, sender if kept == update else None)
    return number


def _checked(document: Document, meeting_id: int, update: bytes, author_id: int) -> bytes | None:
    """Check an update; what is under the ids of who has become one with its author is theirs now."""
    try:
        return document.check(update, author_id)
    except documents.NotTheirs:
        news = [document.become_one(*merge) for merge in meetings.merges(meeting_id)]
        if not any(news):
            raise
        return document.check(update, author_id)


def _tell(
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


@transactional
def say(meeting_id: int, part: str, lines: Sequence[str], *, named: bool, actor: User) -> int:
    """Add a paragraph in somebody's name, or in nobody's, and show it to everybody once it is saved.

    Returns its number in the log, which without the name does not know the author either.
    Raises NotFound, Conflict when the meeting has ended, TooFast, or UpdateRefused.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    _require_open(meeting)
    _pay(db.engine, actor.id, sum(len(line) for line in lines))
    document = document_of(meeting_id)
    with document.lock:
        seed = document.seed(_parts(meeting_id, None))
        before = document.update_since()
    lead = f"{actor.name}: " if named else ""
    update = documents.said(documents.merge([before, seed]) if seed else before, part, lead, lines)
    update = documents.merge([seed, update]) if seed else update
    try:
        document.check(update)
    except documents.Refused as refused:
        raise UpdateRefused(refused.why) from None
    number = document.number + 1
    _keep(meeting_id, None, number, update, author_id=actor.id if named else None)
    after_commit(_tell, meeting_id, None, number, update)
    return number


def sync(
    meeting_id: int, state_vector: bytes, *, schema: int = SCHEMA, actor: User, own: bool = False
) -> Copy:
    """Return what a page at ``state_vector`` lacks; raises NotFound or OldPage.

    In an open meeting each part is seeded first.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    if schema != SCHEMA:
        raise OldPage(gettext("The notes have changed since this page was opened. Please reload it."))
    owner_id = actor.id if own else None
    if meeting.ended_at is None and document_of(meeting_id, owner_id).seed(_parts(meeting_id, owner_id)):
        _seed(meeting_id, owner_id)
    document = document_of(meeting_id, owner_id)
    with document.lock:
        return Copy(document.update_since(state_vector), document.state_vector(), document.number)


@transactional
def _seed(meeting_id: int, owner_id: int | None) -> None:
    seed = document_of(meeting_id, owner_id).seed(_parts(meeting_id, owner_id))
    if seed is None:
        return
    number = newest(meeting_id, owner_id) + 1
    _keep(meeting_id, owner_id, number, seed, author_id=None)
    after_commit(_tell, meeting_id, owner_id, number, seed)


def show_place(meeting_id: int, part: str, anchor: bytes, head: bytes, *, actor: User, sender: str) -> None:
    """Tell the others where in the notes somebody is. Raises NotFound, Conflict or Invalid."""
    _require_open(meetings.get_meeting(meeting_id, actor=actor))
    place = Place(part, anchor, head).of(sender, actor.id, actor.name)
    live.send(meeting_id, "note:aware", place, skip_sid=sender)


def newest(meeting_id: int, owner_id: int | None = None) -> int:
    """Return the number of the newest kept update; 0 when there is none."""
    log, which = _log_of(meeting_id, owner_id)
    return db.session.scalar(select(func.max(log.number)).where(*which)) or 0


def newest_for(meeting_id: int, *, actor: User, own: bool = False) -> int:
    """Return the same for somebody who asks; raises NotFound."""
    meetings.get_meeting(meeting_id, actor=actor)
    return newest(meeting_id, actor.id if own else None)


# Many times a second: one statement that asks who, whether they may and how new all is, on a held
# connection and without a session. None means: ask the one above, which says what is the matter.


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


def show_place_quickly(engine: Engine, meeting_id: int, place: Place, *, sign_in: str, sender: str) -> bool:
    """Do as ``show_place`` does; tell whether it is done."""
    with held(engine) as connection:
        standing = _standing(connection, _SHARED.standing, meeting_id, sign_in)
    if standing is None or not standing.is_open:
        return False
    told = place.of(sender, standing.person_id, standing.name)
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
    place: Place | None = None
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
    """Do as ``add_update`` does, with the place where its author is now, if that is given."""
    if edit.engine.dialect.name == "sqlite":
        _batches.setdefault(edit.engine, Batch(_add_all)).do(edit)
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
    engine, began, taken = edits[0].engine, time.monotonic(), list[Edit]()
    try:
        with ExitStack() as locks:
            with held(engine, writes=True) as connection:
                for edit in edits:
                    if taken and time.monotonic() - began > AT_ONCE_S:
                        break
                    written = [each.document for each in taken if each.document]
                    if _alone(_write, edit, connection, written, locks):
                        taken.append(edit)
                if any(edit.document for edit in taken):
                    connection.commit()
            for edit in taken:
                _alone(_apply, edit)
        for edit in taken:
            _alone(_tell_of, edit)
    except SQLAlchemyError as error:
        taken = taken or list(edits)
        for edit in taken:
            if edit.document:
                _pay(engine, edit.person_id, -len(edit.update))  # the same is tried again at once
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
        _require_harmless(error)
        edit.error = error
        return True


def _write(edit: Edit, connection: Held, written: Sequence[Document], locks: ExitStack) -> bool:
    """Insert an edit, if it may be, and lock its document; False when that has been written in already."""
    edit.number = edit.told = edit.document = None  # of a turn that was broken off
    log = _OWN if edit.own else _SHARED
    standing = _standing(connection, log.writing, edit.meeting_id, edit.sign_in)
    if standing is None or not standing.is_open:
        return True
    author_id = edit.person_id = standing.person_id

    def since(after: int) -> Iterable[Logged]:
        which = {"meeting_id": edit.meeting_id, "person_id": author_id, "after": after}
        return connection.rows(log.since, which)

    key = edit.meeting_id, author_id if edit.own else None
    document = _brought_up(edit.engine, key, standing.newest, since)
    if document in written:
        return False
    if edit.place:
        edit.told = edit.place.of(edit.sender, author_id, standing.name)
    _pay(edit.engine, author_id, len(edit.update))
    locks.enter_context(document.lock)
    try:
        kept = document.check(edit.update, author_id)
    except documents.NotTheirs:  # the long way knows who has become one with whom
        _pay(edit.engine, author_id, -len(edit.update))
        return True
    except documents.Refused as refused:
        raise UpdateRefused(refused.why) from None
    edit.number = 0
    if kept is not None:
        edit.document, edit.number, edit.kept = document, document.number + 1, kept
        row = {"meeting_id": edit.meeting_id, "number": edit.number, "at": clock.now(), "data": kept}
        connection.rows(log.insert, row | {"owner_id" if edit.own else "author_id": author_id})
    return True


def _apply(edit: Edit) -> None:
    if edit.document and edit.number:
        edit.document.apply(edit.kept, edit.person_id)
        edit.document.number = edit.number


def _tell_of(edit: Edit) -> None:
    if edit.number:
        owner_id = edit.person_id if edit.own else None
        knows = edit.sender if edit.kept == edit.update else None
        _tell(edit.meeting_id, owner_id, edit.number, edit.kept, knows, edit.told)
    elif edit.told:
        live.send(edit.meeting_id, "note:aware", edit.told, skip_sid=edit.sender)


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
        _keep(meeting_id, kept, number, data, author_id=kept)
    db.session.flush()
    after_commit(documents_in_memory().pop, (meeting_id, gone), None)
    after_commit(partial(live.send, meeting_id, "own:poke", {"number": number}, owner_id=kept))


def _both_own(mine: OwnNote, theirs: OwnNote) -> None:
    if theirs.html not in mine.html:
        mine.html += theirs.html


def newest_of(meeting_ids: Iterable[int]) -> dict[int, int]:
    """Return meeting id → number of its newest kept update, in one query that reads no whole log."""
    number = select(func.max(NoteUpdate.number)).where(NoteUpdate.meeting_id == Meeting.id)
    query = select(Meeting.id, number.scalar_subquery()).where(Meeting.id.in_(meeting_ids))
    return {meeting_id: newest for meeting_id, newest in db.session.execute(query) if newest}


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


def newest_own_since(moment: datetime) -> dict[tuple[int, int], int]:
    """Return (meeting id, owner) → number of the newest update of own notes kept since then.

    Grouped here, as SQLite would read the whole table in the order of the groups.
    """
    query = select(OwnNoteUpdate.meeting_id, OwnNoteUpdate.owner_id, OwnNoteUpdate.number)
    newest: dict[tuple[int, int], int] = {}
    for meeting_id, owner_id, number in db.session.execute(query.where(OwnNoteUpdate.at >= moment)):
        newest[meeting_id, owner_id] = max(number, newest.get((meeting_id, owner_id), 0))
    return newest


def html_of(meeting_id: int) -> dict[str, str]:
    """Return part name → HTML of known tags only, for the parts in which something is written."""
    document, parts = document_of(meeting_id), _part_names(meeting_id)
    found = {name: _shown(document, name) for name in parts}
    return {name: html for name, html in found.items() if html}


def collected_of(meeting_id: int) -> dict[str, list[tuple[str, str]]]:
    """Return mark → part name and words, for all that is marked to be collected at the end."""
    document, parts = document_of(meeting_id), _part_names(meeting_id)
    found: dict[str, list[tuple[str, str]]] = {mark: [] for mark in COLLECTED}
    for mark, name in product(COLLECTED, parts):
        try:
            found[mark] += [(name, words.replace("\0", "")) for words in document.collected(name, mark)]
        except Exception as error:  # whatever stands in one part, the others are kept
            _log_unshown(name, error)
    return found


def own_html(meeting_id: int, *, actor: User) -> str:
    """Return the actor's own notes as HTML of known tags; empty when there are none. Raises NotFound."""
    return own_html_of(meetings.get_meeting(meeting_id, actor=actor), actor.id)


def own_html_of(meeting: Meeting, owner_id: int) -> str:
    """Return somebody's own notes as HTML of known tags. Asks no rights."""
    if meeting.sealed:
        kept = db.session.get(OwnNote, (meeting.id, owner_id))
        return kept.html if kept else ""
    return _own_html(meeting.id, owner_id)


def _own_html(meeting_id: int, owner_id: int) -> str:
    return _shown(document_of(meeting_id, owner_id), MINE)


def own_of(owner_id: int) -> dict[int, str]:
    """Return meeting id → somebody's own notes as HTML of known tags, where there are any. Asks no rights."""
    kept = select(OwnNote.meeting_id, OwnNote.html).where(OwnNote.owner_id == owner_id)
    live = select(OwnNoteUpdate.meeting_id).where(OwnNoteUpdate.owner_id == owner_id).distinct()
    found = {meeting_id: _own_html(meeting_id, owner_id) for meeting_id in db.session.scalars(live).all()}
    found |= dict(db.session.execute(kept).all())
    return {meeting_id: html for meeting_id, html in found.items() if html}


@transactional
def keep_own(meeting_id: int) -> set[int]:
    """Keep everybody's own notes as HTML, for when their log is gone. Asks no rights.

    Answers whose could not be kept at all: their log is all there is of them.
    """
    query = select(OwnNoteUpdate.owner_id).where(OwnNoteUpdate.meeting_id == meeting_id).distinct()
    unkept = set()
    for owner_id in db.session.scalars(query).all():
        try:
            html = _own_html(meeting_id, owner_id)
        except BaseException as error:  # one person's notes do not keep the others' from being kept
            _require_harmless(error)
            _log_unshown(MINE, error)
            unkept.add(owner_id)
            continue
        if html:
            db.session.add(OwnNote(meeting_id=meeting_id, owner_id=owner_id, html=html))
    return unkept


def is_kept_whole(meeting_id: int) -> bool:
    """Tell whether all words of the notes can be shown, as they are or as plain text."""
    document = document_of(meeting_id)
    return all(_text(document, name) is not None for name in _part_names(meeting_id))


def _shown(document: Document, part: str) -> str:
    """Return a part as HTML, or as plain text when it cannot be shown so: the other parts go on."""
    try:
        return document.to_html(part).replace("\0", "")  # which PostgreSQL keeps in no text
    except BaseException as error:  # pycrdt's panics among them; see _require_harmless
        _require_harmless(error)
        _log_unshown(part, error)
        return _plain_html(_text(document, part) or "")


def _text(document: Document, part: str) -> str | None:
    try:
        return document.to_text(part).replace("\0", "")
    except BaseException as error:  # as above
        _require_harmless(error)
        return None


def _require_harmless(error: BaseException) -> None:
    """Raise what is no fault of a document's: pycrdt's panics derive from BaseException."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error


def _log_unshown(part: str, error: BaseException) -> None:
    log.error("a part of the notes (%s) cannot be shown as it is: %s", part, type(error).__name__)


def _plain_html(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def forget(meeting_id: int) -> None:
    """Let go of what this process has of a meeting's notes in memory."""
    kept = documents_in_memory()
    for key in [key for key in kept if key[0] == meeting_id]:
        kept.pop(key, None)


def forget_unseen(seen: Set[tuple[int, int]]) -> None:
    """Let go of what no page of this process shows any more; ``seen`` are its pages: meeting, person.

    The log has it all until the meeting is sealed; after that no memory is to have more than it.
    """
    meetings_seen, kept = {meeting_id for meeting_id, _ in seen}, documents_in_memory()
    for meeting_id, owner_id in list(kept):
        if meeting_id not in meetings_seen or (owner_id is not None and (meeting_id, owner_id) not in seen):
            kept.pop((meeting_id, owner_id), None)


def document_of(meeting_id: int, owner_id: int | None = None) -> Document:
    """Return the notes as they are kept now. Asks no rights."""
    number, kept, key = newest(meeting_id, owner_id), documents_in_memory(), (meeting_id, owner_id)
    if key in kept and kept[key].number > number:
        del kept[key]  # this is not the log that we knew
    log, which = _log_of(meeting_id, owner_id)

    author = NoteUpdate.author_id if owner_id is None else OwnNoteUpdate.owner_id

    def since(after: int) -> Iterable[Logged]:
        query = select(log.number, log.data, author).where(*which, log.number > after)
        return [(*row,) for row in db.session.execute(query.order_by(log.number))]

    return _brought_up(db.engine, key, number, since)


def _brought_up(
    engine: Engine,
    key: tuple[int, int | None],
    number: int,
    since: Callable[[int], Iterable[Logged]],
) -> Document:
    """Return the document in memory with all that is kept, up to ``number`` at least."""
    kept = _memory.setdefault(engine, OrderedDict())
    document = kept.get(key)
    if document is None:
        document = kept[key] = Document()
    kept.move_to_end(key)
    while len(kept) > DOCUMENTS_IN_MEMORY:
        kept.popitem(last=False)
    try:
        with document.lock:
            if document.number < number:
                for at, (one, data, author_id) in enumerate(since(document.number), 1):
                    if at % APPLIED_AT_ONCE == 0:
                        time.sleep(0.001)  # long notes are opened without holding up everybody
                    document.apply(data, author_id)
                    document.number = one
    except BaseException:
        kept.pop(key, None)  # it may be half-way; the log is the truth
        raise
    return document


def documents_in_memory() -> OrderedDict[tuple[int, int | None], Document]:
    """Return (meeting id, owner) → document, the least recently used first; each database has its own."""
    return _memory.setdefault(db.engine, OrderedDict())


def _log_of(
    meeting_id: int, owner_id: int | None
) -> tuple[type[NoteUpdate] | type[OwnNoteUpdate], list[ColumnElement[bool]]]:
    """Return where the updates of some notes are kept, and which rows they are."""
    if owner_id is None:
        return NoteUpdate, [NoteUpdate.meeting_id == meeting_id]
    return OwnNoteUpdate, [OwnNoteUpdate.meeting_id == meeting_id, OwnNoteUpdate.owner_id == owner_id]


def _keep(
    meeting_id: int, owner_id: int | None, number: int, update: bytes, *, author_id: int | None
) -> None:
    row: NoteUpdate | OwnNoteUpdate
    if owner_id is None:
        row = NoteUpdate(meeting_id=meeting_id, number=number, author_id=author_id, data=update)
    else:
        row = OwnNoteUpdate(meeting_id=meeting_id, owner_id=owner_id, number=number, data=update)
    row.at = clock.now()
    db.session.add(row)


def _pay(engine: Engine, person_id: int, size: int) -> None:
    """Take so many bytes from a person's bucket; raise TooFast when it holds less."""
    buckets, now = _buckets.setdefault(engine, {}), time.monotonic()
    bucket = buckets.get(person_id) or buckets.setdefault(person_id, Bucket(BURST_BYTES, now))
    if not bucket.take(size, now, burst=BURST_BYTES, per_s=BYTES_PER_SECOND):
        bucket.left += size
        raise TooFast(TOO_FAST)


def _require_open(meeting: Meeting) -> None:
    if meeting.ended_at is not None:
        raise Ended(gettext("This meeting has ended, and its notes are kept as they are."))


def _parts(meeting_id: int, owner_id: int | None) -> list[str]:
    """Return the parts that people write in now."""
    if owner_id is not None:
        return [MINE]
    return [*(fragment_name(item.id) for item in meetings.run_of(meeting_id).agenda), GENERAL, OUTSIDE]


def _part_names(meeting_id: int) -> list[str]:
    run = meetings.run_of(meeting_id)
    removed = [item for _, item in run.removed]  # what was written in them is not thrown away
    return [*(fragment_name(item.id) for item in (*run.agenda, *removed)), GENERAL, OUTSIDE]
