"""Socket events: the quick way and the long one agree, and each call gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, func, select
from sqlalchemy.exc import OperationalError

from ementor import clock, events, held
from ementor.accounts.models import SignIn
from ementor.database import db
from ementor.errors import Invalid, Unavailable
from ementor.notes import services as notes
from ementor.notes.document import SCHEMA
from ementor.notes.models import NoteUpdate
from tests.integration.test_faults import EVENTS, press
from tests.integration.test_own_notes import Page
from tests.support.copies import NotesClient
from tests.support.inside import Socket
from tests.support.people import Person

QUICK = ("room:beat", "note:newest", "note:aware", "note:update", "own:update")


@pytest.fixture
def ada(socket_for: Callable[[str], Socket]) -> Socket:
    socket = socket_for("Ada")
    assert socket.join()["ok"]
    return socket


@pytest.fixture
def ben(socket_for: Callable[[str], Socket]) -> Socket:
    socket = socket_for("Ben")
    assert socket.join()["ok"]
    return socket


def arguments(name: str, meeting_id: int) -> tuple[Any, ...]:
    rest = EVENTS[name]
    return () if rest is None else (meeting_id, *rest)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note what is asked of the database, on held connections or by SQLAlchemy."""
    asked: list[str] = []
    rows = held.Held.rows

    def note_held(connection: Any, statement: held.Statement, values: Any) -> Any:
        asked.append(statement.of(connection.engine, values)[0].split()[0])
        return rows(connection, statement, values)

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement.split()[0])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(held.Held, "rows", note_held)
            yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_while_the_database_is_away_each_event_has_an_answer(
    people: dict[str, Person],
    meeting: Any,
    ada: Socket,
    socket_for: Callable[[str], Socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meeting_id = meeting.id
    db.session.remove()
    db.engine.dispose()  # of what it has open as well

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("", {}, Exception("connection refused"))

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "connect", away)
        patch.setattr(Engine, "raw_connection", away)
        for name in EVENTS:
            answer = ada.ask(name, *arguments(name, meeting_id))
            if name != "clock:read":  # asks nothing of the database
                assert answer["ok"] is False, name
                assert answer["error"] == "failed", name
                assert answer["message"], name
        with pytest.raises(Unavailable):
            socket_for("Ben")
    assert ada.ask("room:beat", meeting_id, 1)["ok"]


def test_what_is_asked_many_times_a_second_asks_one_thing_of_the_database(ada: Socket, meeting: Any) -> None:
    meeting_id = meeting.id
    copy = NotesClient(ada)
    copy.sync()
    copy.write("warm")
    limits = {"clock:read": 0, "room:beat": 1, "note:newest": 1, "note:aware": 1}
    for name, limit in limits.items():
        with statements() as asked:
            assert ada.ask(name, *arguments(name, meeting_id))["ok"]
        assert len(asked) == limit, (name, asked)
    with statements() as asked:
        assert copy.write("a letter")["ok"]
    assert asked == ["SELECT", "INSERT"]
    own = Page(ada, meeting_id)
    own.sync()
    own.write("warm")
    with statements() as asked:
        assert own.write("a letter")["ok"]
    assert asked == ["SELECT", "INSERT"]


def in_a_usual_meeting(people: dict[str, Person], meeting_id: int) -> str:
    return "Ben"


def as_an_outsider(people: dict[str, Person], meeting_id: int) -> str:
    assert people["Eve"].meeting_id != meeting_id
    return "Eve"


def after_the_end(people: dict[str, Person], meeting_id: int) -> str:
    press(people["Ada"].client, meeting_id, "start")
    press(people["Ada"].client, meeting_id, "end")
    return "Ben"


def after_being_removed(people: dict[str, Person], meeting_id: int) -> str:
    press(people["Ada"].client, meeting_id, "remove_person", person=people["Ben"].id)
    return "Ben"


def after_signing_out(people: dict[str, Person], meeting_id: int) -> str:
    db.session.execute(delete(SignIn).where(SignIn.user_id == people["Ben"].id))
    db.session.commit()
    return "Ben"


@pytest.mark.parametrize(
    "when", [in_a_usual_meeting, as_an_outsider, after_the_end, after_being_removed, after_signing_out]
)
@pytest.mark.parametrize("name", QUICK)
def test_the_quick_way_answers_as_the_long_one(
    people: dict[str, Person],
    meeting: Any,
    socket_for: Callable[[str], Socket],
    monkeypatch: pytest.MonkeyPatch,
    when: Callable[[dict[str, Person], int], str],
    name: str,
) -> None:
    meeting_id = meeting.id
    socket = socket_for("Eve" if when is as_an_outsider else "Ben")
    when(people, meeting_id)
    quick = socket.ask(name, *arguments(name, meeting_id))
    absent = socket.ask(name, *arguments(name, 999_999))
    if not socket.is_connected:
        return  # whoever was removed is shown out
    with monkeypatch.context() as patch:
        patch.setattr(events, "callers", {})
        assert socket.ask(name, *arguments(name, meeting_id)) == quick
        assert socket.ask(name, *arguments(name, 999_999)) == absent
    assert quick["ok"] is (when is in_a_usual_meeting or (when is after_the_end and name in QUICK[:2]))


def test_who_signs_out_is_not_known_at_the_next_event(ben: Socket, meeting: Any) -> None:
    copy = NotesClient(ben)
    copy.sync()
    assert copy.write("mine")["ok"]
    db.session.execute(delete(SignIn).where(SignIn.user_id == ben.person.id))
    db.session.commit()
    assert copy.write("not mine any more")["error"] == "not_found"
    assert db.session.scalar(select(func.count()).select_from(NoteUpdate)) == 2


def test_a_place_rides_with_the_keystroke(ada: Socket, ben: Socket, meeting: Any) -> None:
    copy = NotesClient(ben)
    copy.sync()
    copy.write("Hello")
    update = copy.mine[-1]
    copy._first().insert(0, "x")
    update = copy.mine[-1]
    before = len(ada.received("note:aware"))
    answer = ben.ask("note:update", meeting.id, update, "general", b"\1", b"\2")
    assert answer["ok"]
    told = ada.received("note:update")[-1]
    assert told["number"] == answer["number"]
    place = told["place"]
    assert place["user"] == {"id": ben.person.id, "name": "Ben"}
    assert (place["part"], place["anchor"], place["head"]) == ("general", b"\1", b"\2")
    assert len(ada.received("note:aware")) == before
    assert ben.ask("note:update", meeting.id, update, "general", b"\3", b"\3") == {"ok": True, "number": 0}
    assert ada.received("note:aware")[-1]["anchor"] == b"\3"  # nothing new was written, and it moved
    assert ben.ask("note:update", meeting.id, update, "general", b"\1" * 300, b"")["error"] == "invalid"


def test_of_two_processes_that_keep_one_number_the_second_keeps_the_next(
    ada: Socket, meeting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, other = NotesClient(ada), NotesClient(ada)
    copy.sync()
    other.sync()
    other._first().insert(0, "elsewhere ")
    at, meeting_id, brought_up = clock.now(), meeting.id, notes.memory.brought_up
    number = notes.newest(meeting_id)
    db.session.remove()
    tries: list[int] = []

    def write_elsewhere() -> None:
        db.session.add(NoteUpdate(meeting_id=meeting_id, number=number + 1, data=other.mine[-1], at=at))
        db.session.commit()

    def overtaken(*arguments: Any) -> Any:
        document = brought_up(*arguments)
        tries.append(document.number)
        if tries == [number]:
            write_elsewhere()
        return document

    if db.engine.dialect.name == "sqlite":
        write_elsewhere()  # there the second waits for the first
        db.session.remove()
    monkeypatch.setattr(notes.quick, "brought_up", overtaken)
    assert copy.write("here ")["number"] == number + 2
    assert tries[-1] == number + 1
    monkeypatch.undo()
    copy.sync()
    assert "elsewhere" in copy.text()
    assert "here" in copy.text()


def edit_of(socket: Socket, update: bytes, **more: Any) -> notes.Edit:
    """Return what ``socket`` would write, before it is written."""
    caller = next(one for one in events.callers.values() if one.person_id == socket.person.id)
    where = more.pop("meeting_id", socket.person.meeting_id)
    return notes.Edit(caller.engine, where, update, caller.sign_in, caller.sid, **more)


def typed(socket: Socket, words: str) -> bytes:
    """Return the update of somebody who types ``words`` into the notes."""
    copy = NotesClient(socket)
    copy.sync()
    copy._first().insert(0, words)
    return copy.mine[-1]


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """How often something was made to last on a held connection."""
    made: list[None] = []
    commit = held.Held.commit

    def count(connection: held.Held) -> None:
        made.append(None)
        commit(connection)

    monkeypatch.setattr(held.Held, "commit", count)
    return made


def test_edits_that_are_saved_together_have_each_their_own_answer(
    ada: Socket,
    ben: Socket,
    socket_for: Callable[[str], Socket],
    commits: list[None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notes.quick, "AT_ONCE_S", 60)
    gus, eve = socket_for("Gus"), socket_for("Eve")
    assert gus.join()["ok"]
    assert eve.join()["ok"]
    mine = ben.ask("own:sync", ben.person.meeting_id, b"\0", SCHEMA)
    assert mine["ok"]
    bad = edit_of(ben, b"\1\1\1")
    strangers = edit_of(eve, typed(ada, "x"), meeting_id=ada.person.meeting_id)
    nowhere = edit_of(ben, b"\0\0", cursor=notes.Cursor("general", b"x" * 300, b""))
    good, second = edit_of(ada, typed(ada, "Ada ")), edit_of(gus, typed(gus, "Gus "))
    elsewhere = edit_of(eve, typed(eve, "Eve "))
    own = edit_of(ben, b"\0\0", own=True)
    together = [bad, strangers, nowhere, good, second, elsewhere, own]
    notes.quick._add_all(together)
    assert len(commits) == 1
    assert [edit for edit in together if not edit.done] == [second]  # of one document one at a time
    assert isinstance(bad.error, notes.UpdateRefused)
    assert isinstance(nowhere.error, Invalid)
    assert (strangers.number, strangers.error) == (None, None)
    assert [edit.error for edit in (good, elsewhere, own)] == [None] * 3
    assert (good.number, elsewhere.number, own.number) == (2, 2, 0)
    assert [told["number"] for told in ben.received("note:update")][-1] == good.number
    notes.quick._add_all([second])
    assert (second.done, second.error, second.number) == (True, None, 3)
    copy = NotesClient(ben)
    copy.sync()
    assert sorted(copy.text().split()) == ["Ada", "Gus"]


def test_when_the_database_fails_a_batch_each_is_saved_by_itself(
    ada: Socket, ben: Socket, socket_for: Callable[[str], Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes.quick, "AT_ONCE_S", 60)
    eve = socket_for("Eve")
    assert eve.join()["ok"]
    edits = [edit_of(ada, typed(ada, "Ada ")), edit_of(eve, typed(eve, "Eve "))]
    heard = len(ben.received("note:update"))

    def fail(connection: held.Held) -> None:
        raise connection.engine.dialect.loaded_dbapi.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(held.Held, "commit", fail)
        notes.quick._add_all(edits)
        assert all(isinstance(edit.error, OperationalError) for edit in edits)
        assert len(ben.received("note:update")) == heard  # what is not saved is not told
        answer = ada.ask("note:update", ada.person.meeting_id, edits[0].update)
    assert answer == {"ok": True, "number": 2}
    assert eve.ask("note:update", eve.person.meeting_id, edits[1].update) == {"ok": True, "number": 2}
    for socket, words in ((ada, "Ada "), (eve, "Eve ")):
        copy = NotesClient(socket)
        copy.sync()
        assert copy.text() == f"{words}\n"
