"""The notes of one meeting as a Yjs document, guarded; what the other features use of it is named here too.

Each part of the notes is one text (Y.Text). A line end closes a block and carries what the
block is: its kind, depth, tick, whether it is off the record. So nothing holds anybody's letters
but the text itself: a block can change, split, join and go while others write in it, and only
who deletes letters takes letters away.

A document is for everybody, so it is guarded: an update is read (``wire``), each piece of it
is looked at where it stands (``places``) and by whom it is, it is tried on a twin, and only
what survived all of it is let in. pycrdt loses writes, or hangs, when two threads use one
document at once; one lock per document keeps them apart.
Longer than 400 lines, as all that guards a document shares its state: document, twin, places, owners.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ementor.notes import off_record, wire
from ementor.notes.blocks import (
    COLLECTED,
    GENERAL,
    LINE_BREAK,
    MINE,
    OUTSIDE,
    Block,
    fragment_name,
    words_under,
)
from ementor.notes.off_record import OFF_CLIENTS
from ementor.notes.places import PartMap, Settled
from ementor.notes.rendering import html_of
from ementor.notes.runs import joined
from ementor.notes.writing import parted, said, seed_of, seeder, written
from ementor.notes.yjs import (
    RESERVED_CLIENTS,
    Doc,
    Subscription,
    beyond,
    blocks_of,
    doc_of,
    is_panic,
    merge,
    state_of,
    text_of,
)

__all__ = [
    "COLLECTED",
    "GENERAL",
    "LINE_BREAK",
    "MINE",
    "OUTSIDE",
    "Block",
    "Document",
    "Logged",
    "fragment_name",
    "html_of",
    "merge",
    "parted",
    "said",
    "written",
]

SCHEMA = 3
"""Which shape, formats and kinds the editor knows. A page with another number is asked to reload."""
MAX_UPDATE_BYTES = 256 * 1024
MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
MAX_LOG_BYTES = 20 * 1024 * 1024
"""All updates of a meeting together, also of what was deleted since: they are read again at each
start. An evening of eight people who all write comes to a few MB."""
MAX_LOG_BYTES_EACH = 8 * 1024 * 1024
"""One person's of them, so that nobody fills it for the others."""
PIECE, MERGED_AT_ONCE = 400, 50
"""Updates of the log, and then pieces of it, that are merged at once: some 5 ms of work."""
SPARE_BYTES = 512 * 1024
"""Beyond those limits there is so much for what only takes letters away."""
MAX_CLIENTS_EACH = 200
"""Client ids of one person in one document: each page has one, or two, and new ones after a reload."""
BURST_S, S_PER_S = 1.0, 0.05
"""Processor time for one person's updates of one document. A keystroke costs 0.0001 s; crafted
updates can cost seconds, and cost them again whenever the document is opened."""
PIECE_S = 0.00005
"""What a struct counts at least: it stays in memory, and is in everybody's way from then on."""
MAX_TRY_S, SLICE = 0.08, 4
"""Processor time to try one update, asked after each so many structs of it. What somebody writes
takes a few milliseconds; structs crafted to stand at one place take each as long as all there are."""


Logged = tuple[int, bytes, int | None]
"""One update of a log: its number, its bytes and who wrote it."""


class RejectReason(StrEnum):
    """Why an update is refused."""

    GARBAGE = "garbage"
    TOO_LARGE = "too_large"
    FULL = "full"
    GAP = "gap"
    """Something that it builds on is not here: the page should sync and send again."""
    TOO_FAST = "too_fast"
    """Its author's updates have taken more time than anybody's: later again."""


class UpdateRejected(Exception):
    """The update is not let in."""

    def __init__(self, why: RejectReason) -> None:
        super().__init__(why.value)
        self.why = why


class NotTheirs(UpdateRejected):
    """What is written under a client id of somebody else's."""

    def __init__(self) -> None:
        super().__init__(RejectReason.GARBAGE)


class _Tried(NamedTuple):
    """An update that was tried: what is known of it, so that applying it asks nothing again."""

    update: bytes
    settled: Settled
    halves: list[wire.Clock]
    starts: Iterable[int]
    known: dict[int, int] | None
    """How far the document comes with it; None when that has to be asked."""


