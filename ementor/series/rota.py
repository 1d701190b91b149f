"""Who leads, keeps the notes and helps with the technology, from one meeting to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import and_, delete, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive.services import when_sealed
from ementor.database import db, transactional
from ementor.errors import Conflict, NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Membership
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import GiveRole, Role
from ementor.meetings.models import Meeting
from ementor.series import services
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import State
from ementor.series.domain.rota import Slot, always, in_turns
from ementor.series.models import Away, Duty, DutyRule, OnDuty, PlannedMeeting, Swap, Willing

ROLES = {Duty.NOTES: Role.NOTES, Duty.TECH: Role.TECH}
"""What a duty is in the room; who leads has the hat there."""

OnDutyAt = Mapping[tuple[int, Duty], int]
"""Person by date and duty."""


@dataclass(frozen=True)
class Rule:
    """How a duty is shared; ``willing`` in the order in which they said so."""

    duty: Duty
    rotates: bool
    person: int | None
    willing: tuple[int, ...]


@dataclass(frozen=True)
class Rota:
    """Who does what, as the group's page shows it. ``asked`` are the swaps that await an answer."""

    on_duty: OnDutyAt
    rules: Mapping[Duty, Rule]
    asked: tuple[Swap, ...]

    def at(self, planned_id: int, duty: Duty = Duty.LEAD) -> int | None:
        """Return who has a duty at a date."""
        return self.on_duty.get((planned_id, duty))


def rota_of(group_id: int) -> Rota:
    """Return who does what at each date, as far as it is known. Asks no rights."""
    members = policy.members(group_id)
    here = {member.user_id for member in members}
    kept = _rules(group_id, members)
    rows = services.rows_of(group_id)
    states = rules.states(services.dates_of(rows), members[0].group.time_zone, clock.now()) if members else {}
    agreed = _agreed(group_id)
    away = _away(group_id)
    found: dict[tuple[int, Duty], int] = {}
    for duty, rule in kept.items():
        slots, last = [], None
        for row in rows:
            person = agreed.get((row.id, duty))
            if states.get(row.id) is State.ENDED:
                last = person if person is not None else last
                if person is not None:
                    found[row.id, duty] = person
            elif states.get(row.id) in {State.PLANNED, State.OPEN, State.RUNNING}:
                slots.append(Slot(row.id, person if person in here else None, away.get(row.id, frozenset())))
        ahead = in_turns(rule.willing, last, slots) if rule.rotates else always(rule.person, slots)
        found |= {(planned_id, duty): person for planned_id, person in ahead.items() if person is not None}
    return Rota(found, kept, tuple(one for one in _swaps(group_id) if {one.from_id, one.to_id} <= here))


def leaders_of(group_id: int) -> dict[int, str]:
    """Return the name of who leads by date. Asks no rights."""
    names = {member.user_id: member.user.name for member in policy.members(group_id)}
    on_duty = rota_of(group_id).on_duty
    return {
        planned_id: names[person]
        for (planned_id, duty), person in on_duty.items()
        if duty is Duty.LEAD and person in names
    }


def _rules(group_id: int, members: list[Membership]) -> dict[Duty, Rule]:
    rows = {
        row.duty: row for row in db.session.scalars(select(DutyRule).where(DutyRule.group_id == group_id))
    }
    query = select(Willing).where(Willing.group_id == group_id).order_by(Willing.since, Willing.user_id)
    willing = db.session.scalars(query).all()
    here = [member.user_id for member in members]
    keeper = next((one.user_id for one in members if policy.keeps(one)), None)
    kept = {}
    for duty in Duty:
        row = rows.get(duty.value)
        person = row.user_id if row is not None else keeper if duty is Duty.LEAD else None
        if person not in here:
            person = keeper if duty is Duty.LEAD else None
        line = tuple(one.user_id for one in willing if one.duty == duty.value and one.user_id in here)
        kept[duty] = Rule(duty, bool(row and row.rotates), person, line)
    return kept


def _agreed(group_id: int) -> dict[tuple[int, Duty], int]:
    query = select(OnDuty).join(PlannedMeeting, PlannedMeeting.id == OnDuty.planned_id)
    rows = db.session.scalars(query.where(PlannedMeeting.group_id == group_id))
    return {(row.planned_id, Duty(row.duty)): row.user_id for row in rows}


def _away(group_id: int) -> dict[int, frozenset[int]]:
    said_of = and_(PlannedMeeting.id == Away.planned_id, PlannedMeeting.wall == Away.wall)
    query = select(Away.planned_id, Away.user_id).join(PlannedMeeting, said_of)
    query = query.where(PlannedMeeting.group_id == group_id)
    found: dict[int, frozenset[int]] = {}
    for planned_id, user_id in db.session.execute(query):
        found[planned_id] = found.get(planned_id, frozenset()) | {user_id}
    return found


