"""From one meeting of a group to its next: the same link, another starter, other pairs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ementor.archive import services as archive
from ementor.archive.services import closing
from ementor.database import db
from ementor.errors import Invalid, NotAllowed, NotFound
from ementor.meetings import services
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import Mode
from ementor.meetings.models import Meeting, Partners
from ementor.meetings.services import pairings, starting
from tests.support.people import House, Person


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.test_client, template="mepe-1")


def user(person: Person) -> Any:
    from ementor.accounts.models import User

    return db.session.get_one(User, person.id)


def held(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """Hold the first meeting up to its pairs, end it, and let its minute pass."""
    ada = people["Ada"]
    meeting = db.session.get_one(Meeting, ada.meeting_id)
    for name in ("Ada", "Ben", "Gus"):
        services.record(meeting.id, runs.PersonCame(people[name].id), actor_id=people[name].id)
    for press in (runs.Start(), runs.NextItem(), runs.Next()):
        services.act(meeting.id, press, actor=user(ada))
    pairs = next(one for one in services.run_of(meeting.id).agenda if one.mode is Mode.PAIRS)
    services.act(meeting.id, runs.EnterItem(pairs.id), actor=user(ada))
    services.act(meeting.id, pairings.drawn(meeting, services.run_of(meeting.id)), actor=user(ada))
    archive.close_and_keep(meeting.id, actor=user(ada))
    ended_at = meeting.ended_at
    assert ended_at is not None
    monkeypatch.setattr(closing, "SEAL_AFTER", closing.SEAL_AFTER * 0)
    assert archive.seal(meeting.id)
    return meeting


def test_the_next_meeting_has_the_same_people_and_link_and_goes_on_in_the_programme(
    people: dict[str, Person], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = held(people, monkeypatch)
    page = people["Ada"].client.get(f"/m/{first.id}").text
    assert '<option value="mepe-2">' in page or '<option value="mepe-2"' in page
    answer = people["Ada"].client.post(f"/m/{first.id}/next", data={"template": "mepe-2"})
    second = db.session.get_one(Meeting, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert second.group_id == first.group_id
    assert people["Ben"].client.get(house.join_path).headers["Location"].endswith(f"/m/{second.id}")
    assert "Go to the next meeting" in people["Ben"].client.get(f"/m/{first.id}").text


def test_pressed_twice_it_is_one_meeting(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    first = held(people, monkeypatch)
    ada = user(people["Ada"])
    made = {starting.start_next(first.id, "mepe-2", actor=ada).id for _ in range(2)}
    assert len(made) == 1
    while_it_goes_on = starting.start_next(made.pop(), "mepe-3", actor=ada)
    assert while_it_goes_on.template_key == "mepe-2"


def test_only_a_facilitator_starts_it_and_only_from_a_template(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = held(people, monkeypatch)
    with pytest.raises(NotAllowed):
        starting.start_next(first.id, "mepe-2", actor=user(people["Ben"]))
    with pytest.raises(NotFound):
        starting.start_next(first.id, "mepe-2", actor=user(people["Eve"]))
    with pytest.raises(Invalid):
        starting.start_next(first.id, "nothing", actor=user(people["Ada"]))
    assert len(db.session.scalars(select(Meeting).where(Meeting.group_id == first.group_id)).all()) == 1


def test_another_one_begins_and_whoever_met_is_remembered_once(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = held(people, monkeypatch)
    assert not archive.seal(first.id)  # a second time does nothing
    rows = db.session.scalars(select(Partners).where(Partners.group_id == first.group_id)).all()
    assert [(row.one_id < row.other_id, row.times) for row in rows] == [(True, 1)] * 3  # three are one trio
    second = starting.start_next(first.id, "single-5", actor=user(people["Ada"]))
    for name in ("Ada", "Ben", "Gus"):
        services.record(second.id, runs.PersonCame(people[name].id), actor_id=people[name].id)
    services.act(second.id, runs.Start(), actor=user(people["Ada"]))
    run = services.act(second.id, runs.NextItem(), actor=user(people["Ada"]))
    assert run.order == tuple(people[name].id for name in ("Ben", "Gus", "Ada"))
