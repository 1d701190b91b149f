"""The end of a meeting and its record: all kept in one step, and let go of after a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts.models import User
from ementor.archive import services
from ementor.archive.files import markdown, names
from ementor.archive.files.documents import document
from ementor.archive.models import RecordReader, RecordRow
from ementor.archive.services import closing
from ementor.archive.versions import from_data
from ementor.blocks import Heading, Paragraph, plain
from ementor.database import db
from ementor.errors import Conflict
from ementor.groups.models import Readers
from ementor.meetings.models import Meeting, MeetingEvent, Presence
from ementor.meetings.record import Section
from ementor.meetings.services import run_of
from ementor.notes.models import NoteUpdate
from ementor.notes.sections import OWN_NOTES
from ementor.reflections import services as reflections
from ementor.reflections.models import Answer, NextStep, Reflection, Sharing
from ementor.reflections.sections import REFLECTION, PrivateWords
from ementor.reflections.services import Given
from ementor.writings.sections import WRITINGS, OwnWriting
from tests.support.machine import wait_until
from tests.support.people import House, Person, followed


@pytest.fixture
def held(people: dict[str, Person], wait: Callable[[float], None]) -> dict[str, Person]:
    """A meeting under way for eleven minutes, in which Ada, Ben and Gus have reflected."""
    press(people["Ada"], "start")
    for name in ("Ada", "Ben", "Gus"):
        reflect(people[name], number="4")
    reflect(people["Ben"], text_1="SECRET of Ben", step="Ask Gus", text_2="named words", sharing_2="named")
    reflect(people["Gus"], text_1="unnamed words", sharing_1="unnamed")
    wait(660)
    return people


def reflect(person: Person, **fields: str) -> None:
    data = {name.replace("_", "-"): value for name, value in fields.items()}
    answer = person.client.post(f"/m/{person.meeting_id}/reflection", data=data)
    assert answer.status_code == 303, answer.text


def press(person: Person, what: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what})


def said_for(person: Person, readers: Readers, *, newcomers: bool = False) -> None:
    """Let the group decide who may read."""
    group = db.session.get_one(Meeting, person.meeting_id).group
    group.readers, group.newcomers_read = readers, newcomers
    db.session.commit()


def page(person: Person) -> Any:
    return person.client.get(f"/m/{person.meeting_id}")


def count(model: Any, meeting_id: int) -> int:
    return db.session.scalar(select(func.count()).where(model.meeting_id == meeting_id)) or 0


def test_the_same_address_shows_the_record(held: dict[str, Person]) -> None:
    ada, ben = held["Ada"], held["Ben"]
    assert press(ada, "end").status_code == 303
    answer = page(ben)
    assert answer.status_code == 200
    assert 'id="record"' in answer.text
    assert "<b>11</b>" in answer.text or '<b class="over">11</b>' in answer.text
    assert f'href="/m/{ben.meeting_id}/record.md"' in answer.text
    assert 'id="press"' not in answer.text


def test_only_who_facilitates_ends_it(held: dict[str, Person]) -> None:
    assert press(held["Ben"], "end").status_code == 403
    assert count(RecordRow, held["Ben"].meeting_id) == 0


def test_a_meeting_that_has_not_started_has_no_end(people: dict[str, Person]) -> None:
    assert press(people["Ada"], "end").status_code == 409
    assert count(RecordRow, people["Ada"].meeting_id) == 0


def test_ending_twice_is_ending_once(held: dict[str, Person]) -> None:
    ada = held["Ada"]
    first, second = press(ada, "end"), press(ada, "end")
    assert (first.status_code, second.status_code) == (303, 303)
    assert count(RecordRow, ada.meeting_id) == 1


def test_end_and_record_are_kept_both_or_neither(
    held: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = held["Ada"]

    def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(closing, "to_data", fail)
    actor = db.session.get_one(User, ada.id)
    with pytest.raises(RuntimeError):
        services.close_and_keep(ada.meeting_id, actor=actor)
    assert not run_of(ada.meeting_id).closed
    assert db.session.get_one(Meeting, ada.meeting_id, populate_existing=True).ended_at is None


def test_what_is_saved_while_the_meeting_ends_is_in_the_record_or_refused(
    held: dict[str, Person], app: Flask
) -> None:
    ada = held["Ada"]
    accepted: dict[str, str] = {}

    def write_on(name: str) -> None:
        with app.app_context():
            actor = db.session.get_one(User, held[name].id)
            for number in range(1000):
                text = f"{name} {number}"
                given = Given(texts={"1": text}, sharings={"1": Sharing.NAMED})
                try:
                    reflections.save(ada.meeting_id, given, actor=actor)
                except Conflict:
                    if run_of(ada.meeting_id).closed:
                        return
                else:
                    accepted[name] = text

    writers = [threading.Thread(target=write_on, args=[name]) for name in ("Ben", "Gus")]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(accepted) == len(writers), "both to have saved something")
    db.session.rollback()
    services.close_and_keep(ada.meeting_id, actor=db.session.get_one(User, ada.id))
    for writer in writers:
        writer.join(30)
    db.session.rollback()
    data = db.session.get_one(RecordRow, ada.meeting_id).data
    answers = from_data(data, dict).of(REFLECTION).questions[0].answers
    assert {one.name: one.text for one in answers} == accepted


def test_undoing_the_end_restores_everything(held: dict[str, Person], wait: Callable[[float], None]) -> None:
    ada = held["Ada"]
    before = run_of(ada.meeting_id)
    answers = count(Answer, ada.meeting_id)
    press(ada, "end")
    wait(55)
    assert press(ada, "reopen").status_code == 303
    after = run_of(ada.meeting_id)
    assert not after.closed
    assert after.agenda == before.agenda
    assert after.course == before.course
    assert count(RecordRow, ada.meeting_id) == count(RecordReader, ada.meeting_id) == 0
    assert count(Answer, ada.meeting_id) == answers
    assert 'id="record"' not in page(ada).text
    reflect(held["Ben"], text_1="goes on")


@pytest.mark.parametrize("seconds", [61, 70])
def test_after_a_minute_the_end_stands(
    held: dict[str, Person], wait: Callable[[float], None], seconds: float
) -> None:
    ada = held["Ada"]
    press(ada, "end")
    wait(seconds)
    assert press(ada, "reopen").status_code == 409
    services.seal_due()
    assert press(ada, "reopen").status_code == 409
    assert 'id="record"' in page(ada).text


def test_before_the_seal_an_end_by_mistake_reveals_nothing(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    press(ada, "end")
    for path in ("", "/record.md"):
        text = ada.client.get(f"/m/{ada.meeting_id}{path}").text
        assert "named words" not in text
        assert "Ask Gus" not in text
    wait(70)
    services.seal_due()
    for path in ("", "/record.md"):
        text = ada.client.get(f"/m/{ada.meeting_id}{path}").text
        assert all(words in text for words in ("named words", "unnamed words", "Ask Gus"))


def test_what_was_revealed_is_in_the_record_at_once(held: dict[str, Person]) -> None:
    press(held["Ada"], "reveal")
    press(held["Ada"], "end")
    assert "unnamed words" in page(held["Ben"]).text


def test_private_words_are_shown_to_their_author_only(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada, ben = held["Ada"], held["Ben"]
    press(ada, "reveal")
    press(ada, "end")
    for _ in range(2):
        assert "SECRET of Ben" in page(ben).text
        assert "SECRET of Ben" not in page(ada).text
        for person in (ada, ben):
            assert "SECRET" not in person.client.get(f"/m/{ben.meeting_id}/record.md").text
        wait(70)


def test_the_seal_drops_who_spoke_and_single_numbers_and_keeps_private_words(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada = held["Ada"]
    press(ada, "end")
    wait(70)
    assert ada.meeting_id in services.seal_due()
    for model in (MeetingEvent, NoteUpdate, Presence, Reflection):
        assert count(model, ada.meeting_id) == 0
    assert [row.text for row in db.session.scalars(select(Answer))] == ["SECRET of Ben"]
    assert [row.text for row in db.session.scalars(select(NextStep))] == ["Ask Gus"]
    assert services.seal_due() == []
    assert services.record_of(ada.meeting_id).of(REFLECTION).picture is None  # of three people


def test_reading_a_record_never_seals_it(held: dict[str, Person], wait: Callable[[float], None]) -> None:
    ada = held["Ada"]
    press(ada, "end")
    wait(3600)
    events = count(MeetingEvent, ada.meeting_id)
    for place in ("", "/record.md", "/record/news"):
        assert ada.client.get(f"/m/{ada.meeting_id}{place}").status_code in {200, 204}
    assert count(MeetingEvent, ada.meeting_id) == events > 0
    assert not db.session.get_one(Meeting, ada.meeting_id).sealed
    assert services.seal_due() == [ada.meeting_id]
    assert page(held["Ben"]).status_code == 200


@pytest.mark.parametrize("seconds", [0, 70])
def test_who_was_not_there_does_not_read_it(
    held: dict[str, Person], house: House, wait: Callable[[float], None], seconds: float
) -> None:
    said_for(held["Ada"], Readers.PRESENT)
    late = house.person("Zoe")
    press(held["Ada"], "end")
    wait(seconds)
    assert page(late).status_code == 403
    assert late.client.get(f"/m/{late.meeting_id}/record.md").status_code == 403
    eve = held["Eve"]
    assert eve.client.get(f"/m/{late.meeting_id}").status_code == 404
    assert eve.client.get(f"/m/{late.meeting_id}/record.md").status_code == 404
    assert eve.client.get(f"/m/{late.meeting_id}/record/news").status_code == 404


@pytest.mark.parametrize("seconds", [0, 70])
def test_late_changes_are_refused(
    held: dict[str, Person], wait: Callable[[float], None], seconds: float
) -> None:
    ada, ben = held["Ada"], held["Ben"]
    press(ada, "end")
    wait(seconds)
    services.seal_due()
    path = f"/m/{ben.meeting_id}/reflection"
    answer = ben.client.post(path, data={"text-1": "late"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    for what in ("next_item", "pause", "reveal", "start"):
        assert press(ada, what).status_code == 409


def test_a_sealed_meeting_begins_no_new_log(held: dict[str, Person], wait: Callable[[float], None]) -> None:
    ada, ben = held["Ada"], held["Ben"]
    press(ada, "end")
    wait(70)
    services.seal_due()
    item = {"press": "add_item", "title": "One more", "mode": "open", "minutes": "5"}
    hat = {"press": "make_facilitator", "person": str(ben.id)}
    for form in (item, hat):
        assert ada.client.post(f"/m/{ada.meeting_id}/press", data=form).status_code == 409
    assert count(MeetingEvent, ada.meeting_id) == 0


def test_there_is_no_record_of_a_meeting_under_way(held: dict[str, Person]) -> None:
    ada = held["Ada"]
    assert ada.client.get(f"/m/{ada.meeting_id}/record.md").status_code == 404


def test_an_open_record_reloads_when_its_minute_is_over(
    held: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ada, ben = held["Ada"], held["Ben"]
    news = f"/m/{ada.meeting_id}/record/news"
    press(ada, "end")
    assert ben.client.get(news).status_code == 204
    press(ada, "reopen")
    assert ben.client.get(news).headers["HX-Refresh"] == "true"
    press(ada, "end")
    wait(70)
    services.seal_due()
    assert ben.client.get(news).headers["HX-Refresh"] == "true"


def test_the_download_is_a_file_with_a_plain_name(held: dict[str, Person]) -> None:
    ada = held["Ada"]
    meeting = db.session.get_one(Meeting, ada.meeting_id)
    meeting.title = {"": 'Ääkköset "; filename=evil.exe\r\nSet-Cookie: a=b 💚'}
    db.session.commit()
    press(ada, "end")
    answer = ada.client.get(f"/m/{ada.meeting_id}/record.md")
    assert answer.mimetype == "text/markdown"
    name = answer.headers["Content-Disposition"]
    assert name.startswith("attachment; filename=")
    assert name.endswith("aakkoset-filename-evil-exe-set-cookie-a-b.md")
    assert "Set-Cookie: a=b" not in str(answer.headers)


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_the_record_is_in_the_readers_language(held: dict[str, Person], locale: str) -> None:
    ada = held["Ada"]
    press(ada, "reveal")
    press(ada, "end")
    ada.client.post("/language", data={"locale": locale, "next": "/"})
    title = db.session.get_one(Meeting, ada.meeting_id).title[locale]
    for text in (page(ada).text, ada.client.get(f"/m/{ada.meeting_id}/record.md").text):
        assert title.split(" (")[0] in text
    assert f'lang="{locale}"' in page(ada).text


DATA: dict[str, Any] = {
    "version": 1,
    "title": {"": "# A [title](x) <b>"},
    "group": "G*roup*",
    "started_at": "2026-10-24T22:50:00+00:00",
    "ended_at": "2026-10-25T01:10:00+00:00",
    "revealed": True,
    "people": ["_Ada_", "1. Ben"],
    "agenda": [
        {"id": 1, "mode": "open", "title": {"": "- One"}, "prompt": {}, "minutes": 5, "actual_minutes": 7,
         "skipped": False},
        {"id": 2, "mode": "open", "title": {"": "Two"}, "prompt": {}, "minutes": 5, "actual_minutes": None,
         "skipped": True},
    ],
    "notes": [{"item": None, "title": None, "html": "<p><strong>kept</strong> as it is</p>",
               "markdown": "of old"}],
    "questions": [{"key": "1", "text": {"en": "What?"}, "answers": [
        {"name": "_Ada_", "text": "# one\n\n> two"}, {"name": None, "text": "1) three"}]}],
    "scale": {"en": "Room?"},
    "picture": [0, 0, 1, 1, 3],
    "steps": [{"name": "Ben", "text": "line\n# break"}],
}  # fmt: skip
RECORD = from_data(DATA, dict)


def in_markdown(locale: str = "en") -> str:
    return markdown.write(document(RECORD, zone="Europe/Helsinki", locale=locale))


def test_markdown_shows_peoples_words_as_they_are(app: Any) -> None:
    text = in_markdown()
    assert text.splitlines()[0] == r"# \# A \[title\](x) \<b\>"
    assert r"G\*roup\*" in text
    assert r"1. \- One (7 min, 5 min planned)" in text
    assert r"\_Ada\_, 1. Ben" in text
    assert text.count("Present: ") == 1
    assert "**kept** as it is" in text
    assert "> **\\_Ada\\_:**\\\n> \\# one\\\n> \\\n> \\> two" in text
    assert r"> 1\) three" in text
    assert "Mean 4.4, 5 answers" in text
    assert "- **Ben:** line\\\n  \\# break" in text


def test_times_are_those_of_the_groups_zone_also_on_the_night_the_clocks_change(app: Any) -> None:
    text = in_markdown()
    assert "25 October 2026, 01:50 – 03:10" in text
    name = names.of_record(RECORD, zone="Europe/Helsinki", locale="en")
    assert name == "2026-10-25-a-title-x-b"
    assert "25. lokakuuta 2026" in in_markdown("fi")


def test_a_title_without_latin_letters_still_gives_a_name(app: Any) -> None:
    record = replace(RECORD, title={"": "💚 لقاء"})
    assert names.of_record(record, zone="UTC", locale="en") == "2026-10-25"


def test_after_the_end_the_link_lets_straight_in_only_who_was_there(
    held: dict[str, Person], house: House
) -> None:
    press(held["Ada"], "end")
    late = house.new_client()
    assert "/waiting/" in followed(late.post(house.join_path, data={"name": "Late"}))
    assert held["Ben"].client.get(house.join_path).status_code == 303
    press(held["Ada"], "reopen")
    assert "/m/" in followed(late.post(house.join_path, data={"name": "Late"}))


def test_the_places_in_a_record_keep_their_names(app: Any) -> None:
    """Links to them stand in what people have sent each other."""
    data = DATA | {
        "notes": [{"item": item, "title": {"": "x"}, "html": "<h3>y</h3>"} for item in (None, 1)],
        "outside": {"html": "<p>told</p>"},
        "cases": [
            {"item": 2, "title": {"": "Case"}, "name": name, "question": "q", "next_step": ""}
            for name in ("Ada", "Ben")
        ],
        "marked": {"insight": [{"part": "general", "title": None, "text": "i"}]},
    }
    blocks = document(from_data(data, dict), zone="UTC", locale="en")
    anchors = [block.anchor for block in blocks if isinstance(block, Heading) and block.anchor]
    assert anchors == [
        *("insights", "next-steps", "agenda", "notes", "note-general", "note-1", "note-outside"),
        *("reflection", "answers-1", "answers-3", "cases", "case-2-1", "case-2-2"),
    ]


@pytest.mark.parametrize(
    ("section", "own"),
    [
        (OWN_NOTES, "<h3>a</h3><p>words</p>"),
        (REFLECTION, (PrivateWords({"": "a"}, "words"),)),
        (WRITINGS, (OwnWriting({"": "a"}, "words", (({"": "b"}, 4),)),)),
    ],
    ids=lambda value: value.key if isinstance(value, Section) else "",
)
def test_a_readers_own_words_have_a_place_too(app: Any, section: Section[Any], own: object) -> None:
    assert section.own_blocks
    with app.test_request_context():
        first, second, third, *_ = section.own_blocks(own, "en")
    assert isinstance(first, Heading)
    assert (first.level, first.anchor) == (3, f"own-{section.key}")
    assert isinstance(second, Heading)
    assert (second.level, second.runs) == (4, plain("a"))
    assert third == Paragraph(plain("words"))
