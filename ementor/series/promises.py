"""What people promised as their next step, and what became of it: theirs to say, and the others' to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import and_, func, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import readers, search
from ementor.database import MAX_ID, db, transactional
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups.models import Membership
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.reflections.models import NextStep
from ementor.series import services
from ementor.series.domain import promises as rules
from ementor.series.domain.promises import Became, Made
from ementor.series.models import Promise


@dataclass(frozen=True)
class One:
    """One promise as its viewer may see it."""

    meeting_id: int
    person: int
    text: str
    became: Became
    mine_only: bool
    at: datetime


@dataclass(frozen=True)
class Promises:
    """What is still promised: the viewer's own, then the others'. ``began`` once a meeting has been held."""

    mine: tuple[One, ...] = ()
    others: tuple[One, ...] = ()
    began: bool = False


def of_group(group_id: int, me: int, *, before: int | None = None) -> Promises:
    """Return the promises that one person sees now, or in the room of the meeting ``before``. Asks no rights.

    What is only somebody's own, and what was promised by who has left, is not read for anybody else; nor
    what was promised before they came, or at a meeting whose record they may not read. A step is for the
    group from when it is written, so it waits for no reveal and no seal: the next meeting may begin at once.
    """
    held = (Meeting.group_id == group_id, Meeting.ended_at.is_not(None), Meeting.id != (before or 0))
    last_ended_at = db.session.scalar(select(func.max(Meeting.ended_at)).where(*held))
    if last_ended_at is None:
        return Promises()
    came = select(Membership.joined_at).where(Membership.group_id == group_id, Membership.user_id == me)
    readable = readers.readable(db.session.get_one(User, me))
    for_all = and_(
        NextStep.mine_only.is_(False),
        Meeting.ended_at >= came.scalar_subquery(),
        NextStep.meeting_id.in_(readable.where(Meeting.group_id == group_id)),
    )
    is_member = and_(
        Membership.group_id == group_id,
        Membership.user_id == NextStep.user_id,
        Membership.ended_at.is_(None),
    )
    query = (
        select(NextStep, Meeting.ended_at, Promise.became, Promise.became_at)
        .join(Meeting, Meeting.id == NextStep.meeting_id)
        .join(Membership, is_member)
        .outerjoin(
            Promise, and_(Promise.meeting_id == NextStep.meeting_id, Promise.user_id == NextStep.user_id)
        )
        .where(*held, NextStep.text != "")
        .where(for_all | (NextStep.user_id == me))
        .order_by(Membership.id)
        .execution_options(populate_existing=True)
    )
    found = {}
    for step, ended_at, became, became_at in db.session.execute(query):
        assert ended_at is not None  # it was asked for
        made = Made(step.user_id, step.meeting_id, ended_at, Became(became or Became.OPEN), became_at)
        found[made] = One(step.meeting_id, step.user_id, step.text, made.became, step.mine_only, ended_at)
    shown = [found[made] for made in rules.current(found, last_ended_at)]
    return Promises(
        mine=tuple(one for one in shown if one.person == me),
        others=tuple(one for one in shown if one.person != me),
        began=True,
    )


@transactional
def mark(group_id: int, meeting_id: int, became: Became, *, actor: User) -> None:
    """Say what became of one's own promise; saying the same twice changes nothing. Raises NotFound."""
    step = _own_step(group_id, meeting_id, actor)
    row = db.session.get(Promise, (meeting_id, actor.id), populate_existing=True)
    if (row.became if row else Became.OPEN) == became:
        return
    if row is None:
        row = Promise(meeting_id=meeting_id, user_id=actor.id)
        db.session.add(row)
    row.became, row.became_at = became.value, clock.now()
    db.session.flush()
    _tell(group_id, actor, others=not step.mine_only)


@transactional
def keep_to_myself(group_id: int, meeting_id: int, mine_only: bool, *, actor: User) -> None:
    """Let nobody else see one's promise from now on, or let them again. Twice is once. Raises NotFound.

    A record keeps what was shared when its meeting ended.
    """
    step = _own_step(group_id, meeting_id, actor)
    if step.mine_only == mine_only:
        return
    step.mine_only = mine_only
    search.forget(meeting_id)
    _tell(group_id, actor, others=True)


def _own_step(group_id: int, meeting_id: int, actor: User) -> NextStep:
    policy.require_member(actor, group_id)
    step = None
    if 0 < meeting_id <= MAX_ID:
        query = (
            select(NextStep)
            .join(Meeting, Meeting.id == NextStep.meeting_id)
            .where(Meeting.group_id == group_id, Meeting.ended_at.is_not(None))
            .where(NextStep.meeting_id == meeting_id, NextStep.user_id == actor.id, NextStep.text != "")
            .execution_options(populate_existing=True)
        )
        step = db.session.scalars(query).one_or_none()
    if step is None:
        raise NotFound(gettext("You haven't made that promise in this group."))
    return step


def _tell(group_id: int, actor: User, *, others: bool) -> None:
    """Let open pages know: the others' only of what they see."""
    services.told(group_id)
    meeting_id = services.open_meeting(group_id)
    if meeting_id is None:
        return
    meetings.tell_own_pages(meeting_id, actor.id)
    if others:
        meetings.touch(meeting_id, "promises", actor_id=actor.id)
