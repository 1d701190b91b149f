"""The rights to a meeting in one statement: who asks, what they may, and how new everything is.

It is asked of the database each time, by presses, the room's parts and the events of the sockets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Engine, Select, bindparam, exists, func, select

from ementor import i18n
from ementor.accounts.models import SignIn, User
from ementor.database import MAX_ID, db, rows
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups.models import Group, Membership, Waiting, lets_in
from ementor.held import Statement, held
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.meetings.services.finding import get_meeting
from ementor.meetings.services.log import Newest, newest_event


@dataclass(frozen=True, slots=True)
class RoomGroup:
    """What a room shows of its group."""

    id: int
    name: str
    locale: str
    time_zone: str
    join_token: str
    entry: str
    open_to_new: bool
    everybody_runs: bool
    readers: str
    newcomers_read: bool

    @property
    def lets_in(self) -> bool:
        """Tell whether a new person comes straight in."""
        return lets_in(self.entry, open_to_new=self.open_to_new)


@dataclass(frozen=True, slots=True)
class Room:
    """What a room shows of its meeting."""

    group: RoomGroup
    id: int
    group_id: int
    title: Mapping[str, str]
    readers: str
    ended_at: datetime | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody's membership in force, and the meeting that they ask for.

    ``locale`` is the language they chose; ``somebody_waits`` at the group's door.
    """

    user_id: int
    locale: str | None
    facilitator: bool
    for_meeting_id: int | None
    room: Room
    newest: Newest
    somebody_waits: bool

    @property
    def group(self) -> RoomGroup:
        """Return the group, for the rules of ``policy``."""
        return self.room.group


_COLUMNS_OF_GROUP = tuple(getattr(Group, name) for name in RoomGroup.__slots__)
_COLUMNS_OF_ROOM = tuple(getattr(Meeting, name) for name in Room.__slots__ if name != "group")
_COLUMNS = (User.id, User.locale, Membership.facilitator, Membership.for_meeting_id)


def _accesses(*more: Any) -> Select[Any]:
    waits = exists().where(Waiting.group_id == Group.id, Waiting.refused_at.is_(None))
    return (
        policy.in_force(*more, *_COLUMNS, *newest_event(), waits, *_COLUMNS_OF_GROUP, *_COLUMNS_OF_ROOM)
        .join(Meeting, Meeting.group_id == Membership.group_id)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.id == bindparam("meeting_id"))
    )


_OF_SIGN_IN = Statement(policy.of_sign_in(_accesses()))
_OF_SIGN_INS = Statement(policy.of_sign_ins(_accesses(SignIn.token_hash)))
_OF_PERSON = Statement(_accesses().where(User.id == bindparam("person_id")))


def access_by(meeting_id: int, *, sign_in: str) -> Access | None:
    """Return what whoever came by a sign-in may do in a meeting; None for a stranger.

    Once it has ended, raises NotAllowed as ``get_meeting`` does.
    """
    access = _access(_OF_SIGN_IN, meeting_id, {"sign_in": sign_in})
    if access is not None:
        i18n.for_person(access.locale)
    return access


def access_of(meeting_id: int, *, actor: User) -> Access:
    """Return what somebody may do in a meeting. Raises as ``get_meeting`` does."""
    access = _access(_OF_PERSON, meeting_id, {"person_id": actor.id})
    if access is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    return access


def _access(statement: Statement, meeting_id: int, who: Mapping[str, Any]) -> Access | None:
    if not 0 < meeting_id <= MAX_ID:
        return None
    found = rows(statement, {"meeting_id": meeting_id, **who})
    if not found:
        return None
    access = _made(found[0])
    i18n.in_group(access.group.locale, access.group.time_zone)
    if access.room.ended_at is not None:
        get_meeting(meeting_id, actor=db.session.get_one(User, access.user_id))
    return access


def _made(row: Sequence[Any]) -> Access:
    user_id, locale, facilitator, for_meeting_id, number, at, waits, *rest = row
    group = RoomGroup(*rest[: len(_COLUMNS_OF_GROUP)])
    room = Room(group, *rest[len(_COLUMNS_OF_GROUP) :])
    return Access(user_id, locale, facilitator, for_meeting_id, room, Newest(number, at), waits)


def accesses_by(meeting_id: int, *, sign_ins: Collection[str]) -> dict[str, Access]:
    """Return by sign-in what all who came by these may do in a meeting, in one statement.

    Strangers are not in it, nor who has signed out. Once the meeting has ended, who may still read it is
    for ``access_by`` to say.
    """
    found = rows(_OF_SIGN_INS, {"meeting_id": meeting_id, "sign_ins": sign_ins})
    return {sign_in: _made(row) for sign_in, *row in found}


def standings() -> Select[bool, int, str, int]:
    """Return the short form of the question, for the events of the sockets.

    ``sign_in`` and ``meeting_id`` are its parameters. It has one row when that sign-in is good and
    its person in the meeting's group: whether it is open, who they are, their name, and the newest
    number.
    """
    number = select(func.max(MeetingEvent.number)).where(MeetingEvent.meeting_id == Meeting.id)
    newest = func.coalesce(number.scalar_subquery(), 0)
    query = policy.of_sign_in(policy.in_force(Meeting.ended_at.is_(None), User.id, User.name, newest))
    return query.join(Meeting, Meeting.group_id == Membership.group_id).where(
        Meeting.id == bindparam("meeting_id")
    )


_STANDING = Statement(standings())


def number_quickly(engine: Engine, meeting_id: int, *, sign_in: str) -> int | None:
    """Return a meeting's newest number to somebody who asks, without a session; None for a stranger."""
    if not 0 < meeting_id <= MAX_ID:
        return None
    with held(engine) as connection:
        rows = connection.rows(_STANDING, {"meeting_id": meeting_id, "sign_in": sign_in})
    return rows[0][3] if rows else None
