"""My data: everything that is somebody's and nobody else's, in files that others can read too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale
from markupsafe import escape
from sqlalchemy import func, select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.accounts.personal import ALL
from ementor.archive.models import Correction
from ementor.database import Base, UtcDateTime, db
from ementor.languages import LANGUAGES
from ementor.meetings.domain.agenda import CaseField
from ementor.meetings.domain.run import Role
from ementor.mine.data import services, words
from ementor.reflections.models import Sharing
from ementor.series.domain.promises import Became
from ementor.series.models import Duty
from tests.support import markers
from tests.support.markers import EMAIL, STEM, World, mailed_code
from tests.support.people import followed, shown
from tests.support.series import Wait, client_of, now

NOT_THERE = {
    "device_code": "a secret that works for ten minutes",
    "mail_code": "a secret that works for ten minutes",
    "note_update": "the shared notes are the group's joint text",
    "own_note_update": "how one's own notes came about; the notes themselves are there",
    "partners": "says as much about somebody else",
    "search_words": "made from one's own words, which are there",
    "writing_shared_line": "says which lines of a text are in the notes; these lines are there",
}
"""Tables that name a person and of whose rows nothing is in their data, with the reason."""
UNTOLD = {
    "correction.name": "the person's own name",
    "membership.name_key": "made from the person's own name",
    "presence.sid": "a secret of an open page",
    "sign_in.token_hash": "a secret",
    "writing.tab": "what a page calls itself",
    "writing.other_tab": "what a page calls itself",
}
"""Texts and instants of the other tables that are not in the data, with the reason."""
VALID: dict[str, Any] = {
    "meeting_event.kind": "touched",
    "meeting_event.number": 1,
    "meeting_event.data": {"what": "people"},
    "reflection_answer.question": "1",
    "writing.answers": {"1": 5},
    "writing.item_id": 2,
    "correction.part": "note-general",
}
"""Values of columns that do not take any."""


@pytest.fixture
def world(app: Flask, wait: Wait) -> Iterator[World]:
    world = markers.build(app, wait)
    yield world
    world.leave()


def data_of(client: Any) -> dict[str, Any]:
    with ZipFile(BytesIO(client.get("/me/data.zip").data)) as archive:
        found: dict[str, Any] = json.loads(archive.read("data.json"))
    return found


def html_of(client: Any) -> str:
    with ZipFile(BytesIO(client.get("/me/data.zip").data)) as archive:
        return archive.read("data.html").decode()


# Everything of mine


def named_in(table: sa.Table) -> list[str]:
    """Return the columns of a table by which it names a person."""
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == "user"]


_minutes = count()


def filled(table: sa.Table, known: dict[str, int]) -> dict[str, Any]:
    """Return a row with a value in each column. A text says in which column it stands, as far as it fits.

    No two instants of all rows are the same.
    """
    row: dict[str, Any] = {}
    for column in table.columns:
        name, key = f"{table.name}.{column.name}", next(iter(column.foreign_keys), None)
        if name in VALID:
            row[column.name] = VALID[name]
        elif key is not None:
            row[column.name] = known[key.column.table.name]
        elif isinstance(column.type, UtcDateTime | sa.DateTime):
            at = clock.now() + timedelta(minutes=next(_minutes))
            row[column.name] = at if isinstance(column.type, UtcDateTime) else at.replace(tzinfo=None)
        elif isinstance(column.type, sa.String):
            row[column.name] = name[-(column.type.length or 100) :]
        elif isinstance(column.type, sa.LargeBinary):
            row[column.name] = b"\0\0"  # as an edit of notes, one that says nothing
        else:
            row[column.name] = True if isinstance(column.type, sa.Boolean) else 70_007
    return row


def test_whatever_the_database_knows_of_somebody_is_in_their_data(world: World) -> None:
    markers.go_on(world)
    person = accounts.make_guest("Zoe", locale="en")
    known = {
        "user": person.id,
        "meeting": world.first,
        "record": world.first,
        "mentoring_group": world.group.id,
        "planned_meeting": now(world.group)[0].id,
    }
    tables = [table for table in Base.metadata.sorted_tables if named_in(table)]
    assert {table.name for table in tables} > set(NOT_THERE)
    found = set()
    for table in tables:
        before, row = services.json_of(services.data_of(person, "en")), filled(table, known)
        if table.name == "series":  # a group has one
            row = {name: row[name] for name in ("taken_over_by_id", "taken_over_at")}
            db.session.execute(sa.update(table).where(table.c.group_id == world.group.id).values(row))
        else:
            db.session.execute(sa.insert(table).values(row))
        after = services.json_of(services.data_of(person, "en"))
        assert (len(after) > len(before)) == (table.name not in NOT_THERE), table.name
        for column, value in row.items():
            name = f"{table.name}.{column}"
            if name in VALID or table.name in NOT_THERE or not isinstance(value, str | datetime):
                continue
            said = value if isinstance(value, str) else value.astimezone(UTC).strftime("%FT%TZ")
            if isinstance(value, str) or value.tzinfo:
                assert (f'"{said}"' in after) != (name in UNTOLD), name
                found.add(name)
    assert found > set(UNTOLD)


def test_each_key_and_each_code_has_its_words(world: World) -> None:
    markers.go_on(world)
    data = services.data_of(world.people["Ben"], "en")
    features = {feature.key for feature in ALL}
    assert set(words.FEATURES) == features
    assert words.keys_in([data[key] for key in features]) <= set(words.KEYS)
    for enum, key in (
        (Sharing, "sharing"),
        (CaseField, "what"),
        (Role, "role"),
        (Duty, "duty"),
        (Became, "became"),
    ):
        assert {one.value for one in enum} == set(words.CODES[key]), key


def test_data_html_and_readme_are_in_the_language_of_who_asks(world: World) -> None:
    ben = world.client("Ben")
    for locale in LANGUAGES:
        ben.post("/language", data={"locale": locale})
        with ZipFile(BytesIO(ben.get("/me/data.zip").data)) as archive:
            html, readme = (archive.read(name).decode() for name in ("data.html", "readme.txt"))
        assert f'<html lang="{locale}">' in html
        with force_locale(locale):
            for feature in words.FEATURES:
                assert f"<h2>{words.of_key(feature)}</h2>" in html
                assert words.of_key(feature) in readme
            assert all(str(line) in readme for line in words.NOT_HERE)


def test_every_instant_in_the_json_is_in_utc(world: World) -> None:
    markers.go_on(world)

    def instants(data: Any, key: str = "") -> Iterator[tuple[str, str]]:
        if isinstance(data, dict):
            for name, value in data.items():
                yield from instants(value, name)
        elif isinstance(data, list):
            for value in data:
                yield from instants(value, key)
        elif data is not None and (key.endswith("_at") or key in {"at", "since"}):
            yield key, data

    found = list(instants(data_of(world.client("Ben"))))
    assert len(found) > 12
    assert not [one for one in found if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one[1])]


# Nobody else's


def test_the_file_is_of_whoever_asks_and_asking_changes_nothing(world: World) -> None:
    ben, eve = world.client("Ben"), world.client("Eve")
    before = rows()
    for method in ("GET", "HEAD"):
        answer = ben.open("/me/data.zip", method=method)
        assert answer.status_code == 200
        assert answer.mimetype == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        name = r"attachment; filename=my-data-\d{4}-\d\d-\d\d\.zip"
        assert re.fullmatch(name, answer.headers["Content-Disposition"])
    assert rows() == before
    assert data_of(ben)["accounts"]["name"] == "Ben"
    assert data_of(eve)["accounts"]["name"] == "Eve"
    assert [one["group"] for one in data_of(eve)["groups"]["memberships"]] == ["Elsewhere"]
    for path in ("/me/data", "/me/data.zip"):
        assert world.app.test_client().get(path).status_code == 404
        assert ben.post(path).status_code == 405


def test_no_name_of_anybody_else_is_in_it(world: World) -> None:
    markers.go_on(world)
    data, html = json.dumps(data_of(world.client("Ben"))), html_of(world.client("Ben"))
    for name in ("Gus", "Lea", "Cilla", "Nina", "Ada"):
        assert not re.search(rf"\b{name}\b", data + html)
    assert "Ben" in data


def test_who_has_left_keeps_their_own_words_and_reads_no_more(world: World) -> None:
    lea = world.client("Lea")
    word = world.mark("leas")
    path = f"/m/{world.first}"
    world.press(world.first, "reopen")
    answers = {"text-1": word, "sharing-1": "named", "step": f"{word}step"}
    world.post("Lea", f"{path}/reflection", **answers)
    world.press(world.first, "end")
    markers.go_on(world)  # she is removed
    assert lea.get(path).status_code == 404
    data = data_of(lea)
    assert data["groups"]["memberships"][0]["ended_at"]
    (record,) = data["archive"]["records"]
    assert [one["text"] for one in record["answers"]] == [word]
    assert record["next_steps"] == [f"{word}step"]
    assert data["reflections"]["next_steps"][0]["text"] == f"{word}step"
    assert STEM + "keptnamed" not in json.dumps(data)


def test_of_a_correction_only_the_lines_that_came_with_it_are_ones_own(world: World) -> None:
    markers.go_on(world)
    ada, ben = (world.people[name] for name in ("Ada", "Ben"))
    texts = [(ada, "<p>Adas</p><ul><li>old</li></ul>"), (ben, "<p>Adas</p><ul><li>bens new</li></ul>")]
    for number, (author, html) in enumerate(texts, 1):
        row = Correction(meeting_id=world.first, part="note-general", number=number, at=clock.now())
        row.author_id, row.name, row.html = author.id, author.name, html
        db.session.add(row)
    db.session.commit()
    (mine,) = data_of(world.client("Ben"))["archive"]["corrections"]
    assert mine["text"] == "bens new"


def test_what_somebody_wrote_is_text_in_the_readable_file(app: Flask, world: World) -> None:
    nasty = '<script>alert(1)</script>"><img src=x onerror=alert(2)> =cmd \u202egpj 😀'
    world.between("wish", text=nasty)
    ben = db.session.get_one(User, world.people["Ben"].id)
    ben.name = "<b>Ben</b>"
    db.session.commit()
    html = html_of(client_of(app, ben))
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert escape(accounts.visible_text(nasty)) in html
    assert not re.search(r"""(?:src|href|url)\s*[=(]""", re.sub(r"&[a-z#0-9]+;.*", "", html))
    assert data_of(client_of(app, ben))["series"]["wishes"][0]["text"] == accounts.visible_text(nasty)


def test_who_has_an_address_shows_first_that_it_is_them(world: World) -> None:
    ben = world.client("Ben")
    assert "First a code" not in shown(ben.get("/me/data"))
    world.prove("Ben", "/me/address", email=EMAIL)
    assert ben.get("/me/data.zip").status_code == 200
    world.wait(31 * 60)
    assert followed(ben.get("/me/data.zip")) == "/me/prove?to=/me/data"
    assert "First a code" in shown(ben.get("/me/data"))
    world.post("Ben", "/me/prove", to="/me/data")
    assert followed(ben.post("/me/address/code", data={"code": mailed_code()})) == "/me/data"
    assert data_of(ben)["accounts"]["email"] == EMAIL
    elsewhere = client_of(world.app, world.people["Ben"])  # a device of his that has shown nothing
    assert followed(elsewhere.get("/me/data.zip")) == "/me/prove?to=/me/data"


def test_asking_too_often_is_refused_for_oneself_alone(world: World) -> None:
    ben, gus = world.client("Ben"), world.client("Gus")
    assert [ben.get("/me/data.zip").status_code for _ in range(11)] == [200] * 10 + [429]
    assert gus.get("/me/data.zip").status_code == 200


def rows() -> dict[str, int]:
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }
