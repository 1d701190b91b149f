"""What every writer of blocks needs: lists as trees, and text without what no file can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ementor.blocks import Item

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Entry:
    """An item of a list, with the items below it."""

    item: Item
    below: list[Entry] = field(default_factory=list)


def tree(items: Iterable[Item]) -> list[Entry]:
    """Return items that follow each other as a tree; one stands at most one step below the one before."""
    top: list[Entry] = []
    path: list[Entry] = []
    for item in items:
        while path and path[-1].item.depth >= item.depth:
            path.pop()
        entry = Entry(item)
        (path[-1].below if path else top).append(entry)
        path.append(entry)
    return top


def clean(text: str) -> str:
    """Return ``text`` with line feeds for all line ends, and without control characters."""
    return _NO_TEXT.sub("", _LINE_ENDS.sub("\n", text))
