"""What people promised, on the group's page and in the next room: theirs to mark, the others' to see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.errors import NotFound
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.models import MeetingEvent
from ementor.reflections import services as reflections
from ementor.reflections.models import NextStep
from ementor.reflections.services import Given
from ementor.series import opening, promises, services
from ementor.series.domain.promises import Became
from ementor.series.models import Promise
from tests.support.people import shown
from tests.support.series import Wait, client_of, come, plan, until_open

HTMX = {"HX-Request": "true"}
ADAS = "I ask one question before I give advice."
BENS = "I keep my phone in my pocket on walks."


@dataclass
class Circle:
    """Ada, who facilitates, Ben, Eve from elsewhere, and the group's first meeting, which has been held."""

    app: Flask
    ada: User
    ben: User
    eve: User
    group: Group
    first: int
    wait: Wait

    def page(self, person: User) -> str:
        return shown(client_of(self.app, person).get(f"/g/{self.group.id}"))

    def press(self, person: User, name: str, **fields: Any) -> Any:
        return client_of(self.app, person).post(f"/g/{self.group.id}?press={name}", data=fields, headers=HTMX)

    def open_next(self, number: int = 1) -> int:
        until_open(self.group, self.wait, number)
        meeting_id = opening.open_due(self.group.id)
        assert meeting_id is not None
        return meeting_id

    def hold(self, meeting_id: int, steps: dict[User, str]) -> None:
        meetings.act(meeting_id, Start(), actor=self.ada)
        for person, text in steps.items():
            reflections.save(meeting_id, Given(steps=(text,)), actor=person)
        archive.close_and_keep(meeting_id, actor=self.ada)

    def card(self, person: User, meeting_id: int) -> str:
        client = client_of(self.app, person)
        return str(client.get(f"/m/{meeting_id}/last-time", headers=HTMX).text)


@pytest.fixture
def circle(app: Flask, wait: Wait) -> Iterator[Circle]:
    ada, group = plan(name="Ada")
    ben = come(group, "Ben")
    eve, elsewhere = plan(name="Eve", group_name="Elsewhere")
    assert elsewhere.id != group.id
    circle = Circle(app, ada, ben, eve, group, 0, wait)
    circle.first = circle.open_next(0)
    circle.hold(circle.first, {ada: ADAS, ben: BENS})
    return circle


def test_what_was_promised_is_on_the_page_and_in_the_next_room(circle: Circle):
    for person, other in ((circle.ada, "Ben"), (circle.ben, "Ada")):
        page = circle.page(person)
        assert ADAS in page
        assert BENS in page
        assert "My promise" in page
        assert f">{other}<" in page
    promises.mark(circle.group.id, circle.first, Became.DONE, actor=circle.ada)
    assert "<em>done</em>" in circle.page(circle.ben)
    room = circle.open_next()
    assert ADAS in circle.card(circle.ben, room)
    assert "<em>done</em>" in circle.card(circle.ben, room)
    assert "You promised" in circle.card(circle.ada, room)
    circle.hold(room, {circle.ben: "Something new."})
    page = circle.page(circle.ben)
    assert ADAS not in page  # it was seen once
    assert BENS not in page
    assert "Something new." in page


def test_what_goes_on_comes_along_from_meeting_to_meeting(circle: Circle):
    promises.mark(circle.group.id, circle.first, Became.GOING_ON, actor=circle.ada)
    for number in (1, 2):
        room = circle.open_next(number)
        assert ADAS in circle.card(circle.ben, room)
        circle.hold(room, {circle.ada: f"Step {number}."})
        assert ADAS in circle.page(circle.ben)
        assert f"Step {number}." in circle.page(circle.ben)


def test_at_the_first_meeting_it_says_what_will_be_here(app: Flask, wait: Wait):
    ada, group = plan(name="Ada")
    assert "The next step you promise in a meeting" in shown(client_of(app, ada).get(f"/g/{group.id}"))
    until_open(group, wait)
    room = opening.open_due(group.id)
    part = client_of(app, ada).get(f"/m/{room}/last-time", headers=HTMX).text
    assert "What you promise today as your next step will be here next time." in part
    answer = client_of(app, ada).get(f"/m/{room}/last-time")
    assert (answer.status_code, answer.location) == (303, f"/g/{group.id}")


