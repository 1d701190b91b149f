"""Coming back by a code that is sent to one's address, and having an address at all.

Nothing here tells whether an address is known: what is asked of the database, kept and answered is the
same. A code is tried where it was asked for and nowhere else, so nobody can use up somebody else's.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext
from sqlalchemy import and_, bindparam, delete, func, or_, select

from ementor import clock
from ementor.accounts.addresses import reading
from ementor.accounts.models import MailCode, SignIn, User
from ementor.accounts.services import hash_of
from ementor.database import db, rows, transactional
from ementor.errors import NotAllowed, TooFast
from ementor.held import Statement
from ementor.mail import services as mail

MINUTES = 10
TRIES = 5
FRESH_FOR = timedelta(minutes=30)
KEPT_FOR = timedelta(days=1)
NOTICE_FOR = timedelta(days=2)

ONE_ASKER_AND_ADDRESS = 5
ONE_PERSON = 10
ONE_ADDRESS = 10
ONE_ADDRESS_A_DAY = 30
ONE_ASKER = 60
ALL_LETTERS = 500
"""How many codes there are in an hour, unless a day is said. Of one address that is 150 tries of a million
in a day. Each goes by itself when time does, and whoever is signed in has budgets of their own for their own
address: nobody can be locked out by others for good."""


@dataclass(frozen=True)
class Asker:
    """Where a code is wanted: a secret of the browser's session, and what tells its network address."""

    browser: str
    network: str
    site: str | None
    """The address of this site, for the letter: of the settings, as anybody can make up a request's."""


@dataclass(frozen=True)
class Answer:
    """What a code led to: who they are, or why it did not work."""

    person: User | None = None
    wrong: str | None = None


def asked(browser: str | None, *, actor: User | None) -> MailCode | None:
    """Return the code that this browser waits for: to sign in by, or of ``actor``'s address."""
    return _newest(browser, actor) if browser else None


@transactional
def ask(text: str, asker: Asker, *, actor: User | None) -> None:
    """Send a code to an address: for ``actor``, whose it is to become or is, or for whoever signs in by it.

    Over the budgets nothing is sent, and a code that was sent before still works. Raises Invalid, TooFast.
    """
    address = reading.address(text)
    owner_id = db.session.scalar(select(User.id).where(User.email_key == address.key))
    if actor is not None and actor.email_key != address.key and must_prove(actor):
        raise NotAllowed(gettext("First confirm that it's you with a code to your current address."))
    counted = _is_within_budget(address, asker, actor=actor, owner_id=owner_id)
    before = _newest(asker.browser, actor)
    if not counted and before and before.email_key == address.key and not _is_old(before):
        return
    code = f"{secrets.randbelow(10**6):06d}"
    row = MailCode(email=address.written, email_key=address.key, user_id=actor.id if actor else None)
    row.browser_hash, row.asker_hash = hash_of(asker.browser), hash_of(asker.network)
    row.counted, row.made_at, row.tries = counted, clock.now(), 0
    row.code_hash = _code_hash(code if counted else secrets.token_urlsafe(), asker.browser)
    db.session.add(row)
    db.session.flush()
    is_wanted = counted and (actor is not None or owner_id is not None)
    # For an address that nobody has, a letter is written as well, and is of no use from the start.
    until = row.made_at + (timedelta(minutes=MINUTES) if is_wanted else timedelta())
    mail.post(address.reached, gettext("Your code for ementor"), _letter(code, asker.site), until=until)


@transactional
def enter(text: str, browser: str, *, actor: User | None) -> Answer:
    """Try a code where it was asked for; of five tries at most, each is kept. Raises Invalid without a code.

    The person is whose the address is: ``actor``, who has it from now on, or somebody else who had it.
    """
    code = reading.code(text)
    row = _newest(browser, actor, hold=True)
    if row is None or row.used_at is not None:
        return Answer(wrong=gettext("This code has already been used. Send a new one."))
    if _is_old(row):
        return Answer(wrong=gettext("This code has expired. Send a new one."))
    left = TRIES - row.tries
    if left and _is_right(row, code, browser) and (person := _person_of(row, actor)):
        row.used_at = clock.now()
        return Answer(person)
    if left <= 1:
        row.tries = TRIES
        return Answer(wrong=gettext("Too many wrong codes. Send a new one."))
    row.tries += 1
    left -= 1
    return Answer(
        wrong=ngettext(
            "This code doesn't match. You have %(num)d try left.",
            "This code doesn't match. You have %(num)d tries left.",
            left,
        )
    )


@transactional
def remove(*, actor: User) -> bool:
    """Let somebody have no address any more, and write that there; tell whether they had one.

    Raises NotAllowed unless they have just shown that it is theirs.
    """
    if actor.email is None:
        return False
    if must_prove(actor):
        raise NotAllowed(gettext("First confirm that it's you with a code to your current address."))
    _tell_the_old(actor)
    actor.email = actor.email_key = None
    return True


def must_prove(person: User) -> bool:
    """Tell whether somebody is to show again that it is them, before what a thief would do first."""
    return person.email is not None and not fresh(person)


