"""What the notes are made of for a reader: parts, and in each part blocks of words with marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

GENERAL = "general"
OUTSIDE = "outside"
"""What the group agrees may be told elsewhere."""
MINE = "mine"
"""The one part of a document that is a person's own."""

ADDED, REMOVED = "added", "removed"
"""Marks that no editor knows: what a correction has changed."""
LINE_BREAK = "\u2028"
"""A line break inside a block."""
COLLECTED = {"insight": "insight", "next_step": "next-step"}
"""Marks whose words are collected when a meeting ends, and their class in HTML."""

Run = tuple[str, dict[str, Any]]
"""Some text and its marks."""


def fragment_name(item_id: int) -> str:
    """Return the name of the part of the notes that belongs to an agenda item."""
    return f"item-{item_id}"


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


def words_under(block: Block, mark: str) -> Iterator[str]:
    """Yield the words of a block under a mark: one text for each run of them."""
    for marked, runs in groupby(block.runs, lambda run: mark in run[1]):
        text = " ".join("".join(words for words, _ in runs).split())
        if marked and text:
            yield text