@pytest.mark.parametrize("became", ["done", "going_on", "let_go"])
def test_a_press_counts_once_and_can_be_taken_back(circle: Circle, became: str):
    for _ in range(2):
        assert circle.press(circle.ada, "promise", meeting=circle.first, became=became).status_code == 200
    row = db.session.get_one(Promise, (circle.first, circle.ada.id))
    at = row.became_at
    assert row.became == became
    part = circle.press(circle.ada, "promise", meeting=circle.first, became=became).text
    assert part.count('aria-pressed="true"') == 1
    assert "became=open" in part
    db.session.expire_all()
    assert db.session.get_one(Promise, (circle.first, circle.ada.id)).became_at == at
    for _ in range(2):
        circle.press(circle.ada, "promise", meeting=circle.first, became="open")
    db.session.expire_all()
    assert db.session.get_one(Promise, (circle.first, circle.ada.id)).became == "open"
    assert ADAS in circle.page(circle.ben)


def test_open_pages_hear_of_it_and_of_what_is_mine_alone_they_do_not(circle: Circle):
    room = circle.open_next()
    meetings.act(room, Start(), actor=circle.ada)
    before, number = services.series_of(circle.group.id).number, meetings.run_of(room).beside_number
    client = client_of(circle.app, circle.ada)
    data = {"press": "promise", "meeting": circle.first, "became": "done"}
    part = client.post(f"/m/{room}/last-time", data=data, headers=HTMX)
    assert 'aria-pressed="true"' in part.text
    assert services.series_of(circle.group.id).number > before
    assert meetings.run_of(room).beside_number > number
    promises.keep_to_myself(circle.group.id, circle.first, True, actor=circle.ada)
    number = meetings.run_of(room).number
    client.post(f"/m/{room}/last-time", data=data | {"became": "let_go"}, headers=HTMX)
    assert meetings.run_of(room).number == number


def test_what_is_mine_alone_reaches_nobody_else(circle: Circle):
    room = circle.open_next()
    promises.mark(circle.group.id, circle.first, Became.DONE, actor=circle.ada)
    for _ in range(2):
        answer = circle.press(circle.ada, "promise_mine", meeting=circle.first, mine="yes")
    assert "From now on only you see it." in shown(answer)
    assert ADAS in answer.text
    assert ADAS in circle.card(circle.ada, room)
    for text in (circle.page(circle.ben), circle.card(circle.ben, room)):
        assert ADAS not in text
        assert "Ada" not in text.partition("From last time")[2]
        assert "<em>done</em>" not in text
    record = db.session.get_one(RecordRow, circle.first)
    assert ADAS in str(record.data)  # it was shared then
    circle.press(circle.ada, "promise_mine", meeting=circle.first, mine="no")
    assert ADAS in circle.page(circle.ben)


def test_a_step_may_be_mine_alone_from_the_start(circle: Circle):
    room = circle.open_next()
    meetings.act(room, Start(), actor=circle.ada)
    client = client_of(circle.app, circle.ada)
    mine = "Only I know this."
    client.post(f"/m/{room}/reflection", data={"step": mine, "step-mine": "yes"})
    part = client.get(f"/m/{room}/reflection", headers=HTMX).text
    assert 'name="step-mine" value="no" aria-pressed="true"' in part
    reveal = client.post(f"/m/{room}/press", data={"press": "reveal"}, headers=HTMX)
    assert reveal.status_code == 200
    reflection = client_of(circle.app, circle.ben).get(f"/m/{room}/reflection", headers=HTMX).text
    assert "What the group shared" in reflection
    assert mine not in reflection
    archive.close_and_keep(room, actor=circle.ada)
    assert mine not in str(db.session.get_one(RecordRow, room).data)
    assert mine in circle.page(circle.ada)
    assert mine not in circle.page(circle.ben)
    assert mine not in client_of(circle.app, circle.ben).get(f"/m/{room}").text


