"""Letters are put down in the transaction that wants them sent, and sent afterwards.

So a letter never tells of what was rolled back, and no request waits for a mail server.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, or_, select

from ementor import clock
from ementor.database import db, rows, transactional
from ementor.held import Statement
from ementor.mail.models import Letter

TAKEN_FOR = timedelta(minutes=3)
"""How long whoever sends a letter has for it; then another process takes it up."""
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=30)


def post(to: str, subject: str, text: str, *, until: datetime) -> None:
    """Leave a letter to be sent, in the caller's transaction; after ``until`` it is of no use to anybody.

    ``to`` is a bare address in ASCII.
    """
    if not (to.isascii() and to.isprintable() and subject.isprintable()):
        raise ValueError("a header is one line")
    now = clock.now()
    db.session.add(Letter(to=to, subject=subject, text=text, made_at=now, until=until, next_try_at=now))
    db.session.flush()


def is_any_due() -> bool:
    """Tell whether there is something to do for whoever sends letters."""
    return bool(rows(_ANY_DUE, {"now": clock.now()}))


@transactional
def take() -> Letter | None:
    """Return the next letter to send, which nobody else gets meanwhile; drops those of no use any more."""
    now = clock.now()
    db.session.execute(delete(Letter).where(Letter.until <= now))
    query = (
        select(Letter)
        .where(_is_due(now))
        .order_by(Letter.next_try_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    letter = db.session.scalar(query)
    if letter is not None:
        letter.taken_until, letter.tries = now + TAKEN_FOR, letter.tries + 1
    return letter


@transactional
def drop(letter_id: int) -> None:
    """Forget a letter that was sent, or that nobody will ever take."""
    db.session.execute(delete(Letter).where(Letter.id == letter_id))


@transactional
def put_back(letter_id: int) -> None:
    """Leave a letter for later, each time for longer."""
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is not None:
        wait = min(FIRST_WAIT * 2 ** (letter.tries - 1), LONGEST_WAIT)
        letter.next_try_at, letter.taken_until = clock.now() + wait, None


def _is_due(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return (Letter.next_try_at <= now) & or_(Letter.taken_until.is_(None), Letter.taken_until <= now)


_ANY_DUE = Statement(select(Letter.id).where(_is_due(bindparam("now"))).limit(1))
