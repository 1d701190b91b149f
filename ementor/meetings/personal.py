"""What meetings know of a person: what they did, where they have the room open, with whom they talked."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import delete, or_, select, update

from ementor import i18n, live
from ementor.accounts.merging.rows import move
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.database import after_commit, db
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Waiting
from ementor.meetings import services
from ementor.meetings.domain.agenda import Text
from ementor.meetings.domain.run import MergePeople
from ementor.meetings.models import Meeting, MeetingEvent, Partners, Presence


def groups_of(*person_ids: int) -> list[int]:
    """Return the groups to which these people have belonged, or at whose door they stood."""
    rows = (select(model.group_id).where(model.user_id.in_(person_ids)) for model in (Membership, Waiting))
    return sorted({group_id for query in rows for group_id in db.session.scalars(query)})


def _hold(kept: int, gone: int) -> None:
    """Let nobody come, go, press or answer in the groups of the two, in the order that all others keep."""
    group_ids = groups_of(kept, gone)
    for group_id in group_ids:
        groups.lock_group(group_id)
    query = select(Meeting.id).where(Meeting.group_id.in_(group_ids), Meeting.sealed.is_(False))
    db.session.execute(query.order_by(Meeting.id).with_for_update()).all()


def _merge(kept: int, gone: int) -> None:
    for sid in db.session.scalars(select(Presence.sid).where(Presence.user_id == gone)).all():
        after_commit(live.hang_up_everywhere, sid)
    move(Presence.user_id, kept, gone)
    move(MeetingEvent.actor_id, kept, gone)
    began = update(Group).where(Group.started_last_id == gone).values(started_last_id=kept)
    db.session.execute(began, execution_options={"synchronize_session": False})
    _add_up_partners(kept, gone)
    live_ones = Meeting.group_id.in_(groups_of(kept, gone)), Meeting.sealed.is_(False)
    for meeting_id in db.session.scalars(select(Meeting.id).where(*live_ones).order_by(Meeting.id)).all():
        if services.run_of(meeting_id).number:
            services.record(meeting_id, MergePeople(kept, gone), actor_id=None)


def _add_up_partners(kept: int, gone: int) -> None:
    theirs = or_(Partners.one_id == gone, Partners.other_id == gone)
    rows = db.session.execute(
        select(Partners.group_id, Partners.one_id, Partners.other_id, Partners.times).where(theirs)
    ).all()
    db.session.execute(delete(Partners).where(theirs), execution_options={"synchronize_session": False})
    for group_id, one_id, other_id, times in rows:
        other = other_id if one_id == gone else one_id
        if other != kept:
            key = (group_id, min(kept, other), max(kept, other))
            both = db.session.get(Partners, key, populate_existing=True)
            if both is None:
                both = Partners(group_id=key[0], one_id=key[1], other_id=key[2], times=0)
                db.session.add(both)
            both.times += times
    db.session.flush()


def _has(person_id: int) -> set[int]:
    """Return the meetings that they have been in and that are not sealed: of the others the record tells."""
    acted = select(MeetingEvent.meeting_id).where(MeetingEvent.actor_id == person_id)
    return set(db.session.scalars(acted.distinct()))


def about(meeting: Meeting) -> dict[str, Any]:
    """Return which meeting something is of, for an export."""
    return {
        "group": meeting.group.name,
        "meeting": ready_words(meeting.title),
        "meeting_id": meeting.id,
        "meeting_ended_at": meeting.ended_at,
    }


def ready_words(text: Text) -> str | None:
    """Return a text that came with the programme; None for one that somebody wrote, who may be another."""
    return None if text.get("") else i18n.say(text) or None


def _export(person: User) -> JSON:
    """Return what somebody did in meetings that are not sealed yet, and their own cases in these.

    Of an event it is the kind and the time: what else is in it may be about others.
    """
    found: dict[int, dict[str, Any]] = {}
    theirs: defaultdict[int, list[MeetingEvent]] = defaultdict(list)
    open_pages: defaultdict[int, list[Any]] = defaultdict(list)
    is_theirs = or_(MeetingEvent.actor_id == person.id, MeetingEvent.data["person"].as_integer() == person.id)
    groups = select(Membership.group_id).where(Membership.user_id == person.id)
    events = select(MeetingEvent).join(Meeting, Meeting.id == MeetingEvent.meeting_id)
    events = events.where(Meeting.group_id.in_(groups), is_theirs)
    for row in db.session.scalars(events.order_by(MeetingEvent.meeting_id, MeetingEvent.number)):
        theirs[row.meeting_id].append(row)
    pages = select(Presence).where(Presence.user_id == person.id).order_by(Presence.seen_at)
    for page in db.session.scalars(pages):
        open_pages[page.meeting_id].append(page.seen_at)
    meetings = select(Meeting).where(Meeting.id.in_({*theirs, *open_pages})).order_by(Meeting.id)
    for meeting in db.session.scalars(meetings):
        found[meeting.id] = {
            **about(meeting),
            "pressed": [
                {"at": row.at, "kind": row.kind} for row in theirs[meeting.id] if row.actor_id == person.id
            ],
            "happened": [
                {"at": row.at, "kind": row.kind} for row in theirs[meeting.id] if row.actor_id != person.id
            ],
            "open_pages": [{"seen_at": seen_at} for seen_at in open_pages[meeting.id]],
            "cases": [
                {"what": what.value, "text": text}
                for (_, owner, what), text in services.run_of(meeting.id).kept.items()
                if owner == person.id and text
            ],
        }
    return {"under_way": list(found.values())}


register(
    Personal("meetings", ("meeting_event", "presence", "partners"), _merge, _export, hold=_hold, has=_has)
)
