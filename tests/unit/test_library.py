"""The ready agendas: complete in three languages, minutes as they say."""

from __future__ import annotations

import pytest

from ementor.meetings.domain.agenda import MAX_PROMPT, MAX_TITLE, Mode, how_from_data
from ementor.meetings.domain.edits import check_how
from ementor.programmes import library
from ementor.programmes.library import Template

EVERY = list(library.templates().values())


@pytest.mark.parametrize("template", EVERY, ids=lambda template: template.key)
def test_a_template_is_whole(template: Template) -> None:
    assert sum(item.minutes for item in template.items) == template.minutes
    texts = [template.title, template.programme_name, template.own_closing]
    texts += [text for item in template.items for text in (item.title, item.prompt) if text]
    for text in texts:
        assert set(text) == {"fi", "sv", "en"}
        assert all(text.values())
    for item in template.items:
        assert Mode(item.mode)
        assert max(map(len, item.title.values())) <= MAX_TITLE
        assert max(map(len, item.prompt.values()), default=0) <= MAX_PROMPT
        how = how_from_data(dict(item.how))
        check_how(how)
        assert all(set(step.title) == {"fi", "sv", "en"} for step in how.steps)


def test_what_can_be_started_now_is_every_single_meeting_and_each_programmes_first() -> None:
    keys = [template.key for template in library.to_start_with()]
    assert len(EVERY) == 55
    assert keys[:3] == ["single-1", "single-2", "single-3"]
    assert keys[7] == library.BLANK
    assert len(keys) == len(set(keys)) == 17
    assert all(key.endswith("-1") for key in keys[8:])


def test_the_name_of_a_meeting_does_not_say_how_long_it_takes() -> None:
    assert library.templates()["single-1"].title["en"] == "Dialogue"


@pytest.mark.parametrize("minutes", library.CASE_LENGTHS)
def test_the_steps_of_a_case_clinic_fill_its_length(minutes: int) -> None:
    steps = library.case_steps(minutes)
    assert len(steps) == 8
    assert sum(step.minutes for step in steps) == minutes


def test_a_programme_goes_on_to_its_last_meeting() -> None:
    assert library.next_of("mepe-1") == library.templates()["mepe-2"]
    assert library.next_of("mepe-5") is None
    assert library.next_of("single-1") is None
    assert library.next_of(None) is None


def test_next_steps_and_self_assessments_are_known_as_what_they_are() -> None:
    forms = [(template.key, item.form) for template in EVERY for item in template.items if item.form]
    assert [key for key, form in forms if form == "self_assessment"] == ["mepe-1", "mepe-5"]
    assert ("mepe-1", "step") in forms
    assert len(library.self_assessment()) == 8
