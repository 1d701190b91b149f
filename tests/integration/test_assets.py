"""Static files on their way to the browser."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

from ementor import assets


def test_comments_stay_at_home_and_code_does_not() -> None:
    script = "// why\nclass A {\n  #options\n\n  /** says\n   * this */\n  b = 1 // beside\n}\n"
    assert assets.without_comments(script) == "class A {\n#options\nb = 1 // beside\n}\n"


def test_a_sheet_loses_its_comments_only() -> None:
    sheet = "@layer a {\n  /* why\n     not */\n  .b[c] :is(d, e) { f: calc(1px + 2px); }\n}\n"
    assert assets.without_css_comments(sheet) == "@layer a {\n.b[c] :is(d, e) { f: calc(1px + 2px); }\n}\n"


@pytest.mark.parametrize("path", sorted((assets.FOLDER / "js").rglob("*.js")), ids=lambda path: path.name)
def test_no_text_of_our_scripts_spans_lines(path: Path) -> None:
    """Or the stripper would eat what looks like a comment in it."""
    for line in assets.without_comments(path.read_text(encoding="utf-8")).splitlines():
        assert line.count("`") % 2 == 0, line


def test_a_file_travels_compressed_and_is_known_again(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/static/js/core/page.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = client.get("/static/js/core/page.js")
    assert gzip.decompress(answer.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    again = client.get(
        "/static/js/core/page.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_compressing_a_file_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor's bundle takes 40 ms: not in the loop that everybody shares."""
    done: list[object] = []
    monkeypatch.setattr(assets, "apart", lambda work, *args, **more: done.append(work) or work(*args, **more))
    content, packed, _ = assets._travelling.__wrapped__("css/glance.css", 0, 0)
    assert done == [gzip.compress]
    assert gzip.decompress(packed) == content


@pytest.mark.parametrize(
    "path",
    ["/static/editor/package.json", "/static/editor/src/editor.js", "/static/..%2fapp.py", "/static/js"],
)
def test_only_what_pages_load_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404
