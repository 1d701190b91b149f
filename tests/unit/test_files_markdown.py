"""Blocks as Markdown, read by another program: what it shows are the words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ementor.archive.files.markdown import write
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Run, Runs, Table, plain

SIGNS = st.text("\\`*_[]()<>#|~&$-+=.!1 9\näb€💚", min_size=1, max_size=8)
RUNS = st.lists(st.builds(Run, SIGNS, bold=st.booleans(), italic=st.booleans()), min_size=1, max_size=5)
LINKED = st.lists(
    st.builds(Run, SIGNS, bold=st.booleans(), link=st.sampled_from([None, "https://a.example/(b)?<c>"])),
    min_size=1,
    max_size=5,
)


def parsed(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(markdown)


def shown(tokens: list[Token]) -> str:
    """Return the words of tokens, a space for each break."""
    texts = []
    for token in tokens:
        assert token.type in KNOWN, token
        texts.append(token.content if token.type == "text" else "")
        texts.append(" " if token.type.endswith("break") else shown(token.children or []))
    return "".join(texts)


KNOWN = {
    *("inline", "text", "hardbreak", "paragraph_open", "paragraph_close", "em_open", "em_close"),
    *("strong_open", "strong_close", "link_open", "link_close"),
}


def words(runs: Runs | list[Run]) -> list[str]:
    return "".join(run.text for run in runs).split()


@given(RUNS | LINKED)
def test_nothing_that_people_write_is_a_sign(runs: list[Run]) -> None:
    markdown = write([Paragraph(tuple(runs))])
    tokens = parsed(markdown)
    assert shown(tokens).split() == words(runs)


@given(RUNS)
def test_nor_in_a_heading_a_list_a_quote_or_a_table(runs: list[Run]) -> None:
    some = tuple(runs)
    blocks: list[Block] = [
        Heading(2, some),
        Item(Kind.BULLET, some),
        Item(Kind.NUMBER, some, 1),
        Quote(some, "Ada"),
        Table((some,), ((some,),)),
    ]
    tokens = parsed(write(blocks))
    inline = [token for token in tokens if token.type == "inline"]
    said = [shown([token]).split() for token in inline]
    assert [one for one in said if one] == [
        one
        for one in (words(some), words(some), words(some), ["Ada:", *words(some)], words(some), words(some))
        if one
    ]
    kinds = [token.type for token in tokens if token.type.endswith("_open")]
    expected = {"heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open", "table_open"}
    assert expected <= set(kinds) or not words(some)


@pytest.mark.parametrize(
    ("run", "tag"),
    [
        (Run(" two ", bold=True), "strong"),
        (Run("two", italic=True), "em"),
        (Run("two", link="https://a.example"), "link"),
    ],
)
def test_words_look_as_they_did(run: Run, tag: str) -> None:
    inside = parsed(write([Paragraph((Run("one "), run, Run(" three")))]))[1].children or []
    assert [token.type for token in inside] == ["text", f"{tag}_open", "text", f"{tag}_close", "text"]


def test_a_link_after_a_shout_is_no_image() -> None:
    link = Run("there", link="https://a.example")
    assert write([Paragraph((Run("See\\!"), link))]) == "See\\\\\\![there](<https://a.example>)\n"
    assert shown(parsed(write([Paragraph((Run("See!"), link))]))) == "See!there"


def test_lists_are_nested_and_tasks_ticked() -> None:
    blocks = [
        Item(Kind.BULLET, plain("one")),
        Item(Kind.NUMBER, plain("first\nline"), 1),
        Item(Kind.NUMBER, plain("second"), 1),
        Item(Kind.TASK, plain("done"), 2, checked=True),
        Item(Kind.TASK, plain("open")),
        Item(Kind.NUMBER, plain("1. last")),
        Item(Kind.BULLET, ()),
        Paragraph(()),
        Heading(9, plain("far\ndown")),
    ]
    assert write(blocks) == (
        "- one\n  1. first\\\n     line\n  2. second\n     - [x] done\n- [ ] open\n"
        "1. 1\\. last\n-\n\n###### far down\n"
    )


def test_a_quote_says_who() -> None:
    markdown = write([Quote(plain("a\n\n> b"), "Ada"), Quote(plain("c"))])
    assert markdown == "> **Ada:**\\\n> a\\\n> \\\n> \\> b\n\n> c\n"


def test_a_table_is_one() -> None:
    table = Table((plain("Answer"), plain("How|many")), ((plain("1"), plain("2\n3")),))
    assert write([table]) == "| Answer | How\\|many |\n| --- | --- |\n| 1 | 2 3 |\n"


def test_letters_that_no_text_holds_are_left_out() -> None:
    assert write([Paragraph(plain("a\0b\x1bc\u2028d\ud800"))]) == "abc\\\nd\n"


def test_pieces_make_a_line_that_begins_nothing() -> None:
    runs = (Run("1", mark="insight"), Run(". May"), Run("\n"), Run("-", bold=True), Run(" one ~| &"))
    assert re.sub("\n", "|", write([Paragraph(runs)])) == r"1\. May\|**\-** one \~\| \&|"
    assert write([Paragraph((Run("1"), Run(".", bold=True), Run(" May")))]) == "1\\. May\n"
