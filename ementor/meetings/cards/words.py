"""What the room's cards say, as data: English with what is put into it, put into words at the end.

A rule that chooses words returns ``N_("%(name)s is speaking", name=Own("Ada"))``. That is the key of
the catalogs with its values: plain Python, comparable and hashable, the same in every language, and
readable in a test. ``printing.printed`` makes it a text in one language. ``N_`` is the name by which the
catalogs' tools find a text that is translated elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True)
class Words:
    """A text of ours, by its English."""

    text: str
    values: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Own:
    """Somebody's name in our sentence, which may run the other way: set apart by ``<bdi>``.

    Page translators leave a name alone; other words of theirs, ``is_name=False``, they may translate.
    """

    text: str
    is_name: bool = True


@dataclass(frozen=True)
class Ending:
    """A time of day that a button leads to, kept up to date by timer.js.

    ``less`` seconds earlier than the end would be now; else earlier by what the meeting is over, ``most``
    seconds at the most.
    """

    at: datetime
    less: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class From:
    """Words that are said from an instant on: timer.js shows them then."""

    at: datetime
    hidden: bool
    words: Value


Value: TypeAlias = "str | int | datetime | Words | Own | Ending | From | tuple[Value, ...]"
"""What can be said: a datetime is a time of day, a tuple its parts one after the other."""


def N_(text: str, /, **values: Value) -> Words:  # noqa: N802
    """Return ``text`` of the catalogs with ``values``."""
    return Words(text, tuple(values.items()))


def duration(seconds: int) -> Value:
    """Return a length of time: ``4 min``, or ``1:30`` when it is no whole minutes."""
    return clock(seconds) if seconds % 60 else N_("%(n)s min", n=seconds // 60)


def clock(seconds: int) -> str:
    """Return ``95`` as ``1:35``."""
    return f"{seconds // 60}:{seconds % 60:02d}"
