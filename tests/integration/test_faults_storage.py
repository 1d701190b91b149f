"""Faults and requirements that concern the database: what stands on disk, and when it does not answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ementor import clock, database
from ementor.archive import services as archive
from ementor.database import db
from tests.support import disk
from tests.support.databases import Settings
from tests.support.outside import Server
from tests.support.people import Person

HTMX = {"HX-Request": "true"}
MARKERS = ("Quetzalcoatlus", "Pachyrhinosaurus")
AN_ITEM = {"prompt": "", "mode": "open", "minutes": "5"}


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """SQLite only: what these tests ask for is of its file."""
    return sqlite_settings


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``wait(70)``: the server's clock is 70 s further."""
    real, waited = clock.now, [0.0]
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=waited[0]))

    def wait(seconds: float) -> None:
        waited[0] += seconds

    return wait


def press(person: Person, what: str, **fields: str) -> Any:
    answer = person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields}, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer


def leave_marks(ada: Person) -> None:
    """Write two words that somebody takes back: one stands in the log of events, one in an older row."""
    press(ada, "change_item", item="1", title=MARKERS[0], **AN_ITEM)
    press(ada, "change_item", item="1", title="Kept", **AN_ITEM)
    for text in (MARKERS[1], "Kept"):
        answer = ada.client.post(f"/m/{ada.meeting_id}/reflection", data={"text-1": text}, headers=HTMX)
        assert answer.status_code == 200


def on_disk(settings: Settings) -> bytes:
    return disk.decrypted(file_of(settings), settings["DATABASE_KEY"])


def file_of(settings: Settings) -> Path:
    return Path(str(settings["DATABASE_URL"]).removeprefix("sqlite:///"))


def journal_of(settings: Settings) -> Path:
    return file_of(settings).with_name(f"{file_of(settings).name}-wal")


# What was let go of is gone


def test_r39_what_is_dropped_a_minute_after_the_end_is_nowhere_on_disk(
    people: dict[str, Person], settings: Settings, wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    leave_marks(ada)
    press(ada, "start")
    press(ada, "end")
    before = on_disk(settings)
    assert all(marker.encode() in before for marker in MARKERS)  # the search finds what is there
    wait(70)
    assert archive.seal_due() == [ada.meeting_id]
    after = on_disk(settings)
    assert b"Kept" in after
    assert [marker for marker in MARKERS if marker.encode() in after] == []


def test_r39_the_journal_is_emptied_once_nobody_reads_it(
    people: dict[str, Person], settings: Settings, wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    leave_marks(ada)
    press(ada, "start")
    press(ada, "end")
    wait(70)
    with db.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM meeting_event").all()
        assert archive.seal_due() == [ada.meeting_id]
        assert MARKERS[0].encode() in on_disk(settings)
    assert archive.seal_due() == []
    assert MARKERS[0].encode() not in on_disk(settings)
    assert journal_of(settings).stat().st_size == 0


def test_r39_a_clean_stop_leaves_no_journal(server: Server, sqlite_settings: Settings) -> None:
    leave_marks(server.house.person("Ada"))
    assert MARKERS[1].encode() in on_disk(sqlite_settings)
    assert journal_of(sqlite_settings).stat().st_size > 0
    assert server.stop() == 0
    assert not journal_of(sqlite_settings).exists() or journal_of(sqlite_settings).stat().st_size == 0
    assert MARKERS[1].encode() not in on_disk(sqlite_settings)


def test_r39_a_start_empties_what_a_killed_process_left(server: Server, sqlite_settings: Settings) -> None:
    leave_marks(server.house.person("Ada"))
    server.kill()
    assert MARKERS[1].encode() in on_disk(sqlite_settings)
    server.start()
    assert MARKERS[1].encode() not in on_disk(sqlite_settings)


def test_r39_a_copy_from_before_an_upgrade_goes_when_its_time_is_over(app: Flask, settings: Settings) -> None:
    file = file_of(settings)
    old, new = (file.with_name(f"{file.stem}-before-upgrade-{name}.db") for name in ("old", "new"))
    for copy in (old, new):
        database.backup(copy)
    backup = file.with_name("ementor-monday.db")
    database.backup(backup)
    then = (clock.now() - database.COPIES_KEPT - timedelta(hours=1)).timestamp()
    for copy in (old, backup, file):
        os.utime(copy, (then, then))
    assert database.remove_old_copies() == [old]
    assert [path.exists() for path in (old, new, backup, file)] == [False, True, True, True]
