"""Pass the facilitator's hat on, and remove somebody from a group."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import Conflict, NotFound
from ementor.groups import policy
from ementor.groups.models import Membership
from ementor.groups.services.listeners import removed
from ementor.groups.services.members import (
    lock_group,
    not_in_group,
    require_in_group,
)
from ementor.groups.services.settings import rotate_link


@transactional
def give_hat(group_id: int, person_id: int, *, actor: User) -> bool:
    """Make another member a facilitator too, for as long as oneself; tell whether that was news."""
    lock_group(group_id)
    mine = policy.require_facilitator(actor, group_id)
    member = require_in_group(group_id, person_id)
    news = not member.facilitator
    if not policy.keeps(member):
        member.facilitator, member.for_meeting_id = True, mine.for_meeting_id
    return news


@transactional
def hand_over(group_id: int, person_id: int, *, actor: User) -> bool:
    """Give one's hat to another member; tell whether that was news, as a second press is none."""
    lock_group(group_id)
    mine, theirs = policy.require_member(actor, group_id), require_in_group(group_id, person_id)
    if mine is theirs or (theirs.facilitator and not mine.facilitator):
        return False
    policy.require_facilitator(actor, group_id)
    if not policy.keeps(theirs):
        theirs.facilitator, theirs.for_meeting_id = True, mine.for_meeting_id
    mine.facilitator, mine.for_meeting_id = False, None
    return True


@transactional
def drop_hat(group_id: int, *, actor: User) -> bool:
    """Give up facilitating. The last facilitator cannot, nor the group's last one: Conflict."""
    lock_group(group_id)
    member = policy.require_facilitator(actor, group_id)
    same = policy.keeps if policy.keeps(member) else policy.leads
    if not any(same(other) for other in policy.members(group_id) if other.id != member.id):
        raise Conflict(gettext("Make somebody else a facilitator first."))
    member.facilitator, member.for_meeting_id = False, None
    return True


@transactional
def take_hat(group_id: int, *, actor: User, for_meeting_id: int | None = None) -> bool:
    """Make oneself a facilitator, or of one meeting only; the caller has checked that none is there."""
    member = policy.require_member(actor, group_id)
    news = not member.facilitator
    if not policy.keeps(member):
        member.facilitator, member.for_meeting_id = True, for_meeting_id
    return news


@transactional
def remove(group_id: int, person_id: int, *, actor: User) -> bool:
    """End somebody's membership, and the link they know; tell whether that was news.

    Their name is free again; what they wrote stays. Raises NotFound, NotAllowed, or
    Conflict for oneself.
    """
    lock_group(group_id)
    policy.require_keeper(actor, group_id)
    if person_id == actor.id:
        raise Conflict(gettext("You cannot remove yourself. Another facilitator can."))
    query = select(Membership).where(Membership.group_id == group_id, Membership.user_id == person_id)
    member = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if member is None:
        raise NotFound(not_in_group())
    if member.ended_at is not None:
        return False
    member.ended_at, member.facilitator, member.name_key = clock.now(), False, f":{member.id}"
    rotate_link(group_id, actor=actor)
    for function in removed:
        function(group_id)
    return True
