"""A text as blocks: what a record says, whatever it becomes (a page, Markdown, a Word file, words to search).

Features give blocks; ``archive`` writes them. Nothing in a block is markup: a writer escapes what it must.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an item of a list stands behind."""

    BULLET = "bullet"
    NUMBER = "number"
    TASK = "task"


@dataclass(frozen=True)
class Run:
    """Some letters that look alike. A line feed in ``text`` is a line break.

    ``link`` is a checked address; ``mark`` is what the words were marked as: insight or next_step.
    """

    text: str
    bold: bool = False
    italic: bool = False
    link: str | None = None
    mark: str | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """``level`` 1 is the record's title. ``anchor`` is the place on the record's page: never renamed."""

    level: int
    runs: Runs
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    runs: Runs


@dataclass(frozen=True)
class Item:
    """An item of a list; items that follow each other are one list. ``depth`` counts from 0."""

    kind: Kind
    runs: Runs
    depth: int = 0
    checked: bool = False


@dataclass(frozen=True)
class Quote:
    """What somebody said, with their name where it is told; several lines of it stay lines."""

    runs: Runs
    who: str = ""


@dataclass(frozen=True)
class Table:
    """A table; each cell is runs."""

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]


Block = Heading | Paragraph | Item | Quote | Table


def plain(text: str) -> Runs:
    """Return ``text`` as runs."""
    return (Run(text),)
