"""Static files on their way to the browser."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from ementor import assets


def test_a_file_travels_compressed_and_is_known_again(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/static/built/room.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = client.get("/static/built/room.js")
    assert gzip.decompress(answer.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    again = client.get(
        "/static/built/room.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_compressing_a_file_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor's bundle takes 40 ms: not in the loop that everybody shares."""
    done: list[object] = []
    monkeypatch.setattr(assets, "apart", lambda work, *args, **more: done.append(work) or work(*args, **more))
    content, packed, _ = assets._travelling.__wrapped__("vendor/htmx-4.0.1.min.js", 0, 0)
    assert done == [gzip.compress]
    assert gzip.decompress(packed) == content


@pytest.mark.parametrize(
    "path",
    [
        "/static/editor/package.json",
        "/static/editor/src/editor.js",
        "/static/..%2fapp.py",
        "/static/js/pages/room.js",
    ],
)
def test_only_what_pages_load_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404
