"""Making a group, joining it by its link, and passing the facilitator's hat."""

from __future__ import annotations

import re
import secrets
import unicodedata

from flask_babel import gettext
from sqlalchemy import select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import db, transactional
from ementor.errors import Conflict, Invalid, NotFound
from ementor.groups import policy
from ementor.groups.models import Group, Membership

MAX_GROUP_NAME = 60
MAX_MEMBERS = 12


class NameTaken(Invalid):
    """Somebody in the group has this name; ``suggestion`` is free."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(
            gettext("Somebody in this group is called %(name)s already.", name=name), field="name"
        )
        self.suggestion = suggestion


LOOKS_LIKE = str.maketrans(
    "авекмнорстухѕіјһԛԝαβεζηικμνορτυχıłøđħ",
    "abekmhopctyxsijhqwabezhikmnoptyxilodh",
)
"""Letters of other scripts that look like Latin ones, after case and accents are gone: the common ones
of Unicode's confusables. Whatever is folded, two names of one script stay as different as they were."""


def name_key(name: str) -> str:
    """Return what two names share when people would take one for the other."""
    text = unicodedata.normalize("NFKD", name).casefold().translate(LOOKS_LIKE)
    text = "".join(char for char in text if unicodedata.category(char) not in {"Mn", "Cf"})
    return re.sub(r"\W+", "", text) or text


@transactional
def make_group(name: str, *, actor: User, locale: str) -> Group:
    """Return a new group with ``actor`` as its first facilitator. Raises Invalid."""
    name = accounts.seen(name)
    if not name:
        raise Invalid(gettext("Write a name for the group."), field="group")
    if len(name) > MAX_GROUP_NAME:
        raise Invalid(gettext("The name may have %(n)d characters at most.", n=MAX_GROUP_NAME), field="group")
    group = Group(
        name=name,
        locale=locale,
        time_zone=DEFAULT_TIME_ZONE,
        join_token=secrets.token_urlsafe(24),
        open_to_new=True,
        created_at=clock.now(),
    )
    db.session.add(group)
    db.session.flush()
    _add(group, actor, facilitator=True)
    return group


def group_by_token(token: str, *, hold: bool = False) -> Group:
    """Return the group this link opens. Raises NotFound, also for a link that was rotated.

    ``hold`` lets nobody else join, or close the group, until this transaction is over.
    """
    query = select(Group).where(Group.join_token == token).execution_options(populate_existing=True)
    group = db.session.scalars(query.with_for_update() if hold else query).one_or_none()
    if group is None:
        raise NotFound(
            gettext("This link does not open anything. Ask the person who invited you for a new one.")
        )
    return group


def hold(group_id: int) -> None:
    """Let nobody else change the group, or begin a meeting in it, until this transaction is over."""
    db.session.execute(select(Group.id).where(Group.id == group_id).with_for_update())


@transactional
def join(token: str, *, actor: User | None, name: str = "", locale: str | None = None) -> Membership:
    """Bring somebody into the group; joining twice changes nothing.

    A new person is made from ``name`` when ``actor`` is nobody. Raises NotFound, Invalid,
    NameTaken, or Conflict when the group is full or closed to new people.
    """
    group = group_by_token(token, hold=True)
    if actor is not None:
        query = select(Membership).where(Membership.group_id == group.id, Membership.user_id == actor.id)
        known = db.session.scalars(query).one_or_none()
        if known is not None and known.ended_at is None:
            return known
        if known is not None:
            raise NotFound(gettext("This link does not open anything for you any more."))
    if not group.open_to_new:
        raise Conflict(gettext("The meeting has ended, and the group takes no new people now."))
    if len(policy.members(group.id)) >= MAX_MEMBERS:
        raise Conflict(gettext("The group is full: it has %(n)d people.", n=MAX_MEMBERS))
    name = accounts.clean_name(name or (actor.name if actor else ""))
    taken = {member.name_key for member in policy.members(group.id)}
    if name_key(name) in taken:
        raise NameTaken(name, _free_name(name, taken))
    if actor is None:
        actor = accounts.make_guest(name, locale=locale)
    else:
        rename(actor, name)
    return _add(group, actor, facilitator=False)


@transactional
def rename(person: User, name: str) -> None:
    """Give somebody another name, in all their groups; raises Invalid, or NameTaken in one."""
    name = accounts.clean_name(name)
    if person.name == name:
        return
    query = select(Membership).where(Membership.user_id == person.id, Membership.ended_at.is_(None))
    memberships = list(db.session.scalars(query))
    for membership in memberships:
        others = (other for other in policy.members(membership.group_id) if other.user_id != person.id)
        taken = {other.name_key for other in others}
        if name_key(name) in taken:
            raise NameTaken(name, _free_name(name, taken))
    for membership in memberships:
        membership.name_key = name_key(name)
    person.name = name


def _free_name(name: str, taken: set[str]) -> str:
    short = name[: accounts.MAX_NAME - 3].rstrip()
    return next(f"{short} {number}" for number in range(2, 100) if name_key(f"{short} {number}") not in taken)


def _add(group: Group, person: User, *, facilitator: bool) -> Membership:
    membership = Membership(
        group_id=group.id,
        user_id=person.id,
        name_key=name_key(person.name),
        facilitator=facilitator,
        joined_at=clock.now(),
        ended_at=None,
    )
    membership.user = person
    membership.group = group
    db.session.add(membership)
    db.session.flush()
    return membership


@transactional
def give_hat(group_id: int, person_id: int, *, actor: User) -> bool:
    """Make another member a facilitator too; tell whether that was news."""
    policy.require_facilitator(actor, group_id)
    member = _member(group_id, person_id)
    news = not member.facilitator
    member.facilitator = True
    return news


@transactional
def drop_hat(group_id: int, *, actor: User) -> bool:
    """Give up facilitating. The last facilitator cannot: Conflict."""
    member = policy.require_facilitator(actor, group_id)
    if not any(other.facilitator for other in policy.members(group_id) if other.id != member.id):
        raise Conflict(gettext("Make somebody else a facilitator first."))
    member.facilitator = False
    return True


@transactional
def take_hat(group_id: int, *, actor: User) -> bool:
    """Make oneself a facilitator; the caller has checked that none is online."""
    member = policy.require_member(actor, group_id)
    news = not member.facilitator
    member.facilitator = True
    return news


@transactional
def rotate_link(group_id: int, *, actor: User) -> Group:
    """Give the group a new link; the old one stops working at once."""
    group = policy.require_facilitator(actor, group_id).group
    group.join_token = secrets.token_urlsafe(24)
    return group


@transactional
def close_to_new(group_id: int, *, closed: bool) -> None:
    """Close the group to people it does not know, or open it again."""
    group = db.session.get(Group, group_id)
    if group is not None:
        group.open_to_new = not closed


def _member(group_id: int, person_id: int) -> Membership:
    for member in policy.members(group_id):
        if member.user_id == person_id:
            return member
    raise NotFound(gettext("That person is not in the group."))
