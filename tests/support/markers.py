"""A group in which Ben has written a word of its own into every field, and everybody who may not find it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile, is_zipfile

from flask import Flask
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.search import index
from ementor.database import db
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.mail.models import Letter
from ementor.notes import document as documents
from ementor.notes.document import Block
from ementor.series import opening
from ementor.series.models import Series
from tests.support.inside import FreshClient, Socket
from tests.support.people import Person, said, shown
from tests.support.series import Wait, client_of, come, now, plan, until_open

STEM = "quetzal"
"""What all markers begin with, so that one search asks for all of them."""
HTMX = {"HX-Request": "true"}
EMAIL = f"{STEM}address@example.org"
QUERIES = {
    "/notes": ["", f"?q={STEM}"],
    "/m/<int:meeting_id>/writing": ["", "?open=2", "?open=9"],
    "/m/<int:meeting_id>/item": ["?item=2"],
}
"""What is asked of a route besides its bare address."""
ARGUMENT = re.compile(r"<(?:[^<>:]+:)?(\w+)>")


@dataclass
class World:
    """The first meeting is sealed, the second under way, a third ahead.

    Ada facilitates; Gus and Lea were there as Ben was, and Lea has left since; Cilla missed the first
    meeting, Nina came after it, Wanda waits at the door, Eve has a group of her own, a stranger is nobody.
    """

    app: Flask
    group: Group
    people: dict[str, User]
    wait: Wait
    first: int = 0
    second: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    """What kind of text it is → the word that stands in it."""
    sockets: list[Socket] = field(default_factory=list)
    clients: dict[str, FreshClient] = field(default_factory=dict)

    def client(self, name: str) -> FreshClient:
        """Return somebody's browser, always the same one."""
        if name not in self.clients:
            person = self.people.get(name)
            self.clients[name] = client_of(self.app, person) if person else self.app.test_client()
        return self.clients[name]

    def mark(self, kind: str) -> str:
        """Return a word for a kind of text; of letters only, as a word is what can be searched."""
        return self.marks.setdefault(kind, STEM + kind)

    def post(self, name: str, path: str, **fields: str) -> None:
        answer = self.client(name).post(path, data=fields, headers=HTMX)
        assert answer.status_code in {200, 204, 303}, (path, answer.status_code, answer.text)

    def press(self, meeting_id: int, what: str, **fields: str) -> None:
        self.post("Ada", f"/m/{meeting_id}/press", press=what, **fields)

    def between(self, press: str, **fields: str) -> None:
        self.post("Ben", f"/g/{self.group.id}?press={press}", **fields)

    def open(self, number: int) -> int:
        until_open(self.group, self.wait, number)
        meeting_id = opening.open_due(self.group.id)
        assert meeting_id is not None
        return meeting_id

    def enter(self, name: str, meeting_id: int) -> Socket:
        """Bring somebody into a room, as their page does."""
        client = self.client(name)
        token = said(shown(client.get(f"/m/{meeting_id}")), r'data-token="([^"]+)"')
        person = Person(name, self.people[name].id, meeting_id, token, client)
        socket = Socket(self.app, person)
        self.sockets.append(socket)
        assert socket.join()["ok"]
        return socket

    def prove(self, name: str, path: str = "/me/prove", **fields: str) -> None:
        """Let somebody enter the code that is sent to their address."""
        self.post(name, path, **fields)
        self.post(name, "/me/address/code", code=mailed_code())

    def leave(self) -> None:
        """Close everybody's pages."""
        for socket in self.sockets:
            socket.disconnect()

    def write_all(self, meeting_id: int, item: int, when: str) -> None:
        """Let Ben write into each private field of a meeting."""
        socket = self.enter("Ben", meeting_id)
        put(socket, "own", documents.MINE, Block(runs=[(self.mark(f"{when}note"), {})]))
        off = Block(runs=[(self.mark(f"{when}off"), {"insight": True})], off_record=True)
        put(socket, "note", documents.GENERAL, off)
        writing = f"/m/{meeting_id}/writing/{item}"
        self.post("Ben", writing, text=self.mark(f"{when}other"), seen="0", tab="laptop")
        self.post("Ben", writing, text=self.mark(f"{when}writing"), seen="0", tab="phone")
        answers = {
            "text-1": self.mark(f"{when}answer"),
            "text-2": self.mark(f"{when}named"),
            "sharing-2": "named",
            "text-own": self.mark(f"{when}unnamed"),
            "sharing-own": "unnamed",
        }
        step = {"step": self.mark(f"{when}step"), "step-mine": "yes"}
        self.post("Ben", f"/m/{meeting_id}/reflection", **answers, **step, number="4", done="yes")

    def make_words(self) -> None:
        """Make the words by which records are found, as the background job does."""
        while due := index.due():
            for meeting_id in due:
                assert index.make(meeting_id)

    # Who finds what

    def addresses(self) -> Iterator[str]:
        """Return an address of every route that can be asked for with GET, for each thing it is about.

        A route about something that is not known here fails: say what stands for it.
        """
        series = db.session.get_one(Series, self.group.id)
        known: dict[str, list[Any]] = {
            "meeting_id": [self.first, *filter(None, [self.second])],
            "group_id": [self.group.id],
            "person_id": [self.people["Ben"].id],
            "owner_id": [self.people["Ben"].id],
            "item_id": [2, 9],
            "what": ["question"],
            "part": ["note-general", "note-2"],
            "kind": ["md", "docx"],
            "token": [self.group.join_token, series.calendar_token],
            "number": [1],
        }
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            names = sorted(rule.arguments)
            for values in itertools.product(*(known[name] for name in names)):
                about = dict(zip(names, values, strict=True))
                path = ARGUMENT.sub(lambda found, about=about: str(about[found[1]]), rule.rule)
                yield from (path + query for query in QUERIES.get(rule.rule, [""]))

    def found(self, name: str) -> dict[str, set[str]]:
        """Return each address → the markers that somebody finds there, also as htmx asks for it."""
        client, found = self.client(name), {}
        for address in self.addresses():
            answers = [client.get(address)]
            if answers[0].status_code not in {403, 404}:
                answers.append(client.get(address, headers=HTMX))
            assert all(answer.status_code < 429 for answer in answers), (name, address)
            texts = [words_of(answer.data) for answer in answers]
            found[address] = {kind for kind, word in self.marks.items() if any(word in one for one in texts)}
        return found


