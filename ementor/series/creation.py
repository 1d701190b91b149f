"""Creating a group with the dates of its series."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import Invalid
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership
from ementor.programmes import library
from ementor.programmes.library import Template
from ementor.series import services, words
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import DateRefusal, DateRefused, Dates
from ementor.series.models import Series
from ementor.series.planning import SENT_TWICE_WITHIN, add_row, require_zone


@transactional
def plan_series(
    *,
    actor: User | None,
    name: str,
    programme: str,
    group_name: str,
    first: datetime,
    weeks: int | None,
    time_zone: str,
    locale: str,
    everywhere: bool = False,
    key: str | None = None,
) -> tuple[User, Group]:
    """Make a group with the dates of a programme, or of one ready meeting; its planner facilitates.

    ``programme`` is a programme's id or a template's key, ``first`` the local time of the first
    meeting, ``weeks`` the gap between meetings, None for the programme's own. ``key`` tells a form
    that is sent twice: what it made a moment ago is returned. Raises Invalid.
    """
    templates, gaps = _wanted(programme, weeks)
    require_zone(time_zone)
    name = accounts.clean_name(name)
    group_name = group_name.strip() or gettext("%(name)s's group", name=name)
    fresh = _fresh(templates, gaps, first, time_zone)
    actor = actor or accounts.just_came(key)
    if key and actor is not None and (group := _just_planned(actor, group_name, templates[0].programme)):
        return accounts.ensure_signed_in(actor, key), group
    if actor is None:
        actor = accounts.make_guest(name, locale=locale)
    else:
        groups.rename(actor, name, everywhere=everywhere)
    group = groups.make_group(group_name, actor=actor, locale=locale, time_zone=time_zone)
    services.make_series(
        group, programme=templates[0].programme, rhythm_weeks=gaps[0] if gaps else weeks or 4
    )
    for date, template in zip(fresh, templates, strict=True):
        add_row(group.id, date.wall, template)
    return accounts.ensure_signed_in(actor, key), group


def dates_for(programme: str, first: datetime, weeks: int | None, time_zone: str) -> Dates:
    """Return the dates that ``plan_series`` would make. Raises Invalid."""
    return _fresh(*_wanted(programme, weeks), first, time_zone)


def _fresh(templates: list[Template], gaps: list[int], first: datetime, time_zone: str) -> Dates:
    with words.refusing(time_zone, field="first"):
        fresh = rules.planned(first, gaps, [template.minutes for template in templates])
        return rules.require_fit(fresh, [date.id for date in fresh], time_zone, clock.now())


def _wanted(programme: str, weeks: int | None) -> tuple[list[Template], list[int]]:
    """Return the meetings of a programme or of one template, and the weeks between them."""
    if weeks is not None and not 1 <= weeks <= rules.MAX_WEEKS:
        raise Invalid(words.why(DateRefused(DateRefusal.WEEKS), ""), field="weeks")
    if programme in library.templates():
        return [library.templates()[programme]], []
    for one in library.programmes():
        if one.id == programme and one.id != library.SINGLE:
            own = one.gaps(len(one.templates))[1:]
            return list(one.templates), [weeks] * len(own) if weeks is not None else list(own)
    raise Invalid(gettext("Choose a programme from the list."), field="programme")


def _just_planned(actor: User, group_name: str, programme: str) -> Group | None:
    """Return the group that this person planned in the same way a moment ago, or None."""
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update())  # one after the other
    query = (
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .join(Series, Series.group_id == Group.id)
        .where(
            Membership.user_id == actor.id,
            Membership.facilitator,
            Group.name == accounts.visible_text(group_name),
            Group.created_at > clock.now() - SENT_TWICE_WITHIN,
            Series.programme == programme,
        )
    )
    return db.session.scalars(query.order_by(Group.id.desc()).limit(1)).first()
