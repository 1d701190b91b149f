"""What the server writes into the notes: the first line of a part, a paragraph, a line end between copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ementor.notes import wire
from ementor.notes.blocks import GENERAL, LINE_BREAK, Block, Run
from ementor.notes.yjs import (
    RESERVED_CLIENTS,
    Doc,
    Text,
    doc_of,
    ended,
    index_of,
    line_end,
    merge,
    new_client,
    text_of,
)


def written(before: bytes, part: str, blocks: Iterable[Block], client: int | None = None) -> bytes:
    """Return the update that writes ``blocks`` at the end of a part, for a copy that has ``before``.

    A last block in which nothing is written stays the last one: somebody may be about to write in it.
    ``client`` is the id to write under, which must be new; any when it is None.
    """
    doc = doc_of(before, client)
    known = doc.get_state()
    text = text_of(doc, part)
    words = str(text)
    with doc.transaction():
        at = len(words.encode())  # the library counts bytes
        if words == "\n" or words.endswith("\n\n"):
            at -= 1
        elif words and not words.endswith("\n"):
            text.insert(at, "\n", ended())
            at += 1
        for block in blocks:
            for line, marks in block.runs:
                text.insert(at, line, ended(marks) | marks)
                at += len(line.encode())
            told = {"kind": block.kind, "depth": block.depth, "checked": block.checked}
            told["off_record"] = block.off_record
            text.insert(at, "\n", ended() | {name: value for name, value in told.items() if value})
            at += 1
    return doc.get_update(known)


def said(before: bytes, part: str, lead: str, lines: Sequence[str]) -> bytes:
    """Return the update that adds one paragraph to a part, for a copy that has ``before``.

    It begins with ``lead`` in bold and keeps its lines together. It is written under an id below
    every page's: where somebody writes in the last line meanwhile the lower one comes first, so
    their words keep their own line end, which may say that they are off the record.
    """
    words = LINE_BREAK.join(lines)
    client = new_client(doc_of(before).get_state())
    runs: list[Run] = [(lead, {"strong": True})] if lead else []
    return written(before, part, [Block(runs=[*runs, (words, {})])], client)


def parted(mine: bytes, theirs: bytes, part: str) -> bytes | None:
    """Return what ends each line in which words of two copies meet, for a copy that has both.

    Both began with the same line end, so the last line of the one goes on with the first of the other.
    None where there is no such line.
    """
    whole = merge([mine, theirs])
    doc = doc_of(whole, new_client(doc_of(whole).get_state()))
    known, text = doc.get_state(), text_of(doc, part)
    own_doc, other_doc = doc_of(mine), doc_of(theirs)  # a text lives as long as its document
    own, other = text_of(own_doc, part), text_of(other_doc, part)
    words, before, edges = str(text).encode(), 0, list[tuple[int, dict[str, Any]]]()
    for first, end, last in _stretches(text, words, theirs):
        if first and words[first - 1 : first] != b"\n":
            edges.append((first, line_end(own, first - before - 1)))
        if words[end - 1 : end] != b"\n" and words[end : end + 1] not in (b"", b"\n"):
            edges.append((end, line_end(other, index_of(other, *last))))
        before += end - first
    with doc.transaction():
        for at, said in reversed(edges):
            text.insert(at, "\n", ended() | said)
    return doc.get_update(known) if edges else None


def _stretches(text: Text, words: bytes, theirs: bytes) -> Iterator[tuple[int, int, wire.Clock]]:
    """Yield where letters of one of two copies stand in both, in bytes, and the last letter of each."""
    is_theirs, lasts = bytearray(len(words)), dict[int, wire.Clock]()
    for struct in wire.read_update(theirs, trusted=True).structs:
        if struct.has_letters and struct.client >= RESERVED_CLIENTS:
            last = struct.client, struct.clock + struct.length - 1
            first, end = index_of(text, struct.client, struct.clock), index_of(text, *last) + 1
            while words[end : end + 1] and words[end] & 0xC0 == 0x80:  # within a character
                end += 1
            is_theirs[first:end] = b"\1" * (end - first)
            lasts[end] = last
    at = 0
    for mine, some in groupby(is_theirs, lambda byte: not byte):
        first, at = at, at + sum(1 for _ in some)
        if not mine:
            yield first, at, lasts[at]


def seeder(part: str) -> int:
    """Return the client that a part is seeded by: the same each time, and no editor's."""
    if part == GENERAL:
        return 1
    return 1 + int(part.removeprefix("item-")) if part.startswith("item-") else 0


def seed_of(part: str) -> bytes:
    """Return the update that gives a part its first line end: the same bytes each time."""
    doc = Doc(client_id=seeder(part))
    text_of(doc, part).insert(0, "\n")
    return doc.get_update()
