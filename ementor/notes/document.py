"""The notes of one meeting as a Yjs document; the only file that imports pycrdt.

A document is for everybody, so it is guarded: an update is read (``wire``), each thing in it
is looked at where it stands (``tree``), it is tried on a twin, and only what survived all
three is let in. pycrdt loses writes, or hangs, when two threads use one document at once; one
lock per document keeps them apart.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from enum import StrEnum
from html import escape
from itertools import groupby
from typing import Any, cast

import pycrdt

from ementor.notes import wire
from ementor.notes.tree import LISTS, MAX_DEPTH, OFF_RECORD, Settled, Tree

SCHEMA = 2
"""Which nodes and marks the editor knows. A page with another number would delete from the
shared document what it does not know, so it is asked to reload."""

MAX_UPDATE_BYTES = 256 * 1024
MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
MAX_LOG_BYTES = 20 * 1024 * 1024
"""All updates of a meeting together, also of what was deleted since: they are read again at each
start. An evening of eight people who all write comes to a few MB."""

GENERAL = "general"
OUTSIDE = "outside"
"""What the group agrees may be told elsewhere."""
MINE = "mine"
"""The one part of a document that is a person's own."""

_HEADINGS = {3: "h3", 4: "h4"}
_PLAIN_TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
}
_MARK_TAGS = {"strong": "strong", "em": "em"}
COLLECTED = {"insight": "insight", "next_step": "next-step"}
"""Marks whose words are collected when a meeting ends, and their class in HTML."""
_PAIR = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")  # the UTF-8 of what UTF-16 counts as two


class Why(StrEnum):
    """Why an update is refused."""

    GARBAGE = "garbage"
    TOO_LARGE = "too_large"
    FULL = "full"
    GAP = "gap"
    """Something that it builds on is not here: the page should sync and send again."""


