"""The ready agendas: complete in three languages, minutes as they say."""

from __future__ import annotations

import pytest

from ementor.meetings.domain.agenda import MAX_PROMPT, MAX_TITLE, Mode
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


def test_what_can_be_started_now_is_every_single_meeting_and_each_programmes_first() -> None:
    keys = [template.key for template in library.to_start_with()]
    assert len(EVERY) == 51
    assert keys[:4] == ["single-1", "single-2", "single-3", "single-4"]
    assert len(keys) == len(set(keys)) == 13
    assert all(key.endswith("-1") for key in keys[4:])


def test_the_name_of_a_meeting_does_not_say_how_long_it_takes() -> None:
    assert library.templates()["single-1"].title["en"] == "Dialogue"
