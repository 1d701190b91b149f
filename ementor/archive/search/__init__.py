"""Search in the records that somebody may read.

``words`` has the rules, ``lemmas`` the dictionaries, ``places`` what stands where in a record,
``index`` keeps the words of each, and ``services`` looks for some.
"""

from __future__ import annotations

from threading import Event

from sqlalchemy import delete, select

from ementor.archive.models import RecordReader, SearchWords
from ementor.database import after_commit, db
from ementor.meetings.models import Meeting

news = Event()
"""Set when a record of this process has changed, so that the background job makes its words the next time."""


def forget(*meeting_ids: int) -> None:
    """Let the words of records be made anew: whoever changes what they say calls this, in the same step.

    The lock lets words that are just being made either see the change or be deleted here.
    """
    db.session.flush()
    held = select(Meeting.id).where(Meeting.id.in_(meeting_ids)).order_by(Meeting.id)
    db.session.execute(held.with_for_update(of=Meeting))
    db.session.execute(
        delete(SearchWords).where(SearchWords.meeting_id.in_(meeting_ids)),
        execution_options={"synchronize_session": False},
    )
    after_commit(news.set)


def forget_of(*people: int) -> None:
    """Let the words of all records be made anew in which somebody has a part: two who become one, say."""
    there = select(RecordReader.meeting_id).where(RecordReader.user_id.in_(people))
    forget(*db.session.scalars(there))
