"""A meeting from its start: pressing, rights, coming and going, taking over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.errors import Conflict, Invalid, NotAllowed, NotFound
from ementor.groups import services as groups
from ementor.meetings import services, sockets
from ementor.meetings.background import Background
from ementor.meetings.domain.run import Event, Next, NextItem, Pass, Pause, PersonCame, Run, Start, Touch
from ementor.meetings.models import Meeting, MeetingEvent, Presence
from ementor.meetings.services import log, presence, pressing, starting
from ementor.meetings.services import people as room

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(app: Flask) -> User:
    return accounts.make_guest("Ada", locale="en")


@pytest.fixture
def meeting(ada: User) -> Meeting:
    _, meeting = starting.start_now(
        actor=ada, name="Ada", template_key="mepe-1", group_name="Circle", locale="en"
    )
    return meeting


@pytest.fixture
def ben(meeting: Meeting) -> User:
    return groups.join(meeting.group.join_token, actor=None, name="Ben").user


def test_a_meeting_starts_with_its_template_in_three_languages(meeting: Meeting) -> None:
    run = services.run_of(meeting.id)
    assert [item.minutes for item in run.agenda] == [5, 12, 10, 10, 15, 5, 15, 5, 5, 8]
    assert run.agenda[1].title == {"fi": "Alkukierros", "sv": "Inledningsrunda", "en": "Opening round"}
    assert meeting.own_closing["en"] == "What did you notice about yourself as a mentor today?"


@pytest.mark.parametrize("key", ["", "mepe-2", "nothing", "single-9"])
def test_only_a_template_that_is_offered_can_be_started(app: Flask, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        starting.start_now(actor=None, name="Ada", template_key=key, group_name="", locale="fi")
    assert refused.value.field == "template"
    assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_a_stranger_finds_nothing(meeting: Meeting) -> None:
    eve = accounts.make_guest("Eve", locale=None)
    for meeting_id in (meeting.id, meeting.id + 1000):
        with pytest.raises(NotFound) as refused:
            services.act(meeting_id, Start(), actor=eve)
        assert refused.value.message == "This page doesn't exist, or it belongs to another group."


def test_a_member_runs_nothing_but_their_own_turn(meeting: Meeting, ada: User, ben: User) -> None:
    for person in (ben, ada):
        services.record(meeting.id, PersonCame(person.id), actor_id=None)
    with pytest.raises(NotAllowed):
        services.act(meeting.id, Start(), actor=ben)
    services.act(meeting.id, Start(), actor=ada)
    services.act(meeting.id, NextItem(), actor=ada)
    with pytest.raises(NotAllowed):
        services.act(meeting.id, Next(), actor=ben)
    assert services.act(meeting.id, Next(), actor=ada).speaker == ben.id
    with pytest.raises(NotAllowed):
        services.act(meeting.id, Pause(), actor=ben)
    assert services.act(meeting.id, Pass(), actor=ben).speaker == ada.id


def test_a_second_press_from_the_same_screen_changes_nothing(meeting: Meeting, ada: User) -> None:
    services.record(meeting.id, PersonCame(ada.id), actor_id=None)
    seen = services.act(meeting.id, Start(), actor=ada).number
    first = services.act(meeting.id, NextItem(), actor=ada, seen=seen)
    second = services.act(meeting.id, NextItem(), actor=ada, seen=seen)
    assert (second.number, second.item) == (first.number, first.item)


def test_the_log_has_no_gap_and_names_who_pressed(meeting: Meeting, ada: User) -> None:
    services.act(meeting.id, Start(), actor=ada)
    services.act(meeting.id, NextItem(), actor=ada)
    rows = db.session.execute(
        select(MeetingEvent.number, MeetingEvent.actor_id).order_by(MeetingEvent.number)
    ).all()
    assert [tuple(row) for row in rows] == [(n, ada.id) for n in range(1, len(rows) + 1)]


def test_presses_one_after_the_other_read_no_event_again(
    meeting: Meeting, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, events = [], log.events_since

    def reading(meeting_id: int, first: int) -> list[Event]:
        found = events(meeting_id, first)
        read.append(len(found))
        return found

    services.act(meeting.id, Start(), actor=ada)
    monkeypatch.setattr(log, "events_since", reading)
    for _ in range(3):
        services.act(meeting.id, Touch("people"), actor=ada)
    assert read == []


def test_the_same_person_in_three_tabs_is_one(meeting: Meeting, ada: User) -> None:
    for tab in ("a", "b", "c"):
        run = presence.come(meeting.id, tab, actor=ada)
    assert run.present == (ada.id,)


def test_who_goes_silent_has_left_within_a_minute(
    meeting: Meeting, ada: User, ben: User, clock: time_machine.Coordinates
) -> None:
    presence.come(meeting.id, "a1", actor=ada)
    presence.come(meeting.id, "b1", actor=ben)
    presence.come(meeting.id, "b2", actor=ben)
    clock.shift(30)
    presence.renew(["a1", "b2"])
    presence.sweep()
    assert services.run_of(meeting.id).present == (ada.id, ben.id)
    clock.shift(25)
    presence.renew(["a1"])
    presence.sweep()
    run = services.run_of(meeting.id)
    assert run.present == (ada.id,)
    assert run.left_at == {ben.id: NOON + timedelta(seconds=30)}
    assert db.session.scalars(select(Presence.sid)).all() == ["a1"]
    presence.sweep()
    assert services.run_of(meeting.id).number == run.number


def test_whose_page_was_open_all_the_while_is_let_in_again(
    meeting: Meeting, ada: User, app: Flask, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process could not write for a while, and another one took its people for gone."""
    monkeypatch.setattr(sockets, "here", {"a1": (meeting.id, ada.id)})
    presence.come(meeting.id, "a1", actor=ada)
    clock.shift(25)
    presence.sweep()
    assert services.run_of(meeting.id).present == ()
    Background(app.app_context).renew()
    assert services.run_of(meeting.id).present == (ada.id,)
    assert db.session.scalars(select(Presence.sid)).all() == ["a1"]


