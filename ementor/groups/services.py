"""Making a group, coming in by its link or waiting at its door, and passing the facilitator's hat."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import delete, func, select, update

from ementor import clock, i18n
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.accounts.services import name_key
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import MAX_ID, db, transactional
from ementor.errors import Changed, Conflict, Invalid, NotFound, Unavailable
from ementor.groups import policy
from ementor.groups.models import Entry, Group, Membership, OldLink, Readers, Waiting
from ementor.texts import merged_fields

MAX_GROUP_NAME = 60
MAX_GREETING = 500
MAX_MEMBERS = 12
MAX_WAITING = 12
SETTINGS = ("name", "entry", "greeting", "everybody_runs", "readers", "newcomers_read")
"""The fields of a group's settings."""
SEEN_TO = timedelta(hours=1)
"""How exactly it is known when somebody was last here."""


class NameTaken(Invalid):
    """Somebody in the group has this name; ``suggestion`` is free."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(
            gettext("Somebody in this group is called %(name)s already.", name=name), field="name"
        )
        self.suggestion = suggestion


class NameElsewhere(Invalid):
    """Somebody's other groups know them by another name, which would change there too."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "Your other groups know you as %(name)s. Choose whether the new name is for them too.",
                name=name,
            ),
            field="everywhere",
        )


Told = Callable[[int], None]
_told: list[Told] = []


def when_changed(function: Told) -> Told:
    """Let a feature above this one tell its pages that a group's people, door or ways have changed.

    It is called within the transaction of the change.
    """
    _told.append(function)
    return function


def when_widened(function: Told) -> Told:
    """Let a feature above this one hear that more people of a group may read than until now.

    It is called within the transaction of the change.
    """
    _widened.append(function)
    return function


_widened: list[Told] = []


def when_removed(function: Told) -> Told:
    """Let a feature above this one close what else somebody who was removed knows of the group.

    It is called within the transaction of the removal.
    """
    _removed.append(function)
    return function


_removed: list[Told] = []


def tell(group_id: int) -> None:
    """Tell all who asked for it that a group's people have changed."""
    for function in _told:
        function(group_id)


@transactional
def make_group(name: str, *, actor: User, locale: str, time_zone: str = DEFAULT_TIME_ZONE) -> Group:
    """Return a new group with ``actor`` as its first facilitator. Raises Invalid."""
    group = Group(
        name=_group_name(name),
        locale=locale,
        time_zone=time_zone,
        join_token=secrets.token_urlsafe(24),
        open_to_new=True,
        entry=Entry.FIRST.value,
        greeting="",
        everybody_runs=False,
        created_at=clock.now(),
    )
    db.session.add(group)
    db.session.flush()
    _add(group, actor, facilitator=True)
    return group


def _group_name(name: str) -> str:
    name = accounts.seen(name)
    if not name:
        raise Invalid(gettext("Write a name for the group."), field="group")
    if len(name) > MAX_GROUP_NAME:
        raise Invalid(gettext("The name may have %(n)d characters at most.", n=MAX_GROUP_NAME), field="group")
    return name


@transactional
def change_group(
    group_id: int,
    *,
    actor: User,
    name: str,
    entry: str,
    greeting: str,
    everybody_runs: bool,
    readers: str | None = None,
    newcomers_read: bool | None = None,
    seen: Mapping[str, str] | None = None,
) -> None:
    """Change a group's name and ways. Who waits comes in by an open door.

    None leaves it as it is who may read.

    ``seen`` are the settings that the form showed, as ``settings_of`` gives them: what somebody else
    has changed since stays. Raises Invalid, or Changed when they changed the same otherwise.
    """
    hold(group_id)
    group = policy.require_keeper(actor, group_id).group
    name = _group_name(name)
    if entry not in set(Entry):
        raise Invalid(gettext("Choose how new people come in."), field="entry")
    readers = group.readers if readers is None else readers
    newcomers_read = group.newcomers_read if newcomers_read is None else newcomers_read
    if readers not in set(Readers):
        raise Invalid(gettext("Choose who may read the record."), field="readers")
    greeting = "\n".join(accounts.seen(line) for line in greeting.splitlines()).strip()
    if len(greeting) > MAX_GREETING:
        text = gettext("The greeting may have %(n)d characters at most.", n=MAX_GREETING)
        raise Invalid(text, field="greeting")
    wanted = _settings(name, entry, greeting, everybody_runs, readers, newcomers_read)
    before = settings_of(group)
    settings, clashes = merged_fields(before if seen is None else seen, before, wanted)
    if clashes:
        raise Changed(gettext("Somebody else has changed this meanwhile."), settings, clashes)
    group.name, group.entry, group.greeting = settings["name"], settings["entry"], settings["greeting"]
    group.everybody_runs = bool(settings["everybody_runs"])
    if group.readers == Readers.PRESENT != settings["readers"]:
        for function in _widened:
            function(group_id)
    group.readers, group.newcomers_read = settings["readers"], bool(settings["newcomers_read"])
    if group.lets_in:
        for waiting in waiting_in(group_id)[: MAX_MEMBERS - len(policy.members(group_id))]:
            with suppress(NameTaken):  # who is known elsewhere by a name that is taken here goes on waiting
                _let_in(group, waiting)
    if settings != before:
        tell(group_id)


