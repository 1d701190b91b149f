"""Planning a series, changing its dates, and the room of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.database import db
from ementor.errors import Changed, Conflict, Invalid, NotAllowed, NotFound
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.series import opening, planning, services
from ementor.series.domain.dates import Kept, State
from tests.support.series import Wait, come, in_days, now, plan, until_open


@pytest.mark.parametrize("programme", [one.id for one in library.programmes() if one.id != library.SINGLE])
def test_a_programme_becomes_dates_with_what_each_is_for(app: Flask, programme: str):
    person, group = plan(programme)
    templates = next(one.templates for one in library.programmes() if one.id == programme)
    found = now(group)
    assert [one.row.template_key for one in found] == [template.key for template in templates]
    assert [one.date.minutes for one in found] == [template.minutes for template in templates]
    assert all(one.state is State.PLANNED and one.row.meeting_id is None for one in found)
    assert len({one.row.uid for one in found}) == len(found)
    assert services.for_member(group.id, person)[1].facilitator


def test_one_meeting_for_later_is_a_series_of_one(app: Flask):
    _, group = plan("single-1", weeks=None)
    assert len(now(group)) == 1


def test_a_plan_that_is_sent_twice_is_one(app: Flask):
    person, group = plan(key="a form")
    assert plan(key="a form", actor=person)[1].id == group.id
    assert plan(key="a form")[1].id == group.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": in_days(-1)}, "first"),
        ({"first": in_days(365 * 9)}, "first"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 200}, "weeks"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"programme": "gone"}, "programme"),
        ({"name": ""}, "name"),
        ({"group_name": "x" * 200}, "group"),
    ],
)
def test_a_plan_that_cannot_be_makes_nothing(app: Flask, changes: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        plan(**changes)
    assert refused.value.field == field
    assert refused.value.message
    assert not db.session.query(Group).count()
    assert not db.session.query(User).count()


def test_a_time_that_the_clocks_leave_out_is_refused_with_one_that_works(app: Flask):
    with pytest.raises(Invalid, match="Sun 28 Mar, 04:30 would work"):
        plan(first=datetime(2027, 3, 28, 3, 30))


def test_a_date_can_be_moved_skipped_cancelled_and_put_back(app: Flask):
    person, group = plan()
    first, second, third, *_ = (one.row for one in now(group))
    was = [one.date.wall for one in now(group)]
    planning.change(group.id, first.id, actor=person, wall=first.wall + timedelta(days=1))
    planning.cancel(group.id, second.id, actor=person)
    planning.skip(group.id, third.id, actor=person)
    found = now(group)
    assert found[0].date.moved_from == was[0]
    assert found[1].state is State.CANCELLED
    assert found[2].state is State.SKIPPED
    assert [one.date.wall for one in found[3:]] == [wall + timedelta(weeks=2) for wall in was[2:]]
    planning.put_back(group.id, second.id, actor=person)
    planning.put_back(group.id, found[2].id, actor=person)
    assert [one.date.wall for one in now(group)] == [was[0] + timedelta(days=1), *was[1:]]
    assert all(one.state is State.PLANNED for one in now(group))


def test_of_two_facilitators_who_move_the_same_date_the_second_hears_of_it(app: Flask):
    person, group = plan()
    row = now(group)[0].row
    seen = row.version
    planning.change(group.id, row.id, actor=person, wall=row.wall + timedelta(days=1), version=seen)
    with pytest.raises(Changed):
        planning.change(group.id, row.id, actor=person, wall=row.wall + timedelta(days=3), version=seen)
    assert now(group)[0].date.moved_from == row.moved_from


def test_only_facilitators_change_dates_and_strangers_find_nothing(app: Flask):
    _, group = plan()
    row = now(group)[0].row
    ben = come(group, "Ben")
    eve = accounts.make_guest("Eve", locale="en")
    wall = row.wall + timedelta(days=1)
    for call in (
        lambda actor: planning.change(group.id, row.id, actor=actor, wall=wall),
        lambda actor: planning.skip(group.id, row.id, actor=actor),
        lambda actor: planning.cancel(group.id, row.id, actor=actor),
        lambda actor: planning.put_back(group.id, row.id, actor=actor),
        lambda actor: planning.add(group.id, actor=actor, wall=wall, template_key="single-1"),
        lambda actor: planning.change_zone(group.id, "Europe/Stockholm", actor=actor),
        lambda actor: opening.prepare(group.id, row.id, actor=actor),
        lambda actor: opening.open_room(group.id, row.id, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            call(ben)
        with pytest.raises(NotFound):
            call(eve)
    _, other = plan(group_name="Another", name="Olli")
    aino = groups.require_in_group(group.id, services.policy.members(group.id)[0].user_id).user
    with pytest.raises(NotFound):
        planning.cancel(group.id, now(other)[0].id, actor=aino)


def test_a_programme_that_a_new_version_no_longer_has_keeps_its_titles(app: Flask):
    person, group = plan()
    row = now(group)[0].row
    row.template_key = "gone-1"
    db.session.commit()
    assert now(group)[0].title["en"] == "What online mentoring is"
    meeting = opening.prepare(group.id, row.id, actor=person)
    assert meeting.title["en"] == "What online mentoring is"
    assert meetings.run_of(meeting.id).agenda


def test_times_stay_on_the_clock_when_the_zone_changes(app: Flask):
    person, group = plan()
    before = now(group)[0]
    planning.change_zone(group.id, "Europe/Stockholm", actor=person)
    after = now(db.session.get_one(Group, group.id))[0]
    assert after.date.wall == before.date.wall
    assert after.starts_at == before.starts_at + timedelta(hours=1)


# The room of a date


def test_the_agenda_is_copied_when_it_is_first_prepared(app: Flask):
    person, group = plan("supervisors")
    row = now(group)[0].row
    planning.change(group.id, row.id, actor=person, wall=row.wall, template_key="supervisors-3")
    meeting = opening.prepare(group.id, row.id, actor=person)
    assert meeting.template_key == "supervisors-3"
    assert opening.prepare(group.id, row.id, actor=person).id == meeting.id
    assert meetings.run_of(meeting.id).schedule.starts_at == now(group)[0].starts_at
    with pytest.raises(Invalid) as refused:
        planning.change(group.id, row.id, actor=person, wall=row.wall, template_key="supervisors-2")
    assert refused.value.field == "replace"
    planning.change(
        group.id, row.id, actor=person, wall=row.wall, template_key="supervisors-2", replace_agenda=True
    )
    assert opening.prepare(group.id, row.id, actor=person).template_key == "supervisors-2"


def test_a_prepared_room_hears_that_its_date_moved(app: Flask):
    person, group = plan()
    row = now(group)[0].row
    meeting = opening.prepare(group.id, row.id, actor=person)
    planning.change(group.id, row.id, actor=person, wall=row.wall + timedelta(days=1))
    assert meetings.run_of(meeting.id).schedule.starts_at == now(group)[0].starts_at


def test_where_the_link_leads_follows_the_clock(app: Flask, wait: Wait):
    person, group = plan()
    member, _ = services.for_member(group.id, person)[::-1]
    assert opening.way_of(member) == opening.Way(group.id)
    planned = until_open(group, wait)
    meeting_id = opening.way_of(member).meeting_id
    assert meeting_id is not None
    assert now(group)[0].state is State.OPEN
    assert opening.way_of(member).meeting_id == meeting_id
    meetings.act(meeting_id, Start(), actor=person)
    wait(15 * 60 + planned.date.minutes * 60 + 3600)  # it runs on; a running room is where the group is
    assert opening.way_of(member).meeting_id == meeting_id


def test_never_to_the_meeting_that_merely_has_the_highest_number(app: Flask, wait: Wait):
    person, group = plan()
    rows = [one.row for one in now(group)]
    later = opening.prepare(group.id, rows[3].id, actor=person)
    until_open(group, wait)
    member = services.for_member(group.id, person)[1]
    way = opening.way_of(member)
    assert way.meeting_id is not None
    assert way.meeting_id > later.id
    assert db.session.get_one(Meeting, way.meeting_id).template_key == "mepe-1"


def test_a_room_can_be_opened_early_but_only_one_at_a_time(app: Flask):
    person, group = plan()
    first, second = (one.row for one in now(group)[:2])
    meeting = opening.open_room(group.id, second.id, actor=person)
    assert opening.open_room(group.id, second.id, actor=person).id == meeting.id
    assert now(group)[1].state is State.OPEN
    with pytest.raises(Conflict):
        opening.open_room(group.id, first.id, actor=person)


def test_a_cancelled_meeting_neither_opens_nor_starts(app: Flask, wait: Wait):
    person, group = plan()
    row = now(group)[0].row
    meeting = opening.prepare(group.id, row.id, actor=person)
    planning.cancel(group.id, row.id, actor=person)
    with pytest.raises(Conflict):
        opening.open_room(group.id, row.id, actor=person)
    with pytest.raises(Conflict):
        meetings.act(meeting.id, Start(), actor=person)
    until_open(group, wait)
    assert opening.way_of(services.for_member(group.id, person)[1]).meeting_id is None
    assert services.row_of(group.id, row.id).kept == Kept.CANCELLED


def test_a_meeting_that_is_begun_at_once_has_a_date_too(people: Any, meeting: Meeting):
    ada = db.session.get_one(User, people["Ada"].id)
    group = meeting.group
    (planned,) = now(group)
    assert planned.row.meeting_id == meeting.id
    assert planned.state in {State.OPEN, State.RUNNING}
    assert opening.way_of(services.for_member(group.id, ada)[1]).meeting_id == meeting.id
