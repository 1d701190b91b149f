"""The notes' kept HTML, read back as blocks."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Run
from ementor.notes import document as notes
from ementor.notes import kept
from ementor.notes.document import GENERAL, LINE_BREAK, Document, written
from ementor.notes.kept import from_html

WORDS = st.text("ab <>&\"'ä💚\u05d0/=", min_size=1, max_size=8)
MARKS = st.fixed_dictionaries(
    {},
    optional={
        "strong": st.just(True),
        "em": st.just(True),
        "link": st.sampled_from(["https://a.example/?q=1&b='2'", "mailto:ada@a.example", "javascript:x"]),
    },
) | st.sampled_from([{"insight": True}, {"next_step": True, "strong": True}])
LINES = st.builds(
    notes.Block,
    kind=st.sampled_from([None, "heading", "subheading", "bullet", "number", "task"]),
    runs=st.lists(st.tuples(WORDS | st.just(LINE_BREAK), MARKS), max_size=4),
    depth=st.integers(0, 3),
    checked=st.booleans(),
)


def read(*blocks: notes.Block) -> tuple[Block, ...]:
    return from_html(Document([written(b"\0\0", GENERAL, blocks)]).to_html(GENERAL))


def words(block: Block) -> str:
    assert isinstance(block, Heading | Paragraph | Item)
    return "".join(run.text for run in block.runs)


@given(st.lists(LINES, max_size=8))
def test_what_the_editor_wrote_comes_back(lines: list[notes.Block]) -> None:
    document = Document([written(b"\0\0", GENERAL, lines)])
    html = document.to_html(GENERAL)
    kept = [one for one in document.blocks(GENERAL) if one.runs or one.kind not in {"heading", "subheading"}]
    found = from_html(html, below=3)
    if not html:
        assert not found
        return
    assert [words(block) for block in found] == [one.words.replace(LINE_BREAK, "\n") for one in kept]
    for block, one in zip(found, kept, strict=True):
        assert isinstance(block, Heading | Paragraph | Item)
        match block:
            case Heading(level):
                assert one.kind == {4: "heading", 5: "subheading"}[level]
            case Item(kind):
                assert one.kind == kind
                assert block.checked == (one.checked and kind is Kind.TASK)
            case Paragraph():
                assert one.kind is None
        told = [
            (letter, *how(marks)) for text, marks in one.runs for letter in text.replace(LINE_BREAK, "\n")
        ]
        assert told == [
            (letter, run.bold, run.italic, run.link, run.mark) for run in block.runs for letter in run.text
        ]


def how(marks: dict[str, object]) -> tuple[bool, bool, object, str | None]:
    link = marks.get("link")
    mark = next((name for name in ("insight", "next_step") if name in marks), None)
    return "strong" in marks, "em" in marks, None if link == "javascript:x" else link, mark


@given(st.lists(LINES, max_size=8))
def test_an_item_stands_at_most_one_step_below_the_one_before(lines: list[notes.Block]) -> None:
    depths = [block.depth if isinstance(block, Item) else -1 for block in read(*lines)]
    assert all(after <= before + 1 for before, after in pairwise([-1, *depths]))


def test_items_keep_their_depth_and_kind() -> None:
    assert read(
        notes.Block("bullet", [("one", {})]),
        notes.Block("task", [("deeper", {})], 1, checked=True),
        notes.Block("number", [("deepest", {})], 2),
        notes.Block("bullet", [("two", {})]),
    ) == (
        Item(Kind.BULLET, (Run("one"),)),
        Item(Kind.TASK, (Run("deeper"),), 1, checked=True),
        Item(Kind.NUMBER, (Run("deepest"),), 2),
        Item(Kind.BULLET, (Run("two"),)),
    )


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("plain", [Paragraph((Run("plain"),))]),
        ("<p>a<script>b</script></p>", [Paragraph((Run("ab"),))]),
        ('<p>a<img src="x" onerror="y">b</p>', [Paragraph((Run("ab"),))]),
        ('<p><a href="javascript:x">a</a></p>', [Paragraph((Run("a"),))]),
        ("<h1>a</h1><p>b</p>", [Paragraph((Run("a"),)), Paragraph((Run("b"),))]),
        ("<p>a</em></ul></p><p>b", [Paragraph((Run("a"),)), Paragraph((Run("b"),))]),
        ("<li>a<p>b</p></li>", [Item(Kind.BULLET, (Run("a\nb"),))]),
        ("<ul><li><p>a</p><p>b</p></li></ul>", [Item(Kind.BULLET, (Run("a\nb"),))]),
        ("<mark>a</mark><h3></h3>", [Paragraph((Run("a"),))]),
    ],
)
def test_of_what_no_editor_wrote_the_words_are_kept(html: str, blocks: list[Block]) -> None:
    assert list(from_html(html)) == blocks


@given(st.text(max_size=40))
def test_words_are_never_markup(text: str) -> None:
    found = from_html(f"<p>{escape(text)}</p>")
    assert all(isinstance(block, Paragraph) for block in found)
    assert "".join(map(words, found)).split() == text.split()


@given(st.lists(LINES, max_size=6), st.integers(1, 30))
def test_read_by_pieces_it_is_the_same(lines: list[notes.Block], piece: int) -> None:
    html = Document([written(b"\0\0", GENERAL, lines)]).to_html(GENERAL)
    whole = from_html(html)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kept, "PIECE", piece)
        assert from_html(html) == whole


def test_it_is_read_no_further_than_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[str] = []
    feed = HTMLParser.feed

    def counted(self: HTMLParser, text: str) -> None:
        fed.append(text)
        feed(self, text)

    monkeypatch.setattr(HTMLParser, "feed", counted)
    assert next(kept.read("<p>a</p>" * 100_000)) == Paragraph((Run("a"),))
    assert sum(map(len, fed)) <= kept.PIECE
