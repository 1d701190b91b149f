"""The notes of one meeting as a Yjs document; the only file that imports pycrdt.

Each part of the notes is one text (Y.Text). A line end closes a block and carries what the
block is: its kind, depth, tick, whether it is off the record. So nothing holds anybody's letters
but the text itself: a block can change, split, join and go while others write in it, and only
who deletes letters takes letters away.

A document is for everybody, so it is guarded: an update is read (``wire``), each piece of it
is looked at where it stands (``places``) and by whom it is, it is tried on a twin, and only
what survived all of it is let in. pycrdt loses writes, or hangs, when two threads use one
document at once; one lock per document keeps them apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from itertools import count, groupby
from typing import Any

import pycrdt

from ementor.notes import wire
from ementor.notes.places import Places, Settled

SCHEMA = 3
"""Which shape, formats and kinds the editor knows. A page with another number is asked to reload."""

MAX_UPDATE_BYTES = 256 * 1024
MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
MAX_LOG_BYTES = 20 * 1024 * 1024
"""All updates of a meeting together, also of what was deleted since: they are read again at each
start. An evening of eight people who all write comes to a few MB."""
MAX_LOG_BYTES_EACH = 8 * 1024 * 1024
"""One person's of them, so that nobody fills it for the others."""
SPARE_BYTES = 512 * 1024
"""Beyond those limits there is so much for what only takes letters away."""
MAX_CLIENTS_EACH = 200
"""Client ids of one person in one document: each page has one, or two, and new ones after a reload."""
RESERVED_CLIENTS = 2**20
"""Client ids below are the server's; notes.js takes none of them."""
OFF_CLIENTS = range(2**32, 2**33)
"""Client ids of letters that were written off the record: see ``_kept_off``. A page's other is below."""
BURST_S, S_PER_S = 1.0, 0.05
"""Processor time for one person's updates of one document. A keystroke costs 0.0001 s; crafted
updates can cost seconds, and cost them again whenever the document is opened."""

PIECE_S = 0.00005
"""What a struct counts at least: it stays in memory, and is in everybody's way from then on."""
MAX_TRY_S, SLICE = 0.08, 4
"""Processor time to try one update, asked after each so many structs of it. What somebody writes
takes a few milliseconds; structs crafted to stand at one place take each as long as all there are."""

GENERAL = "general"
OUTSIDE = "outside"
"""What the group agrees may be told elsewhere."""
MINE = "mine"
"""The one part of a document that is a person's own."""

ADDED, REMOVED = "added", "removed"
"""Marks that no editor knows: what a correction has changed."""
LINE_BREAK = "\u2028"
"""A line break inside a block."""
_LISTS = {"bullet": "ul", "number": "ol", "task": 'ul class="tasks"'}
_HEADINGS = {"heading": "h3", "subheading": "h4"}
_MARK_TAGS = {"strong": "strong", "em": "em"}
_CHANGED = {ADDED: "ins", REMOVED: "del"}
COLLECTED = {"insight": "insight", "next_step": "next-step"}
"""Marks whose words are collected when a meeting ends, and their class in HTML."""


class Why(StrEnum):
    """Why an update is refused."""

    GARBAGE = "garbage"
    TOO_LARGE = "too_large"
    FULL = "full"
    GAP = "gap"
    """Something that it builds on is not here: the page should sync and send again."""
    TOO_FAST = "too_fast"
    """Its author's updates have taken more time than anybody's: later again."""


class Refused(Exception):
    """The update is not let in."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class NotTheirs(Refused):
    """What is written under a client id of somebody else's."""

    def __init__(self) -> None:
        super().__init__(Why.GARBAGE)


def fragment_name(item_id: int) -> str:
    """Return the name of the part of the notes that belongs to an agenda item."""
    return f"item-{item_id}"


