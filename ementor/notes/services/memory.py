"""Documents in memory: as far as the log is committed, and brought up to date each time they are used.

Another process may have written meanwhile. None of this asks rights.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Set
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from ementor.database import db
from ementor.notes.document import Document
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.notes.services.log import log_of, newest

DOCUMENTS_IN_MEMORY = 1000
APPLIED_AT_ONCE = 200

_memory: WeakKeyDictionary[Engine, OrderedDict[tuple[int, int | None], Document]] = WeakKeyDictionary()

Logged = tuple[int, bytes, int | None]
"""One update of a log: its number, its bytes and who wrote it."""


def document_of(meeting_id: int, owner_id: int | None = None) -> Document:
    """Return the notes as they are kept now. Asks no rights."""
    number, kept, key = newest(meeting_id, owner_id), documents_in_memory(), (meeting_id, owner_id)
    if key in kept and kept[key].number > number:
        del kept[key]  # this is not the log that we knew
    log, which = log_of(meeting_id, owner_id)

    author = NoteUpdate.author_id if owner_id is None else OwnNoteUpdate.owner_id

    def since(after: int) -> Iterable[Logged]:
        query = select(log.number, log.data, author).where(*which, log.number > after)
        return [(*row,) for row in db.session.execute(query.order_by(log.number))]

    return brought_up(db.engine, key, number, since)


def brought_up(
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
