"""The devices of a person: shown, signed out, left; and codes by which another one becomes theirs."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy import delete, or_, select, update

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.devices import labels, words
from ementor.accounts.keyed import keyed_hash
from ementor.accounts.models import DeviceCode, SignIn, User
from ementor.accounts.services import hash_of
from ementor.database import db, transactional
from ementor.errors import DomainError

LASTS = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long a code is known that is worth nothing any more, so that it can be said why."""
TRIES = 5
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U."""
HALF = 4
LOOKS_LIKE = str.maketrans("OIL", "011")


# The list


@dataclass(frozen=True)
class Device:
    """One device of a person, as a page shows it. ``key`` names it in a form."""

    key: str
    kind: str
    browser: str
    seen_at: datetime
    is_here: bool

    @property
    def name(self) -> str:
        """What kind it is, in the viewer's language."""
        return str(labels.NAMES[self.kind])


def devices_of(person: User) -> list[Device]:
    """Return where somebody is signed in, this device first and then the latest used."""
    rows = _sign_ins(person)
    rows.sort(key=lambda row: row.seen_at or row.created_at, reverse=True)
    rows.sort(key=lambda row: row.token_hash != hash_of(person.token or ""))
    return [_device(row, here=hash_of(person.token or "")) for row in rows]


def _device(row: SignIn, *, here: str) -> Device:
    kind, browser = labels.read(row.device)
    return Device(_key(row.token_hash), kind, browser, row.seen_at or row.created_at, row.token_hash == here)


def _key(token_hash: str) -> str:
    return token_hash[:16]


def _sign_ins(person: User) -> list[SignIn]:
    return list(
        db.session.scalars(select(SignIn).where(SignIn.user_id == person.id, SignIn.left_at.is_(None)))
    )


def can_return(person: User) -> bool:
    """Tell whether somebody could come back without this device."""
    return person.email is not None or len(_sign_ins(person)) > 1


@transactional
def sign_out(key: str, *, actor: User) -> set[str]:
    """Sign out one of somebody's devices; return the sign-ins that ended. Of no device of theirs: nothing."""
    gone = {row.token_hash for row in _sign_ins(actor) if _key(row.token_hash) == key}
    db.session.execute(delete(SignIn).where(SignIn.token_hash.in_(gone)))
    return gone


@transactional
def sign_out_everywhere(*, actor: User) -> set[str]:
    """Sign out all devices of somebody, also those they had left; return the sign-ins that ended."""
    query = delete(SignIn).where(SignIn.user_id == actor.id).returning(SignIn.token_hash)
    return set(db.session.scalars(query))


@transactional
def leave(*, actor: User) -> set[str]:
    """Let this device not be its person's; ``come_back`` undoes it. Returns the sign-in that ended."""
    here = hash_of(actor.token or "")
    db.session.execute(update(SignIn).where(SignIn.token_hash == here).values(left_at=clock.now()))
    return {here}


@transactional
def come_back(token: str) -> User | None:
    """Return who left this device, under a new sign-in; None when they cannot come back any more."""
    left = delete(SignIn).where(SignIn.token_hash == hash_of(token), SignIn.left_at.is_not(None))
    person_id = db.session.scalar(left.returning(SignIn.user_id))
    return accounts.sign_in(db.session.get_one(User, person_id)) if person_id is not None else None


# The code, on the device that shows it


class State(StrEnum):
    """What has become of a code."""

    SHOWN = "shown"
    ASKED = "asked"
    YES = "yes"
    DONE = "done"
    NO = "no"
    OVER = "over"


@transactional
def make_code(*, actor: User, locale: str) -> str:
    """Return a new code that makes another device ``actor``'s; their earlier ones are worth nothing.

    Of a name that another code has just now the row collides, and what is run again for that takes another.
    """
    now = clock.now()
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update())  # one after the other
    old = or_(DeviceCode.user_id == actor.id, DeviceCode.made_at < now - KEPT)
    db.session.execute(delete(DeviceCode).where(old))
    code = "".join(secrets.choice(ALPHABET) for _ in range(2 * HALF))
    row = DeviceCode(name_hash=keyed_hash(code[:HALF]), secret_hash=keyed_hash(code), user_id=actor.id)
    row.shown_by, row.made_at, row.word = hash_of(actor.token or ""), now, words.pick(locale)
    db.session.add(row)
    db.session.flush()
    return code


@dataclass(frozen=True)
class Code:
    """A code as its two devices see it. ``id`` names it in a form; ``device`` is the other one."""

    id: str
    state: State
    minutes: int
    word: str
    word_locale: str
    device: Device


def code_of(person: User) -> Code | None:
    """Return the code that this device of somebody shows, or None."""
    query = select(DeviceCode).where(DeviceCode.shown_by == hash_of(person.token or ""))
    row = db.session.scalars(query.order_by(DeviceCode.made_at.desc()).limit(1)).first()
    return _code(row) if row is not None else None


