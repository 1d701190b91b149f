"""What must not go wrong between meetings: odd addresses and times, and people who have left."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from ementor import clock, i18n
from ementor.archive import services as archive
from ementor.database import db
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.services import people
from ementor.series import opening, page, planning
from ementor.series.domain.dates import State
from ementor.series.models import Series
from tests.support.series import ZONE, Wait, client_of, come, in_days, now, plan, until_open


@pytest.mark.parametrize("number", [0, 2**31, 10**20])
def test_a_group_with_a_number_that_no_group_can_have_is_not_found(app: Flask, number: int) -> None:
    client = client_of(app, plan()[0])
    for path in ("", "/news", "/dates", "/invite", "/settings", "/calendar", "/calendar.ics"):
        assert client.get(f"/g/{number}{path}").status_code == 404
    for path in ("", "/dates", "/invite", "/settings", "/calendar"):
        assert client.post(f"/g/{number}{path}", data={"press": "save"}).status_code == 404


@pytest.mark.parametrize("path", ["/calendar/%00.ics", "/calendar/a%00b.ics", "/j/%00", "/j/a%00"])
def test_an_address_with_a_nul_in_it_is_not_found(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posix/Europe/Helsinki", "europe/helsinki", "../x"])
def test_a_time_zone_that_has_no_name_is_refused(app: Flask, zone: str) -> None:
    person, group = plan()
    client = client_of(app, person)
    for path, press in (("dates", "zone"), ("settings", "meetings")):
        data = {"press": press, "time_zone": zone, "call_url": ""}
        assert client.post(f"/g/{group.id}/{path}", data=data).status_code == 422
    for path in ("dates", "invite"):
        assert client.get(f"/g/{group.id}/{path}").status_code == 200


def test_every_time_zone_has_a_name() -> None:
    assert {ZONE, "UTC", "Etc/GMT+12", "Pacific/Apia"} < i18n.known_zones()


@pytest.mark.parametrize("weeks", ["0", "27", "9999"])
def test_weeks_that_there_are_not_are_refused_for_a_single_meeting_too(app: Flask, weeks: str) -> None:
    data = {"programme": "single", "template": "single-1", "name": "Aino", "group": "Circle"}
    data |= {"first": in_days(7).date().isoformat(), "time": "09:00", "weeks": weeks}
    answer = app.test_client().post("/plan", data=data)
    assert answer.status_code == 422
    assert "Enter whole weeks" in answer.text


def hold(group: Group, wait: Wait) -> None:
    """Hold a group's first meeting."""
    until_open(group, wait)
    meeting_id = opening.open_due(group.id)
    assert meeting_id
    person = next(one for one in people.policy.members(group.id) if one.facilitator).user
    meetings.act(meeting_id, Start(), actor=person)
    archive.close_and_keep(meeting_id, actor=person)


@pytest.mark.parametrize("first", ["9999-12-31T23:59", "0001-01-01T00:00", "2101-01-01T09:00", "", "x"])
def test_going_on_at_the_end_of_all_time_is_refused(app: Flask, wait: Wait, first: str) -> None:
    person, group = plan("single-1")
    hold(group, wait)
    answer = client_of(app, person).post(f"/g/{group.id}", data={"press": "go_on", "first": first})
    assert answer.status_code == 422
    assert len(now(group)) == 1


def test_who_was_removed_does_not_read_the_new_link_in_the_calendar(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    address = f"/calendar/{db.session.get_one(Series, group.id).calendar_token}.ics"
    assert app.test_client().get(address).status_code == 200
    people.remove_from(group.id, ben.id, actor=person)
    db.session.expire_all()
    answer = app.test_client().get(address)
    assert answer.status_code == 404
    assert group.join_token not in re.sub(r"\r\n[ \t]", "", answer.text)


def test_on_the_day_of_a_meeting_open_pages_are_not_drawn_anew_each_time_they_ask(
    app: Flask, wait: Wait
) -> None:
    person, group = plan()
    wait((now(group)[0].starts_at - timedelta(hours=4, minutes=50) - clock.now()).total_seconds())
    before = page.stamp_of(group.id, actor=person)
    wait(120)
    assert page.stamp_of(group.id, actor=person) == before
    wait(3600)
    assert page.stamp_of(group.id, actor=person) != before


def test_dates_that_are_over_leave_room_for_new_ones(app: Flask, wait: Wait) -> None:
    person, group = plan("single-1")
    for number in range(39):
        planning.add(group.id, actor=person, wall=in_days(8 + number), template_key="single-1")
    client = client_of(app, person)
    data = {"press": "add", "planned": "new", "date": in_days(60).date().isoformat(), "time": "09:00"}
    data["template"] = "single-1"
    assert "at most 40 dates" in client.post(f"/g/{group.id}/dates", data=data).text
    wait(20 * 86400)
    assert client.post(f"/g/{group.id}/dates", data=data).status_code == 303


def test_a_zone_in_which_the_next_meeting_would_be_over_is_refused(app: Flask, wait: Wait) -> None:
    person, group = plan()
    wait((now(group)[0].starts_at - timedelta(hours=3) - clock.now()).total_seconds())
    client = client_of(app, person)
    data = {"press": "zone", "time_zone": "Pacific/Kiritimati"}
    assert "has already passed" in client.post(f"/g/{group.id}/dates", data=data).text
    assert now(group)[0].state is State.PLANNED
    assert client.post(f"/g/{group.id}/dates", data=data | {"time_zone": "Europe/London"}).status_code == 303


def test_a_cancelled_date_keeps_its_clock_time_in_another_zone(app: Flask) -> None:
    person, group = plan()
    planning.cancel(group.id, now(group)[1].id, actor=person)
    planning.change_zone(group.id, "Europe/London", actor=person)
    planning.put_back(group.id, now(group)[1].id, actor=person)
    assert {one.row.wall.hour for one in now(group)} == {9}
