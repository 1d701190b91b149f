"""What somebody sees on My notes: plain data for its template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.groups.models import Membership
from ementor.meetings.record import Record
from ementor.mine import assessment, meetings, steps, thread
from ementor.mine.asked import Asked
from ementor.mine.assessment import Assessment
from ementor.mine.meetings import Circle, Past
from ementor.mine.steps import Step
from ementor.mine.thread import Entry
from ementor.notes.sections import NOTES
from ementor.reflections.sections import REFLECTION

GROUPS, ROWS, FOLDED = 4, 2, 6
"""How many groups are on a page, and how many rows of each are to be seen and folded."""
ROWS_OF_ONE = 30
"""How many rows are on a page of one group."""
ENTRIES = 8
ASSESSMENTS = 2
MAX_LINE = 140


@dataclass(frozen=True)
class Row:
    """A meeting in the list; ``line`` is something that was said there."""

    meeting: Past
    line: str


@dataclass(frozen=True)
class Listed:
    """A group in the list: its latest meeting, earlier ones to be seen and folded, how many there are.

    Of a group that has ended the latest stands out only where it is the reader's newest.
    ``step`` is the reader's own that is before them now.
    """

    circle: Circle
    count: int
    latest: Row | None
    step: Step | None
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]

    @property
    def hidden(self) -> int:
        """How many meetings are on pages of their own."""
        return self.count - len(self.rows) - len(self.folded) - bool(self.latest)


@dataclass(frozen=True)
class Pages:
    """Which page of how many this is, counted from 1."""

    this: int = 1
    of: int = 1


@dataclass(frozen=True)
class Page:
    """My notes, as narrowed by ``asked``. ``choices`` are all groups of which something can be read.

    ``has_left``: there are groups that the reader has left, whose meetings they do not see.
    """

    asked: Asked
    now: datetime
    choices: tuple[Circle, ...] = ()
    circles: Mapping[int, Circle] = field(default_factory=dict)
    groups: tuple[Listed, ...] = ()
    pages: Pages = field(default_factory=Pages)
    thread: tuple[Entry, ...] = ()
    parts: Pages = field(default_factory=Pages)
    assessments: tuple[Assessment, ...] = ()
    has_left: bool = False


def of(actor: User, asked: Asked) -> Page:
    """Return the page for its reader. The number of statements does not grow with that of meetings."""
    now = clock.now()
    everything = meetings.readable(actor)
    if not everything:
        return Page(asked, now, has_left=_has_left(actor))
    circles = meetings.circles({one.group_id for one in everything}, now)
    found = [one for one in everything if asked.holds(one.group_id, one.ended_at, now)]
    groups, pages = _page_of(_by_group(found, circles), asked)
    mine = [one for one in found if not one.before_me]
    parts = _pages(len(mine), ENTRIES, asked.part)
    mine = mine[(parts.this - 1) * ENTRIES : parts.this * ENTRIES]
    shown = {one.id: one for one in (*(one for _, some in groups for one in some), *mine)}
    records, promised = archive.records_of(shown), steps.of(actor, shown)
    return Page(
        asked=asked,
        now=now,
        choices=tuple(sorted(circles.values(), key=lambda one: one.name.casefold())),
        circles=circles,
        groups=tuple(
            _listed(circles[group_id], some, found, asked, pages, records, promised)
            for group_id, some in groups
        ),
        pages=pages,
        thread=tuple(thread.entries(actor, mine, records, promised)),
        parts=parts,
        assessments=tuple(_assessments(actor, everything, asked)),
        has_left=_has_left(actor),
    )


def _assessments(actor: User, everything: Iterable[Past], asked: Asked) -> list[Assessment]:
    """Return the newest self-assessments, at whatever time they were made; of one group its own."""
    found = assessment.of(actor, {one.id: one for one in everything})
    return [one for one in found if asked.group in {None, one.group_id}][:ASSESSMENTS]


def _has_left(actor: User) -> bool:
    query = select(Membership.id).where(Membership.user_id == actor.id, Membership.ended_at.is_not(None))
    return db.session.scalars(query.limit(1)).first() is not None


def _by_group(found: Iterable[Past], circles: Mapping[int, Circle]) -> list[tuple[int, list[Past]]]:
    """Return the meetings by group: that of the latest meeting first, those that go on before the others."""
    by_group: dict[int, list[Past]] = {}
    for one in found:
        by_group.setdefault(one.group_id, []).append(one)
    return sorted(by_group.items(), key=lambda one: not circles[one[0]].ahead)


def _page_of(
    by_group: list[tuple[int, list[Past]]], asked: Asked
) -> tuple[list[tuple[int, list[Past]]], Pages]:
    """Return what stands on one page: of several groups the newest of each, of one group all by and by."""
    if asked.group is not None and by_group:
        group_id, some = by_group[0]
        pages = _pages(len(some), ROWS_OF_ONE, asked.page)
        return [(group_id, some[(pages.this - 1) * ROWS_OF_ONE : pages.this * ROWS_OF_ONE])], pages
    pages = _pages(len(by_group), GROUPS, asked.page)
    some_groups = by_group[(pages.this - 1) * GROUPS : pages.this * GROUPS]
    return [(group_id, some[: 1 + ROWS + FOLDED]) for group_id, some in some_groups], pages


def _pages(count: int, each: int, asked: int) -> Pages:
    of = max(1, -(-count // each))
    return Pages(min(asked, of), of)


def _listed(
    circle: Circle,
    some: list[Past],
    found: list[Past],
    asked: Asked,
    pages: Pages,
    records: Mapping[int, Record],
    promised: Mapping[int, Step],
) -> Listed:
    rows = tuple(Row(one, _line(records.get(one.id))) for one in some)
    newest = found[0].group_id == circle.id or asked.group is not None
    first = 1 if (circle.ahead or newest) and (asked.group is None or pages.this == 1) else 0
    rest = rows[first:]
    seen = len(rest) if asked.group is not None or len(rest) == ROWS + 1 else ROWS
    return Listed(
        circle=circle,
        count=len(rows) if asked.group is not None else sum(one.group_id == circle.id for one in found),
        latest=rows[0] if first else None,
        step=steps.current(promised, some) if first else None,
        rows=rest[:seen],
        folded=rest[seen:],
    )


def _line(record: Record | None) -> str:
    """Return something that was said at a meeting: what the group marked, else what somebody took along."""
    if record is None:
        return ""
    marked = (passage.text for passage in record.of(NOTES).insights)
    shared = (answer.text for question in record.of(REFLECTION).questions for answer in question.answers)
    line = next((one for some in (marked, shared) for one in some), "")
    return thread.shortened(" ".join(line.split()), MAX_LINE)
