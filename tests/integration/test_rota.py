"""Who leads: fixed or in turns, swapped, with the hat at the opening and without it afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.errors import Conflict, NotAllowed, NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Role, Start
from ementor.series import away, opening, planning, rota
from ementor.series.models import Duty
from tests.support.series import Wait, come, now, plan, until_open


def in_turns(app: Flask) -> tuple[User, User, User, Group]:
    """Aino, Ben and Cilla, who lead in turns."""
    aino, group = plan()
    ben, cilla = come(group, "Ben"), come(group, "Cilla")
    rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=True, person_id=aino.id)
    for person in (ben, cilla):
        rota.be_willing(group.id, Duty.LEAD, actor=person, willing=True)
    return aino, ben, cilla, group


def leads(group: Group) -> list[int | None]:
    found = rota.rota_of(group.id)
    return [found.at(one.id) for one in now(group)]


def test_the_planner_leads_until_something_else_is_agreed(app: Flask) -> None:
    aino, group = plan()
    come(group, "Ben")
    assert leads(group) == [aino.id] * 5


def test_it_goes_round_among_the_willing(app: Flask) -> None:
    aino, ben, cilla, group = in_turns(app)
    assert leads(group) == [aino.id, ben.id, cilla.id, aino.id, ben.id]
    rota.be_willing(group.id, Duty.LEAD, actor=ben, willing=False)
    rota.be_willing(group.id, Duty.LEAD, actor=ben, willing=False)
    assert leads(group) == [aino.id, cilla.id] * 2 + [aino.id]


def test_cancelled_dates_take_nobodys_turn(app: Flask) -> None:
    aino, ben, cilla, group = in_turns(app)
    planning.cancel(group.id, now(group)[1].id, actor=aino)
    assert leads(group) == [aino.id, None, ben.id, cilla.id, aino.id]


def test_who_cannot_come_leads_the_next_one(app: Flask) -> None:
    aino, ben, cilla, group = in_turns(app)
    away.cannot_come(group.id, now(group)[1].id, actor=ben)
    assert leads(group) == [aino.id, cilla.id, ben.id, aino.id, cilla.id]


def test_two_swap_when_the_other_accepts(app: Flask) -> None:
    aino, ben, cilla, group = in_turns(app)
    second = now(group)[1].id
    rota.ask(group.id, second, Duty.LEAD, cilla.id, actor=ben)
    (swap,) = rota.rota_of(group.id).asked
    assert leads(group)[1] == ben.id  # nothing yet
    for stranger in (aino, ben):
        before = leads(group)
        if stranger is aino:
            with pytest.raises(Conflict):
                rota.answer(group.id, swap.id, actor=aino, accept=True)
        assert leads(group) == before
    rota.answer(group.id, swap.id, actor=cilla, accept=True)
    assert leads(group)[:3] == [aino.id, cilla.id, ben.id]
    with pytest.raises(Conflict):
        rota.answer(group.id, swap.id, actor=cilla, accept=True)


def test_a_question_can_be_declined_or_taken_back(app: Flask) -> None:
    _, ben, cilla, group = in_turns(app)
    second, before = now(group)[1].id, leads(group)
    for who, accept in ((cilla, False), (ben, True)):
        rota.ask(group.id, second, Duty.LEAD, cilla.id, actor=ben)
        (swap,) = rota.rota_of(group.id).asked
        rota.answer(group.id, swap.id, actor=who, accept=accept)
        assert leads(group) == before
        assert not rota.rota_of(group.id).asked


def test_a_swap_with_somebody_who_left_meanwhile(app: Flask) -> None:
    aino, ben, cilla, group = in_turns(app)
    second = now(group)[1].id
    rota.ask(group.id, second, Duty.LEAD, cilla.id, actor=ben)
    (swap,) = rota.rota_of(group.id).asked
    groups.remove(group.id, ben.id, actor=aino)
    assert not rota.rota_of(group.id).asked
    with pytest.raises(Conflict, match="left"):
        rota.answer(group.id, swap.id, actor=cilla, accept=True)
    assert ben.id not in leads(group)
    with pytest.raises(NotFound):
        rota.ask(group.id, second, Duty.LEAD, ben.id, actor=cilla)


def test_rights(app: Flask) -> None:
    _, ben, _, group = in_turns(app)
    eve, _ = plan(name="Eve", group_name="Elsewhere")
    first = now(group)[0].id
    with pytest.raises(NotAllowed):
        rota.set_rule(group.id, Duty.LEAD, actor=ben, rotates=False, person_id=ben.id)
    with pytest.raises(NotAllowed):
        rota.give(group.id, first, Duty.LEAD, ben.id, actor=ben)
    for call in (
        lambda: rota.set_rule(group.id, Duty.LEAD, actor=eve, rotates=False),
        lambda: rota.be_willing(group.id, Duty.LEAD, actor=eve, willing=True),
        lambda: rota.ask(group.id, first, Duty.LEAD, ben.id, actor=eve),
        lambda: rota.answer(group.id, 1, actor=eve, accept=True),
        lambda: rota.give(group.id, first, Duty.LEAD, ben.id, actor=eve),
    ):
        with pytest.raises(NotFound):
            call()


def facilitators(group: Group) -> set[int]:
    db.session.expire_all()
    return {member.user_id for member in policy.members(group.id) if member.facilitator}


def test_the_hat_is_lent_for_the_meeting_and_comes_back_after_it(app: Flask, wait: Wait) -> None:
    aino, ben, cilla, group = in_turns(app)
    planning.cancel(group.id, now(group)[0].id, actor=aino)
    rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=False, person_id=ben.id)
    rota.give(group.id, now(group)[1].id, Duty.NOTES, cilla.id, actor=cilla)
    until_open(group, wait, 1)
    assert facilitators(group) == {aino.id}
    meeting_id = opening.open_due(group.id)
    assert meeting_id is not None
    assert facilitators(group) == {aino.id, ben.id}
    run = meetings.act(meeting_id, Start(), actor=ben)
    assert run.roles[cilla.id] is Role.NOTES
    archive.close_and_keep(meeting_id, actor=ben)
    wait(70)
    assert meeting_id in archive.seal_due()
    assert facilitators(group) == {aino.id}
    assert leads(group)[1] == ben.id  # who led stays known


def test_who_leads_next_may_prepare_and_nobody_else(app: Flask) -> None:
    _, ben, cilla, group = in_turns(app)
    second = now(group)[1].id
    with pytest.raises(NotAllowed):
        opening.prepare(group.id, second, actor=cilla)
    meeting = opening.prepare(group.id, second, actor=ben)
    assert ben.id in facilitators(group)
    rota.ask(group.id, second, Duty.LEAD, cilla.id, actor=ben)
    (swap,) = rota.rota_of(group.id).asked
    rota.answer(group.id, swap.id, actor=cilla, accept=True)
    assert cilla.id in facilitators(group)
    assert ben.id not in facilitators(group)
    assert opening.prepare(group.id, second, actor=ben).id == meeting.id  # to read


def test_who_is_in_the_room_already_gets_the_hat_when_it_opens(app: Flask, wait: Wait) -> None:
    aino, ben, cilla, group = in_turns(app)
    rota.give(group.id, now(group)[0].id, Duty.LEAD, ben.id, actor=aino)
    rota.give(group.id, now(group)[0].id, Duty.NOTES, cilla.id, actor=cilla)
    meeting_id = opening.prepare(group.id, now(group)[0].id, actor=aino).id
    opening.hand_out_due()
    assert facilitators(group) == {aino.id}  # it is days ahead
    until_open(group, wait)
    for _twice in range(2):
        opening.hand_out_due()
        assert facilitators(group) == {aino.id, ben.id}
        assert meetings.run_of(meeting_id).roles == {cilla.id: Role.NOTES}
    number = meetings.run_of(meeting_id).number
    opening.hand_out_due()
    assert meetings.run_of(meeting_id).number == number


def test_a_hat_that_was_lent_stays_where_nobody_else_has_one(app: Flask, wait: Wait) -> None:
    aino, ben, _, group = in_turns(app)
    rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=False, person_id=ben.id)
    until_open(group, wait)
    meeting_id = opening.open_due(group.id)
    assert meeting_id is not None
    meetings.act(meeting_id, Start(), actor=ben)
    policy.require_member(aino, group.id).ended_at = clock.now()  # there is nobody else who could remove her
    db.session.commit()
    archive.close_and_keep(meeting_id, actor=ben)
    wait(timedelta(minutes=2).total_seconds())
    archive.seal_due()
    assert facilitators(group) == {ben.id}