class Document:
    """The notes of one meeting, in memory.

    ``number`` is the newest update of the log that is in it; whoever applies keeps it.
    ``log_bytes`` counts all that was ever applied.
    """

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self.lock = threading.RLock()
        self.number = 0
        self.log_bytes = 0
        self._doc = pycrdt.Doc[Any]()
        self._places: Places | None = Places()
        """None where something stands in the log that no editor has written: nothing more is let in."""
        self._twin: pycrdt.Doc[Any] | None = None
        self._twin_changes = 0
        self._listening: pycrdt.Subscription | None = None
        self._tried: tuple[bytes, Settled, list[wire.Clock]] | None = None
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
            began = time.thread_time()
            self._doc.apply_update(update)
            self._bytes += len(update)
            self.log_bytes += len(update)
            self._brought[author] = self._brought.get(author, 0) + len(update)
            self._known = None
            tried, self._tried = self._tried, None
            if tried and tried[0] == update:
                if self._places is not None:
                    self._places.take(*tried[1:])
                self._own(wire.clients_of(update), author)
                self._spend(author, time.thread_time() - began)
                return
            if tried:  # it was not kept: the transaction failed, or somebody else was first
                self._twin = None
            if self._twin is not None:
                self._twin.apply_update(update)
            self._learn(update, author)

    def _learn(self, update: bytes, author: int | None) -> None:
        """Take note of what stands where in an update of the log, and whose it is."""
        if self._places is None:
            return
        try:
            contents = wire.read_update(update, trusted=True)
            self._places.take(self._places.settle(contents.structs), contents.halves)
            self._own(contents.starts, author)
        except (wire.Garbage, KeyError):
            self._places = None

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

        That is ``update``, and more only where it would put on the record what was written off it.
        Changes nothing. A person brings structs of their own client ids only, in parts that the
        server (None) has begun. The update is also applied to a twin, which must still encode
        and be readable afterwards: some apply cleanly and make the document unreadable for ever.
        """
        if len(update) > MAX_UPDATE_BYTES:
            raise Refused(Why.TOO_LARGE)
        with self.lock:
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
            self._twin = _doc_of(self._doc.get_update())
        except BaseException as error:
            if _is_panic(error):
                raise Refused(Why.GARBAGE) from None
            raise
        self._listening = self._twin.observe(self._on_change)
        self._twin_s = time.thread_time() - began

    def _check(self, update: bytes, author: int | None) -> bytes | None:
        places = self._places
        if places is None:
            raise Refused(Why.GARBAGE)
        try:
            contents = wire.read_update(update)
            self._pieces = len(contents.structs)
            self._require_room(author, len(update) - (0 if contents.writes else SPARE_BYTES))
            if not contents.fits(self._state()):
                raise Refused(Why.GAP)
            if author is not None:
                self._require_own(contents.starts, author)
            settled = places.settle(contents.structs)
        except wire.Garbage:
            raise Refused(Why.GARBAGE) from None
        except wire.TooMuch:
            raise Refused(Why.TOO_LARGE) from None
        if author is not None and not places.parts.issuperset(part for _, part in settled):
            raise Refused(Why.GARBAGE)
        # Between the two halves of a character copies would count differently from then on. What this
        # update begins with may be known already, and is what it was when it came.
        halves = set(places.new_halves(contents.halves))
        starts = {(client, places.end(client)) for client in contents.starts}
        if places.cuts_a_character(contents.cuts) or not halves.isdisjoint(contents.cuts | starts):
            raise Refused(Why.GARBAGE)
        if not self._try(update, contents):
            return None
        if any(client in OFF_CLIENTS for client in contents.starts):
            more = self._kept_off(settled, contents)
            if more:
                update = merge([update, more])
                settled = places.settle(wire.read_update(update, trusted=True).structs)
        self._tried = update, settled, contents.halves
        return update

    def _kept_off(self, settled: Settled, contents: wire.Contents) -> bytes | None:
        """Return what gives letters a line of their own off the record, where their line is on it.

        A line end says whether its line is off the record. Whoever deletes it, or puts the line on the
        record, cannot know of letters that are still under way into that line. Only who has written
        them may: their update then says so too. On the twin, which has ``settled``; None when all is well.
        """
        twin = self._twin
        assert twin is not None
        doc, began = twin, time.thread_time()
        for part, client, first, last in _letters(settled, contents.deletes):
            text = _text_of(doc, part)
            at, end = (_index_of(text, client, clock) for clock in (first, last))
            line = _line_end(text, end)
            said = line.get("off_record")
            if said or (said is False and contents.puts_on_record):
                continue
            if doc is twin:
                doc = _doc_of(twin.get_update(), _new_client(twin.get_state()))
                text = _text_of(doc, part)
            words = str(text).encode()
            end += len(words[end:].decode()[:1].encode())
            text.insert(end, "\n", _ended(()) | {"off_record": True})
            # Pages tidy up formats that look needless, each by itself: what is on the record has to say
            # so, or it would be off it once two of them have taken away the same.
            own_end = words.index(b"\n", end) + 1
            text.format(own_end, own_end + 1, {"off_record": False})
            if at and words[at - 1 : at] != b"\n":
                text.insert(at, "\n", _ended(()) | line)
            if time.thread_time() - began > MAX_TRY_S:
                self._twin = None
                raise Refused(Why.TOO_LARGE)
        if doc is twin:
            return None
        more: bytes = doc.get_update(twin.get_state())
        twin.apply_update(more)
        return more

    def _require_room(self, author: int | None, size: int) -> None:
        if self.log_bytes + size > MAX_LOG_BYTES:
            raise Refused(Why.FULL)
        if author is not None and self._brought.get(author, 0) + size > MAX_LOG_BYTES_EACH:
            raise Refused(Why.FULL)
        if self._bytes + size > MAX_DOCUMENT_BYTES:
            self._bytes = len(self._doc.get_update())  # what was deleted weighs little
            if self._bytes + size > MAX_DOCUMENT_BYTES:
                raise Refused(Why.FULL)

    def _require_own(self, clients: Iterable[int], author: int) -> None:
        """Refuse a client id of somebody else's: what they write next would be taken for known."""
        fresh = [client for client in clients if client not in self._owners]
        if any(self._owners.get(client, author) != author for client in clients):
            raise NotTheirs
        if any(client < RESERVED_CLIENTS for client in fresh):
            raise Refused(Why.GARBAGE)
        if fresh and sum(owner == author for owner in self._owners.values()) + len(fresh) > MAX_CLIENTS_EACH:
            raise Refused(Why.FULL)

    def _require_time(self, author: int | None) -> None:
        left, at = self._spent.get(author, (BURST_S, 0.0))
        if author is not None and left + (time.monotonic() - at) * S_PER_S < 0:
            raise Refused(Why.TOO_FAST)

    def _spend(self, author: int | None, seconds: float) -> None:
        now = time.monotonic()
        left, at = self._spent.get(author, (BURST_S, now))
        self._spent[author] = min(BURST_S, left + (now - at) * S_PER_S) - seconds, now

    def _try(self, update: bytes, contents: wire.Contents) -> bool:
        twin = self._twin
        assert twin is not None
        try:
            before, changes, began = twin.get_state(), self._twin_changes, time.thread_time()
            for piece in wire.slices(update, contents, SLICE):
                twin.apply_update(piece)
                if contents.structs and time.thread_time() - began > MAX_TRY_S:
                    raise Refused(Why.TOO_LARGE)
            is_new = self._twin_changes > changes
            _doc_of(twin.get_update(before))
            after = wire.read_state_vector(twin.get_state())
        except BaseException as error:
            self._twin = None
            if isinstance(error, Refused):
                raise
            # A panic of the library derives from BaseException, past every usual handler.
            if _is_panic(error) or isinstance(error, Exception):
                raise Refused(Why.GARBAGE) from None
            raise
        if any(after.get(client, 0) < end for client, end in contents.ends.items()):
            self._twin = None  # something of it waits for what it builds on
            raise Refused(Why.GAP)
        return is_new

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
            missing = [_seed_of(part) for part in parts if _seeder(part) not in known]
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
                if _is_panic(error) or isinstance(error, (wire.Garbage, ValueError)):
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
        return [text for block in self.blocks(fragment) for text in _under(block, mark)]

    def blocks(self, fragment: str) -> list[Block]:
        """Return what is kept of a part: all blocks but those off the record."""
        with self.lock:
            blocks = [block for block in _blocks(_text_of(self._doc, fragment)) if not block.off_record]
        written = [at for at, block in enumerate(blocks) if block.kind or block.words.strip()]
        return blocks[written[0] : written[-1] + 1] if written else []  # no empty lines around it