class Refused(Exception):
    """The update is not let in."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Foreign(Exception):
    """Something stands in the notes that cannot be shown, and what follows it would be missing."""


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
        self._tree: Tree | None = None
        self._twin: pycrdt.Doc[Any] | None = None
        self._twin_changes = 0
        self._listening: pycrdt.Subscription | None = None
        self._tried: tuple[bytes, Settled] | None = None
        """What the twin has and the document has not: checked, and not applied yet."""
        self._bytes = 0
        self._known: dict[int, int] | None = None
        # Text is counted in UTF-16 here. An edit between the two halves of a character such as
        # an emoji lets copies count differently, and only a whole copy shows that.
        self._has_pairs = False
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Take in an update that was checked before. Twice is the same as once."""
        with self.lock:
            self._doc.apply_update(update)
            self._bytes += len(update)
            self.log_bytes += len(update)
            self._known = None
            self._has_pairs = self._has_pairs or bool(_PAIR.search(update))
            tried, self._tried = self._tried, None
            if tried and tried[0] == update:
                if self._tree is not None:
                    self._tree.take(tried[1])
                return
            if tried:  # it was not kept: the transaction failed, or somebody else was first
                self._twin = None
            if self._twin is not None:
                self._twin.apply_update(update)
            self._extend(update)

    def _extend(self, update: bytes) -> None:
        if self._tree is None:
            return
        try:
            self._tree.take(self._tree.settle(wire.read_update(update).structs))
        except wire.Garbage:
            self._tree = None

    def check(self, update: bytes) -> bool:
        """Raise Refused unless ``update`` may be kept; tell whether it brings anything new.

        Changes nothing. It is also applied to a twin, which must still encode and be readable
        afterwards: some updates apply cleanly and make the document unreadable for ever.
        """
        if len(update) > MAX_UPDATE_BYTES:
            raise Refused(Why.TOO_LARGE)
        try:
            contents = wire.read_update(update)
        except wire.Garbage:
            raise Refused(Why.GARBAGE) from None
        with self.lock:
            if self.log_bytes + len(update) > MAX_LOG_BYTES:
                raise Refused(Why.FULL)
            if self._bytes + len(update) > MAX_DOCUMENT_BYTES:
                self._bytes = len(self._doc.get_update())  # what was deleted weighs little
                if self._bytes + len(update) > MAX_DOCUMENT_BYTES:
                    raise Refused(Why.FULL)
            known = self._state()
            if not contents.fits(known):
                raise Refused(Why.GAP)
            settled = self._settle(contents)
            if self._tried:
                self._tried = self._twin = None  # what was tried last has not been kept
            is_new = self._try(update, contents)
            self._tried = (update, settled) if is_new else None
            return is_new

    def _settle(self, contents: wire.Contents) -> Settled:
        try:
            if self._tree is None:
                tree = Tree()
                tree.take(tree.settle(wire.read_update(self._doc.get_update()).structs))
                self._tree = tree
            return self._tree.settle(contents.structs)
        except BaseException as error:
            if _is_panic(error) or isinstance(error, wire.Garbage):
                raise Refused(Why.GARBAGE) from None
            raise

    def _try(self, update: bytes, contents: wire.Contents) -> bool:
        try:
            if self._twin is None:
                self._twin = _doc_of(self._doc.get_update())
                self._listening = self._twin.observe(self._on_change)
            before = b"\0" if self._has_pairs else self._twin.get_state()
            changes = self._twin_changes
            self._twin.apply_update(update)
            is_new = self._twin_changes > changes
            again = _doc_of(self._twin.get_update(before))
            after = wire.read_state_vector(self._twin.get_state())
            if self._has_pairs and wire.read_state_vector(again.get_state()) != after:
                raise ValueError("half of a character")
        except BaseException as error:
            self._twin = None
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
        """Return the update that gives each part its first empty paragraph; None when all have it.

        With a paragraph to start from, two people who begin to write at the same moment
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
        """Return a part as HTML of known tags only, escaped; empty when nothing is written.

        Raises Foreign, as ``to_markdown`` does, rather than leave anything out.
        """
        with self.lock:
            blocks = list(self._blocks(fragment))
            return "".join(map(_html, blocks)) if any(map(_has_words, blocks)) else ""

    def to_markdown(self, fragment: str) -> str:
        """Return a part as Markdown; empty when nothing is written."""
        with self.lock:
            blocks = list(self._blocks(fragment))
            return _markdown(blocks) if any(map(_has_words, blocks)) else ""

    def collected(self, fragment: str, mark: str) -> list[str]:
        """Return the words under a mark, in their order: one text for each run of them in a block."""
        with self.lock:
            return [text for block in self._blocks(fragment) for text in _under(block, mark)]

    def to_text(self, fragment: str) -> str:
        """Return a part's words alone, a block a line: for when it cannot be shown as it is.

        Raises Foreign when even some of these cannot be reached.
        """
        with self.lock:
            return "\n".join(_words_of(self._doc.get(fragment, type=pycrdt.XmlFragment)))

    def _blocks(self, fragment: str) -> Iterator[_Node]:
        root = self._doc.get(fragment, type=pycrdt.XmlFragment)
        for child in _children(root):
            node = _node(child)
            if node is not None:
                yield node


Run = tuple[str, dict[str, Any]]
"""Some text and its marks."""
Block = tuple[str, dict[str, Any], list["Block"] | str | Run]
"""Something to write: kind, attributes, and its text (marked or not) or the blocks in it."""


def written(before: bytes, part: str, blocks: Iterable[Block]) -> bytes:
    """Return the update that writes ``blocks`` at the end of a part, for a copy that has ``before``."""
    doc = _doc_of(before)
    root = doc.get(part, type=pycrdt.XmlFragment)
    known = doc.get_state()
    with doc.transaction():
        if len(root.children) == 1 and not "".join(map(str, root.children[0].children)):
            del root.children[0]  # the empty paragraph that the server begins with
        for block in blocks:
            _write(root, block)
    return doc.get_update(known)


def _write(parent: Any, block: Block) -> None:
    kind, attributes, inside = block
    element = parent.children.append(pycrdt.XmlElement(kind, attributes))
    if isinstance(inside, str):
        element.children.append(pycrdt.XmlText(inside))
    elif isinstance(inside, tuple):
        element.children.append(pycrdt.XmlText("")).insert(0, *inside)
    else:
        for inner in inside:
            _write(element, inner)


def said(before: bytes, part: str, lead: str, lines: Iterable[str]) -> bytes:
    """Return the update that adds one paragraph to a part, for a copy that has ``before``.

    It begins with ``lead`` in bold and keeps its lines together. An empty paragraph at the end
    of the part stays the last one, as somebody may be about to write in it.
    """
    doc = _doc_of(before)
    root = doc.get(part, type=pycrdt.XmlFragment)
    known = doc.get_state()
    with doc.transaction():
        place = len(root.children)
        if place and not "".join(map(str, root.children[place - 1].children)):
            place -= 1
        root.children.insert(place, pycrdt.XmlElement("paragraph"))
        inside = root.children[place].children
        for number, line in enumerate(lines):
            if number:
                inside.append(pycrdt.XmlElement("hard_break"))
            text = inside.append(pycrdt.XmlText(""))
            if lead and not number:
                text.insert(0, lead, {"strong": {}})
            text.insert(len(text), line, {"strong": None})
    return doc.get_update(known)


def merge(updates: Iterable[bytes]) -> bytes:
    """Return one update that does what all of ``updates`` do."""
    return pycrdt.merge_updates(*updates)


def _doc_of(update: bytes) -> pycrdt.Doc[Any]:
    doc = pycrdt.Doc[Any]()
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
    fragment = doc.get(part, type=pycrdt.XmlFragment)
    with doc.transaction():
        paragraph = fragment.children.append(pycrdt.XmlElement("paragraph"))
        paragraph.children.append(pycrdt.XmlText(""))
    return doc.get_update()


# What is written, out of the shared types: a tree of plain values.


class _Node:
    """A block: its kind, attributes, and either runs of text or blocks in it."""

    def __init__(self, kind: str, attributes: dict[str, Any]) -> None:
        self.kind = kind
        self.attributes = attributes
        self.runs: list[Run] = []
        self.blocks: list[_Node] = []


def _children(parent: Any) -> list[Any]:
    """Return all that stands in a part or a block; the library's own list ends at what it does not know."""
    children = list(parent.children)
    if len(children) != len(parent.children):
        raise Foreign(f"{len(children)} of {len(parent.children)}")
    return children


