"""Documents in memory: as far as the log is committed, and brought up to date each time they are used.

Another process may have written meanwhile. None of this asks rights.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import chain
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select

from ementor.database import db, rows
from ementor.held import Statement
from ementor.notes.document import Document, Logged
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.notes.services.log import newest

DOCUMENTS_IN_MEMORY = 1000
FEW = 50
"""Updates that are taken in one by one: it takes some milliseconds."""
ROWS_AT_ONCE = 1000
AT_ONCE_S, BREATH_S = 0.008, 0.001
"""How long a long log is read on, and what the others get then: no time at all would be fifty events'
under gevent."""

_SHARED, _OWN = (
    Statement(
        select(log.number, log.data, author)
        .where(log.meeting_id == bindparam("meeting_id"), log.number > bindparam("after"), *which)
        .order_by(log.number)
        .limit(ROWS_AT_ONCE)
    )
    for log, author, which in (
        (NoteUpdate, NoteUpdate.author_id, []),
        (OwnNoteUpdate, OwnNoteUpdate.owner_id, [OwnNoteUpdate.owner_id == bindparam("owner_id")]),
    )
)

_memory: WeakKeyDictionary[Engine, OrderedDict[tuple[int, int | None], Document]] = WeakKeyDictionary()


def document_of(meeting_id: int, owner_id: int | None = None) -> Document:
    """Return the notes as they are kept now. Asks no rights."""
    number, kept, key = newest(meeting_id, owner_id), documents_in_memory(), (meeting_id, owner_id)
    if key in kept and kept[key].number > number:
        del kept[key]  # this is not the log that we knew
    log = _SHARED if owner_id is None else _OWN

    def since(after: int) -> Sequence[Logged]:
        values = {"meeting_id": meeting_id, "owner_id": owner_id, "after": after}
        return cast("list[Logged]", rows(log, values))

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
        if number <= document.number:
            return document
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
    document.is_catching_up = True
    began = time.monotonic()
    for _ in chain(_read_on(log, since), document.apply_log(log)):
        if time.monotonic() - began > AT_ONCE_S:
            time.sleep(BREATH_S)
            began = time.monotonic()
    document.is_catching_up = False


def _read_on(log: list[Logged], since: Callable[[int], Sequence[Logged]]) -> Iterator[None]:
    some = len(log)
    while some == ROWS_AT_ONCE:
        yield
        log += (more := since(log[-1][0]))
        some = len(more)


def documents_in_memory() -> OrderedDict[tuple[int, int | None], Document]:
    """Return (meeting id, owner) → document, the least recently used first; each database has its own."""
    return _memory.setdefault(db.engine, OrderedDict())


def told(meeting_id: int, owner_id: int | None = None) -> int:
    """Return the newest number that this process's pages were told with its update; 0 when not known."""
    document = documents_in_memory().get((meeting_id, owner_id))
    return document.told if document else 0


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