class Document:
    """The notes of one meeting, in memory.

    ``number`` is the newest update of the log that is in it; whoever applies keeps it. ``told`` is the
    newest of which the pages of this process were told by whoever wrote it in here.
    ``log_bytes`` counts all that was ever applied.
    """

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self.lock = threading.RLock()
        self.number = self.told = 0
        self.log_bytes = 0
        self.is_catching_up = False
        """Somebody has the lock for as long as a long log takes."""
        self._doc = Doc()
        self._places: PartMap | None = PartMap()
        """None where something stands in the log that no editor has written: nothing more is let in."""
        self._twin: Doc | None = None
        self._twin_changes = 0
        self._listening: Subscription | None = None
        self._twin_state: bytes | None = None
        """How far the twin has come; None when that has to be asked."""
        self._tried: _Tried | None = None
        """What the twin has and the document has not: checked, and not applied yet."""
        self._bytes = 0
        self._known: dict[int, int] | None = None
        self._owners: dict[int, int | None] = {}
        """Client id → whose it is; None where the server wrote."""
        self._brought: dict[int | None, int] = {}
        """Person → bytes of the log that are theirs."""
        self._pieces = 0
        """Structs in the update that is being checked."""
        self._twin_s = 0.0
        """What it took to make the twin the last time: for whoever makes it necessary again."""
        self._spent: dict[int | None, tuple[float, float]] = {}
        """Person → processor time left to their updates, and since when (monotonic)."""
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes, author: int | None = None) -> None:
        """Take in an update that was checked before. Twice is the same as once.

        The client ids in it are its author's from now on (None: the server's), unless they
        were somebody's before: so each process knows from the log whose they are.
        """
        with self.lock:
            self.apply_locked(update, author)

    def apply_locked(self, update: bytes, author: int | None) -> None:
        """Do so, by whoever has the lock."""
        began = time.thread_time()
        self._doc.apply_update(update)
        self._count(len(update), author)
        tried, self._tried = self._tried, None
        if tried and tried.update == update:
            self._known = tried.known
            self._own(tried.starts, author)
            if self._places is not None:
                self._places.take(tried.settled, tried.halves)
            self._spend(author, time.thread_time() - began)
            return
        self._known = self._twin_state = None
        self._own(wire.clients_of(update), author)
        if tried:  # it was not kept: the transaction failed, or somebody else was first
            self._twin = None
        if self._twin is not None:
            self._twin.apply_update(update)
        self._learn(update)

    def apply_log(self, log: Sequence[Logged]) -> Iterator[None]:
        """Take in many updates of the log, as ``apply`` does one; yields where others may have a turn.

        The library takes for each of them as long as all are that their writers did not see: 20 s for
        100 000, and 0.1 s when they are merged first. Whoever iterates holds the lock until the end.
        """
        self._twin = self._twin_state = self._tried = self._known = None
        merged = []
        for start in range(0, len(log), PIECE):
            merged.append(self._merged(log[start : start + PIECE]))
            yield
        while len(merged) > 1:
            some = range(0, len(merged), MERGED_AT_ONCE)
            merged = [merge(merged[start : start + MERGED_AT_ONCE]) for start in some]
            yield
        self._doc.apply_update(merged[0])
        self.number = log[-1][0]
        yield

    def _merged(self, piece: Sequence[Logged]) -> bytes:
        """Take note of a piece of the log, and return it as one update."""
        for author, some in groupby(piece, itemgetter(2)):
            self._count(sum(len(update) for _, update, _ in some), author)
        merged = merge([update for _, update, _ in piece])
        try:
            contents, merged = joined(merged)
            if not self._owners.keys() >= contents.starts.keys():
                self._own_all(piece)
            if self._places is not None:
                self._places.take(self._places.settle(contents.structs), contents.halves)
        except (wire.InvalidUpdate, KeyError):  # of an update alone, or of merging what has gaps
            self._own_all(piece)
            for _, update, _ in piece:
                self._learn(update)
        return merged

    def _count(self, size: int, author: int | None) -> None:
        self._bytes += size
        self.log_bytes += size
        self._brought[author] = self._brought.get(author, 0) + size

    def _learn(self, update: bytes) -> None:
        """Take note of what stands where in an update of the log."""
        if self._places is not None:
            try:
                contents = wire.read_update(update, trusted=True)
                self._places.take(self._places.settle(contents.structs), contents.halves)
            except (wire.InvalidUpdate, KeyError):
                self._places = None

    def _own_all(self, piece: Sequence[Logged]) -> None:
        for _, update, author in piece:
            self._own(wire.clients_of(update), author)

    def _own(self, clients: Iterable[int], author: int | None) -> None:
        for client in clients:
            self._owners.setdefault(client, author if client >= RESERVED_CLIENTS else None)

    def become_one(self, kept: int, gone: int) -> bool:
        """Let all that one person has written be another's; tell whether that was news."""
        with self.lock:
            theirs = [client for client, owner in self._owners.items() if owner == gone]
            self._owners |= dict.fromkeys(theirs, kept)
            self._brought[kept] = self._brought.get(kept, 0) + self._brought.pop(gone, 0)
            return bool(theirs)

    def check(self, update: bytes, author: int | None = None) -> bytes | None:
        """Raise Refused unless ``author`` may write ``update``; return what to keep of it, if it is new.

        That is ``update``; less where some of it is here already, and more only where it would put on the
        record what was written off it.
        Changes nothing. A person brings structs of their own client ids only, in parts that the
        server (None) has begun. The update is also applied to a twin, which must still encode
        and be readable afterwards: some apply cleanly and make the document unreadable for ever.
        """
        with self.lock:
            return self.check_locked(update, author)

    def check_locked(self, update: bytes, author: int | None) -> bytes | None:
        """Do so, by whoever has the lock."""
        if len(update) > MAX_UPDATE_BYTES:
            raise UpdateRejected(RejectReason.TOO_LARGE)
        self._require_time(author)
        self._make_twin()  # not at the cost of who comes by
        had, began, self._pieces = self._twin, time.thread_time(), 0
        try:
            return self._check(update, author)
        finally:
            took_s = max(time.thread_time() - began, self._pieces * PIECE_S)
            self._spend(author, took_s + (self._twin_s if self._twin is not had else 0.0))

    def _make_twin(self) -> None:
        if self._tried:
            self._tried = self._twin = None  # what was tried last has not been kept
        if self._twin is not None:
            return
        began = time.thread_time()
        try:
            self._twin, self._twin_state = doc_of(self._doc.get_update()), None
        except BaseException as error:
            if is_panic(error):
                raise UpdateRejected(RejectReason.GARBAGE) from None
            raise
        self._listening = self._twin.observe(self._on_change)
        self._twin_s = time.thread_time() - began

    def _check(self, update: bytes, author: int | None) -> bytes | None:
        places = self._places
        if places is None:
            raise UpdateRejected(RejectReason.GARBAGE)
        try:
            contents = wire.read_update(update)
            self._pieces = len(contents.structs)
            self._require_room(author, len(update) - (0 if contents.writes else SPARE_BYTES))
            if not contents.fits(self._state()):
                raise UpdateRejected(RejectReason.GAP)
            if author is not None:
                self._require_own(contents.starts, author)
            settled = places.settle(contents.structs)
        except wire.InvalidUpdate:
            raise UpdateRejected(RejectReason.GARBAGE) from None
        except wire.TooMuch:
            raise UpdateRejected(RejectReason.TOO_LARGE) from None
        if author is not None and not places.parts.issuperset(part for _, part in settled):
            raise UpdateRejected(RejectReason.GARBAGE)
        # Between the two halves of a character copies would count differently from then on. What this
        # update begins with may be known already, and is what it was when it came.
        halves = set(places.new_halves(contents.halves))
        starts = {(client, places.end(client)) for client in contents.starts}
        if places.cuts_a_character(contents.cuts) or not halves.isdisjoint(contents.cuts | starts):
            raise UpdateRejected(RejectReason.GARBAGE)
        after = self._try(update, contents)
        if after is None:
            return None
        known = self._state()
        if any(clock < known.get(client, 0) for client, clock in contents.starts.items()):
            # What is here stays what it was. The update may say something else there, and of two such
            # structs merging a log does not always take the first.
            update = beyond(update, self._doc.get_state())
        if any(client in OFF_CLIENTS for client in contents.starts):
            more = self._own_lines(settled, contents)
            if more:
                update = merge([update, more])
                settled = places.settle(wire.read_update(update, trusted=True).structs)
                after = self._twin_state = None
        self._tried = _Tried(update, settled, contents.halves, contents.starts, after)
        return update

    def _own_lines(self, settled: Settled, contents: wire.Contents) -> bytes | None:
        assert self._twin is not None
        try:
            return off_record.own_lines(self._twin, settled, contents, within_s=MAX_TRY_S)
        except wire.TooMuch:
            self._twin = None
            raise UpdateRejected(RejectReason.TOO_LARGE) from None

    def _require_room(self, author: int | None, size: int) -> None:
        if self.log_bytes + size > MAX_LOG_BYTES:
            raise UpdateRejected(RejectReason.FULL)
        if author is not None and self._brought.get(author, 0) + size > MAX_LOG_BYTES_EACH:
            raise UpdateRejected(RejectReason.FULL)
        if self._bytes + size > MAX_DOCUMENT_BYTES:
            self._bytes = len(self._doc.get_update())  # what was deleted weighs little
            if self._bytes + size > MAX_DOCUMENT_BYTES:
                raise UpdateRejected(RejectReason.FULL)

    def _require_own(self, clients: Iterable[int], author: int) -> None:
        """Refuse a client id of somebody else's: what they write next would be taken for known."""
        fresh = []
        for client in clients:
            if client not in self._owners:
                fresh.append(client)
            elif self._owners[client] != author:
                raise NotTheirs
        if any(client < RESERVED_CLIENTS for client in fresh):
            raise UpdateRejected(RejectReason.GARBAGE)
        if fresh and sum(owner == author for owner in self._owners.values()) + len(fresh) > MAX_CLIENTS_EACH:
            raise UpdateRejected(RejectReason.FULL)

    def _require_time(self, author: int | None) -> None:
        left, at = self._spent.get(author, (BURST_S, 0.0))
        if author is not None and left + (time.monotonic() - at) * S_PER_S < 0:
            raise UpdateRejected(RejectReason.TOO_FAST)

    def _spend(self, author: int | None, seconds: float) -> None:
        now = time.monotonic()
        left, at = self._spent.get(author, (BURST_S, now))
        self._spent[author] = min(BURST_S, left + (now - at) * S_PER_S) - seconds, now

    def _try(self, update: bytes, contents: wire.Contents) -> dict[int, int] | None:
        """Apply an update to the twin; return how far it comes then, or None when that was no news to it."""
        twin = self._twin
        assert twin is not None
        try:
            before = self._twin_state or twin.get_state()
            self._twin_state = None
            changes, began = self._twin_changes, time.thread_time()
            for piece in wire.slices(update, contents, SLICE):
                twin.apply_update(piece)
                if contents.structs and time.thread_time() - began > MAX_TRY_S:
                    raise UpdateRejected(RejectReason.TOO_LARGE)
            is_new = self._twin_changes > changes
            with twin.transaction():  # one for both
                state_of(twin.get_update(before))  # it can be encoded, and that read
                state = twin.get_state()
            after = wire.read_state_vector(state)
        except BaseException as error:
            self._twin = None
            if isinstance(error, UpdateRejected):
                raise
            # A panic of the library derives from BaseException, past every usual handler.
            if is_panic(error) or isinstance(error, Exception):
                raise UpdateRejected(RejectReason.GARBAGE) from None
            raise
        if any(after.get(client, 0) < end for client, end in contents.ends.items()):
            self._twin = None  # something of it waits for what it builds on
            raise UpdateRejected(RejectReason.GAP)
        self._twin_state = state
        return after if is_new else None

    def _on_change(self, _: object) -> None:
        self._twin_changes += 1

    def _state(self) -> dict[int, int]:
        if self._known is None:
            self._known = wire.read_state_vector(self._doc.get_state())
        return self._known

    def seed(self, parts: Iterable[str]) -> bytes | None:
        """Return the update that gives each part its first line end; None when all have it.

        With a block to start from, two people who begin to write at the same moment
        write in the same one. The bytes are the same each time, so twice is once.
        """
        with self.lock:
            known = self._state()
            missing = [seed_of(part) for part in parts if seeder(part) not in known]
        return merge(missing) if missing else None

    def state_vector(self) -> bytes:
        """Return how far the document has come, for ``update_since`` of another copy."""
        with self.lock:
            return self._doc.get_state()

    def update_since(self, state_vector: bytes = b"\0") -> bytes:
        """Return what a copy at ``state_vector`` lacks; all of it when the vector is no good."""
        with self.lock:
            try:
                wire.read_state_vector(state_vector)
                return self._doc.get_update(state_vector)
            except BaseException as error:
                if is_panic(error) or isinstance(error, (wire.InvalidUpdate, ValueError)):
                    return self._doc.get_update()
                raise

    def to_html(self, fragment: str) -> str:
        """Return a part as HTML of known tags only, escaped; empty when nothing is written."""
        blocks = self.blocks(fragment)
        return html_of(blocks) if any(block.words.strip() for block in blocks) else ""

    def to_text(self, fragment: str) -> str:
        """Return a part's words, a line for each block."""
        return "\n".join(block.words for block in self.blocks(fragment)).strip()

    def collected(self, fragment: str, mark: str) -> list[str]:
        """Return the words under a mark, in their order: one text for each run of them in a block."""
        return [text for block in self.blocks(fragment) for text in words_under(block, mark)]

    def blocks(self, fragment: str) -> list[Block]:
        """Return what is kept of a part: all blocks but those off the record."""
        with self.lock:
            blocks = [block for block in blocks_of(text_of(self._doc, fragment)) if not block.off_record]
        written = [at for at, block in enumerate(blocks) if block.kind or block.words.strip()]
        return blocks[written[0] : written[-1] + 1] if written else []  # no empty lines around it
