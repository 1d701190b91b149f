"""I can't come: said by one press and taken back by one, with a word for the facilitators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import Conflict
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Membership
from ementor.reflections.services import merged
from ementor.series import rota, services
from ementor.series.models import Away
from ementor.series.services import Planned

MAX_WORD = 300


@dataclass(frozen=True)
class Known:
    """Who is known to be away from one meeting.

    ``mine`` is what the viewer has said; ``others`` by person the word that is theirs to read: "" where
    none was left, or it is for the facilitators alone.
    """

    planned_id: int
    mine: Away | None = None
    others: Mapping[int, str] = field(default_factory=dict)


def of_date(me: Membership, planned: Planned | None) -> Known | None:
    """Return who cannot come to a date, as far as this member may know it. Asks no rights."""
    if planned is None:
        return None
    members = {one.user_id for one in policy.members(me.group_id)}
    rows = [row for row in _rows(planned) if row.user_id in members]
    runs_it = me.facilitator and me.for_meeting_id == planned.row.meeting_id
    leads = runs_it or rota.may_prepare(me, planned.id)
    return Known(
        planned_id=planned.id,
        mine=next((row for row in rows if row.user_id == me.user_id), None),
        others={
            row.user_id: row.word if leads else ""
            for row in rows
            if row.user_id != me.user_id and (leads or row.told)
        },
    )


def people_away(planned: Planned) -> set[int]:
    """Return who has said that they cannot come to a date, for what is reckoned and not shown."""
    return {row.user_id for row in _rows(planned)}


def _rows(planned: Planned) -> Sequence[Away]:
    query = select(Away).where(Away.planned_id == planned.id, Away.wall == planned.row.wall)
    return db.session.scalars(query.order_by(Away.user_id).execution_options(populate_existing=True)).all()


@transactional
def cannot_come(group_id: int, planned_id: int, *, actor: User) -> None:
    """Say that one cannot come; twice is once. Raises NotFound, or Conflict when the date is over."""
    planned = _ahead(group_id, planned_id, actor)
    row = db.session.get(Away, (planned_id, actor.id), populate_existing=True)
    if row is not None and row.wall == planned.row.wall:
        return
    if row is None:
        row = Away(planned_id=planned_id, user_id=actor.id)
        db.session.add(row)
    row.wall, row.word, row.told = planned.row.wall, "", False
    db.session.flush()
    services.told(group_id)


@transactional
def can_come(group_id: int, planned_id: int, *, actor: User) -> None:
    """Take it back, and the word with it; twice is once. Raises as ``cannot_come``."""
    _ahead(group_id, planned_id, actor)
    row = db.session.get(Away, (planned_id, actor.id), populate_existing=True)
    if row is not None:
        db.session.delete(row)
        db.session.flush()
        services.told(group_id)


@transactional
def tell(
    group_id: int,
    planned_id: int,
    *,
    actor: User,
    word: str | None = None,
    seen: Sequence[str] | None = None,
    told: bool | None = None,
) -> str:
    """Leave the facilitators a word, or let the others know too; None stays. Answers the word.

    Raises NotFound, Invalid, or Conflict for who has not said that they cannot come.
    """
    planned = _ahead(group_id, planned_id, actor)
    row = db.session.get(Away, (planned_id, actor.id), populate_existing=True)
    if row is None or row.wall != planned.row.wall:
        raise Conflict(gettext("First say that you can't come."))
    before = (row.word, row.told)
    if word is not None:
        row.word = merged(row.word, word, seen, MAX_WORD)
    if told is not None:
        row.told = told
    db.session.flush()
    if before != (row.word, row.told):
        services.told(group_id)
    return row.word


def _ahead(group_id: int, planned_id: int, actor: User) -> Planned:
    """Return a date that is still to come or under way, held with its group."""
    policy.require_member(actor, group_id)
    planned = services.one_of(services.planned_of(groups.lock_group(group_id)), planned_id)
    if planned.state not in services.AHEAD:
        raise Conflict(gettext("That meeting is over, or it has been cancelled."))
    return planned
