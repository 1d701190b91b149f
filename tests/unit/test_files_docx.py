"""Blocks as a Word file, read by another program (mammoth), and looked at as XML."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import mammoth
import pytest
from docx.oxml.xmlchemy import BaseOxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st

from ementor.archive.files.docx import write
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Run, Table, plain

AT = datetime(2026, 11, 24, 15, 32, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
STYLES = "p[style-name='Quote'] => blockquote:fresh\nr[style-name='Insight'] => mark.insight"
LIST: list[Block] = [
    Item(Kind.NUMBER, plain("one")),
    Item(Kind.BULLET, plain("below"), 1),
    Item(Kind.NUMBER, plain("two")),
    Paragraph(plain("between")),
    Item(Kind.NUMBER, plain("one again")),
    Item(Kind.TASK, plain("done"), checked=True),
    Item(Kind.TASK, plain("open"), 1),
]
EVERYTHING: list[Block] = [
    Heading(1, plain("Title")),
    Heading(2, plain("Part"), "part-1"),
    Paragraph((Run("a "), Run("b", bold=True), Run("c", italic=True), Run("d\ne", mark="insight"))),
    Paragraph((Run("there", link="https://a.example/?a=1&b=2"), Run(" and "), Run("up", link="#part-1"))),
    *LIST,
    Quote(plain("said\n<b>"), "Ada"),
    Quote(plain("unnamed")),
    Table((plain("Answer"), plain("How many")), ((plain("1"), plain("2")),)),
    Heading(7, plain("Deep")),
]
NASTY = [
    "=cmd|' /C calc'!A0",
    "a\0b\x07\x1b[31mc\x7f\x9f",
    "💚🏳️‍🌈 لقاء שלום mixed",
    "x" * 300,
    "<w:p>&amp;]]>",
    "\ud800\ufffe\uffff lone",
    "two\r\nlines\u2028three\u2029four",
]


def made(*blocks: Block, title: str = "Title", author: str = "Circle", locale: str = "fi") -> bytes:
    return write(blocks, title=title, author=author, locale=locale, at=AT)


def as_html(file: bytes) -> str:
    return str(mammoth.convert_to_html(BytesIO(file), style_map=STYLES).value)


def words(html: str) -> list[str]:
    return unescape(re.sub("<br />|</(?:p|h.|li|td|th)>", " ", html).replace("<", " <")).split()


def part(file: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(ZipFile(BytesIO(file)).read(name))


def test_another_program_finds_the_same_structure() -> None:
    html = as_html(made(*EVERYTHING))
    assert html.startswith('<h1>Title</h1><h2><a id="part_1"></a>Part</h2>')
    assert '<p>a <strong>b</strong><em>c</em><mark class="insight">d<br />e</mark></p>' in html
    assert '<a href="https://a.example/?a=1&amp;b=2">there</a> and <a href="#part_1">up</a>' in html
    assert "<ol><li>one<ul><li>below</li></ul></li><li>two</li></ol><p>between</p>" in html
    assert '<ol><li>one again</li></ol><ul><li><input checked="checked" type="checkbox" /> done' in html
    assert '<ul><li><input type="checkbox" /> open</li></ul>' in html
    assert "<blockquote><strong>Ada:</strong><br />said<br />&lt;b&gt;</blockquote>" in html
    assert "<blockquote>unnamed</blockquote>" in html
    heads = "".join(f"<th><p><strong>{head}</strong></p></th>" for head in ("Answer", "How many"))
    assert f"<table><thead><tr>{heads}</tr></thead>" in html
    assert "<tr><td><p>1</p></td><td><p>2</p></td></tr>" in html


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_any_text_is_held_as_text(text: str) -> None:
    file = made(Heading(1, plain(text)), Item(Kind.TASK, plain(text)), Table((plain(text),), ()), title=text)
    shown = [letter for letter in text if letter.isprintable() and not letter.isspace() and letter.isalpha()]
    html = as_html(file)
    for piece in re.findall(r"<h1>(.*?)</h1>|/> (.*?)</li>|<strong>(.*?)</strong>", html):
        said = unescape(re.sub("<.*?>", "", "".join(piece)))
        assert [letter for letter in said if letter.isalpha()] == shown
    assert html.count("<h1>") == html.count("<input") == html.count("<table>") == 1
    about = part(file, "docProps/core.xml")
    title = about.findtext("{http://purl.org/dc/elements/1.1/}title") or ""
    assert len(title) <= 255
    assert [letter for letter in title if letter.isalpha()] == shown[:255]


@settings(max_examples=20, deadline=None)  # each is a whole file
@given(st.lists(st.builds(Run, st.text(max_size=40), bold=st.booleans()), max_size=9))
def test_no_letters_make_a_file_that_cannot_be_read(runs: list[Run]) -> None:
    part(made(Paragraph(tuple(runs))), "word/document.xml")


@pytest.mark.parametrize(("locale", "language"), [("fi", "fi-FI"), ("sv", "sv-FI"), ("en", "en-GB")])
def test_it_says_its_language_title_and_author_and_nothing_of_its_maker(locale: str, language: str) -> None:
    file = made(*EVERYTHING, title="Kuuntelu", author="Tiistaipiiri", locale=locale)
    with ZipFile(BytesIO(file)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    core = parts["docProps/core.xml"].decode()
    assert f"<dc:language>{language}</dc:language>" in core
    assert "<dc:title>Kuuntelu</dc:title>" in core
    assert "<dc:creator>Tiistaipiiri</dc:creator>" in core
    assert core.count("2026-11-24T15:32:00Z") == 2
    spoken = {one.get(f"{W}val") for one in part(file, "word/styles.xml").iter(f"{W}lang")}
    assert spoken == {language}
    everything = b"".join(parts.values()).lower()
    for trace in (b"python-docx", b"macintosh", b"en-us"):
        assert trace not in everything
    assert not any("thumbnail" in name for name in parts)


def test_what_runs_from_right_to_left_says_so() -> None:
    file = made(Paragraph(plain("שלום, hello")), Item(Kind.BULLET, plain("hello שלום")))
    first, second = part(file, "word/document.xml").iter(f"{W}p")
    assert first.find(f"{W}pPr/{W}bidi") is not None
    assert second.find(f"{W}pPr/{W}bidi") is None
    told = [
        ("".join(run.itertext()), run.find(f"{W}rPr/{W}rtl") is not None)
        for line in (first, second)
        for run in line.iter(f"{W}r")
    ]
    assert told == [("שלום, ", True), ("hello", False), ("hello ", False), ("שלום", True)]


def test_everything_that_is_referred_to_is_there() -> None:
    file = made(*EVERYTHING, *LIST)
    document = part(file, "word/document.xml")
    styles = {one.get(f"{W}styleId") for one in part(file, "word/styles.xml").iter(f"{W}style")}
    for kind in ("pStyle", "rStyle", "tblStyle"):
        assert {one.get(f"{W}val") for one in document.iter(f"{W}{kind}")} <= styles
    numbering = part(file, "word/numbering.xml")
    numbers = [one.get(f"{W}numId") for one in numbering.iter(f"{W}num")]
    assert len(numbers) == len(set(numbers))
    assert {one.get(f"{W}val") for one in document.iter(f"{W}numId")} <= set(numbers)
    kinds = {one.get(f"{W}abstractNumId") for one in numbering.iter(f"{W}abstractNum")}
    assert {one.get(f"{W}val") for one in numbering.iter(f"{W}abstractNumId")} <= kinds
    for number in numbering.iter(f"{W}num"):
        counts = number.find(f"{W}abstractNumId").get(f"{W}val") == "1"  # type: ignore[union-attr]
        assert [one.get(f"{W}val") for one in number.iter(f"{W}startOverride")] == ["1"] * 9 * counts
    relations = part(file, "word/_rels/document.xml.rels")
    targets = {one.get("Id"): one.get("Target") for one in relations}
    links = [one.get(f"{R}id") for one in document.iter(f"{W}hyperlink") if one.get(f"{R}id")]
    assert [targets[one] for one in links] == ["https://a.example/?a=1&b=2"]
    places = [one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")]
    assert {one.get(f"{W}anchor") for one in document.iter(f"{W}hyperlink")} - {None} <= set(places)
    starts, ends = (
        [one.get(f"{W}id") for one in document.iter(f"{W}bookmark{end}")] for end in ("Start", "End")
    )
    assert starts == ends
    # The order of what stands in a paragraph's properties is part of the schema.
    order = ["pStyle", "numPr", "bidi"]
    for properties in document.iter(f"{W}pPr"):
        tags = [one.tag.removeprefix(W) for one in properties]
        assert tags == sorted(tags, key=order.index)


def test_the_same_words_are_the_same_bytes() -> None:
    file = made(*EVERYTHING)
    assert file == made(*EVERYTHING)
    dates = {one.date_time for one in ZipFile(BytesIO(file)).infolist()}
    assert dates == {(2026, 11, 24, 15, 32, 0)}  # and not of the clock


def test_a_file_takes_as_much_work_as_it_has_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    find = BaseOxmlElement.first_child_found_in

    def counted(self: BaseOxmlElement, *tags: str) -> object:
        looked.append(len(self))
        return find(self, *tags)

    monkeypatch.setattr(BaseOxmlElement, "first_child_found_in", counted)

    def work(lines: int) -> int:
        looked.clear()
        made(*[Paragraph(plain("a"))] * lines)
        return sum(looked)

    assert work(400) < 5 * work(100)
