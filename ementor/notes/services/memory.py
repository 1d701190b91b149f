"""Documents in memory: as far as the log is committed, and brought up to date each time they are used.

Another process may have written meanwhile. None of this asks rights.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence, Set
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from ementor.database import db
from ementor.notes.document import Document, Logged
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.notes.services.log import log_of, newest

DOCUMENTS_IN_MEMORY = 1000
FEW = 50
"""Updates that are taken in one by one: it takes some milliseconds."""
ROWS_AT_ONCE = 1000
BREATH_S = 0.001
"""What the others get after each piece of a long log. No time at all would be fifty events' under gevent."""

_memory: WeakKeyDictionary[Engine, OrderedDict[tuple[int, int | None], Document]] = WeakKeyDictionary()


def document_of(meeting_id: int, owner_id: int | None = None) -> Document:
    """Return the notes as they are kept now. Asks no rights."""
    number, kept, key = newest(meeting_id, owner_id), documents_in_memory(), (meeting_id, owner_id)
    if key in kept and kept[key].number > number:
        del kept[key]  # this is not the log that we knew
    log, which = log_of(meeting_id, owner_id)
    author = NoteUpdate.author_id if owner_id is None else OwnNoteUpdate.owner_id

    def since(after: int) -> Sequence[Logged]:
        query = select(log.number, log.data, author).where(*which, log.number > after)
        rows = db.session.execute(query.order_by(log.number).limit(ROWS_AT_ONCE))
        return [(*row,) for row in rows]

    return brought_up(db.engine, key, number, since)


def is_near(engine: Engine, key: tuple[int, int | None], number: int) -> bool:
    """Tell whether a document is, or can be, up to ``number`` at once: nobody is to wait for a long log."""
    document = _memory.setdefault(engine, OrderedDict()).get(key)
    if document is None:
        return number <= FEW
    return number - document.number <= FEW and not document.is_catching_up


def brought_up(
    engine: Engine,
    key: tuple[int, int | None],
    number: int,
    since: Callable[[int], Sequence[Logged]],
) -> Document:
    """Return the document in memory with all that is kept, up to ``number`` at least.

    ``since`` answers what follows a number, ROWS_AT_ONCE at most.
    """
    kept = _memory.setdefault(engine, OrderedDict())
    while True:
        document = kept.get(key)
        if document is None:
            document = kept[key] = Document()
        kept.move_to_end(key)
        while len(kept) > DOCUMENTS_IN_MEMORY:
            kept.popitem(last=False)
        with document.lock:
            if kept.get(key) is not document:
                continue  # whoever had the lock has given up, and left it half-way
            try:
                if document.number < number:
                    _catch_up(document, since)
            except BaseException:  # pycrdt panics are among them; raised again
                kept.pop(key, None)  # it may be half-way; the log is the truth
                raise
            return document


def _catch_up(document: Document, since: Callable[[int], Sequence[Logged]]) -> None:
    log = [*since(document.number)]
    if len(log) <= FEW:
        for number, data, author_id in log:
            document.apply(data, author_id)
            document.number = number
        return
    some = len(log)
    while some == ROWS_AT_ONCE:
        time.sleep(BREATH_S)
        log += (more := since(log[-1][0]))
        some = len(more)
    document.is_catching_up = True
    for _ in document.apply_log(log):
        time.sleep(BREATH_S)
    document.is_catching_up = False


def documents_in_memory() -> OrderedDict[tuple[int, int | None], Document]:
    """Return (meeting id, owner) → document, the least recently used first; each database has its own."""
    return _memory.setdefault(db.engine, OrderedDict())


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