def test_whose_step_is_shown_again_is_seen_at_the_reveal(circle: Circle):
    room = circle.open_next()
    meetings.act(room, Start(), actor=circle.ada)
    reflections.save(room, Given(steps=("For all.",), step_is_mine=True), actor=circle.ada)
    reflections.save(room, Given(step_is_mine=False), actor=circle.ada)
    assert [one.text for one in reflections.seen_by_all(room).steps] == ["For all."]


def test_nobody_marks_a_promise_of_somebody_else_or_of_another_group(circle: Circle):
    for person in (circle.eve,):
        assert circle.press(person, "promise", meeting=circle.first, became="done").status_code == 404
    own = services.rows_of(circle.group.id)
    assert own
    with pytest.raises(NotFound):
        promises.mark(circle.group.id, circle.first, Became.DONE, actor=circle.eve)
    room = circle.open_next()
    reflections.save(room, Given(steps=("Not ended yet.",)), actor=circle.ada)
    for meeting_id in (room, 0, -1, 10**15, 999_999):
        with pytest.raises(NotFound):
            promises.mark(circle.group.id, meeting_id, Became.DONE, actor=circle.ada)
    for fields in ({}, {"meeting": "x"}, {"meeting": circle.first, "became": "broken"}):
        assert circle.press(circle.ada, "promise", **fields).status_code == 422
    assert not db.session.scalar(select(func.count()).select_from(Promise))
    for path in ("last-time", "wishes"):
        assert client_of(circle.app, circle.eve).get(f"/m/{room}/{path}", headers=HTMX).status_code == 404


def test_who_has_left_takes_their_promises_along(circle: Circle):
    room = circle.open_next()
    groups.remove(circle.group.id, circle.ben.id, actor=circle.ada)
    assert not promises.of_group(circle.group.id, circle.ada.id).others
    assert BENS not in circle.page(circle.ada)
    assert BENS not in circle.card(circle.ada, room)
    assert db.session.get(NextStep, (circle.first, circle.ben.id)) is not None


def test_an_end_that_is_undone_takes_the_promises_back(circle: Circle):
    room = circle.open_next()
    circle.hold(room, {circle.ada: "A second step."})
    assert "A second step." in circle.page(circle.ben)
    assert "A second step." not in circle.card(circle.ben, room)  # there it is still what comes after
    archive.reopen(room, actor=circle.ada)
    assert "A second step." not in circle.page(circle.ben)
    assert ADAS in circle.page(circle.ben)


def test_the_log_of_the_meeting_says_nothing_of_the_promise(circle: Circle):
    room = circle.open_next()
    promises.mark(circle.group.id, circle.first, Became.LET_GO, actor=circle.ada)
    rows = db.session.scalars(select(MeetingEvent).where(MeetingEvent.meeting_id == room)).all()
    assert {"what": "promises"} in [row.data for row in rows]
    assert "let_go" not in str([row.data for row in rows])


def at_once(app: Flask, *jobs: Callable[[], object]) -> None:
    def run(job: Callable[[], object]) -> None:
        with app.app_context():
            job()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_presses_at_once_are_one_promise(circle: Circle):
    group_id, ada_id = circle.group.id, circle.ada.id

    def press() -> None:
        ada = db.session.get_one(User, ada_id)
        promises.mark(group_id, circle.first, Became.DONE, actor=ada)

    at_once(circle.app, *[press] * 6)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Promise)) == 1


def test_who_comes_later_does_not_read_what_was_promised_before(circle: Circle) -> None:
    groups.change_group(
        circle.group.id, actor=circle.ada, name="Circle", entry="open", greeting="", everybody_runs=False
    )
    cilla = come(circle.group, "Cilla")
    assert BENS in circle.page(circle.ada)
    assert BENS not in circle.page(cilla)
    second = circle.open_next()
    assert BENS not in circle.card(cilla, second)
    circle.hold(second, {circle.ben: "I write to the mayor."})
    assert "I write to the mayor." in circle.page(cilla)
