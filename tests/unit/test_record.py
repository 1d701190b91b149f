"""The record's data: its sections, its version, and the version before."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from ementor import config
from ementor.archive.sections import ON_PAGE, SECTIONS
from ementor.archive.versions import from_data, to_data
from ementor.meetings.record import Record, Section
from ementor.meetings.sections import CASES
from ementor.notes.sections import NOTES
from ementor.reflections.sections import REFLECTION, STEPS

VERSION_1 = json.loads((Path(__file__).parent.parent / "support" / "record_version_1.json").read_text())
"""As it was kept by the last code that wrote version 1."""
READERS = {1: "Ada", 2: "Ben", 3: "Gus", 4: "Ida", 5: "Kim", 6: "Zoé"}


@pytest.fixture
def old() -> Record:
    return from_data(VERSION_1, lambda: READERS)


def test_the_record_lists_every_section_that_a_feature_declares():
    folder = Path(config.ROOT, "ementor")
    modules = [import_module(f"ementor.{path.parent.name}.sections") for path in folder.glob("*/sections.py")]
    declared = {id(one) for module in modules for one in vars(module).values() if isinstance(one, Section)}
    assert declared == {id(one) for one in SECTIONS}
    assert len({one.key for one in SECTIONS}) == len(SECTIONS) == len(declared)
    assert {one.key for one in ON_PAGE} == {one.key for one in SECTIONS if one.template}
    assert len(ON_PAGE) == len(set(map(id, ON_PAGE)))


def test_what_a_section_keeps_it_can_read_and_what_it_has_it_shows():
    for section in SECTIONS:
        assert (section.keep is None) == (section.read is None), section.key
        assert bool(section.own) == bool(section.own_template) == bool(section.own_blocks), section.key
        assert bool(section.template) == bool(section.blocks), section.key
        for template in filter(None, (section.template, section.own_template)):
            assert Path(config.ROOT, "templates", template).is_file()


def test_a_record_comes_back_from_its_data_as_it_was(old: Record):
    data = json.loads(json.dumps(to_data(old)))
    assert data["version"] == 2
    again = from_data(data, lambda: pytest.fail("ids are in the data"))
    assert again == old
    assert set(again.sections) == {one.key for one in SECTIONS if one.keep}


def test_version_1_is_read_into_the_same_types(old: Record):
    assert [(one.id, one.name, one.role) for one in old.people[:3]] == [
        (1, "Ada", None),
        (2, "Ben", "note_keeper"),
        (3, "Gus", "tech_support"),
    ]
    assert [(one.person, one.name, one.question) for one in old.of(CASES)] == [(2, "Ben", "How <b>much</b>?")]
    first = old.of(REFLECTION).questions[0]
    assert [(one.person, one.name, one.text) for one in first.answers] == [
        (1, "Ada", "Kysymys"),
        (5, "Kim", "named\n\nof Kim"),
        (None, None, "unnamed of Ida"),
        (None, None, "unnamed of Gus"),
    ]
    picture = old.of(REFLECTION).picture
    assert picture is not None
    assert picture.counts == (0, 0, 1, 3, 1)
    assert [(one.person, one.text) for one in old.of(STEPS)] == [
        (1, "Kuuntelen"),
        (2, "Ask\nGus"),
        (4, "Call"),
        (5, "x"),
    ]
    notes = old.of(NOTES)
    assert [one.item for one in notes.parts] == [None, 1, 4]
    assert notes.outside is not None
    assert [one.text for one in (*notes.insights, *notes.next_steps)] == [
        "Silence *helps*",
        "Ben books the room",
    ]


@pytest.mark.parametrize(
    ("people", "readers"),
    [
        (["Ada", "Ben"], {1: "Ada", 2: "Benjamin"}),  # renamed since
        (["Ada", "Ben", "Ben"], {1: "Ada", 2: "Ben", 3: "Benno"}),  # there were two
        (["Ada", "Ben"], {1: "Ada", 2: "Ben", 3: "Ben"}),  # there are two now
        (["Ada", "Ben"], {1: "Ada"}),  # gone
    ],
)
def test_a_name_of_version_1_that_may_be_anothers_has_no_id(people: list[str], readers: dict[int, str]):
    record = from_data(VERSION_1 | {"people": people}, lambda: readers)
    assert {one.name: one.id for one in record.people} == {"Ada": 1, "Ben": None}
    assert {one.name: one.person for one in record.of(STEPS)}["Ben"] is None
    assert record.of(CASES)[0].person is None


def test_of_a_section_that_the_record_is_older_than_it_has_the_empty_one(old: Record):
    data = to_data(old) | {"sections": {}}
    record = from_data(data, dict)
    for section in SECTIONS:
        assert record.of(section) == section.empty
