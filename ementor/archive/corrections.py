"""Correcting a part of a record's notes: by whoever may read it, for some days, and shown as a correction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.archive import corrected, services
from ementor.archive.models import Correction, RecordRow
from ementor.archive.services import Kept
from ementor.database import db, transactional
from ementor.errors import Changed, Conflict, Invalid, NotFound
from ementor.meetings.domain.agenda import Text
from ementor.meetings.models import Meeting
from ementor.notes import lines

MAX_TEXT = 50_000
"""Letters of a part; with four bytes each it is still less than a form may bring."""
MAX_CORRECTIONS = 500
"""Of one record: more than a group makes of it in a month."""
EARLIER = 20
"""Of a part that was corrected more often its page shows so many texts."""


@dataclass(frozen=True)
class Version:
    """A text that a part has had; number 0 is what was kept. ``name`` is None for that."""

    number: int
    name: str | None
    at: datetime
    html: str


@dataclass(frozen=True)
class Correctable:
    """A part of the notes with all its versions, the newest first; ``title`` None is a standing part."""

    kept: Kept
    part: str
    title: Text | None
    versions: tuple[Version, ...]
    closed: str
    """Why it cannot be corrected now; empty when it can."""

    @property
    def newest(self) -> Version:
        """What stands there now."""
        return self.versions[0]

    @property
    def earlier(self) -> tuple[Version, ...]:
        """What stood there before: the latest ones, and what was kept."""
        return self.versions[1 : EARLIER + 1] + self.versions[EARLIER + 1 :][-1:]

    @property
    def text(self) -> str:
        """Return what stands there now as lines."""
        return lines.lines_of(self.newest.html)


def until(meeting: Meeting) -> datetime:
    """Return the moment from which a record is corrected no more."""
    assert meeting.ended_at is not None
    return meeting.ended_at + timedelta(days=current_app.config["CORRECT_DAYS"])


def is_open(meeting: Meeting) -> bool:
    """Tell whether the notes of a record can be corrected now."""
    return meeting.sealed and clock.now() < until(meeting)


def of(meeting_id: int, part: str, *, actor: User) -> Correctable:
    """Return a part to one who may read the record.

    Raises as ``services.kept``, and NotFound for a part that it has not.
    """
    kept = services.kept(meeting_id, actor=actor)
    found = corrected.parts_of(services.kept_as_was(meeting_id)).get(part)
    if found is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    query = select(Correction).where(Correction.meeting_id == meeting_id, Correction.part == part)
    query = query.order_by(Correction.number.desc()).execution_options(populate_existing=True)
    made = [Version(one.number, one.name, one.at, one.html) for one in db.session.scalars(query)]
    versions = (*made, Version(0, None, kept.record.ended_at, found.html))
    return Correctable(kept, part, found.title, versions, _why_closed(kept.meeting, versions[0]))


@transactional
def correct(meeting_id: int, part: str, text: str, *, seen: int, actor: User) -> None:
    """Put a text in the place of what stands in a part; what is so already stays, so twice is once.

    ``seen`` is the number of the version that the text was made of. Raises as ``of``, Conflict when its
    time is over, Invalid, and Changed when somebody else was first: then neither text is lost.
    """
    _hold(meeting_id)
    now = of(meeting_id, part, actor=actor)
    if now.closed:
        raise Conflict(now.closed)
    text = clean(text)
    if not text.strip():
        raise Invalid(gettext("Write the corrected text."), "text")
    if len(text) > MAX_TEXT:
        raise Invalid(gettext("At most %(n)s characters.", n=MAX_TEXT), "text")
    made_of = next((one for one in now.versions if one.number == seen), now.newest)
    if text == now.text:
        return
    html = lines.corrected(made_of.html, text)
    if html == now.newest.html:
        return
    if made_of is not now.newest:
        message = gettext(
            "Somebody else has corrected this in the meantime. Your text is still in the field, and theirs "
            "is below it. Save again to replace theirs with yours."
        )
        raise Changed(message, {"text": text}, {"text": now.text})
    _add(now, html, actor)


@transactional
def restore(meeting_id: int, part: str, number: int, *, seen: int, actor: User) -> None:
    """Put an earlier text back: one more correction. Twice is once.

    Raises as ``correct``, but Conflict when somebody else was first.
    """
    _hold(meeting_id)
    now = of(meeting_id, part, actor=actor)
    earlier = next((one for one in now.versions if one.number == number), None)
    if now.closed:
        raise Conflict(now.closed)
    if earlier is None:
        raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))
    if earlier.html == now.newest.html:
        return
    if seen != now.newest.number:
        raise Conflict(gettext("Somebody else has corrected this in the meantime. Look at it again first."))
    _add(now, earlier.html, actor)


def when_corrected(function: Callable[[int], None]) -> Callable[[int], None]:
    """Let a feature hear of a meeting whose record reads otherwise now, within the transaction."""
    _hear.append(function)
    return function


_hear: list[Callable[[int], None]] = []


def clean(text: str) -> str:
    """Return what somebody typed without what no text has: other line ends, controls, space behind lines."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(char for char in whole if char in "\n\t" or char.isprintable() or char > "\x9f")
    return "\n".join(line.rstrip() for line in shown.split("\n")).strip("\n")


def _hold(meeting_id: int) -> None:
    """Of two at once the second waits, and sees what the first one wrote."""
    db.session.scalars(
        select(RecordRow.meeting_id).where(RecordRow.meeting_id == meeting_id).with_for_update()
    ).first()


def _add(now: Correctable, html: str, actor: User) -> None:
    meeting_id = now.kept.meeting.id
    if corrected.count_of(meeting_id) >= MAX_CORRECTIONS:
        raise Conflict(
            gettext(
                "This record can't be corrected any more: it has reached the maximum number of corrections."
            )
        )
    db.session.add(
        Correction(
            meeting_id=meeting_id,
            part=now.part,
            number=now.newest.number + 1,
            at=clock.now(),
            author_id=actor.id,
            name=actor.name,
            html=html,
        )
    )
    db.session.flush()
    for hear in _hear:
        hear(meeting_id)


def _why_closed(meeting: Meeting, newest: Version) -> str:
    if not meeting.sealed:
        return str(gettext("Ending the meeting can still be undone. You can correct this in a minute."))
    if clock.now() >= until(meeting):
        day = i18n.day(until(meeting), meeting.group.time_zone)
        return str(gettext("The record could be corrected until %(day)s.", day=day))
    if len(lines.lines_of(newest.html)) > MAX_TEXT:
        return str(gettext("This part is too long to correct here."))
    return ""
