"""Who leads one meeting may do all of that meeting, and nothing that is the group's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.errors import Conflict, NotAllowed
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.services import people, starting
from ementor.programmes import library
from ementor.series import away, calendar, opening, planning, rota
from ementor.series.models import Duty
from tests.support.people import shown
from tests.support.series import Wait, client_of, come, in_days, now, plan, until_open


def lent(wait: Wait) -> tuple[User, User, User, Group, int]:
    """Aino's group, in the room of its first meeting, which Ben leads; Cilla is there too."""
    aino, group = plan()
    ben, cilla = come(group, "Ben"), come(group, "Cilla")
    rota.give(group.id, now(group)[0].id, Duty.LEAD, ben.id, actor=aino)
    until_open(group, wait)
    meeting_id = opening.open_due(group.id)
    assert meeting_id is not None
    return aino, ben, cilla, group, meeting_id


SETTINGS: dict[str, Any] = {"name": "Mine now", "entry": "open", "greeting": "", "everybody_runs": True}
OF_THE_GROUP: dict[str, Callable[[Group, User, User], object]] = {
    "settings": lambda group, ben, _: groups.change_group(group.id, actor=ben, **SETTINGS),
    "link": lambda group, ben, _: groups.rotate_link(group.id, actor=ben),
    "people": lambda group, ben, cilla: groups.remove(group.id, cilla.id, actor=ben),
    "move": lambda group, ben, _: planning.change(group.id, now(group)[1].id, actor=ben, wall=in_days(22)),
    "skip": lambda group, ben, _: planning.skip(group.id, now(group)[1].id, actor=ben),
    "cancel": lambda group, ben, _: planning.cancel(group.id, now(group)[1].id, actor=ben),
    "add": lambda group, ben, _: planning.add(
        group.id, actor=ben, wall=in_days(30), template_key=library.BLANK
    ),
    "zone": lambda group, ben, _: planning.change_zone(group.id, "Europe/London", actor=ben),
    "calendar": lambda group, ben, _: calendar.choose(group.id, actor=ben, named=True, leaders=True),
    "feed": lambda group, ben, _: calendar.rotate(group.id, actor=ben),
    "rule": lambda group, ben, _: rota.set_rule(
        group.id, Duty.LEAD, actor=ben, rotates=False, person_id=ben.id
    ),
    "give": lambda group, ben, cilla: rota.give(group.id, now(group)[1].id, Duty.LEAD, cilla.id, actor=ben),
    "prepare": lambda group, ben, _: opening.prepare(group.id, now(group)[1].id, actor=ben),
    "begin": lambda group, ben, _: starting.start_next(
        now(group)[0].row.meeting_id, library.BLANK, actor=ben
    ),
}


@pytest.mark.parametrize("what", OF_THE_GROUP)
def test_what_is_the_groups_stays_with_its_facilitators(app: Flask, wait: Wait, what: str) -> None:
    aino, ben, cilla, group, _ = lent(wait)
    before = (group.name, group.join_token, group.time_zone, [(one.date, one.state) for one in now(group)])
    with pytest.raises(NotAllowed, match="one meeting"):
        OF_THE_GROUP[what](group, ben, cilla)
    with pytest.raises(NotAllowed, match="Only a facilitator"):
        OF_THE_GROUP[what](group, cilla, ben)
    after = (group.name, group.join_token, group.time_zone, [(one.date, one.state) for one in now(group)])
    assert after == before
    OF_THE_GROUP[what](group, aino, cilla)


def test_the_meeting_and_its_door_are_theirs(app: Flask, wait: Wait) -> None:
    aino, ben, _, group, meeting_id = lent(wait)
    groups.change_group(group.id, actor=aino, **SETTINGS | {"entry": "ask"})
    groups.join(group.join_token, actor=None, name="Dan")
    (dan,) = groups.waiting_in(group.id)
    people.let_in(meeting_id, dan.user_id, actor=ben)
    assert dan.user_id in {one.user_id for one in policy.members(group.id)}
    assert meetings.act(meeting_id, Start(), actor=ben).started


def test_the_room_shows_each_what_they_may_do(app: Flask, wait: Wait) -> None:
    aino, ben, cilla, _, meeting_id = lent(wait)
    ours = (f'href="/m/{meeting_id}/group"', 'value="rotate_link"', 'value="remove_person"')
    for person, seen in ((aino, True), (ben, False)):
        client = client_of(app, person)
        page = shown(client.get(f"/m/{meeting_id}")) + shown(client.get(f"/m/{meeting_id}/people/{cilla.id}"))
        assert [words in page for words in ours] == [seen] * 3
        assert 'value="make_facilitator"' in page
        assert client.get(f"/m/{meeting_id}/group").status_code == (200 if seen else 403)
        press = client.post(f"/m/{meeting_id}/press", data={"press": "rotate_link"})
        assert press.status_code == (303 if seen else 403)


