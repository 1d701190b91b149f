"""Who has the room open, truthful within a minute whatever happens to lines and processes.

Each open page is a row. Its process renews the rows of its own sockets; a row that nobody
renews is swept by whichever process looks first, and the person's leaving is an event.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.meetings import services
from ementor.meetings.domain.run import PersonCame, PersonLeft, Run
from ementor.meetings.models import Meeting, Presence

RENEW_S = 5
GONE_AFTER = timedelta(seconds=20)
"""Longer than a reload or a short gap in the line: those are no leaving."""


@transactional
def come(meeting_id: int, sid: str, *, actor: User) -> Run:
    """Note that a page is open; the person's first one is their coming. Raises NotFound."""
    meeting = services.get_meeting(meeting_id, actor=actor)
    row = db.session.get(Presence, sid)
    if row is None:
        row = Presence(sid=sid, meeting_id=meeting_id, user_id=actor.id, seen_at=clock.now())
        db.session.add(row)
    row.meeting_id, row.user_id, row.seen_at = meeting_id, actor.id, clock.now()
    if meeting.ended_at is not None:
        return services.run_of(meeting_id)
    return services.record(meeting_id, PersonCame(actor.id), actor_id=actor.id)


@transactional
def renew(sids: list[str]) -> None:
    """Say that these sockets of this process are alive."""
    for start in range(0, len(sids), 500):
        chunk = sids[start : start + 500]
        db.session.execute(update(Presence).where(Presence.sid.in_(chunk)).values(seen_at=clock.now()))


def sweep() -> None:
    """Let those leave whose pages have all gone silent."""
    before = clock.now() - GONE_AFTER
    query = select(Presence.meeting_id, Presence.user_id).where(Presence.seen_at < before).distinct()
    silent = db.session.execute(query).all()
    db.session.commit()
    for meeting_id, user_id in silent:
        _sweep_one(meeting_id, user_id, before)


@transactional
def _sweep_one(meeting_id: int, user_id: int, before: datetime) -> None:
    his = (Presence.meeting_id == meeting_id, Presence.user_id == user_id)
    seen = list(db.session.scalars(select(Presence.seen_at).where(*his)))
    db.session.execute(delete(Presence).where(*his, Presence.seen_at < before))
    if not seen or max(seen) >= before:
        return
    meeting = db.session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is not None and meeting.ended_at is None:
        services.record(meeting_id, PersonLeft(user_id, max(seen)), actor_id=None)
