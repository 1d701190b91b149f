"""What records know of a person: who was there, who corrected, and the words they are found by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import select

from ementor.accounts.merging.rows import join, move
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, at_leisure, register
from ementor.archive import search, services, versions
from ementor.archive.models import Correction, RecordReader, RecordRow
from ementor.database import db
from ementor.meetings.domain.agenda import CaseField
from ementor.meetings.models import Meeting
from ementor.meetings.personal import about, groups_of, ready_words
from ementor.meetings.sections import CASES
from ementor.notes.personal import text_of
from ementor.notes.sections import NOTES
from ementor.reflections.sections import REFLECTION, STEPS


def _merge(kept: int, gone: int) -> None:
    for row in _records(kept, gone):
        row.data = versions.with_one_person(row.data, kept, gone, partial(_readers, row.meeting_id))
    db.session.flush()
    join(RecordReader.user_id, kept, gone)
    move(Correction.author_id, kept, gone)
    search.forget_of(kept)


def _records(kept: int, gone: int) -> Iterable[RecordRow]:
    query = select(RecordRow).join(Meeting, Meeting.id == RecordRow.meeting_id)
    query = query.where(Meeting.group_id.in_(groups_of(kept, gone))).with_for_update(of=RecordRow)
    return db.session.scalars(query.execution_options(populate_existing=True))


def _readers(meeting_id: int) -> dict[int, str]:
    query = select(User.id, User.name).join(RecordReader, RecordReader.user_id == User.id)
    return dict(db.session.execute(query.where(RecordReader.meeting_id == meeting_id)).all())


def _has(person_id: int) -> set[int]:
    """Return the meetings that they were in and that have ended."""
    return set(db.session.scalars(select(RecordReader.meeting_id).where(RecordReader.user_id == person_id)))


def _export(person: User) -> JSON:
    """Return what records say under somebody's name, also those that are no longer theirs to read."""
    there = select(Meeting).join(RecordReader, RecordReader.meeting_id == Meeting.id).order_by(Meeting.id)
    there = there.where(RecordReader.user_id == person.id, Meeting.ended_at.is_not(None))
    wrote = select(Correction, Meeting).join(Meeting, Meeting.id == Correction.meeting_id)
    wrote = wrote.where(Correction.author_id == person.id).order_by(Correction.id)
    return {
        "records": [_of_record(meeting, person) for meeting in at_leisure(db.session.scalars(there))],
        "corrections": [
            {**about(meeting), "part": row.part, "at": row.at, "text": _own_lines(row)}
            for row, meeting in db.session.execute(wrote)
        ],
    }


def _of_record(meeting: Meeting, person: User) -> dict[str, Any]:
    record = services.record_of(meeting.id)
    return {
        **about(meeting),
        "role": next((one.role for one in record.people if one.id == person.id), None),
        "answers": [
            {"question": ready_words(question.text), "text": answer.text}
            for question in record.of(REFLECTION).questions
            for answer in question.answers
            if answer.person == person.id
        ],
        "next_steps": [one.text for one in record.of(STEPS) if one.person == person.id],
        "cases": [
            {"what": what.value, "text": text}
            for one in record.of(CASES)
            if one.person == person.id
            for what, text in ((CaseField.QUESTION, one.question), (CaseField.NEXT_STEP, one.next_step))
            if text
        ],
    }


def _own_lines(row: Correction) -> str:
    """Return the lines that came with a correction: the others of that part are the group's."""
    before = select(Correction.html).where(
        Correction.meeting_id == row.meeting_id, Correction.part == row.part, Correction.number < row.number
    )
    kept = services.kept_as_was(row.meeting_id).of(NOTES)
    texts = [*(part.html for part in (*kept.parts, kept.outside) if part), *db.session.scalars(before)]
    known = {line for html in texts for line in text_of(html).splitlines()}
    return "\n".join(line for line in text_of(row.html).splitlines() if line not in known)


register(Personal("archive", ("record_reader", "correction", "search_words"), _merge, _export, has=_has))
