"""The ready agendas: complete in three languages, minutes as they say."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from ementor.meetings.domain.agenda import MAX_PROMPT, MAX_TITLE, Mode, how_from_data
from ementor.meetings.domain.subjects.edits import check_how
from ementor.programmes import library
from ementor.programmes.library import Programme, Template, Text

EVERY = list(library.templates().values())
PROGRAMMES = list(library.programmes())
LANGUAGES = {"fi", "sv", "en"}


def a_sentence(text: Text, *, at_most: int) -> bool:
    return set(text) == LANGUAGES and all(
        line.endswith(".") and line[0].isupper() and "!" not in line and len(line) <= at_most
        for line in text.values()
    )


def a_phrase(text: Text, *, at_most: int) -> bool:
    return set(text) == LANGUAGES and all(
        line[0].islower() and line[-1] not in ".!" and len(line) <= at_most for line in text.values()
    )


@pytest.mark.parametrize("template", EVERY, ids=lambda template: template.key)
def test_a_template_is_whole(template: Template) -> None:
    assert sum(item.minutes for item in template.items) == template.minutes
    texts = [template.title, template.programme_name, template.own_closing]
    texts += [text for item in template.items for text in (item.title, item.prompt) if text]
    for text in texts:
        assert set(text) == LANGUAGES
        assert all(text.values())
    for item in template.items:
        assert Mode(item.mode)
        assert max(map(len, item.title.values())) <= MAX_TITLE
        assert max(map(len, item.prompt.values()), default=0) <= MAX_PROMPT
        how = how_from_data(dict(item.how))
        check_how(how)
        assert all(set(step.title) == LANGUAGES for step in how.steps)


@pytest.mark.parametrize("template", EVERY, ids=lambda template: template.key)
def test_a_meeting_says_what_happens_in_it_and_what_to_bring(template: Template) -> None:
    assert a_sentence(template.purpose, at_most=70)
    assert not template.bring or a_phrase(template.bring, at_most=60)
    assert not template.task or (set(template.task) == LANGUAGES and all(template.task.values()))
    assert template.bring or not any(item.mode == "case" for item in template.items)


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda programme: programme.id)
def test_a_programme_fits_on_a_card(programme: Programme) -> None:
    assert set(programme.short) == LANGUAGES
    assert all(0 < len(programme.short[lang]) <= min(42, len(programme.name[lang])) for lang in LANGUAGES)
    assert a_sentence(programme.purpose, at_most=150)
    assert a_sentence(programme.lead, at_most=60)
    assert all(len(programme.lead[lang]) < len(programme.purpose[lang]) for lang in LANGUAGES)
    assert set(programme.rhythm) == LANGUAGES
    assert all(programme.rhythm.values())
    assert programme.weeks > 0
    assert 0 < programme.group_min <= programme.group_max <= 12
    assert [template.number for template in programme.templates] == [
        number + 1 for number in range(programme.templates[0].of)
    ]


def test_every_meeting_belongs_to_one_programme_and_single_ones_come_last() -> None:
    assert [programme.id for programme in PROGRAMMES] == [
        *("mepe", "mentorgroup", "supervisors", "emessi", "ekollega", "outreach", "orgdev", "onboarding"),
        *("remote", library.SINGLE),
    ]
    assert [template for programme in PROGRAMMES for template in programme.templates] == EVERY
    assert sum(len(programme["meetings"]) for programme in library.read()["programmes"]) == 51


def test_the_descriptions_tell_of_no_meeting_and_no_programme_that_there_is_not() -> None:
    described = library.descriptions()
    assert set(described["meetings"]) == set(library.templates())
    assert set(described["programmes"]) == {programme.id for programme in PROGRAMMES}
    fields = {"purpose", "bring"}, {"short", "lead", "rhythm", "weeks", "weeks_each"}
    assert set().union(*described["meetings"].values()) == fields[0]
    assert set().union(*described["programmes"].values()) == fields[1]


def test_only_the_extra_meeting_is_optional_and_tasks_are_for_the_time_between() -> None:
    assert [template.key for template in EVERY if template.optional] == ["emessi-7"]
    assert [template.key for template in EVERY if template.task] == [
        *(f"mepe-{number}" for number in range(1, 6)),
        *(f"ekollega-{number}" for number in range(1, 5)),
    ]


def test_the_weeks_between_meetings_follow_the_rhythm() -> None:
    gaps = {programme.id: programme.gaps for programme in PROGRAMMES}
    assert gaps["mepe"](5) == (0, 2, 2, 2, 2)
    assert gaps["onboarding"](4) == (0, 3, 4, 5)
    assert gaps["onboarding"](6) == (0, 3, 4, 5, 4, 4)
    assert gaps["onboarding"](2) == (0, 3)
    assert gaps["single"](1) == (0,)
    assert gaps["single"](0) == ()


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda programme: programme.id)
def test_the_rhythm_in_words_agrees_with_the_weeks(programme: Programme) -> None:
    """Digits of the English words: "every 2–4 weeks" allows 2 to 4, "weeks 2, 5, 9" has gaps 3 and 4."""
    numbers = [int(number) for number in re.findall(r"\d+", programme.rhythm["en"])]
    if programme.weeks_each:
        assert programme.weeks_each == tuple(later - one for one, later in pairwise(numbers))
        assert len(numbers) == len(programme.templates)
    elif numbers:
        assert min(numbers) <= programme.weeks <= max(numbers)
    told = [re.findall(r"\d+", programme.rhythm[lang]) for lang in ("fi", "en")]
    assert told[0] == told[1]


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
