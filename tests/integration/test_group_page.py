"""The group's page: for its members, at every moment of a series."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.errors import Conflict, Invalid, NotFound, Unavailable
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.groups.services import members
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import PersonCame, Start
from ementor.meetings.services import people
from ementor.series import going_on, opening, page, phrases, planning, services, settings, takeover
from ementor.series.domain.countdown import Left, Unit
from ementor.series.domain.dates import State
from tests.support.people import shown
from tests.support.series import ZONE, Wait, client_of, come, in_days, now, plan, until_open

HTMX = {"HX-Request": "true"}
TUESDAY = datetime(2026, 11, 24, 9, 0)


def test_members_see_the_page_and_strangers_nothing(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    for each in (person, ben):
        page = shown(client_of(app, each).get(f"/g/{group.id}"))
        assert "What online mentoring is" in page
        assert "Next meeting" in page
    eve, other = plan(name="Eve", group_name="Elsewhere")
    assert client_of(app, eve).get(f"/g/{other.id}").status_code == 200
    for client in (client_of(app, eve), app.test_client()):
        for path in (f"/g/{group.id}", f"/g/{group.id}/news", "/g/999999", "/g/99999999999"):
            assert client.get(path).status_code == 404
        assert client.post(f"/g/{group.id}", data={"press": "x"}).status_code == 404


def test_an_open_page_asks_for_what_is_new_and_gets_nothing_else(app: Flask) -> None:
    person, group = plan()
    client = client_of(app, person)
    stamp = re.search(r'data-stamp="(\w+)"', client.get(f"/g/{group.id}").text)
    assert stamp
    news = f"/g/{group.id}/news?stamp={stamp[1]}"
    assert client.get(news, headers=HTMX).status_code == 204
    planning.cancel(group.id, now(group)[1].id, actor=person)
    answer = client.get(news, headers=HTMX)
    assert answer.status_code == 200
    assert stamp[1] not in answer.text


@pytest.mark.parametrize("press", ["", "nothing", "__class__"])
def test_a_button_that_there_is_not_is_refused(app: Flask, press: str) -> None:
    person, group = plan()
    assert client_of(app, person).post(f"/g/{group.id}", data={"press": press}).status_code == 400


def test_the_link_leads_to_the_page_then_to_the_room(app: Flask, wait: Wait) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    link = f"/j/{group.join_token}"
    for each in (person, ben):
        assert client_of(app, each).get(link).location == f"/g/{group.id}"
    until_open(group, wait)
    room = opening.open_due(group.id)
    for each in (person, ben):
        assert client_of(app, each).get(link).location == f"/m/{room}"


def hold(group: Group, person: User, wait: Wait, number: int = 0) -> int:
    """Hold the meeting of a date from its start to its end."""
    until_open(group, wait, number)
    meeting_id = opening.open_due(group.id)
    assert meeting_id
    for member in policy.members(group.id):
        meetings.record(meeting_id, PersonCame(member.user_id), actor_id=member.user_id)
    meetings.act(meeting_id, Start(), actor=person)
    archive.close_and_keep(meeting_id, actor=person, seen=None)
    return meeting_id


def look(app: Flask, person: User, group: Group) -> str:
    return shown(client_of(app, person).get(f"/g/{group.id}"))


def press(app: Flask, who: User, group: Group, what: str, *, htmx: bool = False, **fields: Any) -> Any:
    headers = HTMX if htmx else {}
    return client_of(app, who).post(f"/g/{group.id}", data={"press": what} | fields, headers=headers)


def about(group: Group, number: int = 0) -> dict[str, int]:
    one = now(group)[number]
    return {"planned": one.id, "version": one.row.version}


# The link


@pytest.mark.parametrize(
    "moment", ["between", "ten minutes before", "during", "right after", "after the last", "cancelled"]
)
def test_the_link_is_right_for_members_at_every_moment(app: Flask, wait: Wait, moment: str) -> None:
    person, group = plan("single-1" if moment == "after the last" else "mepe")
    ben = come(group, "Ben")
    room = None
    if moment == "ten minutes before":
        until_open(group, wait)
        wait(5 * 60)
        room = "due"
    elif moment == "during":
        until_open(group, wait)
        room = f"/m/{opening.open_due(group.id)}"
        meetings.act(int(room[3:]), Start(), actor=person)
        opening.prepare(group.id, now(group)[2].id, actor=person)  # has the highest number
    elif moment in {"right after", "after the last"}:
        hold(group, person, wait)
    elif moment == "cancelled":
        planning.cancel(group.id, now(group)[0].id, actor=person)
        until_open(group, wait)
    for each in (ben, person):
        answer = client_of(app, each).get(f"/j/{group.join_token}")
        assert answer.status_code == 303
        if room == "due":
            room = answer.location
            assert room == f"/m/{now(group)[0].row.meeting_id}"
        assert answer.location == (room or f"/g/{group.id}")
        assert client_of(app, each).get(answer.location).status_code == 200


def test_the_link_for_all_others_is_what_it_was(app: Flask, wait: Wait) -> None:
    person, group = plan()
    gone = come(group, "Gus")
    link = f"/j/{group.join_token}"
    assert "Your name" in app.test_client().get(link).text
    people.remove_from(group.id, gone.id, actor=person)
    link = f"/j/{groups.lock_group(group.id).join_token}"
    db.session.commit()
    assert client_of(app, gone).get(link).status_code == 404
    hold(group, person, wait)  # the door is closed from now on
    kim, lea = (groups.join(link[3:], actor=None, name=name).user for name in ("Kim", "Lea"))
    groups.refuse(group.id, lea.id, actor=person)
    for each, heading in ((kim, "You are waiting to come in"), (lea, "You were not let in")):
        answer = client_of(app, each).get(link)
        assert answer.location == f"/waiting/{group.id}"
        assert heading in shown(client_of(app, each).get(answer.location))
        assert client_of(app, each).get(f"/g/{group.id}").status_code == 404
    groups.let_in(group.id, kim.id, actor=person)
    assert client_of(app, kim).get(link).location == f"/g/{group.id}"
    assert client_of(app, kim).get(f"/waiting/{group.id}").location == f"/g/{group.id}"


def test_from_the_room_and_the_record_one_press_leads_to_the_page(app: Flask, wait: Wait) -> None:
    person, group = plan()
    meeting = opening.prepare(group.id, now(group)[0].id, actor=person)
    link = f'href="/g/{group.id}"'
    assert link in client_of(app, person).get(f"/m/{meeting.id}/menu").text
    hold(group, person, wait)
    record = client_of(app, person).get(f"/m/{meeting.id}").text
    assert link in record
    assert record.index('class="ended"') < record.index('id="h-meet"') < record.index('id="h-agenda"')
    assert f'<a class="btn main" href="/g/{group.id}">Prepare' in record
    wait(90)
    assert archive.seal_due()
    assert "Start the next meeting" not in client_of(app, person).get(f"/m/{meeting.id}").text


# The next meeting


def test_the_page_goes_with_the_time(app: Flask, wait: Wait) -> None:
    person, group = plan(first=in_days(3))
    said = look(app, person, group)
    assert ">3<" in said
    assert "First meeting" in said
    wait(timedelta(days=2).total_seconds())
    assert "tomorrow" in look(app, person, group)
    until_open(group, wait)
    wait(-20)
    said = look(app, person, group)
    assert "today" in said
    assert 'id="open-room"' not in said
    wait(25)
    ben = come(group, "Ben")
    said = look(app, ben, group)
    room = now(group)[0].row.meeting_id
    assert room
    assert re.search(rf'id="open-room" href="/m/{room}"', said)
    assert "The room is open" in said
    assert client_of(app, ben).get(f"/m/{room}").status_code == 200
    meetings.record(room, PersonCame(person.id), actor_id=person.id)
    assert "Aino is already there." in look(app, ben, group)
    meetings.act(room, Start(), actor=person)
    assert "The meeting is under way" in look(app, ben, group)
    archive.close_and_keep(room, actor=person, seen=None)
    said = look(app, ben, group)
    assert "Next meeting" in said
    assert "My strengths as a mentor" in said


def test_what_the_page_shows_changes_its_stamp(app: Flask, wait: Wait) -> None:
    person, group = plan()
    stamps = [page.stamp_of(group.id, actor=person)]

    def changed() -> bool:
        stamps.append(page.stamp_of(group.id, actor=person))
        return stamps[-1] != stamps[-2]

    assert not changed()
    come(group, "Ben")
    assert changed()
    settings.change(group.id, actor=person, time_zone=ZONE, call_url="https://a.example")
    assert changed()
    people.rotate_link_of(group.id, actor=person)
    assert changed()
    wait(timedelta(days=1).total_seconds())
    assert changed()
    until_open(group, wait)
    assert changed()
    room = opening.open_due(group.id)
    assert room
    assert changed()
    meetings.record(room, PersonCame(person.id), actor_id=person.id)
    assert changed()
    assert page.of(group.id, actor=person).stamp == stamps[-1]


def test_a_facilitator_prepares_and_opens_ahead_of_time_and_others_see_it(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    assert press(app, ben, group, "prepare", **about(group)).status_code == 403
    assert "Look at the agenda" not in look(app, ben, group)
    answer = press(app, person, group, "prepare", **about(group))
    room = f"/m/{now(group)[0].row.meeting_id}"
    assert (answer.status_code, answer.location) == (303, room)
    assert f'href="{room}"' in look(app, ben, group)
    assert client_of(app, ben).get(room).status_code == 200
    assert press(app, ben, group, "open_room", **about(group)).status_code == 403
    answer = press(app, person, group, "open_room", htmx=True, **about(group))
    assert answer.headers["HX-Redirect"] == room
    assert "The room is open" in look(app, ben, group)


def test_cancelling_asks_for_rights_and_for_the_date_that_was_shown(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    was = about(group)
    assert press(app, ben, group, "cancel_meeting", **was).status_code == 403
    planning.change(group.id, was["planned"], actor=person, wall=in_days(8))
    assert press(app, person, group, "cancel_meeting", **was).status_code == 409
    assert now(group)[0].state is State.PLANNED
    assert press(app, person, group, "cancel_meeting", htmx=True, **about(group)).status_code == 200
    said = look(app, ben, group)
    assert "<s>What online mentoring is</s>" in said
    assert "cancelled" in said


def test_dates_say_what_became_of_them(app: Flask, wait: Wait) -> None:
    person, group = plan()
    eve = come(group, "Eve")
    held = hold(group, person, wait)
    late = groups.join(group.join_token, actor=None, name="Late").user
    groups.let_in(group.id, late.id, actor=person)
    second, third = now(group)[1:3]
    planning.skip(group.id, second.id, actor=person)
    planning.change(group.id, third.id, actor=person, wall=third.row.wall + timedelta(days=15))
    said = look(app, eve, group)
    assert "No meeting" in said
    assert "moved from" in said
    assert f'class="rec" href="/m/{held}"' in said
    assert "Past meetings" in said
    said = look(app, late, group)
    assert "What online mentoring is" in said
    assert f'href="/m/{held}"' not in said
    assert "Records from before you joined are for those who were in the group then." in said


# Taking over


def test_a_group_that_was_left_alone_is_taken_over_and_everybody_sees_it(app: Flask, wait: Wait) -> None:
    person, group = plan(first=in_days(20))
    ben, cai = come(group, "Ben"), come(group, "Cai")
    week = timedelta(days=7).total_seconds()
    wait(week - 60)
    assert "Take over the group" not in look(app, ben, group)
    assert press(app, ben, group, "take_over").status_code == 409
    wait(61)
    assert "Take over the group" in look(app, cai, group)
    assert "Take over the group" not in look(app, person, group)  # and so she has come back
    assert "Take over the group" not in look(app, cai, group)
    assert press(app, cai, group, "take_over").status_code == 409
    wait(week)
    assert press(app, ben, group, "take_over", htmx=True).status_code == 200
    assert policy.require_facilitator(ben, group.id)
    assert policy.require_facilitator(person, group.id)  # who comes back is what she was
    for each in (cai, person):
        assert "<bdi>Ben</bdi> took the group over on" in look(app, each, group)
    assert "You took the group over" in look(app, ben, group)
    room = opening.open_room(group.id, now(group)[0].id, actor=ben)
    assert meetings.act(room.id, Start(), actor=ben).started
    archive.close_and_keep(room.id, actor=ben, seen=None)
    wait(2 * week + 60)
    assert "took the group over" not in look(app, cai, group)


def test_of_two_who_take_over_the_second_is_told(app: Flask, wait: Wait) -> None:
    _, group = plan(first=in_days(20))
    ben, cai = come(group, "Ben"), come(group, "Cai")
    wait(timedelta(days=8).total_seconds())
    takeover.take_over(group.id, actor=ben)
    with pytest.raises(Conflict, match="has a facilitator"):
        takeover.take_over(group.id, actor=cai)
    takeover.take_over(group.id, actor=ben)  # twice is once
    assert not policy.require_member(cai, group.id).facilitator
    assert services.series_of(group.id).taken_over_by_id == ben.id


def test_a_group_without_any_facilitator_is_anybodys_to_take_at_once(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    policy.require_member(person, group.id).ended_at = datetime.fromisoformat("2026-01-01T00:00+00:00")
    db.session.commit()
    assert "Take over the group" in look(app, ben, group)
    stranger, _ = plan(name="Eve", group_name="Elsewhere")
    with pytest.raises(NotFound):
        takeover.take_over(group.id, actor=stranger)
    takeover.take_over(group.id, actor=ben)
    assert policy.require_facilitator(ben, group.id)


def test_who_facilitates_one_meeting_only_does_not_keep_the_group(app: Flask, wait: Wait) -> None:
    _, group = plan(first=in_days(20))
    ben = come(group, "Ben")
    wait(timedelta(days=8).total_seconds())
    member = policy.require_member(ben, group.id)
    member.facilitator, member.for_meeting_id = True, 1
    db.session.commit()
    takeover.take_over(group.id, actor=ben)
    assert policy.require_member(ben, group.id).for_meeting_id is None


def test_being_here_is_noted_by_the_page_and_the_room_once_an_hour(
    app: Flask, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, group = plan(first=in_days(20))
    room = opening.open_room(group.id, now(group)[0].id, actor=person)

    def seen() -> datetime | None:
        return policy.require_member(person, group.id).seen_at

    for path in (f"/g/{group.id}", f"/m/{room.id}"):
        before = seen()
        wait(59 * 60)
        assert client_of(app, person).get(path).status_code == 200
        assert seen() == before
        wait(60)
        assert client_of(app, person).get(f"{path}", headers={}).status_code == 200
        assert seen() != before
    wait(7200)

    def full(*_: object) -> None:
        raise Unavailable("full")

    monkeypatch.setattr(members, "_keep_visit", full)
    assert client_of(app, person).get(f"/g/{group.id}").status_code == 200


# People and settings, without any meeting


def test_the_door_is_on_the_page(app: Flask, wait: Wait) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    hold(group, person, wait)
    kim, lea = (groups.join(group.join_token, actor=None, name=name).user for name in ("Kim", "Lea"))
    assert "Kim" in look(app, person, group)
    assert "Kim" not in look(app, ben, group)
    for what in ("let_in", "refuse"):
        assert press(app, ben, group, what, person=kim.id).status_code == 403
    assert press(app, person, group, "let_in", htmx=True, person=kim.id).status_code == 200
    assert press(app, person, group, "refuse", person=lea.id).status_code == 303
    assert policy.membership_of(kim, group.id)
    assert "Lea" not in look(app, person, group)


def test_settings_are_changed_without_any_meeting(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    at = f"/g/{group.id}/settings"
    assert client_of(app, ben).get(at).status_code == 403
    for fields in (
        {"press": "meetings"},
        {"press": "rotate_link"},
        {"press": "remove_person", "person": person.id},
        {},
    ):
        assert client_of(app, ben).post(at, data=fields).status_code == 403
    ada = client_of(app, person)
    assert ada.get(at).status_code == 200
    answer = ada.post(at, data={"name": "Wednesday circle", "entry": "ask", "greeting": "Hello"})
    assert answer.location == f"/g/{group.id}"
    assert "Wednesday circle" in look(app, ben, group)
    wrong = {"press": "meetings", "time_zone": "Europe/Helsinki", "call_url": "http://meet.example"}
    answer = ada.post(at, data=wrong)
    assert answer.status_code == 422
    assert "http://meet.example" in answer.text
    assert "It begins with https://" in answer.text
    assert ada.post(at, data=wrong | {"call_url": "", "time_zone": "Mars"}).status_code == 422
    wall = now(group)[0].row.wall
    right = {"press": "meetings", "time_zone": "Europe/Stockholm", "call_url": "https://meet.example"}
    assert ada.post(at, data=right).location == f"/g/{group.id}"
    series = services.series_of(group.id)
    assert series.call_url == "https://meet.example"
    assert (series.group.time_zone, now(group)[0].row.wall) == ("Europe/Stockholm", wall)
    assert re.search(r'href="https://meet.example" target="_blank" rel="noopener"', look(app, ben, group))
    token = group.join_token
    assert ada.post(at, data={"press": "rotate_link"}).location == at
    assert services.series_of(group.id).group.join_token != token
    assert ada.post(at, data={"press": "remove_person", "person": ben.id}).location == at
    assert client_of(app, ben).get(f"/g/{group.id}").status_code == 404


# The end


def test_after_the_last_date_any_member_goes_on(app: Flask, wait: Wait) -> None:
    person, group = plan("single-2")
    ben = come(group, "Ben")
    hold(group, person, wait)
    said = look(app, ben, group)
    assert "One meeting behind you" in said
    assert "Continue on your own" in said
    assert "Choose other dates" not in said
    assert "Choose other dates" in look(app, person, group)
    first = re.search(r"first=([\d:T-]+)", said)
    assert first
    assert press(app, ben, group, "go_on", first="soon").status_code == 422
    assert press(app, ben, group, "go_on", htmx=True, first=first[1]).status_code == 200
    ahead = [one for one in now(group) if one.state is State.PLANNED]
    assert [one.row.template_key for one in ahead] == ["single-2"] * 4
    assert ahead[0].row.wall.isoformat(timespec="minutes") == first[1]
    assert press(app, person, group, "go_on", first=first[1]).status_code == 409
    assert len(now(group)) == 5
    assert "Case clinic" in look(app, person, group)


def test_a_programme_is_gone_on_with_in_dialogues(app: Flask, wait: Wait) -> None:
    person, group = plan()
    for one in now(group)[1:]:
        planning.cancel(group.id, one.id, actor=person)
    hold(group, person, wait)
    going_on.go_on(group.id, in_days(40), actor=person)
    assert now(group)[-1].row.template_key == going_on.USUAL


def test_a_group_without_dates_says_what_comes(app: Flask) -> None:
    person, group = plan("single-1")
    ben = come(group, "Ben")
    planning.cancel(group.id, now(group)[0].id, actor=person)
    assert "Once a facilitator adds a date" in look(app, ben, group)
    assert "Add a date, and everybody will find it here." in look(app, person, group)


# Words


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("fi", "Joka toinen tiistai klo 9.00–10.30"),
        ("sv", "Varannan tisdag kl. 9.00–10.30"),
        ("en", "Every second Tuesday, 09:00–10:30"),
    ],
)
def test_when_a_group_usually_meets(app: Flask, locale: str, said: str) -> None:
    with force_locale(locale):
        assert phrases.usual(2, TUESDAY, 90).striptags() == said


@pytest.mark.parametrize(
    ("number", "locale", "said"),
    [
        (1, "en", "One meeting behind you"),
        (5, "en", "Five meetings behind you"),
        (13, "en", "13 meetings behind you"),
        (1, "fi", "Yksi tapaaminen takana"),
        (5, "fi", "Viisi tapaamista takana"),
        (12, "sv", "Tolv träffar bakom er"),
    ],
)
def test_how_many_meetings_have_been(app: Flask, number: int, locale: str, said: str) -> None:
    with force_locale(locale):
        assert phrases.behind(number) == said


def test_every_rhythm_has_words(app: Flask) -> None:
    for locale in ("fi", "sv", "en"):
        with force_locale(locale):
            said = {phrases.rhythm(weeks, TUESDAY) for weeks in range(1, 27)}
            assert len(said) == 26


def test_the_ring_says_what_it_shows(app: Flask) -> None:
    with force_locale("fi"):
        assert phrases.to_the_meeting(Left(Unit.DAYS, 6, 0.4)) == "6 päivää tapaamiseen"
        assert phrases.counted(Left(Unit.DAYS, 1, 0.1)) == "päivä"
    with force_locale("en"):
        assert phrases.to_the_meeting(Left(Unit.TOMORROW, 1, 0.1)) == "The meeting is tomorrow"


@pytest.mark.parametrize(
    "address",
    [
        "http://meet.example.org/x",
        "javascript:alert(1)",
        "meet.example.org",
        "https://",
        "https:///x",
        "https://a@b.example",
        "https://example.org/a b",
        "https://example.org/\u202e",
        "https://[",
        "https://example.org/" + "x" * 500,
    ],
)
def test_a_call_is_at_an_https_address(app: Flask, address: str) -> None:
    with pytest.raises(Invalid):
        settings.https_url(address)
    assert settings.https_url(" https://meet.example.org/x?y=1#z ") == "https://meet.example.org/x?y=1#z"
    assert settings.https_url("  ") == ""


def test_adding_a_date_leads_to_its_form(app: Flask) -> None:
    person, group = plan()
    form = re.search(
        r'<form action="([^"]+)"><button [^>]*name="(\w+)" value="(\w+)">(?:(?!</form>).)*Add a date',
        look(app, person, group),
    )
    assert form
    assert form.groups() == (f"/g/{group.id}/dates", "change", "new")
    assert 'name="template"' in shown(client_of(app, person).get("{}?{}={}".format(*form.groups())))