def fresh(person: User) -> bool:
    """Tell whether this sign-in was shown to be theirs within the last half hour; a guest has nothing to."""
    if person.email is None:
        return True
    row = db.session.get(SignIn, hash_of(person.token)) if person.token else None
    return bool(row and row.proved_at and clock.now() - row.proved_at < FRESH_FOR)


def sweep() -> None:
    """Forget old codes. Each process looks, and once is enough."""
    before = clock.now() - KEPT_FOR
    if rows(_OLD, {"before": before}):
        _sweep(before)


_OLD = Statement(select(MailCode.id).where(MailCode.made_at <= bindparam("before")).limit(1))


@transactional
def _sweep(before: datetime) -> None:
    db.session.execute(delete(MailCode).where(MailCode.made_at <= before))


def _newest(browser: str, actor: User | None, *, hold: bool = False) -> MailCode | None:
    query = select(MailCode).where(
        MailCode.browser_hash == hash_of(browser),
        MailCode.user_id == actor.id if actor else MailCode.user_id.is_(None),
    )
    query = query.order_by(MailCode.id.desc()).limit(1)
    if hold:  # of six tries at once the sixth waits for the others
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _is_within_budget(
    address: reading.Address, asker: Asker, *, actor: User | None, owner_id: int | None
) -> bool:
    """Tell whether one more letter may go there; raises TooFast when somebody asks for codes all the time.

    Whether an address is known changes nothing but what counts as a letter of all.
    """
    now = clock.now()
    hour = MailCode.made_at > now - timedelta(hours=1)
    by_asker = MailCode.asker_hash == hash_of(asker.network)
    own = actor is not None and actor.id == owner_id
    by_others = or_(MailCode.user_id.is_(None), MailCode.user_id != (owner_id or 0))
    there = and_(
        MailCode.email_key == address.key,
        MailCode.counted,
        MailCode.user_id == owner_id if own else by_others,
    )
    known = select(User.email_key).where(User.email_key.is_not(None))
    sent = and_(MailCode.counted, or_(MailCode.user_id.is_not(None), MailCode.email_key.in_(known)))
    limits = (
        (ONE_ASKER_AND_ADDRESS, and_(there, hour, by_asker)),
        (ONE_ADDRESS, and_(there, hour)),
        (ONE_ADDRESS_A_DAY, there),
        (ONE_PERSON, and_(hour, MailCode.user_id == (actor.id if actor else 0))),
        (ALL_LETTERS, and_(hour, sent)),
    )
    counts = [func.count().filter(which) for which in (and_(hour, by_asker), *(which for _, which in limits))]
    asks, *used = db.session.execute(select(*counts).where(MailCode.made_at > now - KEPT_FOR)).one()
    if asks >= ONE_ASKER:
        raise TooFast(gettext("Too many codes have been requested from here. Try again in an hour."))
    return all(count < limit for count, (limit, _) in zip(used, limits, strict=True))


def _is_old(row: MailCode) -> bool:
    return row.used_at is not None or clock.now() - row.made_at >= timedelta(minutes=MINUTES)


def _is_right(row: MailCode, code: str, browser: str) -> bool:
    return hmac.compare_digest(row.code_hash, _code_hash(code, browser))


def _code_hash(code: str, browser: str) -> str:
    """Return what is kept of a code: without the secret of the browser a million tries would tell it."""
    return hash_of(f"{browser}:{code}")


def _person_of(row: MailCode, actor: User | None) -> User | None:
    """Return whose the address is that somebody reads; one that nobody had is ``actor``'s from now on."""
    owner = db.session.scalar(select(User).where(User.email_key == row.email_key))
    if owner is not None or actor is None:
        return owner
    if must_prove(actor):  # they got another address meanwhile
        raise NotAllowed(gettext("First confirm that it's you with a code to your current address."))
    if actor.email is not None:
        _tell_the_old(actor)
    actor.email, actor.email_key = row.email, row.email_key
    db.session.flush()  # where somebody else was faster, this is run again and finds them
    return actor


def _letter(code: str, site: str | None) -> str:
    says = (
        code,
        gettext(
            "This is your code for ementor. Enter it within 10 minutes in the browser where you asked for it."
        ),
        gettext(
            "If you didn't ask for a code, you don't need to do anything: nobody can sign in without it."
        ),
    )
    return _signed(says, site)


def _tell_the_old(person: User) -> None:
    """Write to the address that somebody has until now that it is not theirs any more."""
    assert person.email is not None
    says = (
        gettext("This address is no longer used to sign in to ementor. It was changed or removed there."),
        gettext(
            "If this wasn't you, open ementor on a device where you are signed in and check your devices."
        ),
    )
    to = reading.address(person.email).reached
    until = clock.now() + NOTICE_FOR
    mail.post(to, gettext("Your address in ementor was changed"), _signed(says, None), until=until)


def _signed(says: tuple[str, ...], site: str | None) -> str:
    return "\n\n".join((*says, "\n".join(filter(None, ("ementor", site))))) + "\n"
