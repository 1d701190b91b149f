"""A group's series as it is in the database now: its dates with their meetings, and who may see them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.database import MAX_ID, db, transactional
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups.models import Group, Membership
from ementor.meetings.domain.run import Kind
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.programmes import library
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import Date, Dates, Kept, State
from ementor.series.models import PlannedMeeting, Series

Text = Mapping[str, str]
AHEAD = (State.PLANNED, State.OPEN, State.RUNNING)


@dataclass(frozen=True)
class Planned:
    """One date with its row and what it is now; its texts by language."""

    row: PlannedMeeting
    date: Date
    state: State
    starts_at: datetime
    ends_at: datetime
    title: Text
    purpose: Text
    bring: Text
    task: Text

    @property
    def id(self) -> int:
        """The row's id."""
        return self.row.id


def series_of(group_id: int) -> Series:
    """Return how the group meets. Asks no rights. Raises NotFound."""
    series = db.session.get(Series, group_id, populate_existing=True) if 0 < group_id <= MAX_ID else None
    if series is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    return series


def for_member(group_id: int, actor: User | None) -> tuple[Series, Membership]:
    """Return the series and the person's membership. Raises NotFound for strangers."""
    member = policy.require_member(actor, group_id if 0 < group_id <= MAX_ID else 0)
    return series_of(group_id), member


@transactional
def make_series(
    group: Group, *, programme: str | None, rhythm_weeks: int = 4, created_at: datetime | None = None
) -> Series:
    """Give a group its series, which has no dates yet. Asks no rights."""
    series = Series(
        group_id=group.id,
        programme=programme,
        rhythm_weeks=rhythm_weeks,
        call_url="",
        calendar_token=secrets.token_urlsafe(24),
        calendar_named=False,
        calendar_leaders=False,
        number=1,
        created_at=created_at or clock.now(),
        taken_over_by_id=None,
        taken_over_at=None,
    )
    series.group = group
    db.session.add(series)
    db.session.flush()
    return series


def told(group_id: int) -> None:
    """Note that the group's page shows something else from now on, so that open pages ask anew."""
    db.session.execute(update(Series).where(Series.group_id == group_id).values(number=Series.number + 1))


def open_meeting(group_id: int) -> int | None:
    """Return the meeting whose room is open or running now, if it has one. Asks no rights."""
    group = db.session.get_one(Group, group_id)
    rows = rows_of(group_id)
    date = rules.current(dates_of(rows), group.time_zone, clock.now())
    return next((row.meeting_id for row in rows if date is not None and row.id == date.id), None)


# Dates


def rows_of(group_id: int) -> list[PlannedMeeting]:
    """Return the group's dates in the order of time. Asks no rights."""
    query = select(PlannedMeeting).where(PlannedMeeting.group_id == group_id)
    query = query.order_by(PlannedMeeting.wall, PlannedMeeting.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def dates_of(rows: list[PlannedMeeting]) -> Dates:
    """Return rows as the rules take them, with what has become of their meetings."""
    meetings = {row.meeting_id: row.id for row in rows if row.meeting_id is not None}
    ended = dict(
        db.session.execute(select(Meeting.id, Meeting.ended_at).where(Meeting.id.in_(meetings))).all()
    )
    query = select(MeetingEvent.meeting_id, MeetingEvent.at)
    query = query.where(MeetingEvent.meeting_id.in_(meetings), MeetingEvent.kind == Kind.STARTED)
    started = dict(db.session.execute(query).all())
    return tuple(
        Date(
            id=row.id,
            wall=row.wall,
            minutes=row.minutes,
            kept=Kept(row.kept),
            moved_from=row.moved_from,
            opened_at=row.opened_at,
            started_at=started.get(row.meeting_id or 0),
            ended_at=ended.get(row.meeting_id or 0),
        )
        for row in rows
    )


def planned_of(group: Group, now: datetime | None = None) -> list[Planned]:
    """Return the group's dates in order, each as it is now. Asks no rights."""
    rows = rows_of(group.id)
    dates = dates_of(rows)
    states = rules.states(dates, group.time_zone, now or clock.now())
    return [
        _planned(row, date, states[row.id], group.time_zone) for row, date in zip(rows, dates, strict=True)
    ]


def _planned(row: PlannedMeeting, date: Date, state: State, zone: str) -> Planned:
    template = library.templates().get(row.template_key or "")
    own = row.title.get("")
    return Planned(
        row=row,
        date=date,
        state=state,
        starts_at=rules.instant(date.wall, zone),
        ends_at=rules.instant(date.until, zone),
        title={"": own} if own else dict(template.title) if template else dict(row.title),
        purpose=template.purpose if template else {},
        bring={"": row.bring} if row.bring else template.bring if template else {},
        task={"": row.task} if row.task else template.task if template else {},
    )


def one_of(planned: list[Planned], planned_id: int) -> Planned:
    """Return one of a group's dates. Raises NotFound."""
    for one in planned:
        if one.id == planned_id:
            return one
    raise NotFound(gettext("The group has no such date."))


def row_of(group_id: int, planned_id: int) -> PlannedMeeting:
    """Return the row of a group's date. Asks no rights. Raises NotFound."""
    row = (
        db.session.get(PlannedMeeting, planned_id, populate_existing=True)
        if 0 < planned_id <= MAX_ID
        else None
    )
    if row is None or row.group_id != group_id:
        raise NotFound(gettext("The group has no such date."))
    return row


def of_meeting(meeting_id: int) -> PlannedMeeting | None:
    """Return the date that a meeting belongs to. Asks no rights."""
    query = select(PlannedMeeting).where(PlannedMeeting.meeting_id == meeting_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
