"""Nobody is locked out: a group whose facilitators have gone is taken over by any of its members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from ementor import clock
from ementor.accounts.models import User
from ementor.database import transactional
from ementor.errors import Conflict
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Membership
from ementor.meetings.services import people
from ementor.series import services
from ementor.series.domain import takeover as rules
from ementor.series.models import Series


@dataclass(frozen=True)
class TakeOver:
    """What a member sees of it: whether they may, and who did so lately."""

    may: bool
    by_id: int | None
    at: datetime | None


def of_page(series: Series, me: Membership, members: list[Membership], now: datetime) -> TakeOver:
    """Return what the group's page shows to this member. Asks no rights."""
    told = rules.is_news(series.taken_over_at, now)
    return TakeOver(
        may=not policy.keeps(me) and _is_left_alone(members, now),
        by_id=series.taken_over_by_id if told else None,
        at=series.taken_over_at if told else None,
    )


@transactional
def take_over(group_id: int, *, actor: User) -> None:
    """Make oneself the group's facilitator when none has been here for a while, or none is left.

    Of two at once the second is told that it has been done. Raises NotFound, or Conflict while a
    facilitator looks after the group.
    """
    groups.lock_group(group_id)
    series, me = services.for_member(group_id, actor)
    if policy.keeps(me):
        return
    now = clock.now()
    if not _is_left_alone(policy.members(group_id), now):
        raise Conflict(gettext("The group has a facilitator. You can see who on the group's page."))
    groups.take_hat(group_id, actor=actor)
    me.seen_at = now
    series.taken_over_by_id, series.taken_over_at = actor.id, now
    services.told(group_id)
    people.tell(group_id)


def _is_left_alone(members: list[Membership], now: datetime) -> bool:
    seen = [one.seen_at or one.joined_at for one in members if policy.keeps(one)]
    return rules.is_left_alone(seen, now)
