"""The pages on which a series is planned, its dates are changed and the group is invited."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from ementor.accounts.models import User
from ementor.database import db
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.programmes import library
from ementor.series import opening, planning, services, telling
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import State
from ementor.series.models import PlannedMeeting
from tests.support.inside import FreshClient
from tests.support.people import followed, shown
from tests.support.series import Wait, client_of, come, in_days, now, plan, until_open

HTMX = {"HX-Request": "true"}


def filled(**changes: str) -> dict[str, str]:
    first = in_days(7)
    given = {
        "programme": "mepe",
        "name": "Aino",
        "group": "Tuesday circle",
        "first": first.date().isoformat(),
        "time": "09:00",
        "weeks": "2",
        "time_zone": "Europe/Helsinki",
    }
    return given | changes


def planned_by(client: FreshClient, **changes: str) -> int:
    place = followed(client.post("/plan", data=filled(**changes)))
    found = re.fullmatch(r"/g/(\d+)/dates", place)
    assert found
    return int(found[1])


def nothing_is_made() -> bool:
    db.session.rollback()
    return not (db.session.query(Group).count() or db.session.query(PlannedMeeting).count())


def typed(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert found, name
    value = re.search(r' value="([^"]*)"', found[0])
    return value[1] if value else ""


# Step 1 and 2


def test_every_programme_shows_its_arc_before_it_is_chosen(app: Flask) -> None:
    page = shown(app.test_client().get("/plan"))
    for programme in library.programmes():
        assert f'value="{programme.id}"' in page
        for template in programme.templates:
            for text in (template.title["en"], template.purpose["en"]):
                assert text.replace("'", "&#39;") in page
    assert "5 × 90 min · every 1–2 weeks" in page
    assert page.count("Choose this") == len(library.programmes())


def test_a_newcomer_plans_a_programme_and_is_known_from_then_on(app: Flask) -> None:
    client = app.test_client()
    group_id = planned_by(client)
    page = shown(client.get(f"/g/{group_id}/dates"))
    found = now(db.session.get_one(Group, group_id))
    assert [one.row.template_key for one in found] == [f"mepe-{number}" for number in range(1, 6)]
    for one in found:
        assert one.title["en"] in page
        assert one.purpose["en"] in page
    assert f"/g/{group_id}/invite" in page
    assert "Tuesday circle" in shown(client.get("/"))


def test_the_form_knows_who_plans_and_how_often_the_programme_meets(app: Flask) -> None:
    person, _ = plan(name="Aino")
    page = shown(client_of(app, person).get("/plan?programme=mentorgroup"))
    assert typed(page, "name") == "Aino"
    assert "Not <bdi>Aino</bdi>?" in page
    assert typed(page, "weeks") == "3"
    uneven = shown(client_of(app, person).get("/plan?programme=onboarding"))
    assert typed(uneven, "weeks") == ""
    assert "3, 4, 5" in uneven
    assert "Weeks between meetings" not in shown(client_of(app, person).get("/plan?programme=single"))


def test_left_empty_the_weeks_are_the_programmes_own(app: Flask) -> None:
    group_id = planned_by(app.test_client(), programme="onboarding", weeks="")
    walls = [one.date.wall for one in now(db.session.get_one(Group, group_id))]
    assert [(later - one).days for one, later in pairwise(walls)] == [21, 28, 35]


def test_one_meeting_for_later_has_a_template_of_its_own(app: Flask) -> None:
    client = app.test_client()
    assert "Case clinic" in shown(client.get("/plan?programme=single-2"))
    group_id = planned_by(client, programme="single", template="single-2")
    assert [one.row.template_key for one in now(db.session.get_one(Group, group_id))] == ["single-2"]


def test_a_plan_that_is_sent_twice_is_one_group(app: Flask) -> None:
    client = app.test_client()
    shown(client.get("/plan"))
    assert planned_by(client) == planned_by(client)
    assert db.session.query(Group).count() == 1
    assert db.session.query(User).count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"first": "2020-01-01"}, "first", "has already passed"),
        ({"first": "2040-01-01"}, "first", "more than three years away"),
        ({"first": ""}, "first", "Choose a date."),
        ({"first": "tomorrow"}, "first", "Choose a date."),
        ({"first": "2027-02-30"}, "first", "Choose a date."),
        ({"first": "0001-01-01"}, "first", "Check the year."),
        ({"first": "9999-12-31"}, "first", "Check the year."),
        ({"first": "2027-03-28", "time": "03:30"}, "first", "Sun 28 Mar, 04:30 would work"),
        ({"time": ""}, "time", "Enter a time such as 15:30."),
        ({"time": "25:00"}, "time", "Enter a time such as 15:30."),
        ({"weeks": "0"}, "weeks", "Enter whole weeks, from 1 to 26."),
        ({"weeks": "200"}, "weeks", "Enter whole weeks, from 1 to 26."),
        ({"weeks": "-1"}, "weeks", "Enter whole weeks, from 1 to 26."),
        ({"weeks": "٣"}, "weeks", "Enter whole weeks, from 1 to 26."),
        ({"name": ""}, "name", "Enter your name"),
        ({"group": "x" * 61}, "group", "at most"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Choose a time zone from the list."),
        ({"programme": "gone"}, "programme", "Choose a programme from the list."),
        ({"programme": "single", "template": "gone"}, "programme", "Choose a programme from the list."),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_typed_is_lost(
    app: Flask, changes: dict[str, str], field: str, said: str
) -> None:
    form = filled(**changes)
    answer = app.test_client().post("/plan", data=form)
    assert answer.status_code == 422
    wrong = re.search(rf'<p class="wrong" id="{field}-wrong">([^<]*)</p>', answer.text)
    assert wrong, answer.text
    assert said in wrong[1]
    for name in ("name", "group", "first", "time"):
        assert typed(answer.text, name) == form[name]
    assert nothing_is_made()


def test_all_empty_fields_are_named_at_once(app: Flask) -> None:
    answer = app.test_client().post("/plan", data=filled(name="", first="", time=""))
    assert all(f'id="{name}-wrong"' in answer.text for name in ("name", "first", "time"))


def test_another_name_for_all_groups_is_asked_for_and_the_form_kept(app: Flask) -> None:
    person, _ = plan(name="Aino")
    client = client_of(app, person)
    form = {"name": "Aino K.", "group": "Another circle"}
    answer = client.post("/plan", data=filled(**form))
    assert answer.status_code == 422
    assert 'name="everywhere"' in answer.text
    assert typed(answer.text, "group") == "Another circle"
    planned_by(client, **form, everywhere="yes")


def test_a_programme_that_is_gone_leads_back_to_those_that_are_there(app: Flask) -> None:
    answer = app.test_client().get("/plan?programme=gone")
    assert answer.status_code == 422
    assert "Choose a programme from the list." in answer.text
    assert "Choose this" in answer.text


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Five Tuesdays, 09:00–10:30"),
        ("fi", "Viisi tiistaita klo 9.00–10.30"),
        ("sv", "Fem tisdagar kl. 9.00–10.30"),
    ],
)
def test_the_dates_are_shown_while_the_form_is_filled_in(app: Flask, locale: str, said: str) -> None:
    first = in_days(7)
    first += timedelta(days=(1 - first.weekday()) % 7)
    query = filled(first=first.date().isoformat())
    page = shown(
        app.test_client().get("/plan/preview", query_string=query, headers={"Accept-Language": locale})
    )
    assert said in page
    assert page.count("<li>") == 5
    wrong = app.test_client().get("/plan/preview", query_string=filled(first="2020-01-01"))
    assert "has already passed" in shown(wrong)
    for unfinished in ({"first": ""}, {"time": ""}, {"time": "9"}, {"weeks": "x"}, {"programme": "gone"}):
        assert "<li>" not in shown(app.test_client().get("/plan/preview", query_string=filled(**unfinished)))
    assert nothing_is_made()


# Step 3


def dates_of(group: Group) -> str:
    return f"/g/{group.id}/dates"


def form_of(client: FreshClient, group: Group, one: services.Planned) -> dict[str, str]:
    """Return the fields of a date's form as they are shown."""
    page = shown(client.get(f"/g/{group.id}/dates?change={one.id}"))
    shown_fields = {name: typed(page, name) for name in ("version", "date", "time", "end", "title", "bring")}
    template = re.search(r'name="template".*?<option value="([^"]*)"[^>]* selected>', page, re.DOTALL)
    return shown_fields | {"template": template[1] if template else "", "task": "", "planned": str(one.id)}


