"""Who may do what: the one door for rights, asked by services every time."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import db
from ementor.errors import NotAllowed, NotFound
from ementor.groups.models import Membership


def membership_of(user: User | None, group_id: int) -> Membership | None:
    """Return the person's membership in force, read from the database now, or None."""
    user_id = getattr(user, "id", None)  # an anonymous visitor has none
    if user_id is None:
        return None
    query = select(Membership).where(
        Membership.group_id == group_id, Membership.user_id == user_id, Membership.ended_at.is_(None)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def require_member(user: User | None, group_id: int) -> Membership:
    """Return the person's membership; a stranger gets NotFound, as for what does not exist."""
    membership = membership_of(user, group_id)
    if membership is None:
        raise NotFound(gettext("There is no such page, or it belongs to another group."))
    return membership


def require_facilitator(user: User | None, group_id: int) -> Membership:
    """Return the facilitator's membership. Raises NotFound or NotAllowed."""
    membership = require_member(user, group_id)
    if not may_run(membership):
        raise NotAllowed(gettext("Only a facilitator can do that."))
    return membership


def may_run(membership: Membership) -> bool:
    """Tell whether this member runs the meeting."""
    return membership.facilitator


def members(group_id: int) -> list[Membership]:
    """Return the memberships in force, in the order people joined."""
    query = select(Membership).where(Membership.group_id == group_id, Membership.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(Membership.id)))
