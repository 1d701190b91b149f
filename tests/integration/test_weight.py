"""What a page weighs with everything it loads, as a browser with an empty cache gets it over HTTPS.

The budgets count pages compressed, as they were set so; the largest room is weighed as it is sent, too.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from ementor import create_app
from tests.bench import rooms
from tests.support import databases
from tests.support.people import House, Person, shown

KB = 1024
ROOM = 138 * KB
LARGE, LARGE_PAGE = 168 * KB, 43 * KB
"""Twelve people and forty items: the facilitator's page, and all with it, as they are sent."""
ANSWERS = 12
"""With the manifest, which a browser asks for when all else is there."""
OTHER = 38 * KB
HELP = 116 * KB
"""With all its pictures, of which a browser asks for those that come into view."""
ON_DEMAND = 8 * KB
TAKES = "gzip, deflate, br"
IMPORT = re.compile(r"""\b(?:from|import)\s*["'](\.{0,2}/[^"']+)["']""")
LATER = re.compile(r"""\bimport\s*\(\s*["'](\.{0,2}/[^"']+)["']""")
"""A module that is loaded when it is first asked for."""
LATER_PARTS = {"room-wishes", "reflection"}
"""Parts that are asked for while the agenda is edited, and once the closing reflection is opened or on."""
REFERENCE = re.compile(r"""(?:@import\s+|url\()\s*["']?([^"')\s]+)""")


class Loads(HTMLParser):
    """Collects the addresses that a page fetches without being asked to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.parts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in {"script", "img", "source", "iframe"}:
            self.found.append(said.get("src", ""))
        elif tag == "link" and said.get("rel") != "apple-touch-icon":  # which a phone asks for to keep it
            self.found.append(said.get("href", ""))
        elif {"load", "card:look"} & set(said.get("hx-trigger", "").split(", ")) and said.get(
            "id"
        ) not in LATER_PARTS:
            self.parts.append(said.get("hx-get", ""))


def weigh(client: Any, page: str, *, status: int = 200, as_sent: bool = False) -> dict[str, int]:
    """Return the compressed size of a page, of each thing it loads, and of what that loads."""
    sizes: dict[str, int] = {}
    parts: set[str] = set()
    ahead = [page]
    while ahead:
        address = ahead.pop()
        if address in sizes:
            continue
        headers = {"HX-Request": "true"} if address in parts else {}
        answer = client.get(address, headers=headers)
        assert answer.status_code == (status if address == page else 200), address
        assert "Content-Encoding" not in answer.headers
        sent = client.get(address, headers={"Accept-Encoding": TAKES, **headers})
        is_whole = as_sent or "Content-Encoding" in sent.headers
        sizes[address] = len(sent.data if is_whole else gzip.compress(sent.data, 6))
        found: list[str] = []
        if answer.mimetype == "text/html":
            loads = Loads(answer.text)
            parts |= {urljoin(address, one) for one in loads.parts}
            found = loads.found + loads.parts
        elif answer.mimetype == "text/css":
            found = REFERENCE.findall(answer.text)
        elif answer.mimetype.endswith("javascript"):
            found = IMPORT.findall(answer.text)
        ahead += [urljoin(address, one) for one in found if one and not urlsplit(one).scheme]
    return sizes


def assert_light(sizes: dict[str, int], most: int) -> None:
    table = "\n".join(
        f"{size:7} {address}" for address, size in sorted(sizes.items(), key=lambda one: -one[1])
    )
    assert sum(sizes.values()) <= most, f"{sum(sizes.values())} bytes, not {most}:\n{table}"


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.test_client, template="mepe-1")


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_room_is_light(
    house: House, client_for: Callable[[str], Any], socket_for: Callable[[str], Any], locale: str
) -> None:
    ada = client_for("Ada")
    room = f"/m/{house.meeting_id}"
    ada.post("/language", data={"locale": locale})
    before = weigh(ada, room)
    assert_light(before, ROOM)
    for name in ("built/room/room.js", "editor/editor.js", "built/site.css", "/last-time"):
        assert any(name in address for address in before), f"{name} was not weighed"
    for name in ("Ada", "Ben", "Cem", "Dia", "Eero", "Fia", "Gus", "Hal"):
        assert socket_for(name).join()["ok"]
    for press in ("start", "next_item", "next"):
        assert ada.post(f"{room}/press", data={"press": press}).status_code == 303
    assert_light(weigh(ada, room), ROOM)


def test_a_large_room_is_light_too(tmp_path: Path) -> None:
    settings = databases.sqlite_settings(tmp_path)
    (made,) = rooms.fill(settings, 1, people=12, items=40)
    browser = create_app(settings).test_client()
    name, _, value = made["people"][0]["cookie"].partition("=")
    browser.set_cookie(name, value)
    browser.environ_base["HTTP_USER_AGENT"] = rooms.AGENT
    room = f"/m/{made['meeting']}"
    assert len(browser.get(room).data) <= LARGE_PAGE
    sizes = weigh(browser, room, as_sent=True)
    assert_light(sizes, LARGE)
    assert len(sizes) <= ANSWERS


def test_what_is_loaded_on_demand_is_light_too(
    client_for: Callable[[str], Any], people: dict[str, Person], meeting: Any
) -> None:
    ada = client_for("Ada")
    loaded = weigh(ada, f"/m/{meeting.id}")
    asked = {
        urljoin(address, one)
        for address in loaded
        if address.endswith(".js")
        for one in LATER.findall(ada.get(address).text)
    }
    names = {urlsplit(address).path.rpartition("/")[2].partition("-")[0] for address in asked}
    assert names >= {"agenda", "glance", "keys", "signals"}
    sizes = {one: size for address in asked for one, size in weigh(ada, address).items() if one not in loaded}
    assert_light(sizes, ON_DEMAND)


def test_every_other_page_is_light(
    house: House, client_for: Callable[[str], Any], socket_for: Callable[[str], Any], app: Flask
) -> None:
    ada = client_for("Ada")
    assert socket_for("Ada").join()["ok"]  # who was never there has no record to read
    room = f"/m/{house.meeting_id}"
    stranger = app.test_client()
    assert_light(weigh(stranger, "/"), OTHER)
    assert_light(weigh(ada, "/"), OTHER)
    assert_light(weigh(stranger, house.join_path), OTHER)
    assert_light(weigh(stranger, "/practice"), OTHER)
    assert_light(weigh(stranger, "/sign-in"), OTHER)
    assert_light(weigh(ada, "/me/address"), OTHER)
    for about in ("/accessibility", "/privacy", "/feedback"):
        assert_light(weigh(stranger, about), OTHER)
    group = re.search(r'href="(/g/\d+)"', ada.get(f"{room}/menu").text)
    assert group
    assert_light(weigh(ada, group[1]), OTHER)
    assert_light(weigh(stranger, "/j/no-such-link", status=404), OTHER)
    assert_light(weigh(ada, f"{room}/reflection"), OTHER)
    for press in ("start", "end"):
        assert ada.post(f"{room}/press", data={"press": press}).status_code == 303
    assert "record.md" in shown(ada.get(room))
    assert_light(weigh(ada, room), OTHER)


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_help_is_light_with_its_pictures_and_begins_without_them(app: Flask, locale: str) -> None:
    stranger = app.test_client()
    stranger.post("/language", data={"locale": locale})
    sizes = weigh(stranger, "/help")
    assert_light(sizes, HELP)
    pictures = {address for address in sizes if address.endswith(".webp")}
    assert len(pictures) == stranger.get("/help").text.count('loading="lazy"') > 0
    assert_light({address: size for address, size in sizes.items() if address not in pictures}, OTHER)
