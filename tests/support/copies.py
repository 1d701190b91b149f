"""A page's copy of the shared notes, without the page."""

from __future__ import annotations

import random
from typing import Any

import pycrdt

from ementor.notes.document import GENERAL, RESERVED_CLIENTS, SCHEMA


class NotesClient:
    """Writes in the notes over ``socket``, as notes.js does."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.begin_again()

    def begin_again(self) -> None:
        """Forget all of it, as a page does that is opened anew."""
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=random.randrange(RESERVED_CLIENTS, 2**32))
        self.mine: list[bytes] = []
        self.listening = self.doc.observe(lambda event: self.mine.append(event.update))

    def sync(self) -> None:
        """Shake hands: take what the server has, send what it lacks."""
        meeting_id = self.socket.person.meeting_id
        answer = self.socket.ask("note:sync", meeting_id, self.doc.get_state(), SCHEMA)
        assert answer["ok"], answer
        lacking = self.doc.get_update(bytes(answer["state_vector"])) if self.mine else None
        self.doc.apply_update(bytes(answer["update"]))
        self.mine.clear()
        if lacking:
            assert self.send(lacking)["ok"]

    def write(self, words: str) -> Any:
        """Write at the start of the general notes and send it; return the server's answer."""
        self._first().insert(0, words)
        return self.send(self.mine[-1])

    def erase(self, length: int) -> Any:
        """Take away the first ``length`` letters; return the server's answer."""
        del self._first()[0:length]
        return self.send(self.mine[-1])

    def _first(self) -> Any:
        return self.doc.get(GENERAL, type=pycrdt.Text)

    def send(self, update: bytes) -> Any:
        return self.socket.ask("note:update", self.socket.person.meeting_id, update)

    def text(self) -> str:
        return str(self.doc.get(GENERAL, type=pycrdt.Text))


class Old:
    """Notes as the first editor wrote them: an update for each change."""

    def __init__(self) -> None:
        self.doc = pycrdt.Doc[Any]()
        self.sent: list[bytes] = []
        self.listening = self.doc.observe(lambda event: self.sent.append(event.update))

    def add(self, kind: str, words: str = "", parent: Any = None, part: str = "item-3", **given: Any) -> Any:
        with self.doc.transaction():
            where = self.doc.get(part, type=pycrdt.XmlFragment) if parent is None else parent
            element = where.children.append(pycrdt.XmlElement(kind, given))
            if words:
                element.children.append(pycrdt.XmlText(words))
        return element
