"""Who has the room open, truthful within a minute whatever happens to lines and processes.

Each open page is a row. Its process renews the rows of its own sockets; a row that nobody
renews is swept by whichever process looks first, and the person's leaving is an event.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db, rows, transactional
from ementor.errors import NotAllowed, NotFound
from ementor.held import Statement
from ementor.lists import is_in
from ementor.meetings import services
from ementor.meetings.domain.run import PersonCame, PersonLeft, Run
from ementor.meetings.models import Meeting, Presence

GONE_AFTER = timedelta(seconds=20)
"""Longer than a reload or a short loss of the connection: nobody has left then."""


@transactional
def come(meeting_id: int, sid: str, *, actor: User) -> Run:
    """Note that a page is open; the person's first one is their coming. Raises NotFound."""
    meeting = services.get_meeting(meeting_id, actor=actor)
    if meeting.sealed:
        return services.run_of(meeting_id)  # who still looks at its old page is nobody's business
    row = db.session.get(Presence, sid, populate_existing=True)
    if row is None:
        row = Presence(sid=sid, meeting_id=meeting_id, user_id=actor.id, seen_at=clock.now())
        db.session.add(row)
    row.meeting_id, row.user_id, row.seen_at = meeting_id, actor.id, clock.now()
    if meeting.ended_at is not None:
        return services.run_of(meeting_id)
    return services.record(meeting_id, PersonCame(actor.id), actor_id=actor.id)


@transactional
def renew(sids: list[str]) -> list[str]:
    """Say that these sockets of this process are alive; return those that were swept meanwhile.

    A process that could not write for a while finds that another one took its people for gone.
    """
    kept = {sid for (sid,) in rows(_RENEWED, {"sids": sids, "now": clock.now()})}
    return [sid for sid in sids if sid not in kept]


_RENEWED = Statement(
    update(Presence)
    .where(is_in(Presence.sid, "sids"))
    .values(seen_at=bindparam("now"))
    .returning(Presence.sid)
)


@transactional
def come_back(sid: str, meeting_id: int, user_id: int) -> bool:
    """Let somebody in again whose page was open all the while; tell whether it is to be looked after.

    That is also the page of who was just removed: ``Background.hang_up`` ends it.
    """
    person = db.session.get(User, user_id)
    try:
        meeting = services.get_meeting(meeting_id, actor=person) if person else None
    except (NotFound, NotAllowed):
        return True
    if person is None or meeting is None or meeting.sealed:
        return False
    come(meeting_id, sid, actor=person)
    return True


@transactional
def come_in_again(meeting_id: int) -> None:
    """Let those in who opened the room while the meeting was closed, and out whom the group removed."""
    alive = (Presence.meeting_id == meeting_id, Presence.seen_at >= clock.now() - GONE_AFTER)
    for user_id in db.session.scalars(select(Presence.user_id).where(*alive).distinct()).all():
        services.record(meeting_id, PersonCame(user_id), actor_id=user_id)
    known = services.people_of([meeting_id])
    for user_id in services.run_of(meeting_id).people:
        if (meeting_id, user_id) not in known:  # removed meanwhile
            services.record(meeting_id, PersonLeft(user_id, clock.now(), for_good=True), actor_id=None)


def end(group_id: int, user_id: int) -> list[str]:
    """Forget somebody's open pages of a group's meetings; return which they were."""
    meetings = select(Meeting.id).where(Meeting.group_id == group_id)
    his = (Presence.user_id == user_id, Presence.meeting_id.in_(meetings))
    sids = list(db.session.scalars(select(Presence.sid).where(*his)))
    db.session.execute(delete(Presence).where(*his))
    return sids


def sweep() -> None:
    """Let those leave whose pages have all gone silent.

    Of a meeting whose end may yet be undone they are left as they are: nobody leaves a
    closed meeting, and once it goes on it must be known who has left.
    """
    before = clock.now() - GONE_AFTER
    for meeting_id, user_id in rows(_SILENT, {"before": before}):
        _sweep_one(meeting_id, user_id, before)


_SILENT = Statement(
    select(Presence.meeting_id, Presence.user_id)
    .join(Meeting, Meeting.id == Presence.meeting_id)
    .where(Presence.seen_at < bindparam("before"), Meeting.ended_at.is_(None) | Meeting.sealed)
    .distinct()
)


@transactional
def _sweep_one(meeting_id: int, user_id: int, before: datetime) -> None:
    meeting = db.session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None or (meeting.ended_at is not None and not meeting.sealed):
        return
    his = (Presence.meeting_id == meeting_id, Presence.user_id == user_id)
    seen = list(db.session.scalars(select(Presence.seen_at).where(*his)))
    db.session.execute(delete(Presence).where(*his, Presence.seen_at < before))
    if seen and max(seen) < before and not meeting.sealed:
        services.record(meeting_id, PersonLeft(user_id, max(seen)), actor_id=None)
