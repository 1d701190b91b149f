"""People who come to a meeting as real ones do: Ada starts it, the others follow her link.

A ``House`` is one application, in this process or on servers of its own, with the
meeting that the test is about. Whoever is asked for comes in then; Eve is an outsider
with a group of her own, and names other than the usual four join like Ben.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

USUAL = ("Ada", "Ben", "Gus", "Eve")
OUTSIDER = "Eve"
FACILITATOR = "Ada"


class Answer(Protocol):
    """What a Flask test client's and a requests response have in common."""

    status_code: int
    text: str
    headers: Any


class Client(Protocol):
    """A browser without pages: keeps cookies, sends the CSRF token with each POST, follows no redirect."""

    def get(self, path: str, /) -> Any: ...

    def post(self, path: str, /, *, data: dict[str, Any]) -> Any: ...


@dataclass(frozen=True)
class Person:
    """Somebody in a room: who they are there, and the client that they are it with."""

    name: str
    id: int
    meeting_id: int
    socket_token: str
    client: Any


@dataclass
class House:
    new_client: Callable[[], Any]
    template: str | None = None
    join_path: str = ""
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def meeting_id(self) -> int:
        """The meeting that Ada started."""
        return self.person(FACILITATOR).meeting_id

    def person(self, name: str) -> Person:
        """Bring somebody in, the first time they are asked for."""
        if name not in self.people:
            client = self.new_client()
            if name in {FACILITATOR, OUTSIDER}:
                room = self._start(client, name)
            else:
                self.person(FACILITATOR)  # makes the link
                room = followed(client.post(self.join_path, data={"name": name}))
            page = shown(client.get(room))
            if name == FACILITATOR:
                self.join_path = said(page, r"(/j/[\w-]+)")
            self.people[name] = Person(
                name=name,
                id=int(said(page, r'data-me="(\d+)"')),
                meeting_id=int(said(room, r"/m/(\d+)")),
                socket_token=said(page, r'data-token="([^"]+)"'),
                client=client,
            )
        return self.people[name]

    def _start(self, client: Any, name: str) -> str:
        template = self.template or said(client.get("/").text, r'<option value="([^"]+)"')
        form = {"name": name, "template": template, "group": f"{name}'s group"}
        return followed(client.post("/start", data=form))


def followed(answer: Any) -> str:
    """Return where a POST sends the browser; anything but that fails the test."""
    assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
    return str(answer.headers["Location"])


def shown(answer: Any) -> str:
    """Return the page that a GET shows; anything but a page fails the test.

    Without what it says to page translators and of a time's zone: ``test_translators`` looks at that.
    """
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:2000]}"
    text = re.sub(r'<(time|span) class="at"[^>]*>(.*?)</\1>', r"\2", answer.text)
    return text.replace(' translate="no"', "")


def said(text: str, pattern: str) -> str:
    """Return the first group of what a page must hold."""
    found = re.search(pattern, text)
    assert found, f"no {pattern} in {text[:2000]}"
    return found[1]


def csrf_token(page: str) -> str:
    return said(page, r'<meta name="csrf-token" content="([^"]+)"')
