"""Why nothing is written, in words, and how much each person may send."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Engine

from ementor.errors import Conflict, DomainError, Invalid, TooFast
from ementor.meetings.models import Meeting
from ementor.notes.document import RejectReason
from ementor.rate import Buckets

BURST_BYTES = 1024 * 1024
BYTES_PER_SECOND = 50 * 1024
TOO_FAST = lazy_gettext("Too many messages at once. Wait a moment.")

_buckets: WeakKeyDictionary[Engine, Buckets[int]] = WeakKeyDictionary()
"""Person → bytes that they may send, and since when (monotonic, of this process)."""

REFUSALS = {
    RejectReason.GARBAGE: lazy_gettext("The change wasn't saved in the notes."),
    RejectReason.TOO_LARGE: lazy_gettext("That's too much at once for the notes."),
    RejectReason.FULL: lazy_gettext("The notes of this meeting are full."),
    RejectReason.GAP: lazy_gettext("An earlier change is missing. It will be sent again."),
    RejectReason.TOO_FAST: lazy_gettext("Too many messages at once. Wait a moment."),
}


class UpdateRefused(Invalid):
    """An update that the document does not take; ``name`` says why to the page's script."""

    def __init__(self, why: RejectReason) -> None:
        super().__init__(REFUSALS[why])
        self.name = why.value


class Ended(Conflict):
    """Nothing can be written any more."""

    name = "ended"


class OldPage(DomainError):
    """The page was made for notes of another shape."""

    status = 409
    name = "old_page"


def pay(engine: Engine, person_id: int, size: int) -> None:
    """Take so many bytes from a person's bucket; raise TooFast when it holds less."""
    buckets = _buckets.get(engine) or _buckets.setdefault(engine, Buckets())
    if not buckets.take(person_id, size, time.monotonic(), burst=BURST_BYTES, per_s=BYTES_PER_SECOND):
        raise TooFast(TOO_FAST)


def require_open(meeting: Meeting) -> None:
    if meeting.ended_at is not None:
        raise Ended(gettext("This meeting has ended, and its notes are kept as they are."))