def _code(row: DeviceCode) -> Code:
    locale, _, word = row.word.partition(" ")
    kind, browser = labels.read(row.device)
    left = row.made_at + LASTS - clock.now()
    minutes = max(1, -(-left // timedelta(minutes=1)))
    device = Device("", kind, browser, row.claimed_at or row.made_at, is_here=False)
    return Code(_key(row.name_hash), _state(row), minutes, word, locale, device)


def _state(row: DeviceCode) -> State:
    if row.answer in {State.DONE, State.NO}:
        return State(row.answer)
    late = clock.now() - row.made_at >= LASTS
    if late or row.tries >= TRIES or not accounts.alive({row.shown_by}):
        return State.OVER
    if row.claim_hash is None:
        return State.SHOWN
    return State.YES if row.answer == State.YES else State.ASKED


@transactional
def answer(code_id: str, *, mine: bool, actor: User) -> None:
    """Say whether the device that came with this code is one's own, as long as that is asked."""
    query = select(DeviceCode).where(DeviceCode.shown_by == hash_of(actor.token or "")).with_for_update()
    for row in db.session.scalars(query.execution_options(populate_existing=True)):
        if _key(row.name_hash) == code_id and _state(row) is State.ASKED:
            row.answer = State.YES if mine else State.NO


# The code, on the device that it is typed on


class CodeRefused(DomainError):
    """A code that does not work; ``guessed`` when it may be one of many tries."""

    status = 422
    name = "code"

    def __init__(self, message: str, *, guessed: bool) -> None:
        super().__init__(message)
        self.guessed = guessed


class _Why(StrEnum):
    WRONG = "wrong"
    DEAD = "dead"
    LATE = "late"
    USED = "used"
    OWN = "own"


_SAID: dict[_Why, LazyString] = {
    _Why.WRONG: lazy_gettext("This code doesn't work. Check it, or show a new one on your other device."),
    _Why.DEAD: lazy_gettext("This code has been tried too many times. Show a new one on your other device."),
    _Why.LATE: lazy_gettext("This code is older than ten minutes. Show a new one on your other device."),
    _Why.USED: lazy_gettext(
        "This code has already been used. If it wasn't you, press “No, it isn't mine” on your other "
        "device, then show a new code there."
    ),
    _Why.OWN: lazy_gettext("This device is already yours. Enter the code on the other one."),
}


def typed_code(text: str) -> str | None:
    """Return the code that somebody typed, in any case and with any signs between; None for none."""
    plain = unicodedata.normalize("NFKC", text[:80]).upper().translate(LOOKS_LIKE)
    code = re.sub(r"[\W_]", "", plain)
    return code if len(code) == 2 * HALF and all(char in ALPHABET for char in code) else None


def claim(code: str, *, secret: str, device: str, actor: User | None) -> None:
    """Let a device, which is known by ``secret``, wait with this code for its first device's answer.

    Raises CodeRefused. Of two devices the first has it.
    """
    why = _claim(code, secret, device, actor)
    if why is not None:
        raise CodeRefused(str(_SAID[why]), guessed=why in {_Why.WRONG, _Why.DEAD})


@transactional
def _claim(code: str, secret: str, device: str, actor: User | None) -> _Why | None:
    """Do it, and return why not: a wrong try must be counted, so nothing is raised in here."""
    name, kept = keyed_hash(code[:HALF]), keyed_hash(code)
    row = db.session.get(DeviceCode, name, with_for_update=True, populate_existing=True)
    is_right = hmac.compare_digest(row.secret_hash if row else name, kept)
    if row is None:
        return _Why.WRONG
    if row.tries >= TRIES:
        return _Why.DEAD
    if not is_right:
        row.tries += 1
        return _Why.WRONG
    if row.claim_hash is not None:
        return None if hmac.compare_digest(row.claim_hash, hash_of(secret)) else _Why.USED
    if clock.now() - row.made_at >= LASTS:
        return _Why.LATE
    if _state(row) is State.OVER:
        return _Why.WRONG
    if actor is not None and actor.id == row.user_id:
        return _Why.OWN
    row.claim_hash, row.claimed_at, row.device = hash_of(secret), clock.now(), device
    return None


def claimed(secret: str) -> Code | None:
    """Return the code that a device waits with, or a moment ago waited with in vain."""
    query = select(DeviceCode).where(DeviceCode.claim_hash == hash_of(secret))
    row = db.session.scalars(query).first()
    if row is None or clock.now() - (row.claimed_at or row.made_at) >= 2 * LASTS:
        return None
    return _code(row)


@transactional
def take(secret: str, *, key: str | None) -> tuple[User, datetime | None] | None:
    """Return whose this device is now, and when they showed it; once, to a form sent twice by ``key`` twice.

    Who has an address shows by that who they are, before what a thief would do first: a device that lies
    open for a minute would otherwise tell it to another one.
    """
    query = select(DeviceCode).where(DeviceCode.claim_hash == hash_of(secret)).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        return None
    if _state(row) is State.YES:
        row.answer = State.DONE
        person, first = db.session.get_one(User, row.user_id), db.session.get_one(SignIn, row.shown_by)
        return person, first.proved_at if person.email else clock.now()
    came = accounts.just_came(key) if row.answer == State.DONE else None
    return (came, None) if came else None


def incomplete() -> str:
    """Return what is said of something that cannot be a code."""
    return str(gettext("A code has eight letters and digits. Check that you entered all of them."))
