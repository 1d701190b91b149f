"""Correcting a record's notes: by whom and for how long, what is shown of it, and that no text is lost."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ementor.accounts.models import User
from ementor.archive import corrections, services
from ementor.archive.models import Correction, RecordRow
from ementor.database import db
from ementor.errors import Changed
from ementor.groups.models import Membership, Readers
from ementor.notes import services as notes
from ementor.notes.document import Block, written
from ementor.notes.sections import NOTES
from tests.support.people import Person, shown

Wait = Callable[[float], None]
PART = "note-general"
TEXT = "Ten minutes felt long."
SECRET = "SECRET-off-the-record"
DAY = 86_400


def press(person: Person, what: str) -> None:
    assert person.client.post(f"/m/{person.meeting_id}/press", data={"press": what}).status_code == 303


@pytest.fixture
def ended(people: dict[str, Person]) -> dict[str, Person]:
    """A meeting that has just ended; its notes have words on the record and off it."""
    ada = people["Ada"]
    press(ada, "start")
    actor = db.session.get_one(User, ada.id)
    before = notes.sync(ada.meeting_id, b"\0", actor=actor).update
    off = Block(runs=[(SECRET, {})], off_record=True)
    bold = Block(runs=[("So it ", {}), ("is", {"strong": True}), (".", {})])
    update = written(before, "general", [Block(runs=[(TEXT, {})]), off, bold])
    notes.add_update(ada.meeting_id, update, actor=actor)
    press(ada, "end")
    return people


@pytest.fixture
def sealed(ended: dict[str, Person], wait: Wait) -> dict[str, Person]:
    wait(70)
    assert services.seal_due() == [ended["Ada"].meeting_id]
    return ended


def send(person: Person, text: str, *, seen: int = 0, part: str = PART) -> Any:
    data = {"text": text, "seen": str(seen)}
    return person.client.post(f"/m/{person.meeting_id}/correct/{part}", data=data)


def put_back(person: Person, number: int, *, seen: int) -> Any:
    data = {"number": str(number), "seen": str(seen)}
    return person.client.post(f"/m/{person.meeting_id}/correct/{PART}/restore", data=data)


def page(person: Person) -> str:
    return shown(person.client.get(f"/m/{person.meeting_id}"))


def form(person: Person) -> Any:
    return person.client.get(f"/m/{person.meeting_id}/correct/{PART}")


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Correction)) or 0


def test_a_correction_is_shown_as_one_and_is_in_the_record_for_files(sealed: dict[str, Person]) -> None:
    ben, gus = sealed["Ben"], sealed["Gus"]
    assert f'href="/m/{ben.meeting_id}/correct/{PART}"' in page(ben)
    assert f"{TEXT}\nSo it is.</textarea>" in form(ben).text
    answer = send(ben, "Eight minutes felt long.\nSo it is.")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/m/{ben.meeting_id}#{PART}")
    text = page(gus)
    assert "<p><ins>Eight</ins> minutes felt long.</p><p>So it <strong>is</strong>.</p>" in text
    assert "<p><del>Ten</del> minutes felt long.</p>" in text
    assert re.search(r"Correction: <bdi>Ben</bdi>, \w{3} \d+ \w{3}, \d\d:\d\d", text)
    [part] = services.record_of(ben.meeting_id).of(NOTES).parts
    assert part.html == "<p>Eight minutes felt long.</p><p>So it <strong>is</strong>.</p>"
    assert "Eight minutes" in gus.client.get(f"/m/{ben.meeting_id}/record.md").text
    kept = db.session.get_one(RecordRow, ben.meeting_id, populate_existing=True).data
    assert TEXT in str(kept)  # the record itself stays as it was
    assert "Eight" not in str(kept)


def test_a_correction_brings_nothing_back_that_was_off_the_record(sealed: dict[str, Person]) -> None:
    ada = sealed["Ada"]
    for place in (page(ada), form(ada).text):
        assert SECRET not in place
    send(ada, "Other words")
    put_back(ada, 0, seen=1)
    for place in (page(ada), form(ada).text, ada.client.get(f"/m/{ada.meeting_id}/record.md").text):
        assert SECRET not in place
    assert not any(SECRET in html for html in db.session.scalars(select(Correction.html)))


def test_pressed_twice_or_without_a_change_is_no_more_corrections(sealed: dict[str, Person]) -> None:
    ben = sealed["Ben"]
    assert send(ben, f"{TEXT}\r\nSo it is. \r\n").status_code == 303
    assert count() == 0
    for _ in range(2):
        assert send(ben, "* Twice").status_code == 303
    assert count() == 1
    assert send(sealed["Gus"], "- Twice").status_code == 303  # the same, as it is shown
    assert count() == 1


def test_of_two_at_once_the_second_sees_both_texts_and_neither_is_lost(sealed: dict[str, Person]) -> None:
    ben, gus = sealed["Ben"], sealed["Gus"]
    assert send(ben, "by Ben").status_code == 303
    answer = send(gus, "by Gus <b>")
    assert answer.status_code == 409
    assert "by Gus &lt;b&gt;</textarea>" in answer.text
    assert re.search(r'class="theirs".*by Ben', answer.text)
    assert 'name="seen" value="1"' in answer.text
    assert count() == 1
    assert send(gus, "by Gus <b>", seen=1).status_code == 303
    versions = form(ben).text.split('id="versions"')[1]
    assert versions.index("by Ben") < versions.index(TEXT)


def test_two_in_the_same_moment_are_one_after_the_other(sealed: dict[str, Person], app: Flask) -> None:
    meeting_id = sealed["Ada"].meeting_id
    refused: list[str] = []
    at_once = threading.Barrier(2)

    def correct(name: str) -> None:
        with app.app_context():
            actor = db.session.get_one(User, sealed[name].id)
            db.session.commit()
            at_once.wait(10)
            try:
                corrections.correct(meeting_id, PART, f"by {name}", seen=0, actor=actor)
            except Changed as error:
                refused.append(f"{error.fields['text']} after {error.clashes['text']}")

    both = [threading.Thread(target=correct, args=[name]) for name in ("Ben", "Gus")]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert refused in (["by Ben after by Gus"], ["by Gus after by Ben"])
    assert count() == 1


def test_every_earlier_text_can_be_put_back_and_that_is_one_more_correction(
    sealed: dict[str, Person],
) -> None:
    ben, gus = sealed["Ben"], sealed["Gus"]
    for seen, text in enumerate(("first", "second", "third")):
        assert send(ben, text, seen=seen).status_code == 303
    assert f"/correct/{PART}#versions" in page(gus)
    for _ in range(2):
        assert put_back(gus, 1, seen=3).status_code == 303
    assert count() == 4
    assert "<ins>first</ins>" in page(ben)
    assert "<bdi>Gus</bdi>" in page(ben)
    assert put_back(ben, 0, seen=3).status_code == 409  # Gus was first
    assert put_back(ben, 0, seen=4).status_code == 303
    [part] = services.record_of(ben.meeting_id).of(NOTES).parts
    assert part.html == f"<p>{TEXT}</p><p>So it <strong>is</strong>.</p>"
    assert put_back(ben, 9, seen=5).status_code == 404


@pytest.mark.parametrize(
    ("text", "says"), [(" \n ", "Write the corrected text."), ("x" * 50_001, "At most 50000")]
)
def test_what_cannot_be_kept_stays_in_the_field(sealed: dict[str, Person], text: str, says: str) -> None:
    answer = send(sealed["Ben"], text)
    assert answer.status_code == 422
    assert says in answer.text
    assert text.strip() in answer.text
    assert count() == 0


def test_before_the_seal_and_after_its_time_nothing_is_corrected_and_no_text_is_lost(
    ended: dict[str, Person], wait: Wait
) -> None:
    ben = ended["Ben"]
    early = send(ben, "too early")
    assert early.status_code == 409
    assert "too early</textarea>" in early.text
    assert "can still be undone" in form(ben).text
    assert "/correct/" not in page(ben)
    wait(70)
    services.seal_due()
    assert send(ben, "in time").status_code == 303
    wait(30 * DAY - 80)
    assert "/correct/" in page(ben)
    wait(20)
    late = send(ben, "too late", seen=1)
    assert late.status_code == 409
    assert "too late</textarea>" in late.text
    assert "could be corrected until" in late.text
    assert "readonly" in late.text
    assert put_back(ben, 0, seen=1).status_code == 409
    assert f'/correct/{PART}"' not in page(ben)
    assert "<ins>in time</ins>" in page(ben)
    assert count() == 1


def test_the_setting_says_for_how_long(sealed: dict[str, Person], app: Flask, wait: Wait) -> None:
    app.config["CORRECT_DAYS"] = 2
    wait(2 * DAY)
    assert send(sealed["Ben"], "late").status_code == 409
    app.config["CORRECT_DAYS"] = 30
    assert send(sealed["Ben"], "in time").status_code == 303


def test_who_may_not_read_may_not_correct(sealed: dict[str, Person]) -> None:
    ada, ben, gus, eve = (sealed[name] for name in ("Ada", "Ben", "Gus", "Eve"))
    path = f"/m/{ada.meeting_id}/correct/{PART}"
    every = [("GET", path), ("POST", path), ("POST", f"{path}/restore")]

    def codes(person: Person, data: dict[str, str]) -> set[int]:
        return {person.client.open(at, method=method, data=data).status_code for method, at in every}

    data = {"text": "mine", "seen": "0", "number": "0"}
    assert codes(eve, data) == {404}
    db.session.execute(update(RecordRow).values(readers=Readers.PRESENT))
    db.session.commit()
    assert codes(gus, data) == {403}
    left = update(Membership).where(Membership.user_id == ben.id)
    db.session.execute(left.values(ended_at=func.now()))
    db.session.commit()
    assert codes(ben, data) == {404}
    assert count() == 0
    for part in ("note-1", "notes", "reflection", "own-own_notes", "x" * 60):
        assert send(ada, "words", part=part).status_code == 404


def test_an_open_record_is_told_of_a_correction_and_so_is_whoever_keeps_words(
    sealed: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, gus = sealed["Ben"], sealed["Gus"]
    heard: list[int] = []
    monkeypatch.setattr(corrections, "_hear", [heard.append])
    address = re.search(r'data-news="([^"]+)"', page(gus))
    assert address
    assert gus.client.get(address[1]).status_code == 204
    send(ben, "Other words")
    assert heard == [ben.meeting_id]
    assert gus.client.get(address[1]).status_code == 200
    assert "HX-Refresh" not in gus.client.get(address[1]).headers
    newer = re.search(r'data-news="([^"]+)"', page(gus))
    assert newer
    assert gus.client.get(newer[1]).status_code == 204


def test_a_name_that_changes_stays_what_it_was_at_the_correction(sealed: dict[str, Person]) -> None:
    ben = sealed["Ben"]
    send(ben, "Other words")
    db.session.get_one(User, ben.id).name = "Benjamin"
    db.session.commit()
    assert "Correction: <bdi>Ben</bdi>" in page(sealed["Ada"])


def test_the_lines_of_ones_own_corrections_are_in_ones_data(sealed: dict[str, Person]) -> None:
    def lines(name: str) -> list[str]:
        with ZipFile(BytesIO(sealed[name].client.get("/me/data.zip").data)) as archive:
            data = json.loads(archive.read("data.json"))
        return [one["text"] for one in data["archive"]["corrections"]]

    assert send(sealed["Ben"], f"{TEXT}\nKILO").status_code == 303
    assert lines("Ben") == ["KILO"]
    assert send(sealed["Ada"], f"{TEXT}\nKILO\nLIMA", seen=1).status_code == 303
    assert [lines("Ben"), lines("Ada")] == [["KILO"], ["LIMA"]]


def test_of_many_corrections_the_latest_and_the_first_text_are_shown(sealed: dict[str, Person]) -> None:
    ben = sealed["Ben"]
    assert send(ben, "NEWEST").status_code == 303
    row = db.session.scalars(select(Correction)).one()
    row.number = corrections.EARLIER + 5
    for number in range(1, row.number):
        one = Correction(meeting_id=ben.meeting_id, part=PART, number=number, html=f"<p>OLD-{number}.</p>")
        one.name, one.at = "Ben", row.at
        db.session.add(one)
    db.session.commit()
    shown_texts = re.findall(r"OLD-(\d+)\.", form(ben).text)
    assert [int(one) for one in shown_texts] == list(range(row.number - 1, 4, -1))
    assert TEXT in form(ben).text


def test_nobody_corrects_all_the_time(sealed: dict[str, Person]) -> None:
    answers = [send(sealed["Ben"], "the same").status_code for _ in range(31)]
    assert (answers[-2], answers[-1]) == (303, 429)
    assert send(sealed["Ada"], "the same").status_code == 303
