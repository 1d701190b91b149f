"""Records to take along: each format read by another program, and nobody's private words in any."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import mammoth
import pytest
from markdown_it import MarkdownIt

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive import views
from ementor.archive.files.documents import document
from ementor.archive.models import RecordReader, RecordRow
from ementor.blocks import Heading
from ementor.database import db
from ementor.groups.models import Group, Membership
from ementor.meetings.models import Meeting
from ementor.notes import document as documents
from ementor.notes import services as notes
from ementor.notes.document import Block
from tests.support.inside import FreshClient
from tests.support.people import House, Person, followed

SHARED = ("Sharedword", "Namedword", "Unnamedword", "Insightword", "Stepword", "Outsideword", "Caselink")
PRIVATE = ("Privateanswer", "Ownnote", "Ownwriting")
NEVER = (*PRIVATE, "Offrecord", "Privatestep")
TITLE = '=cmd <b> &amp; "; filename=evil.exe\r\nSet-Cookie: a=b \x07💚 لقاء ' + "x" * 100
ENDINGS = ("md", "html", "docx", "zip")
Wait = Callable[[float], None]


def press(person: Person, what: str, **fields: str) -> None:
    data = {"press": what, **fields}
    assert person.client.post(f"/m/{person.meeting_id}/press", data=data).status_code == 303


def put(person: Person, part: str, *blocks: Block, own: bool = False) -> None:
    actor = db.session.get_one(User, person.id)
    before = notes.sync(person.meeting_id, b"\0", actor=actor, own=own).update
    update = documents.written(before, part, blocks)
    notes.add_update(person.meeting_id, update, actor=actor, own=own)


@pytest.fixture
def kept(people: dict[str, Person], wait: Wait) -> dict[str, Person]:
    """A sealed meeting, in which Ada and Ben have written everything that can be written."""
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "change_item", item="1", mode="writing", title="Own words", minutes="5")
    press(ada, "start")
    link = {"link": "https://a.example/?a=1&b=2"}
    put(
        ada,
        documents.fragment_name(1),
        Block("heading", [("Sharedword", {})]),
        Block(None, [("Insightword", {"insight": True}), (" and ", {}), ("Caselink", link)]),
        Block("task", [("done", {})], checked=True),
        Block("task", [("below", {})], 1),
        Block(None, [("Offrecord", {})], off_record=True),
    )
    put(ada, documents.OUTSIDE, Block(None, [("Outsideword", {})]))
    put(ben, documents.MINE, Block(None, [("Ownnote", {})]), own=True)
    written = ben.client.post(f"/m/{ben.meeting_id}/writing/1", data={"text": "Ownwriting"})
    assert written.status_code == 303
    answers = {"text-1": "Privateanswer", "text-2": "Unnamedword", "sharing-2": "unnamed", "step": "Stepword"}
    for person, fields in ((ben, answers), (ada, {"text-1": "Namedword", "sharing-1": "named"})):
        assert person.client.post(f"/m/{ada.meeting_id}/reflection", data=fields).status_code == 303
    db.session.get_one(Meeting, ada.meeting_id).title = {"": TITLE}
    db.session.commit()
    press(ada, "end")
    wait(70)
    assert archive.seal_due() == [ada.meeting_id]
    return people


def another_record(person: Person, *, days: int, title: str) -> int:
    """Keep the same record once more, of a meeting that ended so many days later."""
    meeting = db.session.get_one(Meeting, person.meeting_id)
    row = db.session.get_one(RecordRow, person.meeting_id)
    assert meeting.ended_at
    ended_at = meeting.ended_at + timedelta(days=days)
    values = {c.key: getattr(meeting, c.key) for c in Meeting.__table__.columns if c.key != "id"}
    again = Meeting(**values | {"ended_at": ended_at, "title": {"": title}})
    db.session.add(again)
    db.session.flush()
    data = row.data | {"title": {"": title}, "ended_at": ended_at.isoformat()}
    db.session.add(RecordRow(meeting_id=again.id, kept_at=row.kept_at, readers=row.readers, data=data))
    db.session.flush()
    db.session.add(RecordReader(meeting_id=again.id, user_id=person.id))
    db.session.commit()
    return again.id


def fetched(client: FreshClient, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def texts(ending: str, file: bytes, folder: Path) -> list[str]:
    """Return what is in a file: HTML, as another program than ours understands it."""
    match ending:
        case "md":
            return [MarkdownIt("commonmark").enable("table").render(file.decode())]
        case "docx":
            return [str(mammoth.convert_to_html(BytesIO(file)).value)]
        case "html":
            return [file.decode()]
        case _:
            files = [(Path(name).suffix[1:], data) for name, data in unpacked(file, folder).items()]
            return [text for kind, data in files for text in texts(kind, data, folder)]


def unpacked(file: bytes, folder: Path) -> dict[str, bytes]:
    """Return name → data of a ZIP, by a program that did not write it."""
    program = shutil.which("unzip") or pytest.skip("unzip is not installed")
    (folder / "taken.zip").write_bytes(file)
    shutil.rmtree(folder / "out", ignore_errors=True)
    subprocess.run([program, "-q", folder / "taken.zip", "-d", folder / "out"], check=True)
    found = (path for path in sorted((folder / "out").rglob("*")) if path.is_file())
    return {str(path.relative_to(folder / "out")): path.read_bytes() for path in found}


def headings(html: str) -> list[tuple[int, str]]:
    found = re.findall(r"<h(\d)[^>]*>(.*?)</h\d>", html, re.DOTALL)
    return [
        (int(level), " ".join(unescape(re.sub("<.*?>", "", text.replace("<br", " <"))).split()))
        for level, text in found
    ]


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_each_format_has_the_records_headings_and_words(
    kept: dict[str, Person], locale: str, tmp_path: Path
) -> None:
    ada = kept["Ada"]
    ada.client.post("/language", data={"locale": locale, "next": "/"})
    record = archive.record_of(ada.meeting_id)
    blocks = document(record, zone="Europe/Helsinki", locale=locale)
    expected = [
        (block.level, " ".join("".join(run.text for run in block.runs).replace("\x07", "").split()))
        for block in blocks
        if isinstance(block, Heading)
    ]
    assert len(expected) > 8
    seen = 0
    for ending in ENDINGS:
        file = fetched(ada.client, f"/m/{ada.meeting_id}/record.{ending}")
        for html in texts(ending, file, tmp_path):
            seen += 1
            assert headings(html) == expected, ending
            words = unescape(re.sub("<[^>]*>", " ", html))
            assert all(word in words for word in (*SHARED, "done", "below")), ending
            assert 'href="https://a.example/?a=1&amp;b=2"' in html
    assert seen == 6
    assert f'<html lang="{locale}">' in fetched(ada.client, f"/m/{ada.meeting_id}/record.html").decode()


def test_nobodys_private_words_are_in_a_file_not_even_ones_own(
    kept: dict[str, Person], tmp_path: Path
) -> None:
    ada, ben = kept["Ada"], kept["Ben"]
    another_record(ada, days=1, title="Again")
    page = ben.client.get(f"/m/{ben.meeting_id}").text
    assert all(word in page for word in PRIVATE)
    group_id = db.session.get_one(Meeting, ada.meeting_id).group_id
    for person, path in ((ada, f"/g/{group_id}/notes"), (ben, f"/m/{ada.meeting_id}/record")):
        for ending in ENDINGS:
            for text in texts(ending, fetched(person.client, f"{path}.{ending}"), tmp_path):
                assert "Sharedword" in text
                assert not [word for word in NEVER if word in text], (path, ending)
    # Ben is in it by what he shared with his name, and where he was: not beside what he did not name.
    text = fetched(ada.client, f"/m/{ada.meeting_id}/record.md").decode()
    assert "> Unnamedword" in text
    assert not re.search(r"Ben:\W+Unnamedword", text)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_sent_as_a_file_with_a_plain_name(kept: dict[str, Person], ending: str) -> None:
    ada = kept["Ada"]
    group_id = db.session.get_one(Meeting, ada.meeting_id).group_id
    for path in (f"/m/{ada.meeting_id}/record.{ending}", f"/g/{group_id}/notes.{ending}"):
        answer = ada.client.get(path)
        assert re.fullmatch(
            rf"attachment; filename=[a-z0-9-]+\.{ending}", answer.headers["Content-Disposition"]
        )
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie: a=b" not in str(answer.headers)
        assert answer.data == ada.client.get(path).data


def test_a_series_is_one_document_with_contents_oldest_first(kept: dict[str, Person], tmp_path: Path) -> None:
    ada = kept["Ada"]
    meeting = db.session.get_one(Meeting, ada.meeting_id)
    meeting.group.name = "../Ääkkösten piiri 💚"
    db.session.commit()
    for title, days in (("Third", 14), ("Second", 7), ("Second", 7)):
        another_record(ada, days=days, title=title)
    order = [" ".join(TITLE.replace("\x07", "").split()), "Second", "Second", "Third"]
    path = f"/g/{meeting.group_id}/notes"
    for ending in ("md", "html", "docx"):
        (html,) = texts(ending, fetched(ada.client, f"{path}.{ending}"), tmp_path)
        found = headings(html)
        assert found[0] == (1, "../Ääkkösten piiri 💚: notes")
        assert [text for level, text in found if level == 2] == ["Contents", *order]
        contents = html.split("Contents</h2>")[1].split("<h2")[0]
        assert contents.index(">Second") < contents.index(">Third") if ending != "md" else "Third" in contents
        if ending != "md":
            links = re.findall(r'href="#([\w-]+)"', contents)
            assert len(links) == 4
            assert all(f'id="{link}"' in html for link in links)
    whole = fetched(ada.client, f"{path}.html").decode()
    places = re.findall(r' id="([^"]+)"', whole)
    assert len(places) == len(set(places))
    names = list(unpacked(fetched(ada.client, f"{path}.zip"), tmp_path))
    assert {name.split("/")[0] for name in names} == {"aakkosten-piiri-notes"}
    assert len(names) == len(set(names)) == 3 * 5
    assert all(re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+\.(md|html|docx)", name) for name in names)


def test_a_series_has_only_what_one_may_read(kept: dict[str, Person], house: House) -> None:
    ada, gus = kept["Ada"], kept["Gus"]
    meeting = db.session.get_one(Meeting, ada.meeting_id)
    path = f"/g/{meeting.group_id}/notes.md"
    second = another_record(ada, days=7, title="Second")
    assert "Second" in gus.client.get(path).text  # a member then
    db.session.get_one(RecordRow, second).readers = "present"
    db.session.commit()
    assert "Second" in ada.client.get(path).text
    told = gus.client.get(path)
    assert "Second" not in told.text
    assert "Sharedword" in told.text
    group = db.session.get_one(Group, meeting.group_id)
    group.open_to_new = True
    db.session.commit()
    late = house.new_client()  # came after the first
    assert "/g/" in followed(late.post(house.join_path, data={"name": "Late"}))
    answer = late.get(path)
    assert answer.status_code == 404
    assert "The notes of all the meetings you can read will be here." in answer.text
    assert "Content-Disposition" not in answer.headers
    group.newcomers_read = True
    db.session.commit()
    assert "Sharedword" in late.get(path).text
    membership = db.session.query(Membership).filter_by(user_id=gus.id, group_id=group.id).one()
    membership.ended_at = clock.now()
    db.session.commit()
    for ending in ENDINGS:
        for address in (f"/g/{group.id}/notes.{ending}", f"/m/{ada.meeting_id}/record.{ending}"):
            assert gus.client.get(address).status_code == 404
            assert kept["Eve"].client.get(address).status_code == 404


def test_who_may_not_read_a_record_gets_no_file_of_it(kept: dict[str, Person]) -> None:
    ada, gus = kept["Ada"], kept["Gus"]
    db.session.get_one(RecordRow, ada.meeting_id).readers = "present"
    db.session.commit()
    for ending in ENDINGS:
        answer = gus.client.get(f"/m/{ada.meeting_id}/record.{ending}")
        assert answer.status_code in {403, 404}
        assert "Sharedword" not in answer.text


def test_before_the_seal_nothing_unrevealed_is_in_a_file(people: dict[str, Person], tmp_path: Path) -> None:
    ada = people["Ada"]
    press(ada, "start")
    fields = {"text-1": "Namedword", "sharing-1": "named", "step": "Stepword"}
    assert ada.client.post(f"/m/{ada.meeting_id}/reflection", data=fields).status_code == 303
    assert ada.client.get(f"/m/{ada.meeting_id}/record.docx").status_code == 404
    press(ada, "end")
    for ending in ENDINGS:
        for text in texts(ending, fetched(ada.client, f"/m/{ada.meeting_id}/record.{ending}"), tmp_path):
            assert "Namedword" not in text
            assert "Stepword" not in text


def test_one_person_has_one_file_made_at_a_time(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    press(ada, "end")
    path = f"/m/{ada.meeting_id}/record.docx"
    others: dict[str, int] = {}

    def meanwhile(*_: object) -> bytes:
        if not others:
            others.update({one.name: 0 for one in (ada, ben)})
            others.update({one.name: one.client.get(path).status_code for one in (ada, ben)})
        return b"written"

    monkeypatch.setattr(views, "written", meanwhile)
    assert ada.client.get(path).status_code == 200
    assert others == {"Ada": 429, "Ben": 200}
    assert ada.client.get(path).status_code == 200
