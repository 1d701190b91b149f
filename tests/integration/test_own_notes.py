"""Notes in three scopes: what is one person's own, what may be told outside, what is off the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.errors import NotFound
from ementor.groups.models import Membership
from ementor.meetings.models import Meeting
from ementor.notes import document as documents
from ementor.notes import services
from ementor.notes.document import Block
from ementor.notes.models import NoteUpdate, OwnNote, OwnNoteUpdate
from ementor.notes.sockets import Poke
from tests.support import disk
from tests.support.inside import Socket
from tests.support.people import House, Person

SECRET = "Quetzalcoatlus"


class Page:
    """One of somebody's pages, with their own notes."""

    def __init__(self, socket: Socket, meeting_id: int) -> None:
        self.socket, self.meeting_id = socket, meeting_id
        self.doc = pycrdt.Doc[Any]()
        self.mine: list[bytes] = []
        self.listening = self.doc.observe(lambda event: self.mine.append(event.update))

    def sync(self) -> dict[str, Any]:
        answer = self.socket.ask("own:sync", self.meeting_id, self.doc.get_state(), documents.SCHEMA)
        assert answer["ok"], answer
        self.doc.apply_update(bytes(answer["update"]))
        self.mine.clear()
        return dict(answer)

    def text(self) -> Any:
        return self.doc.get(documents.MINE, type=pycrdt.Text)

    def write(self, words: str) -> dict[str, Any]:
        self.text().insert(0, words)
        return dict(self.socket.ask("own:update", self.meeting_id, self.mine[-1]))


@pytest.fixture
def page_of(socket_for: Callable[[str], Socket], house: House) -> Callable[[str], Page]:
    """``page_of("Ben")``: a page of his in the room; each call is another one."""

    def open_page(name: str) -> Page:
        socket = socket_for(name)
        assert socket.join()["ok"]
        return Page(socket, house.meeting_id)

    return open_page


def press(person: Person, what: str) -> None:
    answer = person.client.post(f"/m/{person.meeting_id}/press", data={"press": what})
    assert answer.status_code == 303, answer.text


def actor(person: Person) -> User:
    return db.session.get_one(User, person.id)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def put(person: Person, part: str, *blocks: Block) -> None:
    before = services.sync(person.meeting_id, b"\0", actor=actor(person)).update
    services.add_update(person.meeting_id, documents.written(before, part, blocks), actor=actor(person))


def frames(socket: Socket) -> bytes:
    socket.received("")
    return repr(socket.heard).encode()


# Own notes


def test_an_edit_of_ones_own_notes_is_told_to_ones_other_pages_only(page_of: Callable[[str], Page]) -> None:
    laptop, phone, ben, gus = page_of("Ada"), page_of("Ada"), page_of("Ben"), page_of("Gus")
    for page in (laptop, phone, ben, gus):
        page.sync()
    number = laptop.write(SECRET)["number"]
    (heard,) = [told for told in phone.socket.received("own:update") if told["number"] == number]
    phone.doc.apply_update(bytes(heard["update"]))
    assert str(phone.text()) == f"{SECRET}\n"
    assert number not in [told["number"] for told in laptop.socket.received("own:update")]
    for other in (ben, gus):
        assert SECRET.encode() not in frames(other.socket)
        assert [told["number"] for told in other.socket.received("own:update")] == [1]  # their own seed
        other.sync()
        assert str(other.text()) == "\n"
    assert [
        row.owner_id for row in db.session.scalars(select(OwnNoteUpdate)) if SECRET.encode() in row.data
    ] == [laptop.socket.person.id]
    assert not any(SECRET.encode() in row.data for row in db.session.scalars(select(NoteUpdate)))


