"""The notes as they are shown and kept: each part as HTML, and own notes for when their log is gone."""

from __future__ import annotations

import logging
from html import escape
from itertools import product

from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.notes.document import COLLECTED, MINE, Document
from ementor.notes.models import OwnNote, OwnNoteUpdate
from ementor.notes.services.log import part_names
from ementor.notes.services.memory import document_of
from ementor.notes.yjs import require_harmless

log = logging.getLogger(__name__)


def html_of(meeting_id: int) -> dict[str, str]:
    """Return part name → HTML of known tags only, for the parts in which something is written."""
    document, parts = document_of(meeting_id), part_names(meeting_id)
    found = {name: _shown(document, name) for name in parts}
    return {name: html for name, html in found.items() if html}


def collected_of(meeting_id: int) -> dict[str, list[tuple[str, str]]]:
    """Return mark → part name and words, for all that is marked to be collected at the end."""
    document, parts = document_of(meeting_id), part_names(meeting_id)
    found: dict[str, list[tuple[str, str]]] = {mark: [] for mark in COLLECTED}
    for mark, name in product(COLLECTED, parts):
        try:
            found[mark] += [(name, words.replace("\0", "")) for words in document.collected(name, mark)]
        except Exception as error:  # whatever stands in one part, the others are kept
            _log_unshown(name, error)
    return found


def own_html(meeting_id: int, *, actor: User) -> str:
    """Return the actor's own notes as HTML of known tags; empty when there are none. Raises NotFound."""
    return own_html_of(meetings.get_meeting(meeting_id, actor=actor), actor.id)


def own_html_of(meeting: Meeting, owner_id: int) -> str:
    """Return somebody's own notes as HTML of known tags. Asks no rights."""
    if meeting.sealed:
        kept = db.session.get(OwnNote, (meeting.id, owner_id))
        return kept.html if kept else ""
    return _own_html(meeting.id, owner_id)


def _own_html(meeting_id: int, owner_id: int) -> str:
    return _shown(document_of(meeting_id, owner_id), MINE)


def own_of(owner_id: int) -> dict[int, str]:
    """Return meeting id → somebody's own notes as HTML of known tags, where there are any. Asks no rights."""
    kept = select(OwnNote.meeting_id, OwnNote.html).where(OwnNote.owner_id == owner_id)
    live = select(OwnNoteUpdate.meeting_id).where(OwnNoteUpdate.owner_id == owner_id).distinct()
    found = {meeting_id: _own_html(meeting_id, owner_id) for meeting_id in db.session.scalars(live).all()}
    found |= dict(db.session.execute(kept).all())
    return {meeting_id: html for meeting_id, html in found.items() if html}


@transactional
def keep_own(meeting_id: int) -> set[int]:
    """Keep everybody's own notes as HTML, for when their log is gone. Asks no rights.

    Answers whose could not be kept at all: their log is all there is of them.
    """
    query = select(OwnNoteUpdate.owner_id).where(OwnNoteUpdate.meeting_id == meeting_id).distinct()
    unkept = set()
    for owner_id in db.session.scalars(query).all():
        try:
            html = _own_html(meeting_id, owner_id)
        except BaseException as error:  # one person's notes do not keep the others' from being kept
            require_harmless(error)
            _log_unshown(MINE, error)
            unkept.add(owner_id)
            continue
        if html:
            db.session.add(OwnNote(meeting_id=meeting_id, owner_id=owner_id, html=html))
    return unkept


def is_kept_whole(meeting_id: int) -> bool:
    """Tell whether all words of the notes can be shown, as they are or as plain text."""
    document = document_of(meeting_id)
    return all(_text(document, name) is not None for name in part_names(meeting_id))


def _shown(document: Document, part: str) -> str:
    """Return a part as HTML, or as plain text when it cannot be shown so: the other parts go on."""
    try:
        return document.to_html(part).replace("\0", "")  # which PostgreSQL keeps in no text
    except BaseException as error:  # pycrdt's panics among them; see require_harmless
        require_harmless(error)
        _log_unshown(part, error)
        return _plain_html(_text(document, part) or "")


def _text(document: Document, part: str) -> str | None:
    try:
        return document.to_text(part).replace("\0", "")
    except BaseException as error:  # as above
        require_harmless(error)
        return None


def _log_unshown(part: str, error: BaseException) -> None:
    log.error("a part of the notes (%s) cannot be shown as it is: %s", part, type(error).__name__)


def _plain_html(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
