"""The library pycrdt as the notes use it: documents, their texts, and where in a text a clock stands.

Each part of the notes is one text (Y.Text). A line end closes a block and carries what the
block is as formats. The library counts bytes of UTF-8 in a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import pycrdt

from ementor.notes import wire
from ementor.notes.blocks import Block

Doc = pycrdt.Doc[Any]
Text = pycrdt.Text
Subscription = pycrdt.Subscription

RESERVED_CLIENTS = 2**20
"""Client ids below are the server's; replica.js takes none of them."""


def doc_of(update: bytes, client: int | None = None) -> Doc:
    """Return a document with ``update`` in it, to write in as ``client``."""
    doc = Doc(client_id=client)
    doc.apply_update(update)
    return doc


def merge(updates: Iterable[bytes]) -> bytes:
    """Return one update that does what all of ``updates`` do."""
    return pycrdt.merge_updates(*updates)


def beyond(update: bytes, state: bytes) -> bytes:
    """Return an update without what is known already at a state vector."""
    return pycrdt.get_update(update, state)


def state_of(update: bytes) -> bytes:
    """Return how far an update comes; raise, or panic, when it cannot be decoded."""
    return pycrdt.get_state(update)


def is_panic(error: BaseException) -> bool:
    """Tell whether the library has panicked: such an error derives from BaseException only."""
    return type(error).__name__ == "PanicException"


def require_harmless(error: BaseException) -> None:
    """Raise what is no fault of a document's."""
    if not isinstance(error, Exception) and not is_panic(error):
        raise error


def new_client(state: bytes) -> int:
    """Return an id of the server's that nothing is written under yet."""
    taken = wire.read_state_vector(state)
    return next(each for each in count(RESERVED_CLIENTS - 1, -1) if each not in taken)


def text_of(doc: Doc, part: str) -> Text:
    """Return the text of a part."""
    text: Text = doc.get(part, type=Text)
    return text


def blocks_of(text: Text) -> Iterator[Block]:
    """Yield the blocks of a text. A format that means nothing where it stands is passed over."""
    block = Block()
    for words, formats in text.diff():
        if not isinstance(words, str):
            continue
        formats = formats or {}
        *lines, rest = words.split("\n")
        for line in lines:
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


def index_of(text: Text, client: int, clock: int) -> int:
    """Return where in a text a clock of a client stands, in bytes."""
    place = {"item": {"client": client, "clock": clock}, "assoc": pycrdt.Assoc.AFTER.value}
    return pycrdt.StickyIndex.from_json(place, text).get_index()


def line_end(text: Text, index: int) -> dict[str, Any]:
    """Return what the end of the line in which an index stands says of it."""
    at = 0
    for words, formats in text.diff():
        size = len(words.encode()) if isinstance(words, str) else 1
        if isinstance(words, str) and b"\n" in words.encode()[max(index - at, 0) :]:
            return formats or {}
        at += size
    return {}


def ended(but: Iterable[str] = ()) -> dict[str, Any]:
    """Return every format as ended, but for some: what is inserted takes none from its neighbour."""
    return dict.fromkeys(wire.FORMATS.keys() - set(but))