def settings_of(group: Group) -> dict[str, str]:
    """Return the settings as their form shows them."""
    return _settings(
        group.name, group.entry, group.greeting, group.everybody_runs, group.readers, group.newcomers_read
    )


def _settings(*values: str | bool) -> dict[str, str]:
    """Return the values of SETTINGS as a form has them: a tick is "yes" or nothing."""
    return dict(
        zip(
            SETTINGS,
            (("yes" if one else "") if isinstance(one, bool) else one for one in values),
            strict=True,
        )
    )


# Coming in


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
        raise NotFound(
            gettext("This link does not open anything. Ask the person who invited you for a new one.")
        )
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
    return accounts.recognised(way.user, key), way


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
        raise Conflict(gettext("Many people are waiting already. Please try again later."))
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
        return _add(group, actor, facilitator=False)
    return _wait(group, actor)


def standing(group_id: int, person: User | None) -> Membership | Waiting | None:
    """Return what somebody is to a group. Raises NotFound for whom it has removed."""
    if person is None:
        return None
    query = select(Membership).where(Membership.group_id == group_id, Membership.user_id == person.id)
    member = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if member is not None and member.ended_at is not None:
        raise NotFound(gettext("This link does not open anything for you any more."))
    known = member or db.session.get(Waiting, (group_id, person.id), populate_existing=True)
    if known is not None:
        i18n.in_group(known.group.locale, known.group.time_zone)
    return known


def full() -> str:
    """Return why nobody else gets in."""
    return str(gettext("The group is full: it has %(n)d people.", n=MAX_MEMBERS))


# At the door


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
        raise NotFound(gettext("There is no such page, or it belongs to another group."))
    return known


@transactional
def let_in(group_id: int, person_id: int, *, actor: User) -> None:
    """Let in somebody who waits; nothing when that was decided already, as another may have been faster.

    Raises Conflict when the group is full, or NameTaken.
    """
    group = hold(group_id)
    policy.require_facilitator(actor, group_id)
    waiting = _waiting(group_id, person_id)
    if waiting is None:
        return
    if len(policy.members(group_id)) >= MAX_MEMBERS:
        raise Conflict(full())
    _let_in(group, waiting)
    tell(group_id)


@transactional
def refuse(group_id: int, person_id: int, *, actor: User) -> None:
    """Refuse somebody who waits, for good; nothing when that was decided already."""
    hold(group_id)
    policy.require_facilitator(actor, group_id)
    waiting = _waiting(group_id, person_id)
    if waiting is not None:
        waiting.refused_at = clock.now()
        tell(group_id)


@transactional
def stop_waiting(group_id: int, *, actor: User) -> None:
    """Forget that somebody waited, and them too when they are nothing to any other group."""
    hold(group_id)
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


def _let_in(group: Group, waiting: Waiting) -> None:
    """Make a member of who waits, under another name when theirs is taken.

    Raises NameTaken when other groups know them by it: it is not changed there without their asking.
    """
    person, taken = waiting.user, {member.name_key for member in policy.members(group.id)}
    if name_key(person.name) in taken:
        if _memberships(person):
            raise NameTaken(person.name, free_name(person.name, taken))
        rename(person, free_name(person.name, taken))
    db.session.delete(waiting)
    _add(group, person, facilitator=False)


