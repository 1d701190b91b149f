"""The shared notes over sockets: who may, what is refused, what is told to whom, what stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pycrdt
import pytest
from flask_migrate import downgrade
from sqlalchemy import select, text

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.maintenance import MIGRATIONS, is_current, upgrade
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Start
from ementor.meetings.models import Meeting
from ementor.notes import document as documents
from ementor.notes import services
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.notes.sections import NOTES
from ementor.notes.sockets import Poke
from ementor.series.services import of_meeting
from tests.support.copies import Old

PANIC = bytes.fromhex("02014d00624d0001027b7d034e06070005020121004d08056c6576656c04c84d024e07017e014d010404")
"""The library panics on it."""


class NotesPage:
    """A page's copy of the notes."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.meeting_id = socket.person.meeting_id
        self.doc = pycrdt.Doc[Any]()
        self.mine: list[bytes] = []
        self.listening = self.doc.observe(lambda event: self.mine.append(event.update))

    def sync(self) -> dict[str, Any]:
        answer = self.socket.ask("note:sync", self.meeting_id, self.doc.get_state(), documents.SCHEMA)
        assert answer["ok"], answer
        self.doc.apply_update(bytes(answer["update"]))
        self.mine.clear()
        return dict(answer)

    def write(self, words: str, part: str = documents.GENERAL) -> bytes:
        """Write at the start of a part's first paragraph; return the edit."""
        self.text(part).insert(0, words)
        return self.mine[-1]

    def text(self, part: str = documents.GENERAL) -> Any:
        return self.doc.get(part, type=pycrdt.Text)

    def words(self, part: str = documents.GENERAL) -> str:
        return str(self.text(part)).removesuffix("\n")

    def send(self, update: bytes) -> Any:
        return self.socket.ask("note:update", self.meeting_id, update)


@pytest.fixture
def ada(socket_for):
    socket = socket_for("Ada")
    assert socket.join()["ok"]
    return NotesPage(socket)


@pytest.fixture
def ben(socket_for, ada):
    socket = socket_for("Ben")
    assert socket.join()["ok"]
    return NotesPage(socket)


def kept(meeting_id: int) -> list[NoteUpdate]:
    query = select(NoteUpdate).where(NoteUpdate.meeting_id == meeting_id).order_by(NoteUpdate.number)
    return list(db.session.scalars(query))


def general(meeting_id: int) -> str:
    return services.document_of(meeting_id).to_html(documents.GENERAL)


def test_an_edit_is_kept_and_told_to_the_others_only(ada, ben):
    ada.sync()
    ben.sync()
    update = ada.write("Hello")
    number = ada.send(update)["number"]
    assert [(row.number, row.author_id, row.data) for row in kept(ada.meeting_id)][-1] == (
        number,
        ada.socket.person.id,
        update,
    )
    heard = ben.socket.received("note:update")[-1]
    assert (bytes(heard["update"]), heard["number"]) == (update, number)
    assert [told["number"] for told in ada.socket.received("note:update")] == [number - 1]  # the seed
    ben.doc.apply_update(bytes(heard["update"]))
    assert ben.words() == "Hello"


def test_every_part_is_seeded_once_by_the_server(ada, ben, meeting):
    ada.sync()
    ben.sync()
    rows = kept(meeting.id)
    assert [row.author_id for row in rows] == [None]
    items = meetings.run_of(meeting.id).agenda
    assert len(items) > 2
    for part in [documents.GENERAL, *(documents.fragment_name(item.id) for item in items)]:
        assert ada.words(part) == ""


def test_whoever_missed_it_catches_up_by_asking(ada, ben):
    ada.sync()
    ada.send(ada.write("one "))
    ada.send(ada.write("two "))
    assert ben.sync()["number"] == ada.socket.ask("note:newest", ada.meeting_id)["number"]
    assert ben.words() == "two one "


def test_what_was_written_alone_is_merged(ada, ben):
    ada.sync()
    ben.sync()
    ada.write("Ada ")
    ben.write("Ben ")
    for copy in (ada, ben):
        assert copy.send(documents.merge(copy.mine))["ok"]
    for copy in (ada, ben):
        copy.sync()
    assert ada.words() == ben.words()
    assert sorted(ada.words().split()) == ["Ada", "Ben"]