def test_no_answer_to_anybody_else_holds_what_is_ones_own(
    page_of: Callable[[str], Page], people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    page = page_of("Ben")
    page.sync()
    page.write(SECRET)
    ada = page_of("Ada")  # who facilitates
    path = f"/m/{page.meeting_id}"
    places = (path, f"{path}/run", f"{path}/reflection", f"{path}/record.md", f"{path}/record/news", "/")

    def is_told_nothing(name: str) -> None:
        for place in places:
            assert SECRET not in people[name].client.get(place).text, place
        asked = [
            ada.socket.ask("note:sync", page.meeting_id, b"\0", documents.SCHEMA),
            ada.socket.ask("own:sync", page.meeting_id, b"\0", documents.SCHEMA),
            ada.socket.ask("own:newest", page.meeting_id),
            ada.socket.ask("room:join", page.meeting_id),
        ]
        assert SECRET.encode() not in repr(asked).encode()

    for name in ("Ada", "Gus", "Eve"):
        is_told_nothing(name)
    press(people["Ada"], "start")
    press(people["Ada"], "end")
    for seconds in (0, 70):
        wait(seconds)
        for name in ("Ada", "Gus", "Eve"):
            is_told_nothing(name)
        assert SECRET not in str(db.session.get_one(RecordRow, page.meeting_id, populate_existing=True).data)
        assert SECRET not in people["Ben"].client.get(f"{path}/record.md").text  # a file is passed on
        assert SECRET in people["Ben"].client.get(path).text


def test_an_outsider_and_somebody_removed_have_no_notes_of_the_meeting(
    page_of: Callable[[str], Page], socket_for: Callable[[str], Socket], meeting: Meeting
) -> None:
    ben = page_of("Ben")
    ben.sync()
    ben.write("before")
    eve = socket_for("Eve")
    assert eve.person.meeting_id != meeting.id  # an outsider indeed
    row = db.session.scalars(select(Membership).where(Membership.user_id == ben.socket.person.id)).one()
    row.ended_at = clock.now()
    db.session.commit()
    rows = count(OwnNoteUpdate)
    for socket in (eve, ben.socket):
        answers = [
            socket.ask("own:sync", meeting.id, b"\0", documents.SCHEMA),
            socket.ask("own:update", meeting.id, ben.mine[-1]),
            socket.ask("own:newest", meeting.id),
        ]
        assert [answer.get("error") for answer in answers] == ["not_found"] * 3
        with pytest.raises(NotFound):
            services.own_html(meeting.id, actor=actor(socket.person))
    assert count(OwnNoteUpdate) == rows


def test_own_notes_are_guarded_as_the_shared_ones_are(
    page_of: Callable[[str], Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of("Ada")
    page.sync()
    assert page.write("kept ")["ok"]
    update = page.mine[-1]
    assert page.socket.ask("own:update", page.meeting_id, update) == {"ok": True, "number": 0}  # once
    refused = {
        "garbage": b"hello",
        "gap": b"\1\1\x4d\x05\x84\x4d\x04\1x\0",
        "too_large": b"\0" * (documents.MAX_UPDATE_BYTES + 1),
        "invalid": "text",
    }
    for error, sent in refused.items():
        assert page.socket.ask("own:update", page.meeting_id, sent)["error"] == error
    old = page.socket.ask("own:sync", page.meeting_id, b"\0", documents.SCHEMA - 1)
    assert old["error"] == "old_page"
    monkeypatch.setattr(services.refusals, "BURST_BYTES", 10)
    monkeypatch.setattr(services.refusals, "BYTES_PER_SECOND", 0)
    monkeypatch.setattr(services.refusals, "_buckets", {})
    assert page.write("x" * 40)["error"] == "too_fast"
    assert services.own_html(page.meeting_id, actor=actor(page.socket.person)) == "<p>kept </p>"


def test_pages_are_told_of_what_a_person_wrote_in_another_process(page_of: Callable[[str], Page]) -> None:
    ada, ben = page_of("Ada"), page_of("Ben")
    ada.sync()
    ben.sync()
    poke = Poke()
    poke()
    ada.text().insert(0, "elsewhere")
    row = OwnNoteUpdate(
        meeting_id=ada.meeting_id, owner_id=ada.socket.person.id, number=2, at=clock.now(), data=ada.mine[-1]
    )
    db.session.add(row)
    db.session.commit()
    poke()
    poke()
    assert [told["number"] for told in ada.socket.received("own:poke")] == [2]
    assert not ben.socket.received("own:poke")
    assert services.own_html(ada.meeting_id, actor=actor(ada.socket.person)) == "<p>elsewhere</p>"


def test_no_process_remembers_what_no_page_of_it_shows(page_of: Callable[[str], Page]) -> None:
    ada, ben = page_of("Ada"), page_of("Ben")
    for page in (ada, ben):
        page.sync()
        page.write("still here")
    services.document_of(ada.meeting_id)
    group, adas, bens = ((ada.meeting_id, who) for who in (None, ada.socket.person.id, ben.socket.person.id))
    poke = Poke()
    poke()
    assert set(services.documents_in_memory()) == {group, adas, bens}
    ben.socket.disconnect()
    poke()
    assert set(services.documents_in_memory()) == {group, adas}
    ada.socket.disconnect()
    poke()
    assert not services.documents_in_memory()
    assert services.own_html(ada.meeting_id, actor=actor(ben.socket.person)) == "<p>still here</p>"


def test_own_notes_outlive_the_meeting_and_an_undone_end(
    page_of: Callable[[str], Page], people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben = page_of("Ben")
    ben.sync()
    ben.write("one ")
    path = f"/m/{ben.meeting_id}"
    press(people["Ada"], "start")
    press(people["Ada"], "end")
    assert ben.write("late ")["error"] == "ended"
    assert "one" in people["Ben"].client.get(path).text
    press(people["Ada"], "reopen")
    assert count(OwnNote) == 0
    ben = page_of("Ben")
    ben.sync()
    assert ben.write("two ")["ok"]
    press(people["Ada"], "end")
    wait(70)
    assert archive.seal_due() == [ben.meeting_id]
    assert count(OwnNoteUpdate) == count(NoteUpdate) == 0
    assert [(row.owner_id, row.html) for row in db.session.scalars(select(OwnNote))] == [
        (people["Ben"].id, "<p>two one </p>")
    ]
    own = people["Ben"].client.get(path).text.split('id="h-own"')[1]
    assert "My own notes" in own
    assert "<p>two one </p>" in own
    assert 'id="h-own"' not in people["Gus"].client.get(path).text
    assert 'id="h-own"' not in people["Ada"].client.get(path).text


# May be told outside, and what is collected


def test_the_record_has_what_may_be_told_outside_and_what_was_marked(
    page_of: Callable[[str], Page], people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    page_of("Ada")
    item = documents.fragment_name(1)
    put(ada, documents.OUTSIDE, Block(runs=[("We practised listening", {})]))
    put(ada, item, Block(runs=[("Silence *helps*", {"insight": True})]))
    put(ada, documents.GENERAL, Block(runs=[("Ben books the room", {"next_step": True})]))
    press(ada, "start")
    press(ada, "end")
    for seconds in (0, 70):
        wait(seconds)
        archive.seal_due()
        page = ada.client.get(f"/m/{ada.meeting_id}").text
        outside = page.split('id="h-outside"')[1].split("</section>")[0]
        assert "<p>We practised listening</p>" in outside
        assert "We practised" not in page.split('id="h-notes"')[1].split("</section>")[0]
        assert '<mark class="insight">Silence *helps*</mark>' in page.split('id="h-notes"')[1]
        assert "Silence *helps*" in page.split('id="h-insights"')[1].split("</section>")[0]
        steps = page.split('id="h-steps"')[1].split("</section>")[0]
        assert "Ben books the room" in steps
        assert "General notes" in steps
        markdown = ada.client.get(f"/m/{ada.meeting_id}/record.md").text
        assert "## Can be shared outside\n\nWe practised listening" in markdown
        assert "## Insights\n\n- Silence \\*helps\\* (" in markdown
        assert "- Ben books the room (General notes)" in markdown.split("## Next steps")[1]
    assert db.session.get_one(Meeting, ada.meeting_id).sealed


def test_a_record_from_before_there_was_a_section_is_still_shown(
    page_of: Callable[[str], Page], people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    page_of("Ada")
    press(ada, "start")
    press(ada, "end")
    wait(70)
    archive.seal_due()
    record = db.session.get_one(RecordRow, ada.meeting_id, populate_existing=True)
    record.data = record.data | {"sections": {}}
    db.session.commit()
    assert ada.client.get(f"/m/{ada.meeting_id}").status_code == 200
    assert ada.client.get(f"/m/{ada.meeting_id}/record.md").status_code == 200


# Off the record


def test_what_is_off_the_record_is_gone_with_the_meeting(
    app: Flask, page_of: Callable[[str], Page], people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    own = page_of("Ada")
    own.sync()
    secret = Block(runs=[(SECRET, {"insight": True})], off_record=True)
    put(ada, documents.GENERAL, Block(runs=[("kept", {})]), secret)
    put(ada, documents.OUTSIDE, secret)
    before = services.sync(ada.meeting_id, b"\0", actor=actor(ada), own=True).update
    mine = documents.written(before, documents.MINE, [Block(runs=[("mine", {})]), secret])
    services.add_update(ada.meeting_id, mine, actor=actor(ada), own=True)
    assert SECRET.encode() in disk.everything(app)  # so that the search finds what is there
    assert SECRET.encode() in services.sync(ada.meeting_id, b"\0", actor=actor(people["Ben"])).update  # live
    press(ada, "start")
    press(ada, "end")
    for seconds in (0, 70):
        wait(seconds)
        archive.seal_due()
        for place in ("", "/record.md"):
            text = ada.client.get(f"/m/{ada.meeting_id}{place}").text
            assert "kept" in text
            assert SECRET not in text
        assert SECRET not in str(db.session.get_one(RecordRow, ada.meeting_id, populate_existing=True).data)
    assert SECRET.encode() not in disk.everything(app)
    assert not any(key[0] == ada.meeting_id for key in services.documents_in_memory())
    assert services.own_html(ada.meeting_id, actor=actor(ada)) == "<p>mine</p>"
