"""Being on time as the room offers it: who may press what, and what two who press at once get."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.clock import now
from ementor.database import db
from ementor.errors import Conflict, NotAllowed, NotFound
from ementor.groups import services as groups
from ementor.meetings import services
from ementor.meetings.domain import times
from ementor.meetings.domain.run import (
    DropItem,
    FreeTalk,
    NextItem,
    SetTimes,
    SpreadOver,
    Start,
    StartShort,
    StayLonger,
    TakeBreak,
    UndoPlan,
)
from ementor.meetings.models import Meeting
from ementor.meetings.services import people as room
from ementor.meetings.services import starting
from tests.support.people import Person, shown

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTES = [5, 12, 10, 10, 15, 5, 15, 5, 5, 8]


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(app: Flask) -> User:
    return accounts.make_guest("Ada", locale="en")


@pytest.fixture
def meeting(clock: time_machine.Coordinates, ada: User) -> Meeting:
    return starting.start_now(actor=ada, name="Ada", template_key="mepe-1", group_name="Circle", locale="en")[
        1
    ]


@pytest.fixture
def ben(meeting: Meeting) -> User:
    return groups.join(meeting.group.join_token, actor=None, name="Ben").user


@pytest.fixture
def over(meeting: Meeting, ada: User, clock: time_machine.Coordinates) -> Meeting:
    """A meeting three minutes over plan."""
    services.act(meeting.id, Start(), actor=ada)
    clock.shift(8 * 60)
    return meeting


def minutes_of(meeting: Meeting) -> list[int]:
    return [item.minutes for item in services.run_of(meeting.id).agenda]


@pytest.mark.parametrize(
    "wish",
    [SetTimes(), StartShort(), SpreadOver(), DropItem(3), StayLonger(), TakeBreak(), UndoPlan(), FreeTalk()],
)
def test_only_who_facilitates_mends_the_plan(over: Meeting, ben: User, wish: Any) -> None:
    before = services.run_of(over.id)
    with pytest.raises(NotAllowed):
        services.act(over.id, wish, actor=ben)
    with pytest.raises(NotFound):
        services.act(over.id, wish, actor=accounts.make_guest("Eve", locale=None))
    assert services.run_of(over.id) == before


def test_where_everybody_runs_the_meeting_its_end_stays_with_facilitators(over: Meeting, ben: User) -> None:
    over.group.everybody_runs = True
    db.session.commit()
    assert services.act(over.id, SpreadOver(), actor=ben).schedule.plan_undo
    with pytest.raises(NotAllowed):
        services.act(over.id, FreeTalk(), actor=ben)


def test_two_facilitators_who_shorten_at_once_shorten_once(over: Meeting, ada: User, ben: User) -> None:
    seen = room.make_facilitator(over.id, ben.id, actor=ada).number
    services.act(over.id, SpreadOver(), actor=ada, seen=seen)
    assert minutes_of(over) == [5, 11, 10, 10, 14, 5, 14, 5, 5, 8]
    run = services.act(over.id, StayLonger(), actor=ben, seen=seen)
    assert run.planned_end_at == NOON + timedelta(minutes=90)
    assert times.over_s(run, NOON + timedelta(minutes=8)) == 0


def test_two_presses_that_cross_in_the_database_shorten_once(
    app: Flask, over: Meeting, ada: User, ben: User
) -> None:
    seen = room.make_facilitator(over.id, ben.id, actor=ada).number
    meeting_id, together, failed = over.id, threading.Barrier(2), []

    def shorten(person_id: int) -> None:
        with app.app_context():
            actor = db.session.get_one(User, person_id)
            together.wait(10)
            try:
                services.act(meeting_id, SpreadOver(), actor=actor, seen=seen)
            except Exception as error:
                failed.append(error)

    pressers = [threading.Thread(target=shorten, args=[person.id]) for person in (ada, ben)]
    db.session.rollback()
    for presser in pressers:
        presser.start()
    for presser in pressers:
        presser.join(30)
    assert failed == []
    assert services.run_of(meeting_id).number == seen + 1
    assert sum(minutes_of(over)) == 87


def test_a_press_that_comes_late_drops_nothing_that_has_begun(over: Meeting, ada: User) -> None:
    services.act(over.id, NextItem(), actor=ada)
    with pytest.raises(Conflict) as refused:
        services.act(over.id, DropItem(2), actor=ada)
    assert refused.value.message == "Past items can't be moved or deleted."


def test_the_last_of_them_is_undone_for_everybody(over: Meeting, ada: User) -> None:
    services.act(over.id, SpreadOver(), actor=ada)
    services.act(over.id, UndoPlan(), actor=ada)
    assert minutes_of(over) == MINUTES
    with pytest.raises(Conflict):
        services.act(over.id, UndoPlan(), actor=ada)


# The room


def press(person: Person, what: str, **fields: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields})


def page(person: Person) -> str:
    return shown(person.client.get(f"/m/{person.meeting_id}"))


def test_only_who_facilitates_sees_the_offers(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    wait(480)
    assert 'value="spread_over"' in page(ada)
    assert 'value="stay_longer"' in page(ada)
    assert "3 min behind schedule" in page(ben)
    assert 'value="spread_over"' not in page(ben)
    assert press(ada, "spread_over").status_code == 303
    assert "The remaining items were shortened." in page(ada)
    assert "on time" in page(ben)


def test_the_times_are_set_where_they_are_explained(people: dict[str, Person]) -> None:
    from ementor import clock

    ada = people["Ada"]
    form = ada.client.get(f"/m/{ada.meeting_id}/times")
    assert "Nobody is cut off." in form.text
    starts_at = clock.now().astimezone(ZoneInfo("Europe/Helsinki")) + timedelta(hours=2)
    must_end_at = starts_at + timedelta(minutes=90)  # on the next day, when it is late now
    times = {"starts_at": f"{starts_at:%H:%M}", "must_end_at": f"{must_end_at:%H.%M}"}
    assert press(ada, "set_times", **times).status_code == 303
    run = services.run_of(ada.meeting_id)
    assert run.schedule.must_end_at - run.schedule.starts_at == timedelta(minutes=90)
    assert f"must end by {must_end_at:%H:%M}" in page(people["Ben"])
    assert press(ada, "set_times", starts_at="", must_end_at="").status_code == 303
    assert services.run_of(ada.meeting_id).schedule.must_end_at is None


@pytest.mark.parametrize(
    ("starts_at", "must_end_at", "says"),
    [
        ("25:00", "", "Enter a time such as 15:30."),
        ("", "soon", "Enter a time such as 15:30."),
        ("10:00", "23:30", "The end is more than 12 hours after the start."),
        ("10:00", "10:00", "The end is more than 12 hours after the start."),
    ],
)
def test_a_bad_time_is_refused_in_words(
    people: dict[str, Person], starts_at: str, must_end_at: str, says: str
) -> None:
    answer = press(people["Ada"], "set_times", starts_at=starts_at, must_end_at=must_end_at)
    assert answer.status_code == 422
    assert says in answer.text


def test_the_form_of_the_times_is_for_who_facilitates(people: dict[str, Person]) -> None:
    address = f"/m/{people['Ada'].meeting_id}/times"
    assert people["Ben"].client.get(address).status_code == 403
    assert people["Eve"].client.get(address).status_code == 404


def test_a_start_is_todays_when_it_has_just_been(app: Flask) -> None:
    from ementor.meetings import forms

    with app.test_request_context("/"):  # in Helsinki it is 14:00
        for text, at in (("13:55", -5), ("11:05", -175), ("10:55", 20 * 60 + 55), ("14.30", 30)):
            values = {"starts_at": text}
            found = forms.time_of_day(values, "starts_at", NOON - forms.JUST_NOW)
            assert found == NOON + timedelta(minutes=at), text


def test_a_time_that_the_clocks_leap_over_is_refused(app: Flask) -> None:
    from ementor.errors import Invalid
    from ementor.meetings import forms

    with app.test_request_context("/"), pytest.raises(Invalid):
        forms.time_of_day({"t": "03:30"}, "t", datetime(2027, 3, 28, 0, tzinfo=UTC))


def test_a_late_start_is_offered_with_both_ends(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    begins = now() + timedelta(minutes=30)
    actor = db.session.get_one(User, ada.id)
    services.act(ada.meeting_id, SetTimes(begins, None), actor=actor)
    wait(36 * 60 + 1)
    assert 'value="start_short"' in page(ada)
    assert press(ada, "start_short").status_code == 303
    run = services.run_of(ada.meeting_id)
    assert abs(run.planned_end_at - begins - timedelta(minutes=90)) < timedelta(seconds=10)