def hold(group_id: int) -> Group:
    """Return the group; nobody else comes, goes, changes it or begins a meeting until this is over."""
    query = select(Group).where(Group.id == group_id).execution_options(populate_existing=True)
    group = db.session.scalars(query.with_for_update()).one_or_none()
    if group is None:
        raise NotFound(gettext("There is no such page, or it belongs to another group."))
    return group


@transactional
def rename(person: User, name: str, *, everywhere: bool = True) -> None:
    """Give somebody another name, in all their groups; raises Invalid, or NameTaken in one.

    Without ``everywhere`` it raises NameElsewhere when there are such groups.
    """
    if person.name == name:
        return
    name = accounts.clean_name(name)
    memberships = _memberships(person)
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


def _memberships(person: User) -> list[Membership]:
    query = select(Membership).where(Membership.user_id == person.id, Membership.ended_at.is_(None))
    return list(db.session.scalars(query))


def free_name(name: str, taken: set[str]) -> str:
    """Return the name with the first number that makes it free."""
    short = name[: accounts.MAX_NAME - 3].rstrip()
    return next(f"{short} {number}" for number in range(2, 100) if name_key(f"{short} {number}") not in taken)


def _add(group: Group, person: User, *, facilitator: bool) -> Membership:
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


def note_seen(group_id: int, *, actor: User | None) -> None:
    """Remember that a member is here: it is asked of it whether a group is left alone.

    The page that they open is shown also when that cannot be saved.
    """
    member = policy.membership_of(actor, group_id) if 0 < group_id <= MAX_ID else None
    if member is not None and (member.seen_at is None or clock.now() - member.seen_at >= SEEN_TO):
        with suppress(Conflict, Unavailable):
            _keep_seen(member.id)


@transactional
def _keep_seen(membership_id: int) -> None:
    query = update(Membership).where(Membership.id == membership_id)
    db.session.execute(query.values(seen_at=clock.now()))


# The hat, the link, and being shown out


@transactional
def give_hat(group_id: int, person_id: int, *, actor: User) -> bool:
    """Make another member a facilitator too, for as long as oneself; tell whether that was news."""
    hold(group_id)
    mine = policy.require_facilitator(actor, group_id)
    member = require_in_group(group_id, person_id)
    news = not member.facilitator
    if not policy.keeps(member):
        member.facilitator, member.for_meeting_id = True, mine.for_meeting_id
    return news


@transactional
def hand_over(group_id: int, person_id: int, *, actor: User) -> bool:
    """Give one's hat to another member; tell whether that was news, as a second press is none."""
    hold(group_id)
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
    hold(group_id)
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
def rotate_link(group_id: int, *, actor: User) -> Group:
    """Give the group a new link; the old one lets nobody new in from now on."""
    group = hold(group_id)
    policy.require_keeper(actor, group_id)
    db.session.add(OldLink(token_hash=accounts.hash_of(group.join_token), group_id=group_id))
    group.join_token = secrets.token_urlsafe(24)
    return group


@transactional
def remove(group_id: int, person_id: int, *, actor: User) -> bool:
    """End somebody's membership, and the link they know; tell whether that was news.

    Their name is free again; what they wrote stays. Raises NotFound, NotAllowed, or
    Conflict for oneself.
    """
    hold(group_id)
    policy.require_keeper(actor, group_id)
    if person_id == actor.id:
        raise Conflict(gettext("You cannot remove yourself. Another facilitator can."))
    query = select(Membership).where(Membership.group_id == group_id, Membership.user_id == person_id)
    member = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if member is None:
        raise NotFound(_not_in_group())
    if member.ended_at is not None:
        return False
    member.ended_at, member.facilitator, member.name_key = clock.now(), False, f":{member.id}"
    rotate_link(group_id, actor=actor)
    for function in _removed:
        function(group_id)
    return True


@transactional
def close_to_new(group_id: int, *, closed: bool) -> None:
    """Note that the group's first meeting has ended, or that this was undone."""
    group = db.session.get(Group, group_id)
    if group is not None:
        group.open_to_new = not closed


def require_in_group(group_id: int, person_id: int) -> Membership:
    """Return the membership of somebody whom a member speaks of. Asks no rights. Raises NotFound."""
    for member in policy.members(group_id):
        if member.user_id == person_id:
            return member
    raise NotFound(_not_in_group())


def _not_in_group() -> str:
    return str(gettext("That person is not in the group."))