def _swaps(group_id: int) -> list[Swap]:
    query = select(Swap).join(PlannedMeeting, PlannedMeeting.id == Swap.planned_id)
    return list(db.session.scalars(query.where(PlannedMeeting.group_id == group_id).order_by(Swap.id)))


# Sharing


@transactional
def set_rule(group_id: int, duty: Duty, *, actor: User, rotates: bool, person_id: int | None = None) -> None:
    """Let a duty be one member's, or go round among the willing. Raises NotFound or NotAllowed."""
    groups.lock_group(group_id)
    policy.require_keeper(actor, group_id)
    if person_id is not None:
        groups.require_in_group(group_id, person_id)
    row = db.session.get(DutyRule, (group_id, duty.value), populate_existing=True)
    if row is None:
        row = DutyRule(group_id=group_id, duty=duty.value)
        db.session.add(row)
    row.rotates, row.user_id = rotates, person_id
    db.session.flush()
    if rotates and person_id is not None and not _is_willing(group_id, duty, person_id):
        _say_willing(group_id, duty, person_id)
    services.told(group_id)


@transactional
def be_willing(group_id: int, duty: Duty, *, actor: User, willing: bool) -> None:
    """Say that one takes a duty in turn, or no longer. Twice is once."""
    groups.lock_group(group_id)
    policy.require_member(actor, group_id)
    if willing == _is_willing(group_id, duty, actor.id):
        return
    if willing:
        _say_willing(group_id, duty, actor.id)
    else:
        mine = (Willing.group_id == group_id, Willing.user_id == actor.id, Willing.duty == duty.value)
        db.session.execute(delete(Willing).where(*mine))
    services.told(group_id)


def _is_willing(group_id: int, duty: Duty, person_id: int) -> bool:
    return db.session.get(Willing, (group_id, person_id, duty.value), populate_existing=True) is not None


def _say_willing(group_id: int, duty: Duty, person_id: int) -> None:
    row = Willing(group_id=group_id, user_id=person_id, duty=duty.value, since=clock.now())
    db.session.add(row)
    db.session.flush()


# Swapping


@transactional
def ask(group_id: int, planned_id: int, duty: Duty, person_id: int, *, actor: User) -> None:
    """Ask another member to take one's duty at a date, or to give one theirs; who leads then asks for help.

    A later question about the same duty takes the place of an earlier one. Raises NotFound, or
    Conflict when neither of the two has the duty, or the date is over.
    """
    groups.lock_group(group_id)
    member = policy.require_member(actor, group_id)
    groups.require_in_group(group_id, person_id)
    _require_ahead(group_id, planned_id)
    holder = rota_of(group_id).at(planned_id, duty)
    is_free = holder is None and may_prepare(member, planned_id)
    if person_id == actor.id or not (is_free or holder in {actor.id, person_id}):
        raise Conflict(gettext("Somebody else has this duty now. Check it again."))
    same = (Swap.planned_id == planned_id, Swap.duty == duty.value)
    db.session.execute(delete(Swap).where(*same))
    row = Swap(planned_id=planned_id, duty=duty.value, from_id=actor.id, to_id=person_id)
    row.asked_at = clock.now()
    db.session.add(row)
    services.told(group_id)


@transactional
def answer(group_id: int, swap_id: int, *, actor: User, accept: bool) -> None:
    """Answer whoever asked one, or take one's own question back.

    The two swap: who gives the duty away takes the other's next date, if there is one.
    Raises NotFound, or Conflict when somebody left, or the duty is another's meanwhile.
    """
    groups.lock_group(group_id)
    policy.require_member(actor, group_id)
    swap = db.session.get(Swap, swap_id, populate_existing=True)
    if swap is None or actor.id not in {swap.from_id, swap.to_id}:
        raise Conflict(gettext("This request has been answered or withdrawn."))
    services.row_of(group_id, swap.planned_id)
    duty, planned_id = Duty(swap.duty), swap.planned_id
    asker, asked = swap.from_id, swap.to_id
    db.session.delete(swap)
    db.session.flush()
    services.told(group_id)
    if actor.id != asked or not accept:
        return
    try:
        groups.require_in_group(group_id, asker)
    except NotFound:
        raise Conflict(gettext("The person who asked has left the group.")) from None
    _require_ahead(group_id, planned_id)
    rota = rota_of(group_id)
    holder = rota.at(planned_id, duty)
    if holder not in {asker, asked, None}:
        raise Conflict(gettext("Somebody else has this duty now. Check it again."))
    back = in_return(rota, swap, [row.id for row in _ahead(group_id)])
    agree(planned_id, duty, asker if holder == asked else asked)
    if back is not None and holder is not None:
        agree(back, duty, holder)


