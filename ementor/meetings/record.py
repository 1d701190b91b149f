"""The record of a closed meeting as typed data, and what a feature gives to it.

A feature declares a ``Section``: what of it is kept, deleted and shown. ``archive.sections`` lists
them; the archive loops over that list and knows no section's data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from ementor.accounts.models import User
from ementor.blocks import Block
from ementor.meetings.domain.agenda import Text
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting

T = TypeVar("T")


@dataclass(frozen=True)
class Attendee:
    """Somebody who was there: ``name`` as it was then, ``role`` a ``Role`` they had in this meeting.

    ``id`` is None where a record of version 1 does not tell whose the name was.
    """

    id: int | None
    name: str
    role: str | None


@dataclass(frozen=True)
class Record:
    """What is kept of a meeting. ``sections``: key → the data of a ``Section``; read it with ``of``."""

    title: Text
    group: str
    started_at: datetime | None
    ended_at: datetime
    quiet_since: datetime | None
    """When nobody ended the meeting: it ended by itself, nothing having happened since."""
    revealed: bool
    people: tuple[Attendee, ...]
    sections: Mapping[str, Any]

    def of(self, section: Section[T]) -> T:
        """Return what is kept of a section: its ``empty`` where the record is older than it."""
        data: T = self.sections.get(section.key, section.empty)
        return data


@dataclass(frozen=True)
class Entry:
    """A line of a record's contents: its place on the page, its name, and how much there is."""

    anchor: str
    name: str
    much: str = ""


@dataclass(frozen=True)
class Section(Generic[T]):
    """What one feature gives to the record. What is None it does not do.

    T is made of frozen dataclasses, tuples and what JSON has, so that ``dataclasses.asdict`` writes it.
    A new field of it has a default for what was kept before.
    """

    key: str
    """Its name in kept records: never renamed."""
    empty: T
    keep: Callable[[Meeting, Run], T] | None = None
    read: Callable[[Any], T] | None = None
    """Make T from what ``asdict`` and JSON made of it."""
    grows: bool = False
    """An edit that crosses the end is still acknowledged: what was kept is kept anew at the seal."""
    unrevealed: Callable[[T], T] | None = None
    """Return what may be shown before the seal when the answers were never revealed."""
    forget: Callable[[Meeting, Run], None] | None = None
    """Drop, at the seal, what the record does not hold."""
    took_part: Callable[[Meeting, Run], Iterable[int]] | None = None
    """Return who did something in it, and so may read the record."""
    template: str | None = None
    """Its HTML. Gets as ``data`` what the record has of it, or what it ``shows``."""
    shows: Callable[[Record], object] | None = None
    contents: Callable[[Record], Iterable[Entry]] | None = None
    """Return its lines of the contents: those of its headings that are there."""
    blocks: Callable[[Record, str], Iterable[Block]] | None = None
    """Return what it says in a locale, from a heading of level 2 on; nothing when it has nothing."""
    own: Callable[[Record, Meeting, User], object] | None = None
    """Return what it has for the eyes of one reader only; something false when there is nothing."""
    own_template: str = ""
    """The HTML of that. Gets it as ``own``."""
    own_blocks: Callable[[Any, str], Iterable[Block]] | None = None
    """Return what that says in a locale, from a heading of level 3 on."""
