"""The background jobs look at what others have written when something is written, and now and then anyway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ementor.database import db
from ementor.meetings import background
from ementor.meetings.background import Background
from ementor.watch import Watch
from tests.support.inside import Socket
from tests.support.people import Person


class Looks:
    """Counts how often a job that waits for changes has run."""

    def __init__(self, app: Flask) -> None:
        self.number = 0
        self.fails = False
        self.jobs = Background(app.app_context, on_change=[self.look])

    def look(self) -> None:
        self.number += 1
        if self.fails:
            raise KeyError("something nobody thought of")

    def polls(self, times: int = 1) -> int:
        """Poll, and return how often it has looked meanwhile."""
        before = self.number
        for _ in range(times):
            self.jobs.once()
        return self.number - before

    def rests(self) -> bool:
        """Tell whether it looks no more; the database itself may write something at any moment."""
        return any(self.polls() == 0 for _ in range(20))


@pytest.fixture
def looks(app: Flask, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Looks:
    monkeypatch.setattr(background, "LOOK_EVERY", 10_000)
    return Looks(app)


def begin(ada: Person) -> None:
    assert ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "start"}).status_code in {200, 303}


def test_nothing_is_looked_at_while_nothing_is_written(looks: Looks, people: dict[str, Person]) -> None:
    assert looks.polls() == 1
    assert looks.rests()
    begin(people["Ada"])
    assert looks.polls() == 1
    assert looks.rests()


def test_who_comes_or_goes_is_looked_after_though_nothing_is_written(
    looks: Looks, socket_for: Callable[[str], Socket]
) -> None:
    ada = socket_for("Ada")
    assert looks.polls() == 1
    assert looks.rests()
    ada.disconnect()
    assert looks.polls() == 1


def test_a_look_that_fails_is_repeated(looks: Looks) -> None:
    looks.polls()
    assert looks.rests()
    looks.fails = True
    looks.jobs.seen = None
    assert looks.polls(3) == 3
    looks.fails = False
    assert looks.polls() == 1
    assert looks.rests()


def test_where_it_cannot_be_told_whether_anything_was_written_all_is_looked_at(
    looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks.polls()
    assert looks.rests()

    def fail(*_: Any) -> bool:
        raise KeyError("something nobody thought of")

    with monkeypatch.context() as patch:
        patch.setattr(Watch, "has_changed", fail)
        assert looks.polls(3) == 3
    assert looks.rests()


def test_each_so_many_polls_all_is_looked_at(looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    looks.polls()
    assert looks.rests()
    monkeypatch.setattr(background, "LOOK_EVERY", 3)
    assert looks.polls(12) >= 4


def test_a_watch_outlives_its_connection(app: Flask, people: dict[str, Person]) -> None:
    watch = Watch()

    def rests() -> bool:
        return any(not watch.has_changed(db.engine) for _ in range(20))

    assert watch.has_changed(db.engine)
    assert rests()
    connection: Any = watch._connection
    connection._raw.close()
    assert watch.has_changed(db.engine)
    assert rests()
    db.session.remove()
    db.engine.dispose()
    assert watch._connection is None
    assert watch.has_changed(db.engine)
    assert rests()
    begin(people["Ada"])
    assert watch.has_changed(db.engine)
    db.session.remove()
    db.engine.dispose()
    assert watch._connection is None
