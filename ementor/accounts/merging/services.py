"""Making two people one: all that is one's becomes the other's, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import delete, select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import SignIn, User
from ementor.accounts.personal import ALL
from ementor.database import Base, db, transactional
from ementor.errors import Conflict

FRESH = timedelta(hours=1)
"""How long somebody has shown who they are, where an address is at stake."""


@dataclass(frozen=True)
class Having:
    """What somebody has, in numbers."""

    meetings: int
    steps: int


@dataclass(frozen=True)
class Asked:
    """What is asked: whether ``person``, who is here now, and ``other``, who was before, are one."""

    person: User
    other: User
    seen_at: datetime
    """When the other one was on this device."""
    about: str
    """What an answer must say that it answers."""
    unproved: str
    """Why they may not be made one just now; empty where they may."""
    mine: Having
    theirs: Having
    both: Having


def asked(token: str | None, *, actor: User) -> Asked | None:
    """Return what is asked of who came to a device where somebody else was signed in by ``token``.

    None when nothing is left to ask: they are one already, or the other one has been signed out.
    """
    row = _sign_in(token)
    if row is None or row.user_id == actor.id:
        return None
    ids = actor.id, row.user_id
    return Asked(
        person=actor,
        other=row.user,
        seen_at=row.seen_at or row.created_at,
        about=row.token_hash[:16],
        unproved=_unproved(row, actor),
        mine=_having(actor.id),
        theirs=_having(row.user_id),
        both=_having(*ids),
    )


def _sign_in(token: str | None) -> SignIn | None:
    if token is None:
        return None
    query = select(SignIn).where(SignIn.token_hash == accounts.hash_of(token), SignIn.left_at.is_(None))
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _having(*person_ids: int) -> Having:
    return Having(_counted(person_ids, "meetings", "archive"), _counted(person_ids, "reflections"))


def _counted(person_ids: tuple[int, ...], *keys: str) -> int:
    """Return how many things these people have of what these features know, each counted once."""
    features = [personal.has for personal in ALL if personal.key in keys and personal.has]
    return len({one for has in features for person in person_ids for one in has(person)})


def _unproved(row: SignIn, actor: User) -> str:
    """Return why the two may not be made one just now, or nothing.

    A guest is whoever has their device. Who has an address has shown that it is theirs, here and just now.
    """
    mine = _sign_in(actor.token)
    now, proofs = clock.now(), (row.proved_at, mine.proved_at if mine else None)
    if row.user.email is None or all(at is not None and now - at <= FRESH for at in proofs):
        return ""
    text = gettext(
        "%(name)s has an e-mail address. To combine the two, sign in here with that address, then come "
        "back as %(me)s within an hour.",
        name=row.user.name,
        me=actor.name,
    )
    return str(text)


def warnings(asked: Asked) -> list[str]:
    """Return what both are told before they become one. Raises Conflict where they may not."""
    told = [line for personal in ALL if personal.tells for line in personal.tells(asked.person, asked.other)]
    if asked.person.email and asked.other.email:
        told.append(
            gettext(
                "From then on you sign in with %(kept)s, no longer with %(gone)s.",
                kept=asked.person.email,
                gone=asked.other.email,
            )
        )
    return told


@transactional
def become_one(token: str, *, actor: User) -> None:
    """Make the one who is signed in by ``token`` and ``actor`` one person: the actor.

    Nothing when they are already. Raises Conflict where they may not.
    """
    row = _sign_in(token)
    if row is None or row.user_id == actor.id:
        return
    why = _unproved(row, actor)
    if why:
        raise Conflict(why)
    merge(actor.id, row.user_id)


@transactional
def merge(kept: int, gone: int) -> None:
    """Give ``kept`` all that is ``gone``'s, who is then nobody any more. Asks no rights. Twice is once.

    Whoever writes in the name of ``gone`` meanwhile waits for this, and then finds whose it is now.
    """
    for personal in ALL:
        if personal.hold:
            personal.hold(kept, gone)
    query = select(User).where(User.id.in_((kept, gone))).order_by(User.id)
    locked = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    people = {person.id: person for person in locked}
    if kept == gone or len(people) < 2:
        return
    for personal in ALL:
        personal.merge(kept, gone)
    _join_people(people[kept], people[gone])
    _require_nothing_left(gone)
    db.session.execute(delete(User).where(User.id == gone))
    db.session.expire_all()


def _join_people(kept: User, gone: User) -> None:
    """Keep what one row of a person says and the other does not."""
    email, key = kept.email or gone.email, kept.email_key or gone.email_key
    gone.email = gone.email_key = None
    db.session.flush()
    kept.email, kept.email_key = email, key
    kept.locale = kept.locale or gone.locale
    kept.created_at = min(kept.created_at, gone.created_at)
    db.session.flush()


def _require_nothing_left(gone: int) -> None:
    """Raise unless no row names them any more: with their own row the database would delete it, or forget."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is User.__table__:
                left = select(key.parent).where(key.parent == gone).limit(1)
                if db.session.execute(left).first():
                    raise RuntimeError(f"{table.name}.{key.parent.name} was left out of a merge")


@transactional
def leave(token: str) -> None:
    """End somebody's sign-in on a device where another person goes on; it can be undone."""
    row = db.session.get(SignIn, accounts.hash_of(token))
    if row is not None:
        row.left_at = clock.now()