def test_the_same_edit_twice_is_once(ada, ben, meeting):
    ada.sync()
    ben.sync()
    update = ada.write("once")
    number = ada.send(update)["number"]
    heard = len(ben.socket.received("note:update"))
    assert ada.send(update) == {"ok": True, "number": 0}  # nothing new, and no row
    assert ada.sync()["number"] == number == kept(meeting.id)[-1].number
    assert len(ben.socket.received("note:update")) == heard
    assert general(meeting.id) == "<p>once</p>"


def test_what_no_editor_writes_is_refused_and_the_notes_are_in_the_record(ada, meeting):
    ada.sync()
    ada.send(ada.write("kept for good"))
    element = bytes([1, 1, 77, 0, 7, 1, 7]) + b"general" + bytes([3, 9]) + b"paragraph" + b"\0"
    meetings.act(meeting.id, Start(), actor=db.session.get_one(User, ada.socket.person.id))
    answer = ada.send(element)
    assert (answer["ok"], answer["error"]) == (False, "garbage")
    archive.close_and_keep(meeting.id, actor=db.session.get_one(User, ada.socket.person.id))
    parts = archive.record_of(meeting.id).of(NOTES).parts
    assert [part.html for part in parts] == ["<p>kept for good</p>"]


def test_something_foreign_that_is_in_the_notes_keeps_no_word_from_the_record(ada, meeting):
    ada.sync()
    ada.send(ada.write("kept for good"))
    # Had it come past the door: an element behind the words, and a kind that is none.
    element = bytes([1, 1, 77, 0, 7 | 64, 1, 0, 3, 9]) + b"paragraph" + b"\0"
    kind = bytes([1, 1, 78, 0, 6 | 64, 1, 0, 4]) + b"kind" + bytes([5]) + b"[1e9]" + b"\0"
    for number, foreign in enumerate((element, kind), len(kept(meeting.id)) + 1):
        row = NoteUpdate(meeting_id=meeting.id, number=number, author_id=None, data=foreign)
        row.at = clock.now()
        db.session.add(row)
    db.session.commit()
    meetings.act(meeting.id, Start(), actor=db.session.get_one(User, ada.socket.person.id))
    archive.close_and_keep(meeting.id, actor=db.session.get_one(User, ada.socket.person.id))
    parts = archive.record_of(meeting.id).of(NOTES).parts
    assert [part.html for part in parts] == ["<p>kept for good</p>"]