def in_return(rota: Rota, swap: Swap, ahead: list[int]) -> int | None:
    """Return the date at which who gives the duty away does it in return, if there is one."""
    duty = Duty(swap.duty)
    holder = rota.at(swap.planned_id, duty)
    taker = swap.from_id if holder == swap.to_id else swap.to_id
    if holder is None:
        return None
    return next((one for one in ahead if one != swap.planned_id and rota.at(one, duty) == taker), None)


@transactional
def give(group_id: int, planned_id: int, duty: Duty, person_id: int, *, actor: User) -> None:
    """Say who has a duty at a date; for facilitators, and for oneself where nobody has it."""
    groups.lock_group(group_id)
    policy.require_member(actor, group_id)
    _require_ahead(group_id, planned_id)
    groups.require_in_group(group_id, person_id)
    if person_id != actor.id or rota_of(group_id).at(planned_id, duty) is not None:
        policy.require_keeper(actor, group_id)
    agree(planned_id, duty, person_id)
    services.told(group_id)


def agree(planned_id: int, duty: Duty, person_id: int) -> None:
    """Note who has a duty at a date; the hat for its meeting goes along. Asks no rights."""
    row = db.session.get(OnDuty, (planned_id, duty.value), populate_existing=True)
    if row is None:
        row = OnDuty(planned_id=planned_id, duty=duty.value)
        db.session.add(row)
    row.user_id = person_id
    db.session.flush()
    planned = db.session.get_one(PlannedMeeting, planned_id)
    if duty is Duty.LEAD and planned.meeting_id is not None and _hat_is_lent(planned.meeting_id):
        lend_hat(planned.group_id, planned.meeting_id, person_id)


def _ahead(group_id: int) -> list[PlannedMeeting]:
    rows = services.rows_of(group_id)
    zone = groups.lock_group(group_id).time_zone
    ahead = {date.id for date in rules.upcoming(services.dates_of(rows), zone, clock.now())}
    return [row for row in rows if row.id in ahead]


def _require_ahead(group_id: int, planned_id: int) -> None:
    services.row_of(group_id, planned_id)
    if planned_id not in {row.id for row in _ahead(group_id)}:
        raise Conflict(gettext("This meeting is over or has been cancelled."))


# The hat and the roles of one meeting


def hand_out(row: PlannedMeeting) -> None:
    """Give everybody what they do at a meeting whose room opens: the hat, and the roles.

    A hat lent for a meeting that nobody came to, and that will never be sealed, comes back.
    """
    group = groups.lock_group(row.group_id)
    alive = {one.row.meeting_id for one in services.planned_of(group) if one.state is not State.MISSED}
    _take_back(row.group_id, lambda lent: lent not in alive)
    rota = rota_of(row.group_id)
    assert row.meeting_id is not None
    for duty in Duty:
        person = rota.at(row.id, duty)
        if person is None:
            continue
        agree(row.id, duty, person)
        if duty is Duty.LEAD:
            lend_hat(row.group_id, row.meeting_id, person)
        else:
            meetings.record(row.meeting_id, GiveRole(person, ROLES[duty]), actor_id=None)


def lend_hat(group_id: int, meeting_id: int, person_id: int) -> None:
    """Let somebody facilitate one meeting, in the place of who was lent the hat for it before."""
    for member in policy.members(group_id):
        if member.user_id == person_id and not policy.keeps(member):
            member.facilitator, member.for_meeting_id = True, meeting_id
        elif member.user_id != person_id and member.for_meeting_id == meeting_id:
            member.facilitator, member.for_meeting_id = False, None
    db.session.flush()
    meetings.touch(meeting_id, "people", actor_id=None)


def _hat_is_lent(meeting_id: int) -> bool:
    query = select(Membership.id).where(Membership.for_meeting_id == meeting_id)
    return db.session.scalars(query).first() is not None


@when_sealed
def take_hat_back(meeting: Meeting) -> None:
    """Let whoever was lent the hat for a meeting be a member again, unless nobody else facilitates."""
    _take_back(meeting.group_id, lambda lent: lent == meeting.id)


def _take_back(group_id: int, is_over: Callable[[int], bool]) -> None:
    members = policy.members(group_id)
    keepers = [one for one in members if policy.keeps(one)]
    for member in members:
        if member.for_meeting_id is not None and is_over(member.for_meeting_id):
            member.facilitator, member.for_meeting_id = not keepers, None
    db.session.flush()


def may_prepare(member: Membership, planned_id: int) -> bool:
    """Tell whether a member prepares a date's meeting: facilitators do, and who leads it."""
    return policy.keeps(member) or rota_of(member.group_id).at(planned_id) == member.user_id
