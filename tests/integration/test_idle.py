"""A meeting that nobody ends: it asks, then ends itself, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.services import idle
from ementor.cli import commands
from ementor.database import db
from ementor.errors import Conflict
from ementor.meetings import background
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import FreeTalk, GoOn
from ementor.meetings.domain.subjects.idle import FREE_GRACE
from ementor.meetings.models import Meeting
from ementor.meetings.sections import AGENDA
from ementor.meetings.services import presence
from ementor.notes import document as documents
from ementor.notes import services as notes
from tests.support.people import Person

MINUTE = 60.0


@pytest.fixture
def length(people: dict[str, Person]) -> float:
    return sum(item.planned_s for item in meetings.run_of(people["Ada"].meeting_id).agenda)


@pytest.fixture
def held(people: dict[str, Person], wait: Callable[[float], None], length: float) -> dict[str, Person]:
    """A meeting that everybody has open, past its end by 29 minutes."""
    for name in ("Ada", "Ben"):
        presence.come(people[name].meeting_id, name, actor=actor(people[name]))
    press(people["Ada"], "start")
    wait(length + 29 * MINUTE)
    idle.tend_all()
    return people


def actor(person: Person) -> User:
    return db.session.get_one(User, person.id)


def press(person: Person, what: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what})


def page(person: Person) -> str:
    return str(person.client.get(f"/m/{person.meeting_id}").text)


def write(person: Person) -> None:
    before = notes.sync(person.meeting_id, b"\0", actor=actor(person)).update
    blocks = [documents.Block(runs=[("still here", {})])]
    notes.add_update(
        person.meeting_id, documents.written(before, documents.GENERAL, blocks), actor=actor(person)
    )


def ended(person: Person) -> bool:
    return db.session.get_one(Meeting, person.meeting_id, populate_existing=True).ended_at is not None


def test_half_an_hour_past_its_end_everybody_is_asked(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    assert "still going on" not in page(held["Ben"])
    wait(2 * MINUTE)
    idle.tend_all()
    for name in ("Ada", "Ben"):
        assert "Is the meeting still going on?" in page(held[name])
        assert 'value="go_on"' in page(held[name])
    number = meetings.run_of(held["Ada"].meeting_id).number
    idle.tend_all()
    assert meetings.run_of(held["Ada"].meeting_id).number == number


def test_any_member_may_say_that_it_goes_on_and_nobody_else(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    wait(2 * MINUTE)
    idle.tend_all()
    eve = held["Eve"].client.post(f"/m/{held['Ada'].meeting_id}/press", data={"press": "go_on"})
    assert eve.status_code == 404
    assert press(held["Ben"], "go_on").status_code == 303
    assert "still going on" not in page(held["Ada"])
    wait(16 * MINUTE)
    idle.tend_all()
    assert not ended(held["Ada"])


def test_without_an_answer_it_ends_once_and_keeps_its_record(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    write(held["Ben"])
    wait(31 * MINUTE)
    idle.tend_all()
    wait(14 * MINUTE)
    idle.tend_all()
    assert not ended(ada)
    wait(2 * MINUTE)
    assert [idle.tend(ada.meeting_id), idle.tend(ada.meeting_id)] == ["close", None]
    assert "Nobody ended the meeting, so it ended automatically." in page(held["Ben"])
    assert "still here" in page(held["Ben"])
    markdown = ada.client.get(f"/m/{ada.meeting_id}/record.md").text
    assert "Nobody ended the meeting" in markdown
    with pytest.raises(Conflict):
        meetings.act(ada.meeting_id, FreeTalk(), actor=actor(ada))


def test_two_processes_that_look_at_once_end_it_once(
    app: Flask, held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    wait(2 * MINUTE)
    idle.tend_all()
    wait(16 * MINUTE)
    done: list[str | None] = []
    together = threading.Barrier(3)

    def look() -> None:
        with app.app_context():
            together.wait(10)
            done.append(idle.tend(ada.meeting_id))

    lookers = [threading.Thread(target=look) for _ in range(3)]
    db.session.rollback()
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join(30)
    assert sorted(done, key=str) == [None, None, "close"]
    assert ended(ada)


def test_who_comes_too_late_opens_it_again_and_it_stays_open(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    for minutes in (2, 16):
        wait(minutes * MINUTE)
        idle.tend_all()
    assert ended(ada)
    assert press(ada, "reopen").status_code == 303
    assert not ended(ada)
    wait(10 * MINUTE)
    idle.tend_all()
    assert "still going on" not in page(ada)


@pytest.mark.parametrize("own", [False, True])
def test_writing_is_life(held: dict[str, Person], wait: Callable[[float], None], own: bool) -> None:
    ben = held["Ben"]
    write(ben)
    wait(2 * MINUTE)
    idle.tend_all()
    assert "still going on" not in page(ben)
    wait(29 * MINUTE)
    idle.tend_all()
    assert "Is the meeting still going on?" in page(ben)
    wait(14 * MINUTE)
    if own:
        before = notes.sync(ben.meeting_id, b"\0", actor=actor(ben), own=True).update
        update = documents.written(before, documents.MINE, [documents.Block(runs=[("mine", {})])])
        notes.add_update(ben.meeting_id, update, actor=actor(ben), own=True)
    else:
        write(ben)
    wait(2 * MINUTE)
    idle.tend_all()
    assert not ended(ben)
    assert "still going on" not in page(ben)


def test_an_empty_room_is_over_when_the_last_one_left(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    presence.come(ada.meeting_id, "a", actor=actor(ada))
    press(ada, "start")
    wait(4 * MINUTE)
    presence.renew(["a"])
    wait(MINUTE)
    presence.sweep()
    assert meetings.run_of(ada.meeting_id).present == ()
    wait(30 * MINUTE)
    idle.tend_all()
    wait(16 * MINUTE)
    idle.tend_all()
    assert archive.record_of(ada.meeting_id).of(AGENDA)[0].actual_minutes == 4


def test_a_clock_set_back_ends_nothing(held: dict[str, Person], wait: Callable[[float], None]) -> None:
    wait(2 * MINUTE)
    idle.tend_all()
    wait(-300 * MINUTE)
    assert idle.tend(held["Ada"].meeting_id) is None
    idle.tend_all()
    assert not ended(held["Ada"])


def test_a_meeting_that_was_not_started_is_left_alone(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    wait(100 * 60 * MINUTE)
    idle.tend_all()
    assert idle.close_quiet(timedelta(hours=1), dry_run=False) == []
    assert not ended(people["Ada"])


def test_free_talk_ends_itself_having_asked(people: dict[str, Person], wait: Callable[[float], None]) -> None:
    ada = people["Ada"]
    presence.come(ada.meeting_id, "a", actor=actor(ada))
    press(ada, "start")
    assert press(people["Ben"], "free_talk").status_code == 403
    assert press(ada, "free_talk").status_code == 303
    assert "The meeting ends automatically at" in page(people["Ben"])
    wait(13.5 * MINUTE)
    idle.tend_all()
    assert "still going on" in page(people["Ben"])
    meetings.act(ada.meeting_id, GoOn(), actor=actor(people["Ben"]))
    wait(10 * MINUTE)
    idle.tend_all()
    assert "still going on" not in page(ada)
    wait(4 * MINUTE)
    idle.tend_all()
    wait(2.5 * MINUTE)
    idle.tend_all()
    assert ended(ada)
    last = archive.record_of(ada.meeting_id).of(AGENDA)[-1]
    assert (last.title["en"], last.minutes) == ("Free talk", 29)
    assert "Nobody ended the meeting" not in page(ada)


def test_the_command_tells_before_it_ends(
    app: Flask, held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    wait(60 * MINUTE)
    runner = app.test_cli_runner()

    def said(*arguments: str) -> str:
        result = runner.invoke(commands, ["close-idle", *arguments])
        assert result.exit_code == 0, result.output
        return str(result.output)

    assert "ended: 0" in said("--hours", "10")
    assert "would end: 1" in said("--hours", "2", "--dry-run")
    assert not ended(ada)
    assert "Ada's group" in said("--hours", "2")
    assert ended(ada)
    assert "ended: 0" in said("--hours", "2")


def test_the_background_job_does_not_look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    monkeypatch.setattr(background.time, "monotonic", lambda: 100.0 + 5 * len(rounds))
    rounds: list[int] = []
    job = background.Every(idle.LOOK_EVERY_S, lambda: looks.append(1))
    for number in range(7):
        rounds.append(number)
        job()
    assert len(looks) == 3
    assert timedelta(seconds=idle.LOOK_EVERY_S) < FREE_GRACE
