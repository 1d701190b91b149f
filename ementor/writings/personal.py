"""What somebody wrote for themselves in the items of a meeting."""

from __future__ import annotations

from sqlalchemy import select

from ementor import i18n
from ementor.accounts.merging.rows import join
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.database import db
from ementor.meetings.models import Meeting
from ementor.meetings.personal import about
from ementor.programmes import library
from ementor.texts import both_texts
from ementor.writings import services
from ementor.writings.models import SharedLine, Writing


def _merge(kept: int, gone: int) -> None:
    join(Writing.user_id, kept, gone, _both)
    join(SharedLine.user_id, kept, gone)


def _both(mine: Writing, theirs: Writing) -> None:
    """Keep both texts as those of two pages are kept, so that pages of either can go on.

    The number is one that neither of them has seen.
    """
    if mine.text:
        mine.other = both_texts(mine.other, theirs.text)
    else:
        mine.text, mine.tab = theirs.text, theirs.tab
    mine.other, mine.other_tab = both_texts(mine.other, theirs.other), ""
    mine.number = max(mine.number, theirs.number) + 1
    mine.answers = {**theirs.answers, **mine.answers}


def _export(person: User) -> JSON:
    """Return what somebody wrote, also what another page of theirs had written at the same place."""
    query = select(Writing, Meeting).join(Meeting, Meeting.id == Writing.meeting_id)
    query = query.where(Writing.user_id == person.id).order_by(Writing.meeting_id, Writing.item_id)
    statements = library.self_assessment()
    return {
        "writings": [
            {
                **about(meeting),
                "item_id": row.item_id,
                "text": row.text,
                "other": row.other,
                "answers": [
                    {"statement": i18n.say(statements[int(key) - 1]), "number": row.answers[key]}
                    for key in sorted(row.answers, key=int)
                ],
                "ready": row.ready,
                "in_notes": services.lines_in_notes(row),
            }
            for row, meeting in db.session.execute(query)
        ]
    }


register(Personal("writings", ("writing", "writing_shared_line"), _merge, _export))
