"""Search in the records that somebody may read.

``words`` has the rules, ``lemmas`` the dictionaries, ``places`` what stands where in a record,
``index`` keeps the words of each, and ``services`` looks for some.
"""

from __future__ import annotations

from threading import Event

from sqlalchemy import delete, select

from ementor.archive.models import SearchWords
from ementor.database import after_commit, db
from ementor.meetings.models import Meeting

news = Event()
"""Set when a record of this process has changed, so that its words are made in the next round."""


def forget(meeting_id: int) -> None:
    """Let the words of a record be made anew: whoever changes what it says calls this, in the same step.

    The lock lets words that are just being made either see the change or be deleted here.
    """
    db.session.flush()
    db.session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update(of=Meeting))
    db.session.execute(delete(SearchWords).where(SearchWords.meeting_id == meeting_id))
    after_commit(news.set)
