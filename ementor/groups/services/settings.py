"""Make a group, change its settings, and replace its link."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress

from flask_babel import gettext

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import db, transactional
from ementor.errors import Changed, Invalid
from ementor.groups import policy
from ementor.groups.models import Entry, Group, OldLink, Readers
from ementor.groups.services.door import MAX_MEMBERS, let_in_now, waiting_in
from ementor.groups.services.listeners import tell, widened
from ementor.groups.services.members import (
    NameTaken,
    add,
    lock_group,
)
from ementor.texts import merged_fields

MAX_GROUP_NAME = 60
MAX_GREETING = 500
SETTINGS = ("name", "entry", "greeting", "everybody_runs", "readers", "newcomers_read")
"""The fields of a group's settings."""


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
    add(group, actor, facilitator=True)
    return group


def _group_name(name: str) -> str:
    name = accounts.visible_text(name)
    if not name:
        raise Invalid(gettext("Write a name for the group."), field="group")
    if len(name) > MAX_GROUP_NAME:
        raise Invalid(gettext("The name can have at most %(n)d characters.", n=MAX_GROUP_NAME), field="group")
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
    lock_group(group_id)
    group = policy.require_keeper(actor, group_id).group
    name = _group_name(name)
    if entry not in set(Entry):
        raise Invalid(gettext("Choose how new people join."), field="entry")
    readers = group.readers if readers is None else readers
    newcomers_read = group.newcomers_read if newcomers_read is None else newcomers_read
    if readers not in set(Readers):
        raise Invalid(gettext("Choose who can read the record."), field="readers")
    greeting = "\n".join(accounts.visible_text(line) for line in greeting.splitlines()).strip()
    if len(greeting) > MAX_GREETING:
        text = gettext("The greeting can have at most %(n)d characters.", n=MAX_GREETING)
        raise Invalid(text, field="greeting")
    wanted = _settings(name, entry, greeting, everybody_runs, readers, newcomers_read)
    before = settings_of(group)
    settings, clashes = merged_fields(before if seen is None else seen, before, wanted)
    if clashes:
        raise Changed(gettext("Somebody else has changed this in the meantime."), settings, clashes)
    group.name, group.entry, group.greeting = settings["name"], settings["entry"], settings["greeting"]
    group.everybody_runs = bool(settings["everybody_runs"])
    if group.readers == Readers.PRESENT != settings["readers"]:
        for function in widened:
            function(group_id)
    group.readers, group.newcomers_read = settings["readers"], bool(settings["newcomers_read"])
    if group.lets_in:
        for waiting in waiting_in(group_id)[: MAX_MEMBERS - len(policy.members(group_id))]:
            with suppress(NameTaken):  # who is known elsewhere by a name that is taken here goes on waiting
                let_in_now(group, waiting)
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


@transactional
def rotate_link(group_id: int, *, actor: User) -> Group:
    """Give the group a new link; the old one lets nobody new in from now on."""
    group = lock_group(group_id)
    policy.require_keeper(actor, group_id)
    db.session.add(OldLink(token_hash=accounts.hash_of(group.join_token), group_id=group_id))
    group.join_token = secrets.token_urlsafe(24)
    return group


@transactional
def close_to_new(group_id: int, *, closed: bool) -> None:
    """Note that the group's first meeting has ended, or that this was undone."""
    group = db.session.get(Group, group_id)
    if group is not None:
        group.open_to_new = not closed