def press(client: FreshClient, group: Group, what: str, **fields: str) -> Any:
    return client.post(f"/g/{group.id}/dates", data={"press": what, **fields}, headers=HTMX)


def test_a_date_is_changed_where_it_stands(app: Flask) -> None:
    person, group = plan()
    client, one = client_of(app, person), now(group)[1]
    form, version = form_of(client, group, one), one.row.version
    assert 'aria-label="Change: My strengths as a mentor, ' in shown(client.get(dates_of(group)))
    moved = (one.date.wall + timedelta(days=1)).date().isoformat()
    answer = press(client, group, "save", **form | {"date": moved, "time": "14:00", "bring": "a photo"})
    assert answer.status_code == 200
    assert "Moved from" in answer.text
    assert "<!doctype" not in answer.text
    found = now(group)[1]
    assert (found.date.wall.hour, found.date.minutes, found.bring) == (14, 90, {"": "a photo"})
    assert found.row.version > version


def test_the_end_goes_with_the_start_until_it_is_given_itself(app: Flask) -> None:
    person, group = plan()
    client = client_of(app, person)
    form = form_of(client, group, now(group)[0])
    assert form["end"] == "10:30"
    press(client, group, "save", **form | {"time": "10:00"})
    assert now(group)[0].date.minutes == 90
    form = form_of(client, group, now(group)[0])
    press(client, group, "save", **form | {"end": "11:00"})
    assert now(group)[0].date.minutes == 60
    form = form_of(client, group, now(group)[0])
    press(client, group, "save", **form | {"template": "ekollega-1"})
    assert now(group)[0].date.minutes == 120