def _runs(text: pycrdt.XmlText) -> list[Run]:
    runs = text.diff()
    if not all(isinstance(words, str) for words, _ in runs):
        raise Foreign("in a text")
    return [(words, marks or {}) for words, marks in runs]


def _node(element: Any, depth: int = 0) -> _Node | None:
    """Return a shared element as a node; None for what is off the record or unknown to the editor."""
    if not isinstance(element, pycrdt.XmlElement) or element.tag not in wire.NODES - {OFF_RECORD}:
        return None
    node = _Node(str(element.tag), dict(cast("Iterable[tuple[str, Any]]", element.attributes)))
    if depth >= MAX_DEPTH:
        return node
    for child in _children(element):
        if isinstance(child, pycrdt.XmlText):
            node.runs += _runs(child)
        elif isinstance(child, pycrdt.XmlElement) and child.tag == "hard_break":
            node.runs.append(("\n", {}))
        elif (inner := _node(child, depth + 1)) is not None:
            node.blocks.append(inner)
    return node


def _words_of(parent: Any) -> Iterator[str]:
    for child in _children(parent):
        if isinstance(child, pycrdt.XmlText):
            yield "".join(words for words, _ in child.diff() if isinstance(words, str))
        elif getattr(child, "tag", OFF_RECORD) != OFF_RECORD:
            yield from _words_of(child)


def _has_words(node: _Node) -> bool:
    return any(text.strip() for text, _ in node.runs) or any(map(_has_words, node.blocks))


def _under(node: _Node, mark: str) -> Iterator[str]:
    for marked, runs in groupby(node.runs, lambda run: mark in run[1]):
        text = " ".join("".join(words for words, _ in runs).split())
        if marked and text:
            yield text
    for block in node.blocks:
        yield from _under(block, mark)


