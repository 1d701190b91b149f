"""A word in every kind of private text is found by its author, and in nobody else's page, file or data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask

from ementor.archive import services as archive
from ementor.extensions import limiter
from tests.support import disk, markers
from tests.support.markers import World
from tests.support.series import Wait

OTHERS = ("Ada", "Gus", "Cilla", "Lea", "Nina", "Wanda", "Eve", "a stranger")
SECRETS = {"devicecode", "mailcode"}
"""In no file; the first is on its owner's page while it works, the second in no page at all."""
PRIVATE = ("note", "answer", "step", "writing", "other")
MEMBERS_THEN = {
    "kept": {"Ada", "Gus", "Cilla"},
    "live": {"Ada", "Gus", "Cilla", "Nina"},
}


@pytest.fixture
def world(app: Flask, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(
        limiter, "enabled", False
    )  # what is refused for being too much hides what it would say
    world = markers.build(app, wait)
    yield world
    world.leave()


def others_find(world: World) -> dict[str, set[str]]:
    """Return who finds what; whatever they find in their own data fails the test at once."""
    world.make_words()
    found = {}
    for name in OTHERS:
        if name in world.people or name == "a stranger":
            by_address = world.found(name)
            assert not by_address["/me/data.zip"], name
            found[name] = set().union(*by_address.values())
    return found


def in_pages_of(world: World, name: str) -> set[str]:
    world.make_words()
    found = world.found(name)
    return set().union(*(kinds for at, kinds in found.items() if not at.startswith("/me/data")))


def in_search_of(world: World, name: str) -> set[str]:
    """Return which words somebody finds when they look for each of them, but for its last letter.

    That much a page that shows what is looked for may show to anybody.
    """
    client = world.client(name)
    pages = {kind: client.get(f"/notes?q={word[:-1]}").data for kind, word in world.marks.items()}
    return {kind for kind, page in pages.items() if world.marks[kind] in markers.words_of(page)}


def in_data_of(world: World, name: str) -> set[str]:
    """Return what is in somebody's data: the same in both of its files, and nothing in what explains them."""
    answer = world.client(name).get("/me/data.zip")
    assert answer.status_code == 200
    with ZipFile(BytesIO(answer.data)) as archive:
        texts = {file: archive.read(file).decode() for file in archive.namelist()}
    json.loads(texts["data.json"])
    found = {file: {kind for kind, word in world.marks.items() if word in texts[file]} for file in texts}
    assert found["data.json"] == found["data.html"]
    assert not found["readme.txt"]
    return found["data.json"]


def of_kinds(world: World, *kinds: str) -> set[str]:
    return {one for one in world.marks if one.removeprefix("kept").removeprefix("live") in kinds}


def test_what_is_private_is_its_authors_from_the_room_to_the_record(app: Flask, world: World) -> None:
    shared, off = ("named", "unnamed"), of_kinds(world, "off")
    assert in_pages_of(world, "Ben") >= set(world.marks) - off
    assert in_data_of(world, "Ben") == set(world.marks) - off
    assert not set().union(*others_find(world).values())  # not revealed, and the end may still be undone

    markers.go_on(world)
    in_pages, in_data = in_pages_of(world, "Ben"), in_data_of(world, "Ben")
    gone = {"keptunnamed"}  # whose it is, nobody can tell any more
    assert in_data == set(world.marks) - of_kinds(world, "off") - SECRETS - gone
    kept = {f"kept{kind}" for kind in shared}
    found = others_find(world)
    for name in OTHERS:
        assert found[name] == (kept if name in MEMBERS_THEN["kept"] else set()), name
    assert all(world.marks[kind].encode() in disk.everything(app) for kind in ("liveoff", "livenamed"))

    world.press(world.second, "end")
    world.wait(70)
    assert world.second in archive.seal_due()
    gone.add("liveunnamed")
    in_pages |= in_pages_of(world, "Ben")
    assert in_pages >= set(world.marks) - of_kinds(world, "off") - {"mailcode"}
    assert in_data_of(world, "Ben") == set(world.marks) - of_kinds(world, "off") - SECRETS - gone
    assert in_search_of(world, "Ben") == {
        f"{when}{kind}" for when in MEMBERS_THEN for kind in (*PRIVATE, *shared)
    }
    found = others_find(world)
    for name in OTHERS:
        theirs = {f"{when}{kind}" for when in MEMBERS_THEN for kind in shared if name in MEMBERS_THEN[when]}
        assert found[name] == theirs | ({"away"} if name == "Ada" else set()), name
        assert in_search_of(world, name) == theirs, name
    on_disk = disk.everything(app)
    assert not any(world.marks[kind].encode() in on_disk for kind in of_kinds(world, "off"))
