"""What a record knows of people: by id, with the name as it was, and of the unnamed nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services
from ementor.archive.models import RecordReader, RecordRow
from ementor.database import db
from ementor.errors import NotFound
from ementor.groups import services as groups
from ementor.groups.models import Readers
from ementor.meetings.models import Meeting
from ementor.notes import services as notes
from ementor.notes.document import GENERAL, MINE, Block, written
from ementor.notes.models import NoteUpdate
from ementor.notes.sections import NOTES
from ementor.reflections.models import Answer
from ementor.reflections.sections import REFLECTION, STEPS
from tests.support.people import House, Person, shown

SUPPORT = Path(__file__).parent.parent / "support"
VERSION_1 = json.loads((SUPPORT / "record_version_1.json").read_text())
Wait = Callable[[float], None]


@pytest.fixture
def held(people: dict[str, Person]) -> dict[str, Person]:
    """A meeting under way, in which Ada has answered by name, Ben and Gus without, and all promised."""
    press(people["Ada"], "start")
    for name, sharing in (("Ada", "named"), ("Ben", "unnamed"), ("Gus", "unnamed")):
        fields = {"text-1": f"words of {name}", "sharing-1": sharing, "step": f"step of {name}"}
        path = f"/m/{people[name].meeting_id}/reflection"
        assert people[name].client.post(path, data=fields).status_code == 303
    return people


def press(person: Person, what: str) -> None:
    assert person.client.post(f"/m/{person.meeting_id}/press", data={"press": what}).status_code == 303


def end_and_seal(person: Person, wait: Wait) -> None:
    press(person, "end")
    wait(70)
    assert services.seal_due() == [person.meeting_id]


def rename(person: Person, name: str) -> None:
    groups.rename(db.session.get_one(User, person.id), name)


def data_of(meeting_id: int) -> dict[str, Any]:
    return db.session.get_one(RecordRow, meeting_id, populate_existing=True).data


def keep_as(data: dict[str, Any], person: Person) -> None:
    db.session.get_one(RecordRow, person.meeting_id, populate_existing=True).data = data
    db.session.commit()


def test_people_and_what_they_shared_by_name_have_ids(held: dict[str, Person], wait: Wait) -> None:
    ids = {name: held[name].id for name in ("Ada", "Ben", "Gus")}
    end_and_seal(held["Ada"], wait)
    record = services.record_of(held["Ada"].meeting_id)
    assert {one.name: one.id for one in record.people} == ids
    assert {one.name: (one.person, one.text) for one in record.of(STEPS)} == {
        name: (person, f"step of {name}") for name, person in ids.items()
    }
    first = record.of(REFLECTION).questions[0].answers[0]
    assert (first.person, first.name) == (ids["Ada"], "Ada")


@pytest.mark.parametrize("order", [("Ben", "Gus"), ("Gus", "Ben")])
def test_nothing_tells_whose_an_unnamed_answer_is(
    held: dict[str, Person], wait: Wait, order: tuple[str, str]
) -> None:
    for place, name in enumerate(order):
        drawn = update(Answer).where(Answer.user_id == held[name].id, Answer.question == "1")
        db.session.execute(drawn.values(place=place))
    db.session.commit()
    end_and_seal(held["Ada"], wait)
    answers = data_of(held["Ada"].meeting_id)["sections"]["reflection"]["questions"][0]["answers"]
    assert answers[1:] == [{"person": None, "name": None, "text": f"words of {name}"} for name in order]


@pytest.mark.parametrize("sealed", [False, True])
def test_who_is_renamed_stays_in_the_record_under_the_name_of_then(
    held: dict[str, Person], wait: Wait, sealed: bool
) -> None:
    ada = held["Ada"]
    press(ada, "reveal")
    press(ada, "end")
    wait(70)
    if sealed:
        services.seal_due()
    rename(ada, "Adele")
    services.seal_due()
    record = services.record_of(ada.meeting_id)
    assert [one.name for one in record.people if one.id == ada.id] == ["Ada"]
    assert [one.name for one in record.of(STEPS) if one.person == ada.id] == ["Ada"]
    assert record.of(REFLECTION).questions[0].answers[0].name == "Ada"


def test_inner_use_does_not_get_what_was_never_revealed_before_the_seal(
    held: dict[str, Person], wait: Wait
) -> None:
    meeting_id = held["Ada"].meeting_id
    with pytest.raises(NotFound):
        services.record_of(meeting_id)
    press(held["Ada"], "end")
    record = services.record_of(meeting_id)
    assert record.of(STEPS) == ()
    assert not any(question.answers for question in record.of(REFLECTION).questions)
    wait(70)
    services.seal_due()
    assert len(services.record_of(meeting_id).of(STEPS)) == 3


def test_a_row_of_version_1_is_shown_as_ever_and_stays_as_it_is(
    held: dict[str, Person], house: House, wait: Wait
) -> None:
    ada, ben = held["Ada"], held["Ben"]
    more = [house.person(name) for name in ("Ida", "Kim", "Zoé")]
    end_and_seal(ada, wait)
    db.session.add_all(RecordReader(meeting_id=ada.meeting_id, user_id=person.id) for person in more)
    keep_as(VERSION_1, ada)
    rename(ben, "Benjamin")
    ada.client.post("/language", data={"locale": "en", "next": "/"})
    page = shown(ada.client.get(f"/m/{ada.meeting_id}"))
    assert "<bdi>Ben</bdi> (note keeper)" in page
    assert "Benjamin" not in page
    cards = re.findall(r'<h2 id="h-(\w+)"', page.split('id="record"')[1].split("<aside")[0])
    assert cards == ["next", "insights", "steps", "agenda", "notes", "outside", "reflection", "cases"]
    for words in ("Silence *helps*", "unnamed of Ida 2", "Ask\nGus", "How &lt;b&gt;much&lt;/b&gt;?"):
        assert words in page
    markdown = ada.client.get(f"/m/{ada.meeting_id}/record.md").text
    assert markdown == (SUPPORT / "record_version_1.md").read_text()
    steps = services.record_of(ada.meeting_id).of(STEPS)
    ids = {"Ada": ada.id, "Ben": None, "Ida": more[0].id, "Kim": more[1].id}
    assert {one.name: one.person for one in steps} == ids
    assert data_of(ada.meeting_id) == VERSION_1


def test_a_meeting_that_ended_under_version_1_is_sealed(held: dict[str, Person], wait: Wait) -> None:
    ada = held["Ada"]
    press(ada, "end")
    keep_as(VERSION_1, ada)
    wait(70)
    assert services.seal_due() == [ada.meeting_id]
    assert data_of(ada.meeting_id)["version"] == 2
    record = services.record_of(ada.meeting_id)
    ids = {"Ada": ada.id, "Ben": held["Ben"].id, "Ida": None, "Kim": None}
    assert {one.name: one.person for one in record.of(STEPS)} == ids
    assert record.quiet_since is None


# Who may read it, and what crosses the end


def line(person: Person, part: str, words: str, *, own: bool = False) -> bytes:
    actor = db.session.get_one(User, person.id)
    before = notes.sync(person.meeting_id, b"\0", actor=actor, own=own).update
    return written(before, part, [Block(runs=[(words, {})])])


def write(person: Person, part: str, *, own: bool = False) -> None:
    actor = db.session.get_one(User, person.id)
    notes.add_update(person.meeting_id, line(person, part, "words", own=own), actor=actor, own=own)


def quietly(person: Person) -> None:
    path = f"/m/{person.meeting_id}/writing/1"
    assert person.client.post(path, data={"text": "words"}).status_code == 303


def reflect(person: Person) -> None:
    path = f"/m/{person.meeting_id}/reflection"
    assert person.client.post(path, data={"text-1": "words"}).status_code == 303


@pytest.mark.parametrize(
    "did",
    [
        lambda ben: write(ben, GENERAL),
        lambda ben: write(ben, MINE, own=True),
        quietly,
        reflect,
    ],
    ids=["wrote", "wrote for himself", "wrote quietly", "reflected"],
)
def test_who_did_anything_was_there_and_who_did_nothing_was_not(
    people: dict[str, Person], did: Callable[[Person], None]
) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    mode = {"press": "change_item", "item": "1", "mode": "writing", "title": "Own words", "minutes": "5"}
    db.session.get_one(Meeting, ada.meeting_id).group.readers = Readers.PRESENT
    db.session.commit()
    if did is quietly:
        assert ada.client.post(f"/m/{ada.meeting_id}/press", data=mode).status_code == 303
    press(ada, "start")
    did(ben)
    press(ada, "end")
    assert ben.client.get(f"/m/{ada.meeting_id}").status_code == 200
    assert gus.client.get(f"/m/{ada.meeting_id}").status_code == 403
    # Ada is not connected to the room either: she pressed.
    assert {one.name for one in services.record_of(ada.meeting_id).people} == {"Ada", "Ben"}


def test_an_edit_that_crossed_the_end_is_in_the_record(held: dict[str, Person], wait: Wait) -> None:
    ada = held["Ada"]
    update = line(ada, GENERAL, "crossed")
    press(ada, "end")
    assert services.record_of(ada.meeting_id).of(NOTES).parts == ()
    row = NoteUpdate(meeting_id=ada.meeting_id, number=notes.newest(ada.meeting_id) + 1, author_id=ada.id)
    row.data, row.at = update, clock.now()
    db.session.add(row)
    db.session.commit()
    wait(70)
    services.seal_due()
    parts = services.record_of(ada.meeting_id).of(NOTES).parts
    assert [one.html for one in parts] == ["<p>crossed</p>"]


def test_the_seal_keeps_the_log_of_an_items_notes_that_cannot_be_shown(
    held: dict[str, Person], wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = held["Ada"]
    write(ada, "item-1")
    press(ada, "end")
    text = notes.reading._text
    monkeypatch.setattr(notes.reading, "_text", lambda of, part: None if part == "item-1" else text(of, part))
    wait(70)
    assert services.seal_due() == [ada.meeting_id]
    assert db.session.scalar(select(func.count()).select_from(NoteUpdate))
