"""Come in by the link of a group, or wait at its door until somebody lets one in."""

from __future__ import annotations

from contextlib import suppress

from flask_babel import gettext
from sqlalchemy import delete, func, select

from ementor import clock, i18n
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.accounts.services import name_key
from ementor.database import MAX_ID, db, transactional
from ementor.errors import Conflict, NotFound
from ementor.groups import policy
from ementor.groups.models import Group, Membership, OldLink, Waiting
from ementor.groups.services.listeners import tell
from ementor.groups.services.members import (
    NameTaken,
    add,
    free_name,
    lock_group,
    memberships_of,
    rename,
)

MAX_MEMBERS = 12
MAX_WAITING = 12


def group_by_token(token: str, *, actor: User | None = None, hold: bool = False) -> Group:
    """Return the group this link opens. Raises NotFound, also for a link that was replaced.

    To the group's own people a replaced link stays what it was. ``hold`` lets nobody else
    join, or close the group, until this transaction is over.
    """
    query = select(Group).where(Group.join_token == token).execution_options(populate_existing=True)
    group = db.session.scalars(query.with_for_update() if hold else query).one_or_none()
    if group is None:
        old = db.session.get(OldLink, accounts.hash_of(token))
        if old is not None and policy.membership_of(actor, old.group_id):
            return db.session.get_one(Group, old.group_id)
        raise NotFound(gettext("This link doesn't work. Ask the person who invited you for a new one."))
    i18n.in_group(group.locale, group.time_zone)
    return group


@transactional
def enter(
    token: str,
    *,
    actor: User | None,
    name: str,
    locale: str | None,
    everywhere: bool = False,
    key: str | None = None,
) -> tuple[User, Membership | Waiting]:
    """Bring somebody into the group by its link, or to its door.

    A new person is signed in with it, so that no name is taken by somebody whom no device
    knows; ``key`` tells a form that is sent twice. Raises NotFound, Invalid, NameTaken,
    NameElsewhere or Conflict.
    """
    group_by_token(token, actor=actor, hold=True)  # of two at once the second sees the first
    actor = actor or accounts.just_came(key)
    way = join(token, actor=actor, name=name, locale=locale, everywhere=everywhere)
    tell(way.group_id)
    return accounts.ensure_signed_in(way.user, key), way


@transactional
def join(
    token: str,
    *,
    actor: User | None,
    name: str = "",
    locale: str | None = None,
    everywhere: bool = True,
) -> Membership | Waiting:
    """Bring somebody into the group, or to its door; coming twice changes nothing.

    A new person is made from ``name`` when ``actor`` is nobody; ``everywhere`` as for ``rename``.
    Who was refused stays so. Raises NotFound, Invalid, NameTaken, NameElsewhere, or Conflict
    when there is no room.
    """
    group = group_by_token(token, actor=actor, hold=True)
    known = standing(group.id, actor)
    if known is not None and (isinstance(known, Membership) or known.refused_at or not group.lets_in):
        return known
    members, waiting = policy.members(group.id), waiting_in(group.id)
    if group.lets_in and len(members) >= MAX_MEMBERS:
        raise Conflict(full())
    if not group.lets_in and len(waiting) >= MAX_WAITING:
        raise Conflict(gettext("Many people are already waiting. Please try again later."))
    name = accounts.clean_name(name or (actor.name if actor else ""))
    taken = {member.name_key for member in members}
    if group.lets_in and name_key(name) in taken:  # at the door nobody learns who is inside
        raise NameTaken(name, free_name(name, taken))
    if actor is None:
        actor = accounts.make_guest(name, locale=locale)
    else:
        rename(actor, name, everywhere=everywhere)
    if group.lets_in:
        if known is not None:
            db.session.delete(known)
        return add(group, actor, facilitator=False)
    return _wait(group, actor)


def standing(group_id: int, person: User | None) -> Membership | Waiting | None:
    """Return what somebody is to a group. Raises NotFound for whom it has removed."""
    if person is None:
        return None
    query = select(Membership).where(Membership.group_id == group_id, Membership.user_id == person.id)
    member = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if member is not None and member.ended_at is not None:
        raise NotFound(gettext("This link no longer works for you."))
    known = member or db.session.get(Waiting, (group_id, person.id), populate_existing=True)
    if known is not None:
        i18n.in_group(known.group.locale, known.group.time_zone)
    return known


def full() -> str:
    """Return why nobody else gets in."""
    return str(gettext("The group is full: it has %(n)d people.", n=MAX_MEMBERS))


def waiting_in(group_id: int) -> list[Waiting]:
    """Return who waits, first come first. Asks no rights."""
    query = select(Waiting).where(Waiting.group_id == group_id, Waiting.refused_at.is_(None))
    return list(db.session.scalars(query.order_by(Waiting.since, Waiting.user_id)))


def at_the_door(group_id: int, *, actor: User) -> Membership | Waiting:
    """Return what somebody who came to the door is now. NotFound for who never did, or was removed."""
    known = None
    with suppress(NotFound):  # in the words of what does not exist
        known = standing(group_id, actor) if 0 < group_id <= MAX_ID else None
    if known is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    return known


@transactional
def let_in(group_id: int, person_id: int, *, actor: User) -> None:
    """Let in somebody who waits; nothing when that was decided already, as another may have been faster.

    Raises Conflict when the group is full, or NameTaken.
    """
    group = lock_group(group_id)
    policy.require_facilitator(actor, group_id)
    waiting = _waiting(group_id, person_id)
    if waiting is None:
        return
    if len(policy.members(group_id)) >= MAX_MEMBERS:
        raise Conflict(full())
    let_in_now(group, waiting)
    tell(group_id)


@transactional
def refuse(group_id: int, person_id: int, *, actor: User) -> None:
    """Refuse somebody who waits, for good; nothing when that was decided already."""
    lock_group(group_id)
    policy.require_facilitator(actor, group_id)
    waiting = _waiting(group_id, person_id)
    if waiting is not None:
        waiting.refused_at = clock.now()
        tell(group_id)


@transactional
def stop_waiting(group_id: int, *, actor: User) -> None:
    """Forget that somebody waited, and them too when they are nothing to any other group."""
    lock_group(group_id)
    waiting = _waiting(group_id, actor.id)
    if waiting is None:
        return
    db.session.delete(waiting)
    db.session.flush()
    rows = sum(
        db.session.scalar(select(func.count()).select_from(model).where(model.user_id == actor.id)) or 0
        for model in (Membership, Waiting)
    )
    if not rows:
        db.session.execute(delete(User).where(User.id == actor.id))
    tell(group_id)


def _waiting(group_id: int, person_id: int) -> Waiting | None:
    row = db.session.get(Waiting, (group_id, person_id), populate_existing=True)
    return row if row is not None and row.refused_at is None else None


def _wait(group: Group, person: User) -> Waiting:
    waiting = Waiting(group_id=group.id, user_id=person.id, since=clock.now(), refused_at=None)
    waiting.user, waiting.group = person, group
    db.session.add(waiting)
    db.session.flush()
    return waiting


def let_in_now(group: Group, waiting: Waiting) -> None:
    """Make a member of who waits, under another name when theirs is taken.

    Raises NameTaken when other groups know them by it: it is not changed there without their asking.
    """
    person, taken = waiting.user, {member.name_key for member in policy.members(group.id)}
    if name_key(person.name) in taken:
        if memberships_of(person):
            raise NameTaken(person.name, free_name(person.name, taken))
        rename(person, free_name(person.name, taken))
    db.session.delete(waiting)
    add(group, person, facilitator=False)
