"""Guests come and are known again on the same device."""

from __future__ import annotations

import secrets
import unicodedata
from hashlib import sha256

from flask_babel import gettext
from sqlalchemy import bindparam, select

from ementor import clock
from ementor.accounts.models import SignIn, User
from ementor.database import db, transactional
from ementor.errors import Invalid

MAX_NAME = 40

_BY_TOKEN = select(SignIn).where(SignIn.token_hash == bindparam("token_hash"))  # asked for in each request


def clean_name(name: str) -> str:
    """Return ``name`` without what cannot be seen, or raise Invalid."""
    text = seen(name)
    if not text:
        raise Invalid(gettext("Write your name so that the others know you."), field="name")
    if len(text) > MAX_NAME:
        raise Invalid(gettext("The name may have %(n)d characters at most.", n=MAX_NAME), field="name")
    return text


def seen(name: str) -> str:
    """Return ``name`` in one line, without what cannot be seen; it may be empty.

    Direction marks and controls are dropped: with them one name can look like another.
    """
    text = unicodedata.normalize("NFC", name)
    joiners = {"\u200d", "\u200c"}  # emoji and several scripts need them inside a word
    text = "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or char in joiners else " "
        for char in text
    )
    return " ".join(text.split()).strip("\u200d\u200c ")


@transactional
def make_guest(name: str, *, locale: str | None) -> User:
    """Return a new person without an e-mail address. Raises Invalid."""
    person = User(name=clean_name(name), locale=locale, created_at=clock.now())
    db.session.add(person)
    db.session.flush()
    return person


@transactional
def sign_in(person: User) -> User:
    """Give ``person`` a new sign-in; its secret is on the returned object only."""
    token = secrets.token_urlsafe(24)
    db.session.add(SignIn(token_hash=hash_of(token), user_id=person.id, created_at=clock.now()))
    person.token = token
    return person


def recognised(person: User) -> User:
    """Return somebody whom their device will know again."""
    return person if person.token else sign_in(person)


@transactional
def sign_out(token: str) -> None:
    """Make a sign-in worthless, on every process at once."""
    row = db.session.get(SignIn, hash_of(token))
    if row is not None:
        db.session.delete(row)


def person_of(token: str) -> User | None:
    """Return whose sign-in this is, or None."""
    row = db.session.scalars(_BY_TOKEN, {"token_hash": hash_of(token)}).one_or_none()
    if row is None:
        return None
    row.user.token = token
    return row.user


def alive(token_hashes: set[str]) -> set[str]:
    """Return which of these sign-ins are still good."""
    query = select(SignIn.token_hash).where(SignIn.token_hash.in_(token_hashes))
    return set(db.session.scalars(query))


def hash_of(token: str) -> str:
    """Return what is kept of a sign-in's secret."""
    return sha256(token.encode()).hexdigest()
