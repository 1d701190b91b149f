"""A record as it reads with the newest corrections laid over the parts of its notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, select

from ementor.apart import apart
from ementor.archive.models import Correction
from ementor.database import db
from ementor.meetings.record import Record
from ementor.notes import lines
from ementor.notes.sections import NOTES, OUTSIDE_ANCHOR, KeptNotes, Part


@dataclass(frozen=True)
class Shown:
    """A part that has been corrected: by whom and when last, and what that has changed.

    ``number`` counts the corrections of the part. ``html`` has what is new marked, ``before`` what is gone.
    """

    number: int
    name: str
    at: datetime
    html: str
    before: str


def laid_over(records: Mapping[int, Record]) -> dict[int, Record]:
    """Return records with the newest correction of each part in the part's place, by one statement."""
    here = Correction.meeting_id.in_(records)
    top = select(Correction.meeting_id, Correction.part, func.max(Correction.number).label("number"))
    last = top.where(here).group_by(Correction.meeting_id, Correction.part).subquery()
    query = select(Correction.meeting_id, Correction.part, Correction.html).join(
        last,
        and_(
            Correction.meeting_id == last.c.meeting_id,
            Correction.part == last.c.part,
            Correction.number == last.c.number,
        ),
    )
    newest: dict[int, dict[str, str]] = {}
    for meeting_id, part, html in db.session.execute(query):
        newest.setdefault(meeting_id, {})[part] = html
    return {
        one: _with_notes(record, newest[one]) if one in newest else record for one, record in records.items()
    }


def shown(record: Record, meeting_id: int) -> dict[str, Shown]:
    """Return part → what its last correction was. ``record``: as it was kept."""
    kept = {anchor: part.html for anchor, part in parts_of(record).items()}
    found = {}
    for part, rows in _last_two(meeting_id).items():
        if part in kept:
            newest, earlier = rows[-1], rows[-2].html if len(rows) > 1 else kept[part]
            before, after = apart(lines.compared, earlier, newest.html)
            found[part] = Shown(newest.number, newest.name, newest.at, after, before)
    return found


def parts_of(record: Record) -> dict[str, Part]:
    """Return anchor → part of the notes, for all that can be corrected."""
    notes = record.of(NOTES)
    parts = {part.anchor: part for part in notes.parts}
    return parts | ({OUTSIDE_ANCHOR: notes.outside} if notes.outside else {})


def count_of(meeting_id: int) -> int:
    """Return how many corrections a record has."""
    query = select(func.count()).select_from(Correction).where(Correction.meeting_id == meeting_id)
    return db.session.scalar(query) or 0


def _with_notes(record: Record, newest: Mapping[str, str]) -> Record:
    notes: KeptNotes = record.of(NOTES)

    def over(part: Part, anchor: str) -> Part:
        return replace(part, html=newest.get(anchor, part.html))

    outside = notes.outside and over(notes.outside, OUTSIDE_ANCHOR)
    notes = replace(notes, parts=tuple(over(one, one.anchor) for one in notes.parts), outside=outside)
    return replace(record, sections={**record.sections, NOTES.key: notes})


def _last_two(meeting_id: int) -> dict[str, list[Correction]]:
    """Return part → its newest correction, after the one before it."""
    here = Correction.meeting_id == meeting_id
    top = select(Correction.part, func.max(Correction.number).label("number")).where(here)
    newest = top.group_by(Correction.part).subquery()
    last = and_(Correction.part == newest.c.part, Correction.number >= newest.c.number - 1)
    query = select(Correction).join(newest, last).where(here).order_by(Correction.part, Correction.number)
    found: dict[str, list[Correction]] = {}
    for row in db.session.scalars(query.execution_options(populate_existing=True)):
        found.setdefault(row.part, []).append(row)
    return found
