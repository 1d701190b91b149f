"""What a page weighs with everything it loads: compressed, as a browser with an empty cache gets it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from tests.support.people import House, Person, shown

KB = 1024
ROOM = 150 * KB
OTHER = 40 * KB
ON_DEMAND = 8 * KB
IMPORT = re.compile(r"""\b(?:from|import)\s*["'](\.{0,2}/[^"']+)["']""")
LATER = re.compile(r"""\bimport\s*\(\s*["'](\.{0,2}/[^"']+)["']""")
"""A module that is loaded when it is first asked for."""
LATER_PART = "room-wishes"
"""A part that is asked for while the agenda is edited."""
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
        elif tag == "link":
            self.found.append(said.get("href", ""))
        elif {"load", "card:look"} & set(said.get("hx-trigger", "").split(", ")) and said.get(
            "id"
        ) != LATER_PART:
            self.parts.append(said.get("hx-get", ""))


def weigh(client: Any, page: str, *, status: int = 200) -> dict[str, int]:
    """Return the compressed size of a page and of each thing it loads, and what that loads."""
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
        packed = client.get(address, headers={"Accept-Encoding": "gzip", **headers})
        # What the application does not compress itself a proxy does, at its usual level.
        ready = packed.headers.get("Content-Encoding") == "gzip"
        sizes[address] = len(packed.data) if ready else len(gzip.compress(answer.data, 6))
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
    for name in ("built/room.js", "editor/editor.js", "built/site.css", "/reflection"):
        assert any(name in address for address in before), f"{name} was not weighed"
    for name in ("Ada", "Ben", "Cem", "Dia", "Eero", "Fia", "Gus", "Hal"):
        assert socket_for(name).join()["ok"]
    for press in ("start", "next_item", "next"):
        assert ada.post(f"{room}/press", data={"press": press}).status_code == 303
    assert_light(weigh(ada, room), ROOM)


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
    group = re.search(r'href="(/g/\d+)"', ada.get(room).text)
    assert group
    assert_light(weigh(ada, group[1]), OTHER)
    assert_light(weigh(stranger, "/j/no-such-link", status=404), OTHER)
    assert_light(weigh(ada, f"{room}/reflection"), OTHER)
    for press in ("start", "end"):
        assert ada.post(f"{room}/press", data={"press": press}).status_code == 303
    assert "record.md" in shown(ada.get(room))
    assert_light(weigh(ada, room), OTHER)
