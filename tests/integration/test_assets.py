"""Static files on their way to the browser."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from ementor import assets

SCRIPT = "/static/built/room/room.js"


@pytest.mark.parametrize(
    ("takes", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),  # a browser over HTTPS
        ("gzip, deflate", "gzip"),  # over HTTP
        ("br;q=0.1, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_a_file_travels_as_its_reader_likes_it_and_is_known_again(
    app: Flask, takes: str, coding: str | None
) -> None:
    client = app.test_client()
    plain = (assets.FOLDER / "built" / "room" / "room.js").read_bytes()
    answer = client.get(SCRIPT, headers={"Accept-Encoding": takes})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    if coding == "gzip":
        assert gzip.decompress(answer.data) == plain
    elif coding == "br":  # test_bundle looks into it
        assert answer.data == (assets.FOLDER / "built" / "room" / "room.js.br").read_bytes()
    else:
        assert answer.data == plain
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(SCRIPT, headers={"Accept-Encoding": takes, **known}).status_code == 304
    other = "gzip" if coding != "gzip" else "br"
    assert client.get(SCRIPT, headers={"Accept-Encoding": other, **known}).status_code == 200


def test_compressing_a_file_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor's bundle takes 40 ms: not in the loop that everybody shares."""
    done: list[object] = []
    monkeypatch.setattr(assets, "apart", lambda work, *args, **more: done.append(work) or work(*args, **more))
    packed = assets._compressed.__wrapped__("gzip", "vendor/htmx-4.0.1.min.js", 0, 0)
    assert done == [gzip.compress]
    assert packed
    assert gzip.decompress(packed) == (assets.FOLDER / "vendor" / "htmx-4.0.1.min.js").read_bytes()


def test_icons_have_another_address_when_one_changes(app: Flask) -> None:
    answer = app.test_client().get(assets.ICONS)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/static/editor/package.json",
        "/static/editor/src/editor.js",
        "/static/editor/editor.js.br",
        "/static/..%2fapp.py",
        "/static/js/pages/room.js",
    ],
)
def test_only_what_pages_load_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404
