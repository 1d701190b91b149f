"""Who may do what: the one door for rights, asked by services every time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Mapped, joinedload

from ementor import i18n
from ementor.accounts.models import SignIn, User
from ementor.database import MAX_ID, db, rows
from ementor.errors import NotAllowed, NotFound
from ementor.groups.models import Group, Membership, Readers
from ementor.held import Statement
from ementor.lists import is_in

# Asked several times in each request and event, so they are put together once.
_IN_FORCE = (
    select(Membership)
    .where(Membership.group_id == bindparam("group_id"), Membership.ended_at.is_(None))
    .order_by(Membership.id)
    .execution_options(populate_existing=True)
)
_ONE = _IN_FORCE.where(Membership.user_id == bindparam("user_id")).options(joinedload(Membership.group))


def membership_of(user: User | None, group_id: int) -> Membership | None:
    """Return the person's membership in force, read from the database now, or None."""
    user_id = getattr(user, "id", None)  # an anonymous visitor has none
    if user_id is None or not 0 < group_id <= MAX_ID:
        return None
    membership = db.session.scalars(_ONE, {"group_id": group_id, "user_id": user_id}).one_or_none()
    return None if membership is None else _inside(membership)


def _inside(membership: Membership) -> Membership:
    """Return it; whatever is said to a member from now on is said in the group's ways."""
    i18n.in_group(membership.group.locale, membership.group.time_zone)
    return membership


def require_member(user: User | None, group_id: int) -> Membership:
    """Return the person's membership; a stranger gets NotFound, as for what does not exist."""
    membership = membership_of(user, group_id)
    if membership is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    return membership


def require_facilitator(user: User | None, group_id: int) -> Membership:
    """Return the facilitator's membership. Raises NotFound or NotAllowed."""
    membership = require_member(user, group_id)
    if not leads(membership):
        raise NotAllowed(gettext("Only a facilitator can do that."))
    return membership


def require_keeper(user: User | None, group_id: int) -> Membership:
    """Return the membership of a facilitator of the group itself. Raises NotFound or NotAllowed."""
    membership = require_facilitator(user, group_id)
    if not keeps(membership):
        raise NotAllowed(
            gettext(
                "You are leading one meeting. Only the group's facilitators can change its settings "
                "and dates."
            )
        )
    return membership


def require_runner(user: User | None, group_id: int) -> Membership:
    """Return the membership of somebody who runs the meeting. Raises NotFound or NotAllowed."""
    membership = require_member(user, group_id)
    return membership if may_run(membership) else require_facilitator(user, group_id)


class GroupTraits(Protocol):
    """What the rules below ask of a group."""

    @property
    def everybody_runs(self) -> bool: ...
    @property
    def readers(self) -> str: ...
    @property
    def newcomers_read(self) -> bool: ...


class Traits(Protocol):
    """What the rules below ask of a membership, whether it is the row or what a statement has read of it."""

    @property
    def facilitator(self) -> bool: ...
    @property
    def for_meeting_id(self) -> int | None: ...
    @property
    def group(self) -> GroupTraits: ...


def leads(membership: Traits) -> bool:
    """Tell whether this member facilitates, always or for one meeting: its door, and its end."""
    return membership.facilitator


def keeps(membership: Traits) -> bool:
    """Tell whether this member facilitates the group itself: its settings, link, dates, and who is in it."""
    return membership.facilitator and membership.for_meeting_id is None


def may_run(membership: Traits) -> bool:
    """Tell whether this member runs the meeting: its course, its turns and its agenda."""
    return membership.facilitator or membership.group.everybody_runs


def membership_and_members(user: User | None, group_id: int) -> tuple[Membership, list[Membership]]:
    """Return the person's membership, and everybody's in the order people joined. Raises NotFound."""
    everybody = members(group_id)
    user_id = getattr(user, "id", None)
    for one in everybody:
        if one.user_id == user_id:
            return _inside(one), everybody
    raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))


def in_force(*columns: Any) -> Select[Any]:
    """Return the start of the one statement that asks for rights: people and their memberships in force."""
    belongs = and_(Membership.user_id == User.id, Membership.ended_at.is_(None))
    return select(*columns).select_from(User).join(Membership, belongs)


def of_sign_in(query: Select[Any]) -> Select[Any]:
    """Return the statement for whoever came by the sign-in with the hash ``sign_in``, while that is good."""
    good = and_(SignIn.token_hash == bindparam("sign_in"), SignIn.left_at.is_(None))
    return query.join(SignIn, SignIn.user_id == User.id).where(good)


def of_sign_ins(query: Select[Any]) -> Select[Any]:
    """Return the statement for all who came by one of ``sign_ins``, as ``of_sign_in`` does for one."""
    good = and_(is_in(SignIn.token_hash, "sign_ins"), SignIn.left_at.is_(None))
    return query.join(SignIn, SignIn.user_id == User.id).where(good)


class Member(NamedTuple):
    """A member as the others see them."""

    user_id: int
    name: str
    facilitator: bool


_MEMBERS = Statement(
    in_force(User.id, User.name, Membership.facilitator)
    .where(Membership.group_id == bindparam("group_id"))
    .order_by(Membership.id)
)


def everybody_in(group_id: int) -> list[Member]:
    """Return the members in the order they joined, in one statement. Asks no rights."""
    return [Member(*row) for row in rows(_MEMBERS, {"group_id": group_id})]


def members(group_id: int) -> list[Membership]:
    """Return the memberships in force, in the order people joined."""
    return list(db.session.scalars(_IN_FORCE, {"group_id": group_id}))


def said_readers(group: GroupTraits, said: str) -> Readers:
    """Return who will read what is written now: ``said`` is what was promised, the group may be stricter."""
    return Readers.PRESENT if Readers.PRESENT in {group.readers, said} else Readers.MEMBERS


def groups_of(user_id: int) -> Select[int]:
    """Return the query for the ids of the groups that somebody is a member of."""
    return select(Membership.group_id).where(Membership.user_id == user_id, Membership.ended_at.is_(None))


def reads(
    user_id: int,
    *,
    ended_at: Mapped[datetime | None],
    said: Mapped[str],
    was_there: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Return the condition under which somebody may read a record, for a query that joins its group.

    ``said`` is who may read it as it was said when it was written: that is never widened, but the group
    may be stricter today. Who has left reads nothing; who came later reads it where the group lets them.
    That is also who was there before they were shown out, came in as a new person and then said that the
    two are one: their membership is that of the new one.
    """
    member = select(Membership.id).where(
        Membership.group_id == Group.id, Membership.user_id == user_id, Membership.ended_at.is_(None)
    )
    then = member.where(Membership.joined_at <= ended_at)
    for_all = and_(said == Readers.MEMBERS, Group.readers == Readers.MEMBERS)
    return and_(
        member.exists(),
        or_(
            and_(was_there, then.exists()),
            and_(for_all, or_(then.exists(), Group.newcomers_read.is_(True))),
        ),
    )
