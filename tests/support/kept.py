"""Meetings that were held long ago, written straight into the database: for lists and for what is many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ementor.accounts.models import User
from ementor.archive.models import RecordReader, RecordRow
from ementor.archive.versions import to_data
from ementor.database import db
from ementor.groups.models import Group
from ementor.meetings.models import Meeting
from ementor.meetings.record import Attendee, Record
from ementor.meetings.sections import HeldItem
from ementor.notes.sections import KeptNotes, Part, Passage
from ementor.programmes import library
from ementor.reflections.models import Answer, NextStep, Sharing
from ementor.reflections.sections import KeptReflection, Question
from ementor.reflections.services import SharedAnswer
from ementor.series.domain.dates import wall_of
from ementor.series.models import PlannedMeeting
from ementor.writings.models import Writing


def hold(
    group: Group,
    at: datetime,
    *there: User,
    title: str = "Listening",
    insights: Sequence[str] = (),
    took: Mapping[int, str] | None = None,
    private: Mapping[int, str] | None = None,
    steps: Mapping[int, str] | None = None,
    answers: Mapping[int, Mapping[str, int]] | None = None,
    notes: str = "<p>Something was written.</p>",
    planned: bool = True,
) -> Meeting:
    """Add a meeting that ended at ``at`` and is sealed.

    By person: ``took`` is shared by name, ``private`` is for themselves, ``answers`` are the
    self-assessment's. The caller commits.
    """
    titles = {"": title}
    meeting = Meeting(group_id=group.id, title=titles, own_closing={}, created_at=at - timedelta(hours=1))
    meeting.ended_at, meeting.sealed = at, True
    db.session.add(meeting)
    db.session.flush()
    names = {one.id: one.name for one in there}
    first, second, scale = library.closing_questions()
    shared = tuple(SharedAnswer(person, names[person], text) for person, text in (took or {}).items())
    record = Record(
        title=titles,
        group=group.name,
        started_at=at - timedelta(hours=1),
        ended_at=at,
        quiet_since=None,
        revealed=True,
        people=tuple(Attendee(person, name, None) for person, name in names.items()),
        sections={
            "agenda": (HeldItem(1, "open", {"": "Talk"}, {}, 10, 11, False),),
            "notes": KeptNotes(
                parts=(Part(1, {"": "Talk"}, notes),),
                insights=tuple(Passage("item-1", {"": "Talk"}, text) for text in insights),
            ),
            "reflection": KeptReflection(
                (Question("1", dict(first), shared), Question("2", dict(second), ())), dict(scale), None
            ),
            "steps": tuple(SharedAnswer(one, names[one], text) for one, text in (steps or {}).items()),
            "cases": (),
        },
    )
    db.session.add(RecordRow(meeting_id=meeting.id, kept_at=at, readers="members", data=to_data(record)))
    db.session.flush()
    db.session.add_all(RecordReader(meeting_id=meeting.id, user_id=person) for person in names)
    for person, text in (private or {}).items():
        own = Answer(meeting_id=meeting.id, user_id=person, question="2", text=text)
        own.sharing = Sharing.PRIVATE
        db.session.add(own)
    for person, text in (steps or {}).items():
        db.session.add(NextStep(meeting_id=meeting.id, user_id=person, text=text))
    for person, given in (answers or {}).items():
        db.session.add(Writing(meeting_id=meeting.id, user_id=person, item_id=1, answers=dict(given)))
    if planned:
        db.session.add(
            PlannedMeeting(
                group_id=group.id,
                uid=f"kept-{meeting.id}",
                wall=wall_of(at - timedelta(hours=1), group.time_zone).replace(second=0, microsecond=0),
                minutes=60,
                title=titles,
                meeting_id=meeting.id,
                changed_at=at,
            )
        )
    db.session.flush()
    return meeting
