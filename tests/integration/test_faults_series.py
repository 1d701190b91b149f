"""What must not go wrong between meetings: odd addresses and times, and people who have left."""

from __future__ import annotations

import pytest
from flask import Flask

from ementor.series import telling
from tests.support.series import ZONE, client_of, in_days, plan


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
    assert {ZONE, "UTC", "Etc/GMT+12", "Pacific/Apia"} < telling.known_zones()


@pytest.mark.parametrize("weeks", ["0", "27", "9999"])
def test_weeks_that_there_are_not_are_refused_for_a_single_meeting_too(app: Flask, weeks: str) -> None:
    data = {"programme": "single", "template": "single-1", "name": "Aino", "group": "Circle"}
    data |= {"first": in_days(7).date().isoformat(), "time": "09:00", "weeks": weeks}
    answer = app.test_client().post("/plan", data=data)
    assert answer.status_code == 422
    assert "Give whole weeks" in answer.text
