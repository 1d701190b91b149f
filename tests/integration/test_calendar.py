"""The calendar: every version of it is read by a second parser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from flask import Flask

from ementor.groups.models import Group
from ementor.series import calendar, planning, rota
from ementor.series.models import Duty
from tests.support.people import shown
from tests.support.series import ZONE, client_of, come, in_days, now, plan

LINK = "https://ementor.example/j/secret"


def read(data: bytes) -> dict[str, Any]:
    """Return the events of a calendar by UID, as another library reads them."""
    text = data.decode()
    assert not re.search(r"^RRULE", text, re.MULTILINE)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    found = vobject.readOne(text)
    assert found.method.value == "PUBLISH"
    assert found.version.value == "2.0"
    events = list(getattr(found, "vevent_list", []))
    assert len({event.uid.value for event in events}) == len(events)
    return {event.uid.value: event for event in events}


def events_of(group: Group, actor: Any) -> dict[str, Any]:
    return read(calendar.for_members(group.id, LINK, actor=actor).data)


def test_every_change_is_heard_once_and_under_the_same_name(app: Flask) -> None:
    aino, group = plan(first=in_days(7))
    before = events_of(group, aino)
    rows = [one.row for one in now(group)]
    assert len(before) == 5
    assert {event.sequence.value for event in before.values()} == {"0"}
    files = {calendar.for_members(group.id, LINK, actor=aino).data for _ in range(2)}
    assert len(files) == 1  # nothing changed, so nothing is new
    planning.change(group.id, rows[0].id, actor=aino, wall=rows[0].wall + timedelta(days=1))
    planning.change(group.id, rows[1].id, actor=aino, wall=rows[1].wall, bring="A mug", title="Tea")
    planning.cancel(group.id, rows[2].id, actor=aino)
    planning.cancel(group.id, rows[2].id, actor=aino)
    planning.add(group.id, actor=aino, wall=in_days(200), template_key="single-1")
    after = events_of(group, aino)
    moved, told, cancelled, *others = (after[f"{row.uid}@ementor"] for row in rows)
    assert moved.sequence.value == "1"
    assert moved.dtstart.value - before[moved.uid.value].dtstart.value == timedelta(days=1)
    assert told.sequence.value == "0"
    assert (cancelled.sequence.value, cancelled.status.value) == ("1", "CANCELLED")
    assert {(event.sequence.value, event.status.value) for event in others} == {("0", "CONFIRMED")}
    assert len(after) == 6
    planning.put_back(group.id, rows[2].id, actor=aino)
    again = events_of(group, aino)[cancelled.uid.value]
    assert (again.sequence.value, again.status.value) == ("2", "CONFIRMED")


def test_a_skipped_date_moves_the_others_and_is_no_event(app: Flask) -> None:
    aino, group = plan()
    before = events_of(group, aino)
    planning.skip(group.id, now(group)[2].id, actor=aino)
    after = events_of(group, aino)
    assert after.keys() == before.keys()
    assert sorted(event.sequence.value for event in after.values()) == ["0", "0", "1", "1", "1"]


def test_times_are_the_groups_wall_clock_across_the_night_of_the_change(app: Flask) -> None:
    spring = datetime(2027, 3, 16, 9, 0)
    aino, group = plan(first=spring, weeks=2)
    events = list(events_of(group, aino).values())
    starts = [event.dtstart.value for event in events]
    assert {start.hour for start in starts} == {9}
    assert len({start.utcoffset() for start in starts}) == 2
    assert [start.astimezone(ZoneInfo(ZONE)).hour for start in starts] == [9] * 5
    text = calendar.for_members(group.id, LINK, actor=aino).data.decode()
    assert "BEGIN:VTIMEZONE" in text
    assert f"DTSTART;TZID={ZONE}:20270316T090000" in text


def test_entries_say_nothing_that_the_group_has_not_chosen(app: Flask) -> None:
    aino, group = plan()
    come(group, "Ben")

    def texts() -> str:
        events = events_of(group, aino).values()
        return "\n".join(event.summary.value + "\n" + event.description.value for event in events)

    assert LINK in texts()
    assert all(hidden not in texts() for hidden in ("Tuesday circle", "What online", "Aino", "Ben"))
    calendar.choose(group.id, actor=aino, named=True, leaders=True)
    assert "Tuesday circle" in texts()
    assert "Aino leads" in texts()
    rota.give(group.id, now(group)[0].id, Duty.LEAD, come(group, "Cilla").id, actor=aino)
    assert "Cilla leads" in texts()


@pytest.mark.parametrize("name", ["A, B; C\\D", "Rivi\r\nATTACH:x", "Ä" * 60, "שלום 🦊"])
def test_any_name_is_one_value(app: Flask, name: str) -> None:
    aino, group = plan(group_name=name)
    calendar.choose(group.id, actor=aino, named=True, leaders=False)
    assert {event.summary.value for event in events_of(group, aino).values()} == {group.name}


def test_the_feed_needs_no_account_and_ends_with_its_address(app: Flask) -> None:
    aino, group = plan()
    client, stranger = client_of(app, aino), app.test_client()
    page = shown(client.get(f"/g/{group.id}/calendar"))
    (path,) = set(re.findall(r"/calendar/[\w-]+\.ics", page))
    answer = stranger.get(path)
    assert answer.mimetype == "text/calendar"
    assert len(read(answer.data)) == 5
    assert client.post(f"/g/{group.id}/calendar", data={"press": "rotate"}).status_code == 303
    gone = stranger.get(path)
    assert gone.status_code == 404
    assert "no longer works" in gone.text
    (other,) = set(re.findall(r"/calendar/[\w-]+\.ics", shown(client.get(f"/g/{group.id}/calendar"))))
    assert other != path
    assert stranger.get(other).status_code == 200


def test_the_file_is_for_members_and_can_be_of_one_date(app: Flask) -> None:
    aino, group = plan()
    ben, (eve, other) = come(group, "Ben"), plan(name="Eve", group_name="Elsewhere")
    answer = client_of(app, ben).get(f"/g/{group.id}/calendar.ics")
    assert answer.headers["Content-Disposition"] == "attachment; filename=meetings.ics"
    assert len(read(answer.data)) == 5
    one = client_of(app, ben).get(f"/g/{group.id}/calendar.ics?date={now(group)[1].id}")
    (event,) = read(one.data).values()
    assert event.uid.value == f"{now(group)[1].row.uid}@ementor"
    for client in (client_of(app, eve), app.test_client()):
        assert client.get(f"/g/{group.id}/calendar.ics").status_code == 404
        assert client.get(f"/g/{group.id}/calendar").status_code == 404
        assert client.post(f"/g/{group.id}/calendar").status_code == 404
    assert client_of(app, ben).get(f"/g/{group.id}/calendar.ics?date={now(other)[0].id}").status_code == 404
    assert client_of(app, ben).post(f"/g/{group.id}/calendar", data={"press": "rotate"}).status_code == 403
    assert client_of(app, aino).post(f"/g/{group.id}/calendar", data={"named": "yes"}).status_code == 303


def test_a_zone_that_changes_leaves_what_has_been(app: Flask) -> None:
    aino, group = plan()
    before = {uid: event.dtstart.value for uid, event in events_of(group, aino).items()}
    planning.change_zone(group.id, "Europe/London", actor=aino)
    for uid, event in events_of(group, aino).items():
        assert event.dtstart.value - before[uid] == timedelta(hours=2)
        assert event.sequence.value == "1"
