"""The meetings whose records somebody may read, and how their groups go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from ementor.accounts.models import User
from ementor.archive import readers
from ementor.archive.models import RecordReader
from ementor.database import db
from ementor.groups.models import Group, Membership
from ementor.meetings.domain.run import Kind
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.programmes import library
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import Date, Kept, State
from ementor.series.models import PlannedMeeting, Series

Text = Mapping[str, str]
AHEAD = {State.PLANNED, State.OPEN, State.RUNNING}


@dataclass(frozen=True)
class Past:
    """A meeting that has ended: whether its reader was there, and whether it was before they came."""

    id: int
    group_id: int
    title: Text
    ended_at: datetime
    there: bool
    before_me: bool


@dataclass(frozen=True)
class Circle:
    """A group, and how many of its meetings are behind it and ahead. ``next_at``: when it meets next."""

    id: int
    name: str
    zone: str
    programme: Text
    held: int
    ahead: int
    next_at: datetime | None


def readable(actor: User) -> list[Past]:
    """Return the meetings whose records somebody may read, the newest first, by one statement."""
    me, there = aliased(Membership), aliased(RecordReader)
    query = (
        readers.readable(actor)
        .join(me, and_(me.group_id == Group.id, me.user_id == actor.id, me.ended_at.is_(None)))
        .outerjoin(there, and_(there.meeting_id == Meeting.id, there.user_id == actor.id))
        .add_columns(Meeting.group_id, Meeting.title, Meeting.ended_at, there.user_id, me.joined_at)
        .order_by(Meeting.ended_at.desc(), Meeting.id.desc())
    )
    return [
        Past(
            id=meeting_id,
            group_id=group_id,
            title=title,
            ended_at=ended_at,
            there=was_there is not None,
            before_me=was_there is None and joined_at > ended_at,
        )
        for meeting_id, group_id, title, ended_at, was_there, joined_at in db.session.execute(query)
    ]


def circles(group_ids: Collection[int], now: datetime) -> dict[int, Circle]:
    """Return groups by id, by two statements. Asks no rights."""
    dates = _dates(group_ids)
    names = {one.id: one.short for one in library.programmes() if one.id != library.SINGLE}
    query = select(Group.id, Group.name, Group.time_zone, Series.programme)
    query = query.outerjoin(Series, Series.group_id == Group.id).where(Group.id.in_(group_ids))
    found = {}
    for group_id, name, zone, programme in db.session.execute(query):
        own = dates.get(group_id, ())
        states = rules.states(own, zone, now)
        ahead = [date for date in own if states[date.id] in AHEAD]
        found[group_id] = Circle(
            id=group_id,
            name=name,
            zone=zone,
            programme=names.get(programme or "", {}),
            held=sum(state is State.ENDED for state in states.values()),
            ahead=len(ahead),
            next_at=rules.instant(min(date.wall for date in ahead), zone) if ahead else None,
        )
    return found


def _dates(group_ids: Collection[int]) -> dict[int, tuple[Date, ...]]:
    started = and_(MeetingEvent.meeting_id == PlannedMeeting.meeting_id, MeetingEvent.kind == Kind.STARTED)
    query = (
        select(
            PlannedMeeting.group_id,
            PlannedMeeting.id,
            PlannedMeeting.wall,
            PlannedMeeting.minutes,
            PlannedMeeting.kept,
            PlannedMeeting.opened_at,
            MeetingEvent.at,
            Meeting.ended_at,
        )
        .outerjoin(Meeting, Meeting.id == PlannedMeeting.meeting_id)
        .outerjoin(MeetingEvent, started)
        .where(PlannedMeeting.group_id.in_(group_ids))
    )
    found: dict[int, tuple[Date, ...]] = {}
    for group_id, date_id, wall, minutes, kept, opened_at, started_at, ended_at in db.session.execute(query):
        date = Date(date_id, wall, minutes, Kept(kept), None, opened_at, started_at, ended_at)
        found[group_id] = (*found.get(group_id, ()), date)
    return found
