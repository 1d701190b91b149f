"""What one person sees on their group's page: plain data for its template."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import readers
from ementor.archive import services as archive
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Readers, Waiting
from ementor.meetings import services as meetings
from ementor.meetings.cards.view import Person
from ementor.meetings.domain.run import Run
from ementor.meetings.parts import people_of
from ementor.programmes import library
from ementor.series import (
    away,
    going_on,
    leading,
    opening,
    phrases,
    promises,
    services,
    takeover,
    tasks,
    wishes,
)
from ementor.series.domain.countdown import Left, left_until
from ementor.series.domain.dates import State, opens_at
from ementor.series.going_on import Proposal
from ementor.series.leading import Leading
from ementor.series.models import Series
from ementor.series.services import Planned
from ementor.series.takeover import TakeOver

UNDER_WAY = (State.OPEN, State.RUNNING)


@dataclass(frozen=True)
class Page:
    """The group's page for one member.

    ``next`` is the meeting that is under way or comes next, ``left`` how long it is until then;
    ``stamp`` is what the page shows in short. ``readable`` are the meetings whose records the viewer
    may read, ``attended`` those in which they were.
    """

    series: Series
    group: Group
    me: Membership
    people: dict[int, Person]
    waiting: list[Waiting]
    planned: list[Planned]
    next: Planned | None
    left: Left | None
    readable: set[int]
    attended: set[int]
    take_over: TakeOver
    now: datetime
    stamp: str
    join_token: str
    promises: promises.Promises
    wishes: tuple[wishes.One, ...]
    task: tasks.Task | None
    away: away.Known | None
    rota: Leading

    @property
    def leads(self) -> bool:
        """Tell whether the viewer keeps the group's dates and settings."""
        return policy.keeps(self.me)

    @property
    def is_new(self) -> bool:
        """Tell whether no meeting has been held yet."""
        return not self.past

    @property
    def opens_at(self) -> datetime | None:
        """When the room of the next meeting opens by itself."""
        return opens_at(self.next.date, self.group.time_zone) if self.next else None

    @property
    def usual(self) -> str:
        """When the group usually meets, in words; nothing for a single date."""
        ahead = [one for one in self.planned if one.date.is_ahead and one.date.moved_from is None]
        if self.next is None or len(self.planned) < 2 or not ahead:
            return ""
        return phrases.usual(self.series.rhythm_weeks, ahead[0].date.wall, ahead[0].date.minutes)

    @property
    def is_open(self) -> bool:
        """Tell whether the room of the next meeting is open."""
        return self.next is not None and self.next.state in UNDER_WAY

    @property
    def programme(self) -> library.Programme | None:
        """The programme that the group follows."""
        return next((one for one in library.programmes() if one.id == self.series.programme), None)

    @property
    def past(self) -> list[Planned]:
        """The meetings that have been held, the last one first."""
        return [one for one in reversed(self.planned) if one.state is State.ENDED]

    @property
    def closed(self) -> tuple[bool, bool]:
        """Tell whether there are records that the viewer may not read: as they came later, or were away."""
        unread = [one for one in self.past if one.row.meeting_id not in self.readable]
        for_all = self.group.readers == Readers.MEMBERS
        later = [for_all and (one.date.ended_at or self.now) < self.me.joined_at for one in unread]
        return any(later), not all(later)

    @property
    def proposal(self) -> Proposal | None:
        """What is proposed to a group that has held meetings and has none ahead."""
        if self.next is not None or not self.past:
            return None
        return going_on.of_page(self.past, self.group.time_zone, self.now)


def of(group_id: int, *, actor: User | None) -> Page:
    """Return the page as this member sees it now. Raises NotFound for strangers.

    A room whose time has come is opened by whoever looks first: that is the clock's doing and not theirs.
    """
    now = clock.now()
    series, me = services.for_member(group_id, actor)
    planned = services.planned_of(series.group, now)
    coming = _next(planned)
    if coming is not None and coming.state in UNDER_WAY and not coming.row.handed_out:
        opening.open_due(group_id)
        series, me = services.for_member(group_id, actor)
        planned = services.planned_of(series.group, now)
        coming = _next(planned)
    group, members = series.group, policy.members(group_id)
    people = people_of(members, _run(coming))
    return Page(
        series=series,
        group=group,
        me=me,
        people=people,
        waiting=groups.waiting_in(group.id) if policy.leads(me) else [],
        planned=planned,
        next=coming,
        left=left_until(coming.starts_at, now, group.time_zone) if coming else None,
        readable=archive.readable_by(me.user, group.id),
        attended=readers.attended(me.user, group.id),
        take_over=takeover.of_page(series, me, members, now),
        now=now,
        stamp=_stamp(series, me, members, planned, now),
        join_token=group.join_token,
        promises=promises.of_group(group.id, me.user_id),
        wishes=wishes.of_group(group.id, me.user_id),
        task=tasks.of_group(group.id, me.user_id, planned),
        away=away.of_date(me, coming),
        rota=leading.of_page(group.id, me.user_id, people, planned, coming),
    )


def stamp_of(group_id: int, *, actor: User | None) -> str:
    """Return in short what the page shows, to be compared with itself. Raises NotFound for strangers."""
    series, me = services.for_member(group_id, actor)
    now = clock.now()
    return _stamp(series, me, policy.members(group_id), services.planned_of(series.group, now), now)


def _next(planned: list[Planned]) -> Planned | None:
    """Return the meeting that is under way, else the one that comes next."""
    current = next((one for one in planned if one.state in UNDER_WAY), None)
    return current or next((one for one in planned if one.state is State.PLANNED), None)


def _run(coming: Planned | None) -> Run:
    """Return how the meeting goes whose room is open: who is there."""
    if coming is None or coming.state not in UNDER_WAY or coming.row.meeting_id is None:
        return Run()
    return meetings.run_of(coming.row.meeting_id)


def _stamp(
    series: Series, me: Membership, members: list[Membership], planned: list[Planned], now: datetime
) -> str:
    group, coming = series.group, _next(planned)
    shown = (
        series.number,
        [(one.id, one.state, one.row.meeting_id) for one in planned],
        [(one.user_id, one.user.name, one.facilitator, one.for_meeting_id) for one in members],
        [one.user_id for one in groups.waiting_in(group.id)] if policy.leads(me) else [],
        (group.name, group.join_token, group.time_zone),
        left_until(coming.starts_at, now, group.time_zone)
        if coming and coming.state is State.PLANNED
        else None,
        sorted(_run(coming).present),
        takeover.of_page(series, me, members, now),
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