Run = tuple[str, dict[str, Any]]
"""Some text and its marks."""


@dataclass
class Block:
    """A line of the notes: what it is, and its text with its marks. ``kind`` None is a paragraph."""

    kind: str | None = None
    runs: list[Run] = field(default_factory=list)
    depth: int = 0
    checked: bool = False
    off_record: bool = False

    @property
    def words(self) -> str:
        """Return the text without its marks."""
        return "".join(text for text, _ in self.runs)


def _blocks(text: pycrdt.Text) -> Iterator[Block]:
    """Yield the blocks of a text. A format that means nothing where it stands is passed over."""
    block = Block()
    for words, formats in text.diff():
        if not isinstance(words, str):
            continue
        formats = formats or {}
        *ended, rest = words.split("\n")
        for line in ended:
            if line:
                block.runs.append((line, formats))
            kind, depth = formats.get("kind"), formats.get("depth")
            block.kind = kind if isinstance(kind, str) and kind in wire.KINDS else None
            # The library gives every number as a float.
            block.depth = int(min(depth, wire.MAX_DEPTH)) if isinstance(depth, float) and depth >= 1 else 0
            block.checked = formats.get("checked") is True
            block.off_record = formats.get("off_record") is True
            yield block
            block = Block()
        if rest:
            block.runs.append((rest, formats))
    if block.runs:
        yield block


