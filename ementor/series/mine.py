"""The groups of one person, with what comes next in each: the list of the front page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.database import db
from ementor.groups.models import Group, Membership
from ementor.meetings.views import lists_groups
from ementor.series import services
from ementor.series.domain.dates import State
from ementor.series.models import Series

MOST = 50


@lists_groups
def groups_of(person: User) -> list[dict[str, Any]]:
    """Return somebody's groups: those that meet first, then those that have no date ahead, newest first."""
    query = select(Membership).options(joinedload(Membership.group))
    query = query.join(Series, Series.group_id == Membership.group_id)
    query = query.where(Membership.user_id == person.id, Membership.ended_at.is_(None))
    now, found = clock.now(), []
    for member in db.session.scalars(query.order_by(Membership.id.desc()).limit(MOST)):
        planned = services.planned_of(member.group, now)
        coming = next((one for one in planned if one.state in {State.OPEN, State.RUNNING}), None)
        coming = coming or next((one for one in planned if one.state is State.PLANNED), None)
        found.append((member.group, coming, any(one.state is State.ENDED for one in planned)))
    found.sort(key=lambda one: (one[1] is None, one[1].starts_at if one[1] else now))
    return [_line(group, coming, held=held, now=now) for group, coming, held in found]


def _line(group: Group, coming: services.Planned | None, *, held: bool, now: datetime) -> dict[str, Any]:
    if coming is not None and coming.state in {State.OPEN, State.RUNNING}:
        when = gettext("now")
    elif coming is not None:
        when = i18n.shown_day_and_time(coming.starts_at, group.time_zone)
    else:
        when = gettext("ended") if held else gettext("no dates yet")
    return {"url": url_for("series.group", group_id=group.id), "name": group.name, "when": when}
