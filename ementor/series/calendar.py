"""The group's dates for people's own calendars: a file for members, and a feed at a secret address.

One event for each date and no recurrence rule, so that a moved one is a moved one in every program.
What is in there may lie on a shared screen or at an employer's server: a neutral title, the times and
the group's link; nothing that was said or promised.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext
from icalendar import Calendar, Event
from icalendar.enums import STATUS
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.series import rota, services
from ementor.series.domain.dates import Kept
from ementor.series.models import Series
from ementor.series.services import Planned

PRODUCT = "-//ementor//ementor//EN"
REFRESH = timedelta(hours=1)
UTMOST = timedelta(days=366)
"""How far beyond the dates the changes of the clocks are told."""


@dataclass(frozen=True)
class File:
    """A calendar file: its bytes, and a name that tells no more than its title."""

    data: bytes
    name: str


def for_members(group_id: int, link: str, *, actor: User | None, planned_id: int | None = None) -> File:
    """Return the group's dates, or one of them, to a member. ``link`` is the group's. Raises NotFound."""
    series, _ = services.for_member(group_id, actor)
    planned = services.planned_of(series.group)
    if planned_id is not None:
        planned = [services.one_of(planned, planned_id)]
    return _file(series, planned, link)


def group_by_token(token: str) -> Series:
    """Return the series whose feed has this address. Raises NotFound, also for one that was replaced."""
    series = db.session.scalars(select(Series).where(Series.calendar_token == token)).one_or_none()
    if series is None:
        raise NotFound(
            gettext("This calendar address no longer works. Copy the new one from the group's page.")
        )
    return series


def feed(token: str, link_of: Callable[[Group], str]) -> File:
    """Return the group's dates to whoever has the feed's address. Raises NotFound."""
    series = group_by_token(token)
    return _file(series, services.planned_of(series.group), link_of(series.group))


@transactional
def rotate(group_id: int, *, actor: User) -> None:
    """Give the feed another address; calendars that have the old one get nothing from now on."""
    groups.lock_group(group_id)
    policy.require_keeper(actor, group_id)
    give_new_address(group_id)


@groups.when_removed
def give_new_address(group_id: int) -> None:
    """Give the feed another address without asking rights: who was removed would read the new link in it."""
    series = db.session.get(Series, group_id)
    if series is not None:
        series.calendar_token = secrets.token_urlsafe(24)
        services.told(group_id)


@transactional
def choose(group_id: int, *, actor: User, named: bool, leaders: bool) -> None:
    """Choose whether entries have the group's name, and say who leads."""
    groups.lock_group(group_id)
    policy.require_keeper(actor, group_id)
    series = services.series_of(group_id)
    series.calendar_named, series.calendar_leaders = named, leaders
    services.told(group_id)


def _file(series: Series, planned: list[Planned], link: str) -> File:
    group, leaders = series.group, rota.leaders_of(series.group_id) if series.calendar_leaders else {}
    with force_locale(group.locale):  # it is read by many, as the group's own words
        title = group.name if series.calendar_named else gettext("Meeting")
        uid = f"group-{group.id}@ementor"
        calendar = Calendar.new(
            prodid=PRODUCT, uid=uid, name=title, method="PUBLISH", refresh_interval=REFRESH
        )
        calendar.add("X-PUBLISHED-TTL", "PT1H")
        for one in planned:
            if one.date.kept is not Kept.SKIPPED:
                calendar.add_component(_event(one, group, title, link, leader=leaders.get(one.id)))
    if planned:
        first, last = planned[0].date.wall.date(), planned[-1].date.wall.date()
        calendar.add_missing_timezones(first_date=first - UTMOST, last_date=last + UTMOST)
    return File(calendar.to_ical(), "meeting.ics" if len(planned) == 1 else "meetings.ics")


def _event(one: Planned, group: Group, title: str, link: str, *, leader: str | None) -> Event:
    zone = ZoneInfo(group.time_zone)
    words = [gettext("The group's link: %(link)s", link=link)]
    if leader:
        words.insert(0, gettext("%(name)s leads", name=leader))
    return Event.new(
        uid=f"{one.row.uid}@ementor",
        sequence=one.row.sequence,
        stamp=one.row.changed_at,
        last_modified=one.row.changed_at,
        start=one.date.wall.replace(tzinfo=zone),
        end=one.ends_at.astimezone(zone),
        summary=title,
        description="\n".join(words),
        url=link,
        status=STATUS.CANCELLED if one.date.kept is Kept.CANCELLED else STATUS.CONFIRMED,
    )
