"""What the notes know of a person: which edits are theirs, and their own notes."""

from __future__ import annotations

from sqlalchemy import select

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, at_leisure, register
from ementor.blocks import Table
from ementor.database import db
from ementor.meetings.models import Meeting
from ementor.meetings.personal import about
from ementor.notes import services
from ementor.notes.kept import from_html


def _export(person: User) -> JSON:
    """Return somebody's own notes, of meetings under way too. The shared notes are the group's."""
    kept = services.own_of(person.id)
    meetings = select(Meeting).where(Meeting.id.in_(kept)).order_by(Meeting.id)
    return {
        "own_notes": [
            {**about(meeting), "text": text_of(kept[meeting.id]), "html": kept[meeting.id]}
            for meeting in at_leisure(db.session.scalars(meetings))
        ]
    }


def text_of(html: str) -> str:
    """Return the words of notes that are kept as HTML, a line for each block."""
    written = (block.runs for block in from_html(html) if not isinstance(block, Table))
    return "\n".join("".join(run.text for run in runs) for runs in written)


register(Personal("notes", ("note_update", "own_note_update", "own_note"), services.make_one, _export))
