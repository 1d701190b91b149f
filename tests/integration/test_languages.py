"""A fourth language: a catalog and one line are all it needs, and what nobody has translated is English."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import force_locale

from ementor import config, i18n, languages
from ementor.database import db
from ementor.meetings import forms
from ementor.meetings.models import Meeting
from ementor.meetings.services import run_of
from tests.support import databases
from tests.support.people import Person, shown


@pytest.fixture
def settings(
    sqlite_settings: databases.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> databases.Settings:
    """An app with Norwegian, of which one text is translated."""
    catalog = Catalog(locale="nb")
    catalog.add("Language", "Språk")
    compiled = tmp_path / "translations" / "nb" / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(config, "TRANSLATIONS", f"{config.TRANSLATIONS};{compiled.parents[2]}")
    monkeypatch.setitem(languages.LANGUAGES, "nb", languages.Language("nb", "Norsk", "nb-NO"))
    return sqlite_settings


def test_a_page_the_room_and_a_record_in_a_fourth_language(app: Flask, people: dict[str, Person]) -> None:
    ada = people["Ada"].client
    room = f"/m/{people['Ada'].meeting_id}"
    ada.post("/language", data={"locale": "nb", "next": "/"})
    pages = [ada.get("/"), ada.get("/notes"), ada.get(room)]
    for pressed in ("start", "next_item", "end"):
        ada.post(f"{room}/press", data={"press": pressed})
        pages.append(ada.get(room))
    pages.append(ada.get(f"{room}/record.docx"))
    assert [answer.status_code for answer in pages] == [200] * 7
    meeting = db.session.get_one(Meeting, people["Ada"].meeting_id)
    titles = [meeting.title, *(item.title for item in run_of(meeting.id).agenda)]
    for answer in pages[:6]:
        assert '<html lang="nb" data-hour="HH:mm"' in answer.text
        assert not [title["fi"] for title in titles if title["fi"] in shown(answer)]
    for answer in (*pages[:2], ada.get(f"{room}/language")):
        assert 'aria-label="Språk"' in answer.text
    for answer in pages[2:6]:
        assert any(title["en"] in shown(answer) for title in titles)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"fi": "Tauko", "sv": "Paus", "en": "Break", "nb": "Pause"}, "Pause"),
        ({"fi": "Tauko", "sv": "Paus", "en": "Break"}, "Break"),
        ({"": "own words", "en": "Break"}, "own words"),
        ({"fi": "Tauko", "sv": ""}, "Tauko"),
        ({}, ""),
    ],
)
def test_a_text_without_a_version_is_own_words_or_english(
    app: Flask, text: dict[str, str], said: str
) -> None:
    with force_locale("nb"):
        assert i18n.say(text) == said


def test_days_and_hours_of_a_language_without_patterns_of_its_own(app: Flask) -> None:
    at = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
    with force_locale("nb"):
        assert i18n.day_and_time(at) == "tir. 24 nov., 10:05"
        assert i18n.day(at) == "24 november 2026"


def test_a_step_left_as_it_was_keeps_the_languages_that_it_has(app: Flask) -> None:
    kept = {"fi": "Tapaus", "sv": "Fall", "en": "Case"}
    posted = {f"step-0-{name}": text for name, text in kept.items()}
    assert forms.step_texts(posted, 0, "Case") == kept
    assert forms.step_texts(posted, 0, "My case") == {"": "My case"}