def test_a_date_is_skipped_cancelled_put_back_and_added(app: Flask) -> None:
    person, group = plan()
    client, first = client_of(app, person), now(group)[0]
    press(client, group, "skip", planned=str(first.id), version=str(first.row.version))
    assert [one.state for one in now(group)][:2] == [State.SKIPPED, State.PLANNED]
    gone = now(group)[0]
    assert 'value="add"' in shown(client.get(f"{dates_of(group)}?add=1"))
    assert 'aria-label="Restore: No meeting, ' in shown(client.get(dates_of(group)))
    press(client, group, "put_back", planned=str(gone.id), version=str(gone.row.version))
    second = now(group)[1]
    press(client, group, "cancel", planned=str(second.id), version=str(second.row.version))
    assert [one.state for one in now(group)][:2] == [State.PLANNED, State.CANCELLED]
    form = {"date": in_days(200).date().isoformat(), "time": "12:00", "template": "single-1"}
    for _ in range(2):  # a double press is one
        assert press(client, group, "add", planned="new", **form).status_code == 200
    assert [one.row.template_key for one in now(group)].count("single-1") == 1


def test_without_a_script_the_same_buttons_lead_back_to_the_page(app: Flask) -> None:
    person, group = plan()
    client, one = client_of(app, person), now(group)[0]
    at = f"/g/{group.id}/dates?planned={one.id}&version={one.row.version}"
    assert followed(client.post(at, data={"press": "cancel"})) == f"/g/{group.id}/dates"
    assert now(group)[0].state is State.CANCELLED
    refused = client.post(
        f"/g/{group.id}/dates", data={"press": "add", "planned": "new", "date": "2020-01-01"}
    )
    assert refused.status_code == 422
    assert "<!doctype html>" in refused.text
    assert typed(refused.text, "date") == "2020-01-01"
    assert client.post(f"/g/{group.id}/dates", data={"press": "nothing"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"date": "2020-01-01"}, "date", "has already passed"),
        ({"date": ""}, "date", "Choose a date."),
        ({"date": "2027-03-28", "time": "03:30"}, "date", "04:30 would work"),
        ({"time": "9"}, "time", "Enter a time such as 15:30."),
        ({"end": "08:00"}, "end", "The end must be 10 minutes to 12 hours after the start"),
        ({"end": "09:00"}, "end", "The end must be 10 minutes to 12 hours after the start"),
        ({"end": "09:05"}, "end", "The end must be 10 minutes to 12 hours after the start"),
        ({"end": ""}, "end", "Enter a time such as 15:30."),
        ({"template": "gone"}, "template", "Choose a template from the list."),
        ({"title": "x" * 500}, "title", "at most"),
        ({"bring": "x" * 500}, "bring", "at most"),
        ({"task": "x" * 5000}, "task", "at most"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing_and_keeps_what_was_typed(
    app: Flask, changes: dict[str, str], field: str, said: str
) -> None:
    person, group = plan()
    client, before = client_of(app, person), [one.date for one in now(group)]
    form = form_of(client, group, now(group)[2]) | changes
    answer = press(client, group, "save", **form)
    assert answer.status_code == 422
    wrong = re.search(rf'id="{field}-wrong">([^<]*)<', answer.text)
    assert wrong, answer.text
    assert said in wrong[1]
    for name in ("date", "time", "end", "title", "bring"):
        assert typed(answer.text, name) == form[name]
    assert [one.date for one in now(group)] == before


def test_overlapping_meetings_30_a_day_and_200_dates_are_refused(app: Flask) -> None:
    person, group = plan()
    client = client_of(app, person)
    day = in_days(300)

    def add(hour: int, days: int = 0) -> Any:
        on = (day + timedelta(days=days)).date().isoformat()
        return press(client, group, "add", planned="new", date=on, time=f"{hour:02d}:00", template="single-4")

    assert [add(hour).status_code for hour in (8, 10, 12)] == [200, 200, 200]
    assert "A group can meet at most 3 times a day." in add(16).text
    assert (
        "The group already meets then"
        in press(
            client,
            group,
            "add",
            planned="new",
            date=day.date().isoformat(),
            time="08:20",
            template="single-1",
        ).text
    )
    left = rules.MAX_DATES - len(now(group))
    answers = [add(9, days).status_code for days in range(1, left + 3)]
    assert answers == [200] * left + [422, 422]
    assert len(now(group)) == rules.MAX_DATES
    assert "A series can have at most 40 dates." in add(9, 99).text


def test_of_two_facilitators_the_second_sees_what_the_first_did_and_keeps_their_own(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    groups.give_hat(group.id, ben.id, actor=person)
    theirs, one = client_of(app, ben), now(group)[0]
    form = form_of(theirs, group, one)
    planning.change(group.id, one.id, actor=person, wall=one.date.wall.replace(hour=16))
    answer = press(theirs, group, "save", **form | {"time": "13:00"})
    assert answer.status_code == 409
    assert "Somebody else has changed this in the meantime" in answer.text
    assert typed(answer.text, "time") == "13:00"
    assert re.search(r'id="time-theirs"><b>Saved by somebody else:</b> <span dir="auto">16:00', answer.text)
    assert now(group)[0].date.wall.hour == 16
    again = form | {"time": "13:00", "end": "14:30", "version": typed(answer.text, "version")}
    assert press(theirs, group, "save", **again).status_code == 200
    assert now(group)[0].date.wall.hour == 13
    late = press(theirs, group, "skip", planned=str(one.id), version=form["version"])
    assert late.status_code == 409
    assert "Somebody else has changed this date in the meantime" in late.text


def test_a_prepared_agenda_is_replaced_only_when_it_is_said(app: Flask) -> None:
    person, group = plan()
    client, one = client_of(app, person), now(group)[0]
    opening.prepare(group.id, one.id, actor=person)
    form = form_of(client, group, one) | {"template": "single-1"}
    answer = press(client, group, "save", **form)
    assert answer.status_code == 422
    assert 'id="replace-wrong"' in answer.text
    assert press(client, group, "save", **form | {"replace": "yes"}).status_code == 200
    assert now(group)[0].row.template_key == "single-1"


def test_a_meeting_that_has_begun_has_no_form(app: Flask, wait: Wait) -> None:
    person, group = plan()
    one = until_open(group, wait)
    client = client_of(app, person)
    form = form_of(client, group, one)
    meeting = opening.open_room(group.id, one.id, actor=person)
    client.post(f"/m/{meeting.id}/press", data={"press": "start"}, headers=HTMX)
    page = shown(client.get(f"/g/{group.id}/dates?change={one.id}"))
    assert 'class="editor"' not in page
    assert f'href="/m/{meeting.id}"' in page
    late = press(client, group, "save", **form | {"version": str(now(group)[0].row.version), "time": "20:00"})
    assert late.status_code == 409
    assert "has already been held" in late.text


def test_the_time_zone_can_be_changed(app: Flask) -> None:
    person, group = plan()
    client = client_of(app, person)
    assert "Helsinki time" in shown(client.get(dates_of(group)))
    assert press(client, group, "zone", time_zone="Mars/Olympus").status_code == 422
    assert "Stockholm time" in press(client, group, "zone", time_zone="Europe/Stockholm").text
    db.session.refresh(group)
    assert group.time_zone == "Europe/Stockholm"
    assert [one.date.wall.hour for one in now(group)] == [9] * 5


def test_dates_are_the_facilitators_and_strangers_find_nothing(app: Flask) -> None:
    _, group = plan()
    ben, one = come(group, "Ben"), now(group)[0]
    eve, _ = plan(name="Eve", group_name="Elsewhere")
    for client, status in ((client_of(app, ben), 403), (client_of(app, eve), 404), (app.test_client(), 404)):
        assert client.get(f"/g/{group.id}/dates").status_code == status
        for what in ("save", "add", "skip", "cancel", "put_back", "zone"):
            fields = {"planned": str(one.id), "version": "1", "time_zone": "Europe/Stockholm"}
            assert press(client, group, what, **fields).status_code == status
        assert client.post(f"/g/{group.id}/invite", data={"call_url": "https://x.fi"}).status_code == status
    assert now(group)[0].date == one.date
    other = client_of(app, eve)
    elsewhere = db.session.query(Group).filter(Group.id != group.id).one()
    assert press(other, elsewhere, "cancel", planned=str(one.id), version="1").status_code == 404


# Step 4


def test_the_invitation_is_in_the_groups_language_whatever_the_viewers(app: Flask) -> None:
    person, group = plan(locale="fi", group_name="Tiistaipiiri")
    client = client_of(app, person)
    client.post("/language", data={"locale": "en"})
    page = shown(client.get(f"/g/{group.id}/invite"))
    assert "Copy the invitation" in page
    assert "Tiistaipiiri alkaa. Tapaamme viisi kertaa verkossa klo 9.00–10.30 (Helsingin aikaa):" in page
    assert f"/j/{group.join_token}" in page
    assert "Et tarvitse tunnuksia, nimesi riittää." in page
    assert page.index("nimesi riittää") < page.index("Aino</textarea>")
    assert 'lang="fi"' in page


def test_an_invitation_names_only_dates_ahead_each_with_its_time_where_they_differ(app: Flask) -> None:
    person, group = plan()
    first, second = now(group)[:2]
    planning.cancel(group.id, first.id, actor=person)
    planning.change(group.id, second.id, actor=person, wall=second.date.wall.replace(hour=13))
    page = shown(client_of(app, person).get(f"/g/{group.id}/invite"))
    assert "We meet online four times (Helsinki time):" in page
    assert f"{telling.short_date(second.date.wall)}, 13:00" in page
    assert telling.short_date(first.date.wall) not in page


def test_members_pass_the_link_on_but_only_facilitators_set_the_call(app: Flask) -> None:
    _, group = plan()
    page = shown(client_of(app, come(group, "Ben")).get(f"/g/{group.id}/invite"))
    assert group.join_token in page
    assert "call_url" not in page
    eve, _ = plan(name="Eve", group_name="Elsewhere")
    assert client_of(app, eve).get(f"/g/{group.id}/invite").status_code == 404
    assert app.test_client().get(f"/g/{group.id}/invite").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example/x",
        "javascript:alert(1)",
        "meet.example/x",
        "https://",
        "https:///x",
        "https://meet.example/a b",
        "https://meet.example/\nx",
        "https://bank.example@evil.example/",
        "https://[",
        "https://meet.example:99999999/",
        "data:text/html,x",
        "https://meet.example/" + "x" * 500,
    ],
)
def test_a_call_that_is_no_https_address_is_refused_and_what_was_typed_stays(app: Flask, url: str) -> None:
    person, group = plan()
    client = client_of(app, person)
    followed(client.post(f"/g/{group.id}/invite", data={"call_url": "https://meet.example/abc?pwd=1#2"}))
    answer = client.post(f"/g/{group.id}/invite", data={"call_url": url})
    assert answer.status_code == 422
    assert 'id="call_url-wrong"' in answer.text
    if url.isprintable():
        assert typed(answer.text, "call_url") == url
    assert services.series_of(group.id).call_url == "https://meet.example/abc?pwd=1#2"
    followed(client.post(f"/g/{group.id}/invite", data={"call_url": ""}))
    assert services.series_of(group.id).call_url == ""


# The front page


def test_the_front_page_lists_groups_with_what_comes_next(app: Flask, wait: Wait) -> None:
    person, group = plan()
    plan(actor=person, group_name="Later", first=in_days(30))
    _, single = plan("single-1", actor=person, group_name="Once", weeks=None, first=in_days(2))
    client = client_of(app, person)
    page = shown(client.get("/"))
    assert 'href="/plan"' in page
    assert [page.index(name) for name in ("Once", "Tuesday circle", "Later")] == sorted(
        page.index(name) for name in ("Once", "Tuesday circle", "Later")
    )
    assert telling.short_date(now(group)[0].date.wall) in page
    one = until_open(single, wait)
    assert re.search(r"Once</b></a> <span[^>]*>now<", shown(client.get("/")))
    meeting = opening.open_room(single.id, one.id, actor=person)
    for what in ("start", "end"):
        client.post(f"/m/{meeting.id}/press", data={"press": what}, headers=HTMX)
    assert re.search(r"Once</b></a> <span[^>]*>ended<", shown(client.get("/")))
    assert "Your groups" not in shown(app.test_client().get("/"))