def _text_of(doc: pycrdt.Doc[Any], part: str) -> pycrdt.Text:
    text: pycrdt.Text = doc.get(part, type=pycrdt.Text)
    return text


def _letters(
    settled: Settled, deleted: dict[int, list[tuple[int, int]]]
) -> Iterator[tuple[str, int, int, int]]:
    """Yield part, client, first and last clock of what was written off the record in one go, and is there."""
    runs: list[tuple[str, int, int, int]] = []
    for struct, part in settled:
        if struct.client not in OFF_CLIENTS or not struct.has_letters:
            continue
        last = struct.clock + struct.length - 1
        if runs and struct.left == (runs[-1][1], runs[-1][3]) and struct.clock == runs[-1][3] + 1:
            runs[-1] = (*runs[-1][:3], last)
        else:
            runs.append((part, struct.client, struct.clock, last))
    for part, client, first, last in runs:
        for start, length in (*deleted.get(client, ()), (last + 1, 0)):
            if first < min(start, last + 1):
                yield part, client, first, min(start, last + 1) - 1
            first = max(first, start + length)


def _index_of(text: pycrdt.Text, client: int, clock: int) -> int:
    place = {"item": {"client": client, "clock": clock}, "assoc": pycrdt.Assoc.AFTER.value}
    return pycrdt.StickyIndex.from_json(place, text).get_index()


def _line_end(text: pycrdt.Text, index: int) -> dict[str, Any]:
    """Return what the end of the line in which an index stands says of it."""
    at = 0
    for words, formats in text.diff():
        size = len(words.encode()) if isinstance(words, str) else 1
        if isinstance(words, str) and b"\n" in words.encode()[max(index - at, 0) :]:
            return formats or {}
        at += size
    return {}


