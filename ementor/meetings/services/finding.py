"""Find a meeting and who belongs to it; the rights are asked each time."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from sqlalchemy import Engine, bindparam, select

from ementor.accounts.models import User
from ementor.database import MAX_ID, db, rows
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups.models import Membership
from ementor.held import Statement
from ementor.lists import is_in
from ementor.meetings.models import Meeting

Look = Callable[[Meeting, User], None]
_asked_once_ended: list[Look] = []


def get_meeting(meeting_id: int, *, actor: User, hold: bool = False) -> Meeting:
    """Return the meeting as it is in the database now; NotFound for strangers.

    Once it has ended, NotAllowed for members who may not read its record: what there was in the room is
    still there for a minute. ``hold`` keeps others from ending it until this transaction is over.
    """
    meeting = None
    if 0 < meeting_id <= MAX_ID:  # what no column holds, the database would not even look for
        query = _HELD if hold else _MEETING
        meeting = db.session.scalars(query, {"meeting_id": meeting_id}).one_or_none()
    if meeting is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    policy.require_member(actor, meeting.group_id)
    if meeting.ended_at is not None:
        for look in _asked_once_ended:
            look(meeting, actor)
    return meeting


_MEETING = (
    select(Meeting).where(Meeting.id == bindparam("meeting_id")).execution_options(populate_existing=True)
)
_HELD = _MEETING.with_for_update(read=True, key_share=True, of=Meeting)


def once_ended(function: Look) -> Look:
    """Let a feature above this one refuse a member a meeting that has ended, by raising NotAllowed."""
    _asked_once_ended.append(function)
    return function


def newest_meeting(group_id: int) -> Meeting:
    """Return the group's newest meeting. Asks no rights. Raises NotFound."""
    query = select(Meeting).where(Meeting.group_id == group_id).order_by(Meeting.id.desc()).limit(1)
    meeting = db.session.scalars(query).first()
    if meeting is None:
        raise NotFound(gettext("This group has no meeting yet."))
    return meeting


def engine() -> Engine:
    """Return the database of the app under way, for whoever asks it later without one."""
    return db.engine


def people_of(meeting_ids: list[int]) -> set[tuple[int, int]]:
    """Return meeting and person of all who belong to these meetings, in one statement."""
    return {(meeting_id, user_id) for meeting_id, user_id in rows(_PEOPLE, {"meeting_ids": meeting_ids})}


_PEOPLE = Statement(
    select(Meeting.id, Membership.user_id)
    .join(Membership, Membership.group_id == Meeting.group_id)
    .where(is_in(Meeting.id, "meeting_ids"), Membership.ended_at.is_(None))
)
