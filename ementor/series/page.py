"""What one person sees on their group's page: plain data for its template."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ementor import clock
from ementor.accounts.models import User
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership
from ementor.meetings.domain.run import Run
from ementor.meetings.parts import Person, people_of
from ementor.programmes import library
from ementor.series import leading, services
from ementor.series.domain.dates import State
from ementor.series.leading import Leading
from ementor.series.models import Series
from ementor.series.services import Planned

AHEAD = (State.PLANNED, State.OPEN, State.RUNNING)


@dataclass(frozen=True)
class Page:
    """The group's page for one member.

    ``next`` is the meeting that is under way or comes next, ``stamp`` what it shows in short.
    """

    series: Series
    group: Group
    me: Membership
    people: dict[int, Person]
    planned: list[Planned]
    next: Planned | None
    now: datetime
    stamp: str
    join_token: str
    rota: Leading

    @property
    def leads(self) -> bool:
        """Tell whether the viewer keeps the group's dates and settings."""
        return policy.keeps(self.me)

    @property
    def programme(self) -> library.Programme | None:
        """The programme that the group follows."""
        return next((one for one in library.programmes() if one.id == self.series.programme), None)

    @property
    def past(self) -> list[Planned]:
        """The meetings that have been held, the last one first."""
        return [one for one in reversed(self.planned) if one.state is State.ENDED]

    @property
    def has_ended(self) -> bool:
        """Tell whether meetings have been held and none is ahead."""
        return self.next is None and bool(self.past)


def of(group_id: int, *, actor: User | None) -> Page:
    """Return the page as this member sees it now. Raises NotFound for strangers."""
    series, me = services.for_member(group_id, actor)
    group, now = series.group, clock.now()
    planned = services.planned_of(group, now)
    current = next((one for one in planned if one.state in (State.OPEN, State.RUNNING)), None)
    coming = next((one for one in planned if one.state is State.PLANNED), None)
    people = people_of(policy.members(group.id), Run())
    return Page(
        series=series,
        group=group,
        me=me,
        people=people,
        planned=planned,
        next=current or coming,
        now=now,
        stamp=_stamp(series, me, planned),
        join_token=group.join_token,
        rota=leading.of_page(group.id, me.user_id, people, planned, current or coming),
    )


def stamp_of(group_id: int, *, actor: User | None) -> str:
    """Return in short what the page shows, to be compared with itself. Raises NotFound for strangers."""
    series, me = services.for_member(group_id, actor)
    return _stamp(series, me, services.planned_of(series.group))


def _stamp(series: Series, me: Membership, planned: list[Planned]) -> str:
    members = [(one.user_id, one.user.name, one.facilitator) for one in policy.members(series.group_id)]
    waiting = [one.user_id for one in groups.waiting_in(series.group_id)] if policy.leads(me) else []
    shown = (series.number, [(one.id, one.state) for one in planned], members, waiting, series.group.name)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
