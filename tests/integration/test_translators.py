"""A page translator leaves names, initials, times of day and the clock's digits alone, on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask

from ementor.database import db
from ementor.extensions import limiter
from ementor.groups.models import Group
from tests.support import markers
from tests.support.markers import World
from tests.support.series import Wait

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "use", "source"}
NOT_SHOWN = {"script", "style", "textarea", "svg"}
"""What somebody types no translator takes for the page."""
NAMES = {
    "Ada": "Qadama Queen", "Ben": "Qbenedik Quill", "Gus": "Qgusta Quiet", "Cilla": "Qcillaba Quote",
    "Lea": "Qleander Quest", "Nina": "Qninive Quota", "Wanda": "Qwandala Quick",
}  # fmt: skip
GROUP = "Qgroupia"
INITIALS = "QQ"


class Reader(HTMLParser):
    """Finds the texts of a page that a translator would change."""

    def __init__(self, words: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.words, self.found = words, set[str]()
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        told = dict(attrs).get("translate")
        outer = bool(self.open and self.open[-1][1])
        self.open.append((tag, told == "no" or (outer and told != "yes") or tag in NOT_SHOWN))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What closes itself holds no text."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and (closed := self.open.pop()[0]) != tag:
            assert closed in {"p", "li", "option", "dt", "dd"}, f"{closed} is not closed before {tag}"

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.found |= {
                f"{word}: {self.open[-1][0] if self.open else ''} {data.strip()[:80]}"
                for word in self.words
                if word in data
            }


@pytest.fixture
def world(app: Flask, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(limiter, "enabled", False)
    world = markers.build(app, wait)
    yield world
    world.leave()


def rename(world: World) -> None:
    """Give everybody, and the group, a name that stands in no other word."""
    for person in world.people:
        if person in NAMES:
            db.session.merge(world.people[person]).name = NAMES[person]
    db.session.get_one(Group, world.group.id).name = GROUP
    db.session.commit()


def looked_at(world: World) -> set[str]:
    words = {*NAMES.values(), GROUP, INITIALS}
    found = set()
    for name in (*NAMES, "a stranger"):
        if name not in world.people and name != "a stranger":
            continue
        for address in world.addresses():
            answer = world.client(name).get(address)
            if answer.mimetype == "text/html" and not re.search(r"^/me/data|[.]html$", address):
                reader = Reader(words)
                reader.feed(answer.text)
                found |= {f"{address.split('?')[0]}: {one}" for one in reader.found}
    return found


def test_names_are_left_alone_on_every_page(app: Flask, world: World) -> None:
    rename(world)
    found = looked_at(world)
    markers.go_on(world)
    rename(world)
    found |= looked_at(world)
    world.press(world.second, "end")
    found |= looked_at(world)
    assert not found, "\n".join(sorted(found))
