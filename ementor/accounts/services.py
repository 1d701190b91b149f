"""Guests come and are known again on the same device."""

from __future__ import annotations

import re
import secrets
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

import regex
from flask_babel import force_locale, gettext
from sqlalchemy import bindparam, select, update

from ementor import clock
from ementor.accounts.models import SignIn, User
from ementor.database import as_loaded, db, rows, transactional
from ementor.errors import Conflict, Invalid, Unavailable
from ementor.held import Statement
from ementor.languages import LANGUAGES
from ementor.lists import is_in

MAX_NAME = 40
JUST_NOW = timedelta(minutes=1)
LETTER = regex.compile(r"\X")

DEVICE_USE_PRECISION = timedelta(hours=1)
"""How exactly it is known when a device was last used."""

_BY_TOKEN = Statement(  # asked for in each request
    select(*User.__table__.columns)
    .join(SignIn, SignIn.user_id == User.id)
    .where(SignIn.token_hash == bindparam("token_hash"), SignIn.left_at.is_(None))
)
_ALIVE = Statement(
    select(SignIn.token_hash, SignIn.user_id).where(
        is_in(SignIn.token_hash, "token_hashes"), SignIn.left_at.is_(None)
    )
)


def clean_name(name: str) -> str:
    """Return ``name`` without what cannot be seen, or raise Invalid."""
    text = visible_text(name)
    if not text:
        raise Invalid(gettext("Enter your name so that the others know who you are."), field="name")
    if _reads_like_a_page(text):
        raise Invalid(gettext("Leave out what is added to names automatically, such as (you)."), field="name")
    if len(text) > MAX_NAME:
        raise Invalid(gettext("The name can have at most %(n)d characters.", n=MAX_NAME), field="name")
    return text


LOOKS_LIKE = str.maketrans(
    "авекмнорстухѕіјһԛԝαβεζηικμνορτυχıłøđħ",
    "abekmhopctyxsijhqwabezhikmnoptyxilodh",
)
"""Letters of other scripts that look like Latin ones, after case and accents are gone: the common ones
of Unicode's confusables. Whatever is folded, two names of one script stay as different as they were."""


def name_key(name: str) -> str:
    """Return what two names share when people would take one for the other."""
    text = _folded(name)
    return re.sub(r"\W+", "", text) or text


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKD", name).casefold().translate(LOOKS_LIKE)
    return "".join(char for char in text if unicodedata.category(char) not in {"Mn", "Cf"})


@cache
def _said_of_people() -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of "(you)", and of whatever else the pages put beside a name, in all languages."""
    you, others = set(), set()
    for locale in LANGUAGES:
        with force_locale(locale):
            you.add(name_key(gettext("(you)")))
            others |= {name_key(gettext("facilitator")), name_key(gettext("away"))}
            others |= {name_key(gettext(role)) for role in ("note keeper", "tech support", "observer")}
    return frozenset(you), frozenset(you | others)


def _reads_like_a_page(name: str) -> bool:
    """Tell whether a name is "you", or holds what a page would say of somebody, set off by a sign."""
    you, said = _said_of_people()
    name = _folded(name).translate(str.maketrans("013", "oie"))
    _, *others = re.split(r"[^\w\s'’.-]|_|(?<=\s)[-.'’]", name)
    return name_key(name) in you or any(name_key(other) in said for other in others)


def initials(name: str) -> str:
    """Return one or two letters for a name: of two words their first, of one its first two.

    A letter is what a reader takes for one: with its marks, or an emoji with all that it is composed of.
    """
    words = [word for word in name.split() if any(char.isalnum() for char in word)] or [name]
    letters = [LETTER.findall(word.upper()) for word in words]
    return "".join(letters[0][:1] + letters[-1][:1] if len(words) > 1 else letters[0][:2])


def visible_text(name: str) -> str:
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
def sign_in(person: User, key: str | None = None, *, proved_at: datetime | None = None) -> User:
    """Give ``person`` a new sign-in; its secret is on the returned object only.

    ``key`` is a secret of the form that they came by, to become the sign-in's: see ``just_came``.
    ``proved_at`` is when they last showed who they are.
    """
    # Of a form that came again while it was answered the row is just there: then this collides with it, and
    # what is run again for that finds it.
    used = db.session.scalar(select(SignIn.created_at).where(SignIn.token_hash == hash_of(key or "")))
    if key is None or (used is not None and clock.now() - used > JUST_NOW):
        key = secrets.token_urlsafe(24)
    token = key
    now = clock.now()
    row = SignIn(token_hash=hash_of(token), user_id=person.id, created_at=now, seen_at=now)
    row.proved_at = proved_at
    db.session.add(row)
    person.token = token
    return person


def ensure_signed_in(person: User, key: str | None = None) -> User:
    """Return somebody whom their device will know again; ``key`` as for ``sign_in``."""
    return person if person.token else sign_in(person, key)


def just_came(key: str | None) -> User | None:
    """Return who came by this very form within the last minute, or None.

    Of a form that is sent twice the first answer is lost, and who they are with it.
    """
    row = db.session.get(SignIn, hash_of(key)) if key else None
    if key is None or row is None or clock.now() - row.created_at > JUST_NOW:
        return None
    return person_of(key)


@transactional
def arrived(person: User, key: str | None = None, *, proved_at: datetime | None) -> User:
    """Sign in who has shown that at ``proved_at``; by a form of ``key`` that is sent twice only once."""
    return just_came(key) or sign_in(person, key, proved_at=proved_at)


@transactional
def sign_out(token: str) -> None:
    """Make a sign-in worthless, on every process at once."""
    row = db.session.get(SignIn, hash_of(token))
    if row is not None:
        db.session.delete(row)


@transactional
def keep_locale(person: User, locale: str) -> None:
    """Keep the language that somebody chose."""
    person.locale = locale


def person_of(token: str) -> User | None:
    """Return whose sign-in this is, or None."""
    found = rows(_BY_TOKEN, {"token_hash": hash_of(token)})
    if not found:
        return None
    person = as_loaded(User, found[0])
    person.token = token
    return person


def note_device_use(person: User, device: str) -> None:
    """Remember that somebody uses this device, and what it is; a page is shown also without that."""
    here = db.session.get(SignIn, hash_of(person.token)) if person.token else None
    if here is None:
        return
    now = clock.now()
    if here.device != device or here.seen_at is None or now - here.seen_at >= DEVICE_USE_PRECISION:
        with suppress(Conflict, Unavailable):
            _keep_device_use(here.token_hash, device)


@transactional
def _keep_device_use(token_hash: str, device: str) -> None:
    query = update(SignIn).where(SignIn.token_hash == token_hash)
    db.session.execute(query.values(seen_at=clock.now(), device=device))


def alive(token_hashes: set[str]) -> dict[str, int]:
    """Return which of these sign-ins are still good, and whose they are now."""
    return {row[0]: row[1] for row in rows(_ALIVE, {"token_hashes": token_hashes})}


def hash_of(token: str) -> str:
    """Return what is kept of a sign-in's secret."""
    return sha256(token.encode()).hexdigest()