def test_a_lent_hat_is_passed_on_for_as_long_as_it_was_lent(app: Flask, wait: Wait) -> None:
    aino, ben, cilla, group, meeting_id = lent(wait)

    def hats() -> dict[str, int | None]:
        return {one.user.name: one.for_meeting_id for one in policy.members(group.id) if one.facilitator}

    groups.give_hat(group.id, cilla.id, actor=ben)
    assert hats() == {"Aino": None, "Ben": meeting_id, "Cilla": meeting_id}
    groups.give_hat(group.id, aino.id, actor=ben)
    groups.hand_over(group.id, cilla.id, actor=ben)
    assert hats() == {"Aino": None, "Cilla": meeting_id}
    groups.hand_over(group.id, aino.id, actor=cilla)
    assert hats() == {"Aino": None}


def test_the_group_keeps_a_facilitator_of_its_own(app: Flask, wait: Wait) -> None:
    aino, ben, _, group, _ = lent(wait)
    with pytest.raises(Conflict, match="somebody else"):
        groups.drop_hat(group.id, actor=aino)
    groups.give_hat(group.id, ben.id, actor=aino)
    groups.drop_hat(group.id, actor=aino)
    assert policy.keeps(policy.require_member(ben, group.id))


def test_a_hat_comes_back_when_its_meeting_is_cancelled(app: Flask, wait: Wait) -> None:
    aino, ben, _, group, _ = lent(wait)
    assert policy.require_member(ben, group.id).facilitator
    planning.cancel(group.id, now(group)[0].id, actor=aino)
    assert not policy.require_member(ben, group.id).facilitator


def test_a_hat_goes_to_the_meeting_that_stands_in_the_place_of_its_own(app: Flask, wait: Wait) -> None:
    aino, ben, _, group, _ = lent(wait)
    planned = now(group)[0]
    wall = planned.row.wall
    planning.change(group.id, planned.id, actor=aino, wall=wall, template_key="mepe-2", replace_agenda=True)
    assert not policy.require_member(ben, group.id).facilitator
    again = opening.open_due(group.id)
    assert policy.require_member(ben, group.id).for_meeting_id == again


def test_a_hat_for_a_meeting_that_nobody_came_to_comes_back_when_the_next_room_opens(
    app: Flask, wait: Wait
) -> None:
    _, ben, _, group, _ = lent(wait)
    assert rota.rota_of(group.id).at(now(group)[1].id) != ben.id
    until_open(group, wait, 1)
    assert opening.open_due(group.id)
    assert not policy.require_member(ben, group.id).facilitator


def test_no_hat_is_lent_for_a_meeting_that_was_held_before_its_time(app: Flask) -> None:
    aino, group = plan()
    ben = come(group, "Ben")
    rota.give(group.id, now(group)[0].id, Duty.LEAD, ben.id, actor=aino)
    meeting = opening.prepare(group.id, now(group)[0].id, actor=aino)
    meetings.act(meeting.id, Start(), actor=aino)
    archive.close_and_keep(meeting.id, actor=aino)
    opening.open_room(group.id, now(group)[0].id, actor=ben)
    assert not policy.require_member(ben, group.id).facilitator


def test_who_runs_a_meeting_that_no_facilitator_came_to_does_not_take_the_group(
    app: Flask, wait: Wait
) -> None:
    aino, group = plan()
    ben = come(group, "Ben")
    meeting = opening.prepare(group.id, now(group)[2].id, actor=aino)
    wait(120)
    with pytest.raises(Conflict):  # weeks ahead nobody is late
        people.take_over(meeting.id, actor=ben)
    until_open(group, wait, 2)
    wait(16 * 60 + 61)
    people.take_over(meeting.id, actor=ben)
    member = policy.require_member(ben, group.id)
    assert policy.leads(member)
    assert not policy.keeps(member)
    with pytest.raises(NotAllowed):
        groups.remove(group.id, aino.id, actor=ben)


def test_words_for_the_facilitators_are_not_for_who_leads_another_meeting(app: Flask, wait: Wait) -> None:
    _, ben, cilla, group, _ = lent(wait)
    away.cannot_come(group.id, now(group)[1].id, actor=cilla)
    away.tell(group.id, now(group)[1].id, actor=cilla, word="To the doctor")
    member = policy.require_member(ben, group.id)
    assert member.facilitator
    known = away.of_date(member, now(group)[1])
    assert known is not None
    assert known.others == {}


def test_before_its_start_a_room_offers_nobody_to_run_it(app: Flask, wait: Wait) -> None:
    _, group = plan()
    ben = come(group, "Ben")
    starts_at = until_open(group, wait).starts_at
    page = client_of(app, ben).get(f"/m/{opening.open_due(group.id)}").text
    assert f'data-absent-since="{starts_at.isoformat()}"' in page
