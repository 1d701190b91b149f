"""From a date to its room: preparing, opening, and where the group's link leads at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import bindparam, select

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db, rows, transactional
from ementor.errors import Conflict
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Waiting
from ementor.held import Statement
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.models import Meeting
from ementor.meetings.services import starting
from ementor.programmes import library
from ementor.series import planning, rota, services, words
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import Kept, State
from ementor.series.models import PlannedMeeting, Series

FARTHEST_ZONE = timedelta(hours=15)


@dataclass(frozen=True)
class Way:
    """Where the group's link leads somebody now: to a room, to the door, else to the group's page."""

    group_id: int
    meeting_id: int | None = None
    at_the_door: bool = False


def way_of(known: Membership | Waiting) -> Way:
    """Return where the group's link leads somebody who has come by it.

    A room whose time has come is opened by whoever comes first: that is the clock's doing and not theirs.
    """
    if isinstance(known, Waiting):
        return Way(known.group_id, at_the_door=True)
    return Way(known.group_id, meeting_id=open_due(known.group_id))


def open_due(group_id: int) -> int | None:
    """Return the meeting whose room is open or running now; one that is due gets its room first.

    Asks no rights.
    """
    group = db.session.get_one(Group, group_id)
    row = _current(group)
    if row is None:
        return None
    return row.meeting_id if row.meeting_id and row.handed_out else _open_due(group_id)


@transactional
def _open_due(group_id: int) -> int | None:
    row = _current(groups.lock_group(group_id))
    if row is None:
        return None
    return _opened(row, actor=None).id


def hand_out_due() -> None:
    """Give the hat and the roles of rooms that are open by now, also where nobody comes by the link anew.

    Who has prepared a meeting may be in its room already. Each process looks, and once is enough.
    """
    latest = clock.now().replace(tzinfo=None) + FARTHEST_ZONE  # the walls are of any zone
    for (group_id,) in rows(_TO_HAND_OUT, {"earliest": latest - timedelta(days=3), "latest": latest}):
        open_due(group_id)


_TO_HAND_OUT = Statement(
    select(PlannedMeeting.group_id)
    .where(
        PlannedMeeting.meeting_id.is_not(None),
        PlannedMeeting.handed_out.is_(False),
        PlannedMeeting.kept == Kept.PLANNED,
        PlannedMeeting.wall.between(bindparam("earliest"), bindparam("latest")),
    )
    .distinct()
)


def _opened(row: PlannedMeeting, *, actor: User | None) -> Meeting:
    """Return the meeting of a date whose room opens; whoever is on duty gets what they need for it."""
    known = row.meeting_id is not None
    meeting = db.session.get_one(Meeting, row.meeting_id) if known else _make(row, actor=actor)
    if not row.handed_out and meeting.ended_at is None:
        row.handed_out = True
        rota.hand_out(row)
        services.told(row.group_id)
    return meeting


def _current(group: Group) -> PlannedMeeting | None:
    rows = services.rows_of(group.id)
    date = rules.current(services.dates_of(rows), group.time_zone, clock.now())
    return next((row for row in rows if date is not None and row.id == date.id), None)


@transactional
def prepare(group_id: int, planned_id: int, *, actor: User) -> Meeting:
    """Return the meeting of a date, whose agenda is copied from the template when it is first asked for.

    For facilitators and who leads then, who gets the hat for it; when it was prepared already, for members.
    Raises NotFound, NotAllowed or Conflict.
    """
    member = policy.require_member(actor, group_id)
    groups.lock_group(group_id)
    row = services.row_of(group_id, planned_id)
    if not rota.may_prepare(member, planned_id):
        if row.meeting_id is not None:
            return db.session.get_one(Meeting, row.meeting_id)
        policy.require_keeper(actor, group_id)
    if row.meeting_id is None and row.kept != Kept.PLANNED:
        raise Conflict(gettext("This meeting has been cancelled. Restore it first."))
    known = row.meeting_id is not None
    meeting = db.session.get_one(Meeting, row.meeting_id) if known else _make(row, actor=actor)
    if not policy.keeps(member) and meeting.ended_at is None:
        rota.lend_hat(group_id, meeting.id, actor.id)
    return meeting


@transactional
def open_room(group_id: int, planned_id: int, *, actor: User) -> Meeting:
    """Open the room of a date now, also before its time; for facilitators. Twice is once.

    Raises NotFound, NotAllowed, or Conflict while another room is open or when it was cancelled.
    """
    member = policy.require_member(actor, group_id)
    group = groups.lock_group(group_id)
    row, dates = services.row_of(group_id, planned_id), services.dates_of(services.rows_of(group_id))
    state = rules.states(dates, group.time_zone, clock.now())[planned_id]
    if state not in {State.OPEN, State.RUNNING, State.ENDED}:
        if not rota.may_prepare(member, planned_id):
            policy.require_keeper(actor, group_id)
        with words.refusing(group.time_zone):
            rules.require_openable(dates, planned_id, group.time_zone, clock.now())
        row.opened_at = clock.now()
        row.version += 1
        services.told(group_id)
    return _opened(row, actor=actor)


def _make(row: PlannedMeeting, *, actor: User | None) -> Meeting:
    """Make the meeting of a date from its template as that is now."""
    group = db.session.get_one(Group, row.group_id)
    template = library.templates().get(row.template_key or "") or library.templates()[library.BLANK]
    meeting = starting.begin(
        group,
        template,
        actor_id=actor.id if actor else None,
        title=_title(row),
        starts_at=rules.instant(row.wall, group.time_zone),
        planned=True,
    )
    row.meeting_id = meeting.id
    db.session.flush()
    services.told(row.group_id)
    return meeting


def _title(row: PlannedMeeting) -> dict[str, str] | None:
    """Return the words that stand in a template's place: own ones, or those of a template that is gone."""
    own = row.title.get("")
    if own:
        return {"": own}
    return dict(row.title) if row.template_key not in library.templates() else None


@starting.when_begun
def note_begun(meeting: Meeting) -> None:
    """Give a meeting that was begun at once a date of its own, so that every meeting has one."""
    group = meeting.group
    if db.session.get(Series, group.id) is None:
        template = library.templates().get(meeting.template_key or "")
        services.make_series(group, programme=template.programme if template else None)
    template = library.templates().get(meeting.template_key or "") or library.templates()[library.BLANK]
    wall = rules.wall_of(meeting.created_at, group.time_zone).replace(second=0, microsecond=0)
    planning.add_row(group.id, wall, template, meeting=meeting)
    services.told(group.id)


@meetings.before(Start)
def require_not_cancelled(meeting: Meeting) -> None:
    """Raise Conflict for the start of a meeting that has been cancelled."""
    groups.lock_group(meeting.group_id)
    row = services.of_meeting(meeting.id)
    if row is not None and row.kept == Kept.CANCELLED:
        raise Conflict(gettext("This meeting has been cancelled. Restore it first."))
