"""The one statement about rights: it says what the rows say, at every request and event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, literal, literal_column, select, update
from sqlalchemy.exc import OperationalError

from ementor import clock
from ementor.accounts.models import SignIn, User
from ementor.database import db, rows
from ementor.groups import policy
from ementor.groups.models import Group, Membership, Waiting
from ementor.held import Statement, held
from ementor.meetings import services
from ementor.meetings.models import Meeting
from tests.integration.test_events import statements
from tests.support.inside import Socket
from tests.support.people import Person


def press(who: Person, button: str, **values: object) -> Any:
    data = {"press": button, **values}
    return who.client.post(f"/m/{who.meeting_id}/press", data=data, headers={"HX-Request": "true"})


def as_usual(ben: Person) -> None:
    """Change nothing."""


def who_leads(ben: Person) -> None:
    db.session.execute(update(Membership).where(Membership.user_id == ben.id).values(facilitator=True))


def who_leads_one_meeting(ben: Person) -> None:
    lent = {"facilitator": True, "for_meeting_id": ben.meeting_id}
    db.session.execute(update(Membership).where(Membership.user_id == ben.id).values(lent))


def whom_the_group_lets_run(ben: Person) -> None:
    db.session.execute(update(Group).values(everybody_runs=True))


def who_was_removed(ben: Person) -> None:
    db.session.execute(update(Membership).where(Membership.user_id == ben.id).values(ended_at=clock.now()))


def who_left_the_device(ben: Person) -> None:
    db.session.execute(update(SignIn).where(SignIn.user_id == ben.id).values(left_at=clock.now()))


def who_signed_out(ben: Person) -> None:
    db.session.execute(delete(SignIn).where(SignIn.user_id == ben.id))


STRANGERS = (who_was_removed, who_left_the_device, who_signed_out)


@pytest.mark.parametrize(
    "change", [as_usual, who_leads, who_leads_one_meeting, whom_the_group_lets_run, *STRANGERS]
)
def test_the_statement_says_what_the_rows_say(
    people: dict[str, Person],
    meeting: Meeting,
    socket_for: Callable[[str], Socket],
    change: Callable[[Person], None],
) -> None:
    ben, socket = people["Ben"], socket_for("Ben")
    assert socket.join()["ok"]
    sign_in = db.session.scalars(select(SignIn.token_hash).where(SignIn.user_id == ben.id)).one()
    change(ben)
    db.session.commit()
    access = services.access_by(meeting.id, sign_in=sign_in)
    if change in STRANGERS:
        assert access is None
        assert ben.client.get(f"/m/{meeting.id}/run").status_code == 404
        assert press(ben, "raise_hand", person=ben.id).status_code == 404
        assert socket.ask("room:beat", meeting.id, 1)["error"] == "not_found"
        return
    assert access is not None
    member = policy.membership_of(db.session.get_one(User, ben.id), meeting.group_id)
    assert member is not None
    for trait in (policy.leads, policy.keeps, policy.may_run):
        assert trait(access) == trait(member)
    db.session.refresh(meeting)
    for column in ("id", "group_id", "title", "readers", "ended_at", "sealed"):
        assert getattr(access.room, column) == getattr(meeting, column)
    for column in access.group.__slots__:
        assert getattr(access.group, column) == getattr(meeting.group, column)
    run = services.run_of(meeting.id)
    assert access.newest == (run.number, run.at)
    assert ben.client.get(f"/m/{meeting.id}/run").status_code == 200


def test_a_stranger_and_a_meeting_that_is_not_there_are_alike(
    people: dict[str, Person], meeting: Meeting
) -> None:
    sign_in = db.session.scalars(select(SignIn.token_hash).where(SignIn.user_id == people["Eve"].id)).first()
    assert sign_in is not None
    for meeting_id in (meeting.id, 0, -1, 2**40, 999):
        assert services.access_by(meeting_id, sign_in=sign_in) is None
        answer = people["Eve"].client.get(f"/m/{abs(meeting_id)}/run")
        assert (answer.status_code, "another group" in answer.text) == (404, True)


def test_who_waits_at_the_door_is_shown_to_who_leads(people: dict[str, Person], meeting: Meeting) -> None:
    waiting = Waiting(group_id=meeting.group_id, user_id=people["Eve"].id, since=clock.now(), refused_at=None)
    db.session.add(waiting)
    db.session.commit()
    assert "waiting-" in people["Ada"].client.get(f"/m/{meeting.id}/run").text
    assert "waiting-" not in people["Ben"].client.get(f"/m/{meeting.id}/run").text
    waiting.refused_at = clock.now()
    db.session.commit()
    assert "waiting-" not in people["Ada"].client.get(f"/m/{meeting.id}/run").text


def test_the_part_of_the_run_asks_two_things_of_the_database_and_a_press_a_few_more(
    people: dict[str, Person],
) -> None:
    ada = people["Ada"]
    assert press(ada, "start").status_code == 200
    with statements() as asked:
        answer = ada.client.get(f"/m/{ada.meeting_id}/run", headers={"HX-Request": "true"})
        assert answer.status_code == 200
    assert asked == ["SELECT", "SELECT"]  # the rights and the newest number; the members
    seen = services.run_of(ada.meeting_id).number
    with statements() as asked:
        assert press(ada, "next_item", seen=seen, id="a-press-of-ada").status_code == 200
    assert asked.count("INSERT") == 1
    assert len(asked) <= 7, asked


def test_a_statement_that_fails_is_not_asked_again(app: Flask) -> None:
    with statements() as asked, pytest.raises(OperationalError):
        rows(Statement(select(literal_column("nothing"))), {})
    assert asked == ["SELECT"]


@pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.larger)], indirect=True)
def test_a_held_connection_that_the_server_has_ended_is_replaced(app: Flask) -> None:
    with held(db.engine) as connection:
        [[pid]] = connection.rows(Statement(select(func.pg_backend_pid())), {})
    with db.engine.begin() as other:
        assert other.scalar(select(func.pg_terminate_backend(pid, 5000)))
    assert [list(row) for row in rows(Statement(select(literal(1))), {})] == [[1]]


def test_a_connection_lent_while_its_engine_is_disposed_of_is_closed(app: Flask) -> None:
    one = Statement(select(literal(1)))
    with held(db.engine) as connection:
        assert connection.rows(one, {})
        db.engine.dispose()
    with held(db.engine) as other:
        assert other is not connection
    with pytest.raises(db.engine.dialect.loaded_dbapi.Error):
        connection.rows(one, {})