def written(before: bytes, part: str, blocks: Iterable[Block], client: int | None = None) -> bytes:
    """Return the update that writes ``blocks`` at the end of a part, for a copy that has ``before``.

    A last block in which nothing is written stays the last one: somebody may be about to write in it.
    ``client`` is the id to write under, which must be new; any when it is None.
    """
    doc = _doc_of(before, client)
    known = doc.get_state()
    text = _text_of(doc, part)
    words = str(text)
    with doc.transaction():
        at = len(words.encode())  # the library counts bytes
        if words == "\n" or words.endswith("\n\n"):
            at -= 1
        elif words and not words.endswith("\n"):
            text.insert(at, "\n", _ended(()))
            at += 1
        for block in blocks:
            for line, marks in block.runs:
                text.insert(at, line, _ended(marks) | marks)
                at += len(line.encode())
            told = {"kind": block.kind, "depth": block.depth, "checked": block.checked}
            told["off_record"] = block.off_record
            text.insert(at, "\n", _ended(()) | {name: value for name, value in told.items() if value})
            at += 1
    return doc.get_update(known)


def _ended(but: Iterable[str]) -> dict[str, Any]:
    """Return every format as ended, but for some: what is inserted takes none from its neighbour."""
    return dict.fromkeys(wire.FORMATS.keys() - set(but))


def said(before: bytes, part: str, lead: str, lines: Sequence[str]) -> bytes:
    """Return the update that adds one paragraph to a part, for a copy that has ``before``.

    It begins with ``lead`` in bold and keeps its lines together. It is written under an id below
    every page's: where somebody writes in the last line meanwhile the lower one comes first, so
    their words keep their own line end, which may say that they are off the record.
    """
    words = LINE_BREAK.join(lines)
    client = _new_client(_doc_of(before).get_state())
    runs: list[Run] = [(lead, {"strong": True})] if lead else []
    return written(before, part, [Block(runs=[*runs, (words, {})])], client)


def parted(mine: bytes, theirs: bytes, part: str) -> bytes | None:
    """Return what ends each line in which words of two copies meet, for a copy that has both.

    Both began with the same line end, so the last line of the one goes on with the first of the other.
    None where there is no such line.
    """
    whole = merge([mine, theirs])
    doc = _doc_of(whole, _new_client(_doc_of(whole).get_state()))
    known, text = doc.get_state(), _text_of(doc, part)
    own_doc, other_doc = _doc_of(mine), _doc_of(theirs)  # a text lives as long as its document
    own, other = _text_of(own_doc, part), _text_of(other_doc, part)
    words, before, edges = str(text).encode(), 0, list[tuple[int, dict[str, Any]]]()
    for first, end, last in _stretches(text, words, theirs):
        if first and words[first - 1 : first] != b"\n":
            edges.append((first, _line_end(own, first - before - 1)))
        if words[end - 1 : end] != b"\n" and words[end : end + 1] not in (b"", b"\n"):
            edges.append((end, _line_end(other, _index_of(other, *last))))
        before += end - first
    with doc.transaction():
        for at, said in reversed(edges):
            text.insert(at, "\n", _ended(()) | said)
    return doc.get_update(known) if edges else None


def _stretches(text: pycrdt.Text, words: bytes, theirs: bytes) -> Iterator[tuple[int, int, wire.Clock]]:
    """Yield where letters of one of two copies stand in both, in bytes, and the last letter of each."""
    is_theirs, lasts = bytearray(len(words)), dict[int, wire.Clock]()
    for struct in wire.read_update(theirs, trusted=True).structs:
        if struct.has_letters and struct.client >= RESERVED_CLIENTS:
            last = struct.client, struct.clock + struct.length - 1
            first, end = _index_of(text, struct.client, struct.clock), _index_of(text, *last) + 1
            while words[end : end + 1] and words[end] & 0xC0 == 0x80:  # within a character
                end += 1
            is_theirs[first:end] = b"\1" * (end - first)
            lasts[end] = last
    at = 0
    for mine, some in groupby(is_theirs, lambda byte: not byte):
        first, at = at, at + sum(1 for _ in some)
        if not mine:
            yield first, at, lasts[at]


def _new_client(state: bytes) -> int:
    """Return an id of the server's that nothing is written under yet."""
    taken = wire.read_state_vector(state)
    return next(each for each in count(RESERVED_CLIENTS - 1, -1) if each not in taken)


def merge(updates: Iterable[bytes]) -> bytes:
    """Return one update that does what all of ``updates`` do."""
    return pycrdt.merge_updates(*updates)