def test_who_sends_more_than_anybody_writes_waits_and_loses_nothing(ada, ben, meeting, monkeypatch):
    monkeypatch.setattr(services.refusals, "BURST_BYTES", 500)
    monkeypatch.setattr(services.refusals, "BYTES_PER_SECOND", 0)
    moment = [100.0]
    monkeypatch.setattr(services.refusals, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    ada.sync()
    ben.sync()
    assert ada.send(ada.write("x" * 300))["ok"]
    late = ada.write("y" * 300)
    assert ada.send(late)["error"] == "too_fast"  # which notes.js takes for "again later"
    assert ben.send(ben.write("b"))["ok"]  # each person has their own
    monkeypatch.setattr(services.refusals, "BYTES_PER_SECOND", 100)
    moment[0] += 4
    assert ada.send(late)["ok"]
    assert "y" * 300 in general(meeting.id)


def test_a_log_that_is_full_takes_no_more_and_is_still_read(ada, meeting, monkeypatch):
    ada.sync()
    ada.send(ada.write("before"))
    monkeypatch.setattr(documents, "MAX_LOG_BYTES", sum(len(row.data) for row in kept(meeting.id)) + 10)
    assert ada.send(ada.write("after"))["error"] == "full"
    assert general(meeting.id) == "<p>before</p>"


def test_an_outsider_writes_hears_and_sees_nothing(ada, socket_for, meeting):
    eve = socket_for("Eve")
    ada.sync()
    ada.send(ada.write("secret"))
    before = [row.number for row in kept(meeting.id)]
    assert eve.person.meeting_id != meeting.id  # an outsider indeed
    assert eve.ask("room:join", meeting.id)["error"] == "not_found"
    stolen = pycrdt.Doc[Any]()
    answers = [
        eve.ask("note:sync", meeting.id, stolen.get_state(), documents.SCHEMA),
        eve.ask("note:update", meeting.id, ada.write("forged")),
        eve.ask("note:newest", meeting.id),
        eve.ask("note:aware", meeting.id, "general", b"x", b"x"),
        eve.ask("note:sync", 10**9, stolen.get_state(), documents.SCHEMA),
    ]
    assert {answer["error"] for answer in answers} == {"not_found"}
    assert {frozenset(answer) for answer in answers} == {frozenset({"ok", "error", "message"})}
    ada.write("more")
    assert ada.send(documents.merge(ada.mine))["ok"]
    assert eve.received("note:update") == eve.received("note:aware") == []
    assert ada.socket.received("note:aware") == []
    assert [row.number for row in kept(meeting.id)] == [*before, before[-1] + 1]


def test_nothing_is_written_once_the_meeting_has_ended(ada, meeting):
    ada.sync()
    ada.send(ada.write("before "))
    db.session.get_one(Meeting, meeting.id).ended_at = clock.now()
    db.session.add(RecordRow(meeting_id=meeting.id, kept_at=clock.now(), data={}))
    db.session.commit()
    answer = ada.send(ada.write("after "))
    assert (answer["ok"], answer["error"]) == (False, "ended")
    assert ada.socket.ask("note:aware", meeting.id, "general", b"x", b"x")["error"] == "ended"
    assert general(meeting.id) == "<p>before </p>"
    assert ada.sync()["number"] == len(kept(meeting.id))  # it can still be read


@pytest.mark.parametrize(
    ("update", "error"),
    [
        (b"", "garbage"),
        (b"hello, world", "garbage"),
        (b"\x80\x80\x80\x80\x80\x01", "garbage"),
        (PANIC, "garbage"),
        (b"\1\1\x4d\x05\x84\x4d\x04\1x\0", "gap"),
        (b"\0" * (documents.MAX_UPDATE_BYTES + 1), "too_large"),
        ("text", "invalid"),
        (7, "invalid"),
        (None, "invalid"),
        ([1, [2, [3]]], "invalid"),
    ],
)  # fmt: skip
def test_bad_updates_are_refused_by_name_and_leave_all_as_it_was(ada, meeting, update, error):
    ada.sync()
    ada.send(ada.write("still here"))
    before = [row.number for row in kept(meeting.id)]
    answer = ada.send(update)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert answer["message"]
    assert [row.number for row in kept(meeting.id)] == before
    assert general(meeting.id) == "<p>still here</p>"
    assert ada.send(ada.write("and goes on, "))["ok"]


def test_a_page_with_another_schema_is_asked_to_reload(ada):
    answer = ada.socket.ask("note:sync", ada.meeting_id, b"\0", documents.SCHEMA + 1)
    assert (answer["ok"], answer["error"]) == (False, "old_page")
    assert "reload" in answer["message"]


def test_a_state_vector_that_is_no_good_gets_everything(ada):
    ada.sync()
    ada.send(ada.write("all"))
    answer = ada.socket.ask("note:sync", ada.meeting_id, b"\xff" * 9, documents.SCHEMA)
    assert documents.Document([bytes(answer["update"])]).to_html(documents.GENERAL) == "<p>all</p>"


def test_a_cursor_carries_the_name_that_the_server_knows(ada, ben):
    assert ada.socket.ask("note:aware", ada.meeting_id, "general", b"abc", b"def")["ok"]
    (place,) = ben.socket.received("note:aware")
    assert place["user"] == {"id": ada.socket.person.id, "name": "Ada"}
    assert (place["part"], bytes(place["anchor"]), bytes(place["head"])) == ("general", b"abc", b"def")
    assert ada.socket.received("note:aware") == []
    too_long = b"x" * (services.cursors.MAX_CURSOR_BYTES + 1)
    assert ada.socket.ask("note:aware", ada.meeting_id, "general", too_long, b"")["error"] == "invalid"
    assert len(ben.socket.received("note:aware")) == 1


def test_of_two_processes_that_write_at_once_each_number_is_one(ada, ben, meeting, monkeypatch):
    """Another process has inserted the number that this one decided on."""
    ada.sync()
    ben.sync()
    theirs = ben.write("theirs ")
    real, first = services.newest, []

    def stale(meeting_id: int, owner_id: int | None = None) -> int:
        number = real(meeting_id)
        if not first:
            first.append(number)
            row = NoteUpdate(meeting_id=meeting_id, number=number + 1, author_id=None, data=theirs)
            row.at = clock.now()
            db.session.add(row)
            db.session.flush()
            db.session.execute(select(1))
            return number  # as it was before the other one's row
        return number

    update = ada.write("ours ")
    document = services.document_of(meeting.id)
    monkeypatch.setattr(services.memory, "newest", stale)
    monkeypatch.setattr(services.writing, "document_of", lambda *_: document)
    answer = ada.send(update)
    monkeypatch.undo()
    assert answer["ok"], answer
    numbers = [row.number for row in kept(meeting.id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert general(meeting.id).count("ours") == 1


def test_what_another_process_wrote_is_known_at_once(ada, ben, meeting):
    ada.sync()
    ben.sync()
    services.document_of(meeting.id)  # in memory now
    row = NoteUpdate(
        meeting_id=meeting.id, number=len(kept(meeting.id)) + 1, author_id=None, data=ben.write("b ")
    )
    row.at = clock.now()
    db.session.add(row)
    db.session.commit()
    assert general(meeting.id) == "<p>b </p>"
    ada.sync()
    assert ada.send(ada.write("a "))["number"] == row.number + 1


def test_pages_are_told_of_what_another_process_wrote_and_nothing_again(ada, ben, meeting):
    ada.sync()
    ben.sync()
    ada.send(ada.write("a "))
    poke = Poke()
    poke()
    row = NoteUpdate(
        meeting_id=meeting.id, number=len(kept(meeting.id)) + 1, author_id=None, data=ben.write("b ")
    )
    row.at = clock.now()
    db.session.add(row)
    db.session.commit()
    poke()
    poke()
    told = [told["number"] for told in ada.socket.received("note:poke")]
    assert told == [row.number]  # of what was written in this one they have heard


def test_an_edit_that_was_rolled_back_is_in_no_copy(ada, ben, meeting, monkeypatch):
    ada.sync()
    ben.sync()
    update = ada.write("lost ")

    def fails() -> None:
        raise RuntimeError("no room on the disk")

    with monkeypatch.context() as broken:
        broken.setattr(db.session(), "commit", fails)
        with pytest.raises(RuntimeError):
            services.add_update(meeting.id, update, actor=db.session.get_one(User, ada.socket.person.id))
    assert general(meeting.id) == ""
    assert [told["number"] for told in ben.socket.received("note:update")] == [1]  # the seed
    assert ada.send(update)["ok"]
    assert general(meeting.id) == "<p>lost </p>"


def test_notes_are_the_same_after_a_restart(ada, meeting):
    ada.sync()
    ada.send(ada.write("kept", documents.fragment_name(1)))
    services.documents_in_memory().clear()
    assert services.html_of(meeting.id) == {documents.fragment_name(1): "<p>kept</p>"}


def test_f21_notes_of_the_old_shape_are_carried_over_when_the_database_is_upgraded(app, ada, meeting):
    """A meeting that goes on while the server is replaced loses no word; its pages are told to ask again."""
    mine, theirs = Old(), Old()
    for number in range(1, 4):
        mine.add("paragraph", f"mine {number}", part=documents.MINE)
        theirs.add("paragraph", f"line {number}", part=documents.GENERAL)
    person = ada.socket.person.id
    for number in range(3):
        shared = NoteUpdate(
            meeting_id=meeting.id, number=number + 1, author_id=person, data=theirs.sent[number]
        )
        own = OwnNoteUpdate(meeting_id=meeting.id, owner_id=person, number=number + 1, data=mine.sent[number])
        shared.at = own.at = clock.now()
        db.session.add_all([shared, own])
    db.session.commit()
    downgrade(str(MIGRATIONS), "flat_notes")  # whose own way back is a copy
    db.session.execute(text("UPDATE alembic_version SET version_num = 'people'"))
    db.session.commit()
    assert not is_current()
    upgrade()
    assert is_current()
    assert of_meeting(meeting.id) is not None  # every meeting has a date, also one from before there were any
    assert [(row.number, row.author_id) for row in kept(meeting.id)] == [(4, None)]
    assert general(meeting.id) == "<p>line 1</p><p>line 2</p><p>line 3</p>"
    actor = db.session.get_one(User, person)
    assert services.own_html(meeting.id, actor=actor) == "<p>mine 1</p><p>mine 2</p><p>mine 3</p>"
    ada.sync()
    assert ada.send(ada.write("and on: "))["ok"]
    assert general(meeting.id).startswith("<p>and on: line 1</p>")