def test_who_comes_and_goes_while_the_end_can_be_undone_is_known_afterwards(
    clock: time_machine.Coordinates, meeting: Meeting, ada: User, ben: User
) -> None:
    presence.come(meeting.id, "a1", actor=ada)
    presence.come(meeting.id, "a2", actor=ada)
    services.act(meeting.id, Start(), actor=ada)
    archive.close_and_keep(meeting.id, actor=ada)
    presence.come(meeting.id, "b1", actor=ben)
    clock.shift(30)
    presence.renew(["b1"])
    presence.sweep()
    assert archive.reopen(meeting.id, actor=ada).present == (ada.id, ben.id)
    presence.sweep()
    run = services.run_of(meeting.id)
    assert run.present == (ben.id,)
    assert run.left_at == {ada.id: NOON}


def test_a_meeting_in_which_too_much_has_happened_can_still_be_ended(
    meeting: Meeting, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence.come(meeting.id, "a1", actor=ada)
    run = services.act(meeting.id, Start(), actor=ada)
    monkeypatch.setattr(pressing, "MAX_EVENTS_EACH", 2)
    assert run.number > 2
    with pytest.raises(Conflict):
        services.act(meeting.id, NextItem(), actor=ada)
    assert services.touch(meeting.id, "reflections", actor_id=ada.id) == run
    assert presence.come(meeting.id, "b1", actor=ben).present == (ada.id, ben.id)
    assert archive.close_and_keep(meeting.id, actor=ada).closed


def test_what_one_member_does_counts_for_nobody_else(
    meeting: Meeting, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence.come(meeting.id, "a1", actor=ada)
    presence.come(meeting.id, "b1", actor=ben)
    services.act(meeting.id, Start(), actor=ada)
    monkeypatch.setattr(pressing, "MAX_EVENTS_EACH", 12)
    for _ in range(20):
        services.touch(meeting.id, "reflections", actor_id=ben.id)
    theirs = select(func.count()).where(
        MeetingEvent.meeting_id == meeting.id, MeetingEvent.actor_id == ben.id
    )
    assert db.session.scalar(theirs) == 12
    before = services.run_of(meeting.id).number
    assert services.act(meeting.id, NextItem(), actor=ada).number > before
    assert archive.close_and_keep(meeting.id, actor=ada).closed


def test_anybody_takes_over_once_no_facilitator_was_here_for_a_minute(
    meeting: Meeting, ada: User, ben: User, clock: time_machine.Coordinates
) -> None:
    presence.come(meeting.id, "a", actor=ada)
    presence.come(meeting.id, "b", actor=ben)
    with pytest.raises(Conflict):
        room.take_over(meeting.id, actor=ben)
    clock.shift(30)
    presence.renew(["b"])
    presence.sweep()
    with pytest.raises(Conflict):
        room.take_over(meeting.id, actor=ben)
    clock.shift(31)
    room.take_over(meeting.id, actor=ben)
    assert services.act(meeting.id, Start(), actor=ben).started
    presence.come(meeting.id, "a again", actor=ada)
    services.act(meeting.id, NextItem(), actor=ada)  # she comes back as facilitator


def test_a_refused_press_leaves_nothing_behind(meeting: Meeting, ada: User) -> None:
    before = services.run_of(meeting.id)
    with pytest.raises(Conflict):
        services.act(meeting.id, NextItem(), actor=ada)
    assert services.run_of(meeting.id) == before


def test_a_row_that_was_there_first_makes_us_decide_again(meeting: Meeting, ada: User, app: Flask) -> None:
    """Between our reading and our writing somebody else takes the number we wanted."""
    real, others = pressing.run_of, [1]

    def slow_read(meeting_id: int, newest: log.Newest | None = None) -> Run:
        run = real(meeting_id, newest)
        if others:
            others.pop()
            db.session.add(
                MeetingEvent(
                    meeting_id=meeting_id,
                    number=run.number + 1,
                    at=NOON,
                    actor_id=None,
                    kind="touched",
                    data={"what": "people"},
                )
            )
            db.session.flush()
        return run

    pressing.run_of = slow_read
    try:
        run = services.record(meeting.id, Touch("people"), actor_id=ada.id)
    finally:
        pressing.run_of = real
    assert not others
    assert run.number == 2
    assert real(meeting.id).number == 2