def mailed_code() -> str:
    """Return the code in the newest letter."""
    letter = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    return said(letter.text, r"\b(\d{6})\b")


def put(socket: Socket, kind: str, part: str, *blocks: Block) -> None:
    """Write blocks into the notes, ``note`` or one's ``own``, as a page does."""
    meeting_id = socket.person.meeting_id
    before = socket.ask(f"{kind}:sync", meeting_id, b"\0", documents.SCHEMA)
    update = documents.written(bytes(before["update"]), part, blocks)
    answer = socket.ask(f"{kind}:update", meeting_id, update)
    assert answer["ok"], answer


def words_of(content: bytes) -> str:
    """Return what can be read in an answer: the words of a page, or of each file in a ZIP or a Word file."""
    if content.startswith(b"PK") and is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as archive:
            return "\n".join(words_of(archive.read(name)) for name in archive.namelist())
    # Without tags: where a hit or a letter is marked, a word is in pieces. With them too: attributes count.
    # The microseconds of an instant are six digits, as a code is.
    text = re.sub(r"\.\d{6}(?=[+Z])", "", content.decode(errors="replace"))
    return f"{text}\n{unescape(re.sub(r'<[^>]*>', '', text))}".casefold()


def build(app: Flask, wait: Wait) -> World:
    """Return the group with its first meeting ended, but not sealed."""
    ada, group = plan(name="Ada")
    people = {"Ada": ada} | {name: come(group, name) for name in ("Ben", "Gus", "Lea", "Cilla")}
    people["Eve"], elsewhere = plan(name="Eve", group_name="Elsewhere")
    assert elsewhere.id != group.id
    world = World(app, group, people, wait)
    world.first = world.open(0)
    for name in ("Ada", "Gus", "Lea"):
        world.enter(name, world.first)
    world.press(world.first, "start")
    world.write_all(world.first, 9, "kept")
    world.press(world.first, "end")
    return world


def go_on(world: World) -> None:
    """Seal the first meeting, let Ben write what there is between meetings, and begin the second."""
    world.wait(70)
    assert world.first in archive.seal_due()
    third = now(world.group)[2].id
    world.between("task", meeting=str(world.first), text=world.mark("task"), share="no")
    world.between("wish", text=world.mark("wish"))
    world.between("cannot_come", planned=str(third))
    world.between("away", planned=str(third), word=world.mark("away"))
    world.people |= {name: come(world.group, name) for name in ("Nina", "Wanda")}
    groups.let_in(world.group.id, world.people["Nina"].id, actor=world.people["Ada"])
    world.post("Ada", f"/g/{world.group.id}/settings?press=remove_person&person={world.people['Lea'].id}")
    world.second = world.open(1)
    world.marks["address"] = EMAIL
    world.prove("Ben", "/me/address", email=EMAIL)
    world.post("Ben", "/me/prove")
    world.marks["mailcode"] = mailed_code()
    world.post("Ben", "/me/devices/code")
    shows = shown(world.client("Ben").get("/me/devices/code"))
    world.marks["devicecode"] = "".join(
        re.findall(r'<span aria-hidden="true">(\w{4})</span>', shows)
    ).casefold()
    assert len(world.marks["devicecode"]) == 8
    for name in ("Ada", "Gus", "Cilla"):
        world.enter(name, world.second)
    world.press(world.second, "start")
    world.write_all(world.second, 2, "live")