def _html(node: _Node) -> str:
    inside = "".join(_html_runs(node.runs)) + "".join(map(_html, node.blocks))
    match node.kind:
        case "heading":
            tag = _heading_tag(node)
            return f"<{tag}>{inside}</{tag}>"
        case "task_list":
            return f'<ul class="tasks">{inside}</ul>'
        case "task_item":
            # A box that cannot be pressed, read out as one: no form control in a kept record.
            checked = "true" if node.attributes.get("checked") is True else "false"
            box = f'<span class="box" role="checkbox" aria-checked="{checked}" aria-disabled="true"'
            words = escape(_words(node))
            return f'<li data-checked="{checked}">{box} aria-label="{words}"></span>{inside}</li>'
    plain = _PLAIN_TAGS.get(node.kind)
    return f"<{plain}>{inside}</{plain}>" if plain else inside


def _words(node: _Node) -> str:
    words = "".join(text for text, _ in node.runs).strip()
    return words or next((_words(block) for block in node.blocks if _has_words(block)), "")


def _heading_tag(node: _Node) -> str:
    level = node.attributes.get("level")
    return _HEADINGS.get(int(level), "h4") if isinstance(level, int | float) else "h3"


def _html_runs(runs: list[Run]) -> Iterator[str]:
    for names, some in groupby(runs, lambda run: [COLLECTED[mark] for mark in COLLECTED if mark in run[1]]):
        words = "".join(map(_html_run, some))
        for name in names:
            words = f'<mark class="{name}">{words}</mark>'
        yield words


def _html_run(run: Run) -> str:
    text, marks = run
    words = escape(text).replace("\n", "<br>")
    for mark, tag in _MARK_TAGS.items():
        if mark in marks:
            words = f"<{tag}>{words}</{tag}>"
    href = _href(marks)
    if href:
        words = f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">{words}</a>'
    return words


def _href(marks: dict[str, Any]) -> str | None:
    link = marks.get("link")
    href = link.get("href") if isinstance(link, dict) else None
    return href if isinstance(href, str) and wire.is_safe_link(href) else None


def _markdown(blocks: list[_Node]) -> str:
    return "\n\n".join(filter(None, map(_markdown_block, blocks)))


def _markdown_block(node: _Node) -> str:
    if node.kind in LISTS:
        return "\n".join(_markdown_items(node))
    line = "".join(map(_markdown_run, node.runs)).strip()
    if node.kind == "heading":
        line = "#" * (3 if _heading_tag(node) == "h3" else 4) + " " + line.replace("\\\n", " ")
    return "\n\n".join(filter(None, [line, _markdown(node.blocks)]))


def _markdown_items(node: _Node) -> Iterator[str]:
    for number, item in enumerate(node.blocks, 1):
        start = f"{number}. " if node.kind == "ordered_list" else "- "
        if node.kind == "task_list":
            start += "[x] " if item.attributes.get("checked") is True else "[ ] "
        parts = list(filter(None, map(_markdown_block, item.blocks))) or [""]
        indent = "\n" + " " * (3 if node.kind == "ordered_list" else 2)
        yield start + "\n".join(parts).replace("\n", indent)


def _markdown_run(run: Run) -> str:
    text, marks = run
    words = _escape_markdown(text).replace("\n", "\\\n")
    bare = words.strip()
    if not bare:
        return words
    before, after = words[: words.index(bare)], words[words.index(bare) + len(bare) :]
    if "em" in marks:
        bare = f"*{bare}*"
    if "strong" in marks:
        bare = f"**{bare}**"
    href = _href(marks)
    if href:
        bare = f"[{bare}](<{href}>)"
    return before + bare + after


def _escape_markdown(text: str) -> str:
    escaped = "".join("\\" + char if char in "\\`*_[]<>#" else char for char in text)
    # At the start of a line these would begin a list, a quotation or a number.
    return "\n".join(_escape_line(line) for line in escaped.split("\n"))


def _escape_line(line: str) -> str:
    bare = line.lstrip()
    if bare[:1] in {"-", "+", "="}:
        return line[: len(line) - len(bare)] + "\\" + bare
    digits = bare[: len(bare) - len(bare.lstrip("0123456789"))]
    if digits and bare[len(digits) : len(digits) + 1] in {".", ")"}:
        return line[: len(line) - len(bare)] + digits + "\\" + bare[len(digits) :]
    return line
