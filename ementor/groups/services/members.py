"""Members of a group, and their names in it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import select, update

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.accounts.services import name_key
from ementor.database import MAX_ID, db, transactional
from ementor.errors import Conflict, Invalid, NotFound, Unavailable
from ementor.groups import policy
from ementor.groups.models import Group, Membership

VISIT_PRECISION = timedelta(hours=1)
"""How exactly it is known when somebody was last here."""


class NameTaken(Invalid):
    """Somebody in the group has this name; ``suggestion`` is free."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(
            gettext("Somebody in this group is already called %(name)s.", name=name), field="name"
        )
        self.suggestion = suggestion


class NameElsewhere(Invalid):
    """Somebody's other groups know them by another name, which would change there too."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "In your other groups you are called %(name)s. Choose whether to use the new name in them "
                "too.",
                name=name,
            ),
            field="everywhere",
        )


def lock_group(group_id: int) -> Group:
    """Return the group; nobody else comes, goes, changes it or begins a meeting until this is over."""
    query = select(Group).where(Group.id == group_id).execution_options(populate_existing=True)
    group = db.session.scalars(query.with_for_update()).one_or_none()
    if group is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    return group


@transactional
def rename(person: User, name: str, *, everywhere: bool = True) -> None:
    """Give somebody another name, in all their groups; raises Invalid, or NameTaken in one.

    Without ``everywhere`` it raises NameElsewhere when there are such groups.
    """
    if person.name == name:
        return
    name = accounts.clean_name(name)
    memberships = memberships_of(person)
    if memberships and not everywhere:
        raise NameElsewhere(person.name)
    for membership in memberships:
        others = (other for other in policy.members(membership.group_id) if other.user_id != person.id)
        taken = {other.name_key for other in others}
        if name_key(name) in taken:
            raise NameTaken(name, free_name(name, taken))
    for membership in memberships:
        membership.name_key = name_key(name)
    person.name = name


def memberships_of(person: User) -> list[Membership]:
    query = select(Membership).where(Membership.user_id == person.id, Membership.ended_at.is_(None))
    return list(db.session.scalars(query))


def free_name(name: str, taken: set[str]) -> str:
    """Return the name with the first number that makes it free."""
    short = name[: accounts.MAX_NAME - 3].rstrip()
    return next(f"{short} {number}" for number in range(2, 100) if name_key(f"{short} {number}") not in taken)


def add(group: Group, person: User, *, facilitator: bool) -> Membership:
    membership = Membership(
        group_id=group.id,
        user_id=person.id,
        name_key=name_key(person.name),
        facilitator=facilitator,
        joined_at=clock.now(),
        seen_at=clock.now(),
        ended_at=None,
    )
    membership.user = person
    membership.group = group
    db.session.add(membership)
    db.session.flush()
    return membership


def require_in_group(group_id: int, person_id: int) -> Membership:
    """Return the membership of somebody whom a member speaks of. Asks no rights. Raises NotFound."""
    for member in policy.members(group_id):
        if member.user_id == person_id:
            return member
    raise NotFound(not_in_group())


def not_in_group() -> str:
    return str(gettext("That person is not in the group."))


def note_visit(group_id: int, *, actor: User | None) -> None:
    """Remember that a member is here: it is asked of it whether a group is left alone.

    The page that they open is shown also when that cannot be saved.
    """
    member = policy.membership_of(actor, group_id) if 0 < group_id <= MAX_ID else None
    if member is not None and (member.seen_at is None or clock.now() - member.seen_at >= VISIT_PRECISION):
        with suppress(Conflict, Unavailable):
            _keep_visit(member.id)


@transactional
def _keep_visit(membership_id: int) -> None:
    query = update(Membership).where(Membership.id == membership_id)
    db.session.execute(query.values(seen_at=clock.now()))