def _doc_of(update: bytes, client: int | None = None) -> pycrdt.Doc[Any]:
    doc = pycrdt.Doc[Any](client_id=client)
    doc.apply_update(update)
    return doc


def _is_panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException"


def _seeder(part: str) -> int:
    """Return the client that a part is seeded by: the same each time, and no editor's."""
    if part == GENERAL:
        return 1
    return 1 + int(part.removeprefix("item-")) if part.startswith("item-") else 0


def _seed_of(part: str) -> bytes:
    doc = pycrdt.Doc[Any](client_id=_seeder(part))
    _text_of(doc, part).insert(0, "\n")
    return doc.get_update()


# What is written, as HTML.


def _under(block: Block, mark: str) -> Iterator[str]:
    for marked, runs in groupby(block.runs, lambda run: mark in run[1]):
        text = " ".join("".join(words for words, _ in runs).split())
        if marked and text:
            yield text


@dataclass
class _Item:
    """A block of a list, with the items below it."""

    block: Block
    below: list[_Item] = field(default_factory=list)


def _groups(blocks: Iterable[Block]) -> Iterator[Block | list[_Item]]:
    """Yield the blocks, those of lists as trees; an item stands at most one step below the one before."""
    for is_list, some in groupby(blocks, lambda block: block.kind in _LISTS):
        if not is_list:
            yield from some
            continue
        top: list[_Item] = []
        path: list[_Item] = []
        for block in some:
            while path and path[-1].block.depth >= block.depth:
                path.pop()
            item = _Item(block)
            (path[-1].below if path else top).append(item)
            path.append(item)
        yield top


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML of known tags only, escaped."""
    return "".join(map(_html_group, _groups(blocks)))


def _html_group(group: Block | list[_Item]) -> str:
    if isinstance(group, Block):
        tag = _HEADINGS.get(group.kind or "", "p")
        return f"<{tag}>{''.join(_html_runs(group.runs))}</{tag}>"
    return "".join(_html_list(kind, items) for kind, items in _of_one_kind(group))


def _of_one_kind(items: Iterable[_Item]) -> Iterator[tuple[str, list[_Item]]]:
    for kind, some in groupby(items, lambda item: item.block.kind):
        yield kind or "", list(some)


def _html_list(kind: str, items: list[_Item]) -> str:
    tag = _LISTS[kind]
    return f"<{tag}>{''.join(map(_html_item, items))}</{tag.split()[0]}>"


def _html_item(item: _Item) -> str:
    inside = f"<p>{''.join(_html_runs(item.block.runs))}</p>" + (
        _html_group(item.below) if item.below else ""
    )
    if item.block.kind != "task":
        return f"<li>{inside}</li>"
    # A box that cannot be pressed, read out as one: no form control in a kept record.
    checked = "true" if item.block.checked else "false"
    box = f'<span class="box" role="checkbox" aria-checked="{checked}" aria-disabled="true"'
    words = escape(" ".join(item.block.words.split()))
    return f'<li data-checked="{checked}">{box} aria-label="{words}"></span>{inside}</li>'


def _html_runs(runs: list[Run]) -> Iterator[str]:
    for around, some in groupby(
        runs, lambda run: [mark for mark in (*COLLECTED, *_CHANGED) if mark in run[1]]
    ):
        words = "".join(map(_html_run, some))
        for mark in around:
            tag = _CHANGED.get(mark, "mark")
            name = f' class="{COLLECTED[mark]}"' if mark in COLLECTED else ""
            words = f"<{tag}{name}>{words}</{tag}>"
        yield words


def _html_run(run: Run) -> str:
    text, marks = run
    words = escape(text).replace(LINE_BREAK, "<br>")
    for mark, tag in _MARK_TAGS.items():
        if mark in marks:
            words = f"<{tag}>{words}</{tag}>"
    href = _href(marks)
    if href:
        words = f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">{words}</a>'
    return words


def _href(marks: dict[str, Any]) -> str | None:
    href = marks.get("link")
    return href if isinstance(href, str) and wire.is_safe_link(href) else None
