"""The rights to a meeting in one statement, for what is asked many times a second."""

from __future__ import annotations

from sqlalchemy import Engine, Select, and_, bindparam, func, select

from ementor.accounts.models import SignIn, User
from ementor.database import MAX_ID
from ementor.groups.models import Membership
from ementor.held import Statement, held
from ementor.meetings.models import Meeting, MeetingEvent


def standings() -> Select[bool, int, str, int]:
    """Return the one question of everything that is asked many times a second.

    ``sign_in`` and ``meeting_id`` are its parameters. It has one row when that sign-in is good and
    its person in the meeting's group: whether it is open, who they are, their name, and the newest
    number.
    """
    number = select(func.max(MeetingEvent.number)).where(MeetingEvent.meeting_id == Meeting.id)
    belongs = and_(
        Membership.group_id == Meeting.group_id,
        Membership.user_id == User.id,
        Membership.ended_at.is_(None),
    )
    return (
        select(Meeting.ended_at.is_(None), User.id, User.name, func.coalesce(number.scalar_subquery(), 0))
        .select_from(SignIn)
        .join(User, User.id == SignIn.user_id)
        .join(Meeting, Meeting.id == bindparam("meeting_id"))
        .join(Membership, belongs)
        .where(SignIn.token_hash == bindparam("sign_in"))
    )


_STANDING = Statement(standings())


def number_quickly(engine: Engine, meeting_id: int, *, sign_in: str) -> int | None:
    """Return a meeting's newest number to somebody who asks, without a session; None for a stranger."""
    if not 0 < meeting_id <= MAX_ID:
        return None
    with held(engine) as connection:
        rows = connection.rows(_STANDING, {"meeting_id": meeting_id, "sign_in": sign_in})
    return rows[0][3] if rows else None
