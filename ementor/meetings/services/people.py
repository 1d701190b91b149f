"""Who is in the room and what they do there: being let in or removed, hats and roles."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec

from flask_babel import gettext
from sqlalchemy import select, update

from ementor import clock, live
from ementor.accounts.models import User
from ementor.database import after_commit, db, transactional
from ementor.errors import Conflict
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Readers
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import GiveRole, Kind, PersonLeft, Role, Run, Touch
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.meetings.services import presence

TAKE_OVER_AFTER = timedelta(seconds=60)
P = ParamSpec("P")


@groups.when_widened
def keep_what_was_said(group_id: int) -> None:
    """Let what is being written stay with those who are there, as it was said while they wrote."""
    begun = select(MeetingEvent.meeting_id).where(
        MeetingEvent.meeting_id == Meeting.id, MeetingEvent.kind == Kind.STARTED
    )
    query = update(Meeting).where(Meeting.group_id == group_id, Meeting.ended_at.is_(None), begun.exists())
    db.session.execute(query.values(readers=Readers.PRESENT))


@groups.when_changed
def tell(group_id: int) -> None:
    """Make the rooms of a group ask anew. Who comes and goes at the door is in no log."""
    for meeting_id in under_way(group_id):
        meetings.record(meeting_id, Touch("people"), actor_id=None)


def under_way(group_id: int) -> list[int]:
    """Return the group's meetings that have not ended."""
    query = select(Meeting.id).where(Meeting.group_id == group_id, Meeting.ended_at.is_(None))
    return list(db.session.scalars(query))


def once(change: Callable[Concatenate[Meeting, P], bool]) -> Callable[..., Run]:
    """Make a press of the room out of what a person does to its group: sent again, it counts once.

    The press takes the meeting's number in the place of the meeting, and ``seen`` and ``press`` as
    ``meetings.act`` does. The change answers whether the room must yet be told.
    """

    @functools.wraps(change)
    def pressed(
        meeting_id: int, /, *about: Any, actor: User, seen: int | None = None, press: str | None = None
    ) -> Run:
        meeting = meetings.get_meeting(meeting_id, actor=actor)
        groups.lock_group(meeting.group_id)  # of two at once the second sees the first
        run = meetings.run_of(meeting_id)
        if press and meetings.has_counted(meeting_id, run, press, since=seen or 0):
            return run
        if change(meeting, *about, actor=actor):
            return meetings.touch(meeting_id, "people", actor_id=actor.id, press=press)
        return meetings.run_of(meeting_id)

    return transactional(pressed)


# Coming in and out: pressed again they find it done


@once
def let_in(meeting: Meeting, person_id: int, *, actor: User) -> bool:
    """Let in somebody who waits; nothing when that was decided already. Conflict when the group is full."""
    groups.let_in(meeting.group_id, person_id, actor=actor)
    return False


@once
def refuse(meeting: Meeting, person_id: int, *, actor: User) -> bool:
    """Refuse somebody who waits; nothing when that was decided already."""
    groups.refuse(meeting.group_id, person_id, actor=actor)
    return False


@transactional
def remove_from(group_id: int, person_id: int, *, actor: User) -> None:
    """End somebody's membership, and all their pages of the group at once; twice is once.

    Pages of other processes hear of it through the queue; the background job of each process sees
    to it that nobody stays. Raises NotFound, NotAllowed, or Conflict for oneself.
    """
    if groups.remove(group_id, person_id, actor=actor):
        for sid in presence.end(group_id, person_id):
            after_commit(live.dismiss_everywhere, sid)
        for each in under_way(group_id):
            meetings.record(each, PersonLeft(person_id, clock.now(), for_good=True), actor_id=actor.id)
        tell(group_id)


@once
def remove(meeting: Meeting, person_id: int, *, actor: User) -> bool:
    """Remove somebody from the group of a meeting. Raises as ``remove_from``."""
    remove_from(meeting.group_id, person_id, actor=actor)
    return False


# Hats, the link and roles


@once
def make_facilitator(meeting: Meeting, person_id: int, *, actor: User) -> bool:
    """Make another member a facilitator too. Raises NotFound or NotAllowed."""
    return groups.give_hat(meeting.group_id, person_id, actor=actor)


@once
def hand_over(meeting: Meeting, person_id: int, *, actor: User) -> bool:
    """Give one's own hat to another member, in one go. Raises NotFound or NotAllowed."""
    return groups.hand_over(meeting.group_id, person_id, actor=actor)


@once
def give_up(meeting: Meeting, *, actor: User) -> bool:
    """Give up facilitating; Conflict for the only facilitator."""
    return groups.drop_hat(meeting.group_id, actor=actor)


@once
def take_over(meeting: Meeting, *, actor: User) -> bool:
    """Make oneself this meeting's facilitator when none has been online for a minute; else Conflict.

    The group itself is taken over on its page, after more than a minute.
    """
    if policy.leads(policy.require_member(actor, meeting.group_id)):
        return False
    since = led_until(meetings.run_of(meeting.id), meeting)
    if since is None or clock.now() - since < TAKE_OVER_AFTER:
        raise Conflict(gettext("A facilitator was here within the last minute. Wait a moment."))
    return groups.take_hat(meeting.group_id, actor=actor, for_meeting_id=meeting.id)


def led_until(run: Run, meeting: Meeting) -> datetime | None:
    """Return since when no facilitator is online, or None while one is. Before the start none is late."""
    leaders = [member.user_id for member in policy.members(meeting.group_id) if member.facilitator]
    if any(person in run.present for person in leaders):
        return None
    since = max(
        (run.left_at[person] for person in leaders if person in run.left_at), default=meeting.created_at
    )
    starts_at = run.schedule.starts_at
    return since if run.started or starts_at is None else max(since, starts_at)


@once
def rotate_link(meeting: Meeting, *, actor: User) -> bool:
    """Give the group a new join link; the old one lets nobody new in from now on."""
    groups.rotate_link(meeting.group_id, actor=actor)
    return True


@transactional
def rotate_link_of(group_id: int, *, actor: User) -> None:
    """Give a group a new join link, and tell its rooms. Raises NotFound or NotAllowed."""
    groups.rotate_link(group_id, actor=actor)
    tell(group_id)


@transactional
def give_role(
    meeting_id: int,
    person_id: int,
    role: Role | None,
    *,
    actor: User,
    seen: int | None = None,
    press: str | None = None,
) -> Run:
    """Give somebody a role in this meeting, or take it away. To oneself everybody may; else facilitators.

    Raises NotFound, NotAllowed, or Conflict when the meeting has ended.
    """
    group_id = meetings.get_meeting(meeting_id, actor=actor).group_id
    if person_id != actor.id:
        policy.require_facilitator(actor, group_id)
        groups.require_in_group(group_id, person_id)
    command = GiveRole(person_id, role)
    return meetings.record(meeting_id, command, actor_id=actor.id, seen=seen, press=press)
