"""The record's page: what stands where, under which permanent anchor, for whom, and what leads on from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services
from ementor.archive.models import RecordReader, RecordRow
from ementor.database import db
from ementor.groups.models import Group, Membership, Readers
from ementor.meetings.models import Meeting
from tests.integration.test_weight import OTHER, assert_light, weigh
from tests.support.people import House, Person, followed, shown

Wait = Callable[[float], None]
ANCHORS = [
    "insights",
    "next-steps",
    "agenda",
    "notes",
    "note-general",
    "note-1",
    "note-outside",
    "reflection",
    "answers-1",
    "cases",
    "case-2-1",
    "case-2-2",
]
"""Permanent: the files, the search and what people have saved link to them."""


def press(person: Person, what: str) -> None:
    assert person.client.post(f"/m/{person.meeting_id}/press", data={"press": what}).status_code == 303


@pytest.fixture
def sealed(people: dict[str, Person], wait: Wait) -> dict[str, Person]:
    """A meeting that has ended, in which all wrote; its record has something in every section."""
    ada = people["Ada"]
    press(ada, "start")
    for name in ("Ada", "Ben"):
        fields = {"text-1": f"words of {name}", "sharing-1": "named", "text-2": "MINE", "step": "step"}
        path = f"/m/{ada.meeting_id}/reflection"
        assert people[name].client.post(path, data=fields).status_code == 303
    press(ada, "end")
    wait(70)
    assert services.seal_due() == [ada.meeting_id]
    keep(ada.meeting_id, notes_of(["<p>kept words</p>"]))
    return people


def notes_of(parts: list[str]) -> dict[str, Any]:
    """Return notes in which the first part is the general one; something is marked and told outside."""
    places = [None, *range(1, len(parts) + 1)]
    return {
        "parts": [
            {
                "item": item,
                "title": None if item is None else {"": f"Item {item}"},
                "html": html,
                "markdown": "",
            }
            for item, html in zip(places, ["<p>general</p>", *parts], strict=True)
        ],
        "outside": {"item": None, "title": None, "html": "<p>out</p>", "markdown": ""},
        "insights": [{"part": "item-1", "title": {"": "Item 1"}, "text": "an insight"}],
        "next_steps": [],
    }


def keep(meeting_id: int, notes: dict[str, Any]) -> None:
    row = db.session.get_one(RecordRow, meeting_id, populate_existing=True)
    case = {"item": 2, "title": {"": "Case"}, "person": None, "question": "How?", "next_step": "So"}
    cases = [case | {"name": name} for name in ("Ada", "Ben")]
    row.data = {**row.data, "sections": {**row.data["sections"], "notes": notes, "cases": cases}}
    db.session.commit()


def page(person: Person, meeting_id: int | None = None) -> str:
    return shown(person.client.get(f"/m/{meeting_id or person.meeting_id}"))


def test_the_sections_stand_in_their_order_each_with_its_anchor(sealed: dict[str, Person]) -> None:
    text = page(sealed["Ben"])
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert [one for one in ids if one in ANCHORS] == ANCHORS
    assert ids.index("case-2-2") < ids.index("own") < ids.index("own-reflection")
    assert len(ids) == len(set(ids))
    lines = re.findall(r'<li><a href="#([\w-]+)">', text.split('id="h-contents"')[1].split("</nav>")[0])
    assert lines == [
        "insights", "next-steps", "agenda", "notes", "note-outside", "reflection", "cases", "own"
    ]  # fmt: skip
    assert all(re.search(rf'\bid="{line}"', text) for line in lines)


def test_an_empty_record_has_an_agenda_and_notes_and_no_empty_cards(
    people: dict[str, Person], wait: Wait
) -> None:
    ada = people["Ada"]
    press(ada, "start")
    press(ada, "end")
    for seconds in (0, 70):
        wait(seconds)
        services.seal_due()
        cards = re.findall(r'<h2 id="h-(\w+)"', page(ada).split('id="record"')[1].split("<aside")[0])
        assert [one for one in cards if one != "next"] == ["agenda", "notes"]
        assert "Nothing was written in this meeting." in page(ada)


def test_a_member_who_missed_it_is_told_by_which_rule_they_read(sealed: dict[str, Person]) -> None:
    gus, meeting_id = sealed["Gus"], sealed["Ada"].meeting_id
    assert "You missed this meeting." not in page(sealed["Ben"])
    assert "You missed this meeting. The group has agreed that every member can read the record." in page(gus)
    assert "everybody who was a member at the time" in page(gus)
    group = db.session.get_one(Meeting, meeting_id).group
    later = update(Membership).where(Membership.user_id == gus.id, Membership.group_id == group.id)
    db.session.execute(later.values(joined_at=clock.now() + timedelta(days=1)))
    db.session.commit()
    assert gus.client.get(f"/m/{meeting_id}").status_code == 403
    db.session.execute(update(Group).values(newcomers_read=True))
    db.session.commit()
    assert "This meeting was before you joined." in page(gus)
    assert "every member of the group" in page(gus)


def test_what_only_those_who_were_there_read_says_so(sealed: dict[str, Person]) -> None:
    db.session.execute(update(RecordRow).values(readers=Readers.PRESENT))
    db.session.commit()
    assert "those who were there" in page(sealed["Ben"])
    assert sealed["Gus"].client.get(f"/m/{sealed['Ben'].meeting_id}").status_code == 403


def test_previous_and_next_are_the_nearest_that_this_reader_may_read(
    sealed: dict[str, Person], wait: Wait
) -> None:
    ada, ben = sealed["Ada"], sealed["Ben"]
    ids = [ada.meeting_id]
    template = str(db.session.get_one(Meeting, ada.meeting_id).template_key)
    for _ in range(2):
        wait(86400)
        room = followed(ada.client.post(f"/m/{ids[-1]}/next", data={"template": template}))
        ids.append(int(room.split("/m/")[1]))
        for what in ("start", "end"):
            assert ada.client.post(f"/m/{ids[-1]}/press", data={"press": what}).status_code == 303
        wait(70)
        services.seal_due()

    def links(person: Person, meeting_id: int) -> dict[str, int]:
        found = re.findall(r'<a rel="(\w+)" href="/m/(\d+)"', page(person, meeting_id))
        return {rel: int(other) for rel, other in found}

    assert [links(ben, one) for one in ids] == [
        {"next": ids[1]},
        {"prev": ids[0], "next": ids[2]},
        {"prev": ids[1]},
    ]
    db.session.execute(
        update(RecordRow).where(RecordRow.meeting_id == ids[1]).values(readers=Readers.PRESENT)
    )
    db.session.commit()
    assert links(ben, ids[0]) == {"next": ids[2]}
    assert links(ada, ids[0]) == {"next": ids[1]}
    assert f'href="/g/{db.session.get_one(Meeting, ids[0]).group_id}/notes.docx"' in page(ben, ids[0])


def test_what_somebody_answered_for_themselves_is_on_nobody_elses_page(sealed: dict[str, Person]) -> None:
    assert "MINE" in page(sealed["Ben"])
    assert "MINE" not in page(sealed["Gus"])


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_a_long_record_is_light(house: House, sealed: dict[str, Person], locale: str) -> None:
    """Ten items with 1 800 letters each, of which hardly a word comes twice; sealed or not."""
    words = [f"{one:x}sanoja{one * one % 977:x}" for one in range(1500)]
    parts = [
        "".join(f"<p>{' '.join(words[n : n + 15])}</p>" for n in range(at, at + 150, 15))
        for at in range(0, 1500, 150)
    ]
    keep(sealed["Ada"].meeting_id, notes_of(parts))
    ben = sealed["Ben"].client
    ben.post("/language", data={"locale": locale, "next": "/"})
    assert_light(weigh(ben, f"/m/{house.meeting_id}"), OTHER)
    db.session.execute(update(Meeting).values(sealed=False))
    db.session.commit()
    assert_light(weigh(ben, f"/m/{house.meeting_id}"), OTHER)
    assert db.session.get(RecordReader, (house.meeting_id, db.session.get_one(User, sealed["Ben"].id).id))
