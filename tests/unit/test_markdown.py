"""People's words in Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.markdown import escape, escape_starts

MEANS_SOMETHING = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<>#|~&$]|^[ \t]*(?:[-+=]|\d+[.)])", re.MULTILINE)
SIGNS = st.text("\\`*_[]()<>#|~&$-+=.!1 9\t\n\r\u2028äb", max_size=40)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("# not a heading *nor* [a](link)", r"\# not a heading \*nor\* \[a\](link)"),
        ("1. no list", r"1\. no list"),
        ("2) nor this", r"2\) nor this"),
        ("3.14 is", r"3\.14 is"),
        ("- none\n  + either\n===", "\\- none\n  \\+ either\n\\==="),
        ("a-b 5 - 3", "a-b 5 - 3"),
        ("one\r- two\u2028- three\r\n4. four", "one\n\\- two\n\\- three\n4\\. four"),
        (r"~~gone~~ a|b &amp; $x$ c:\d", r"\~\~gone\~\~ a\|b \&amp; \$x\$ c:\\d"),
    ],
)
def test_signs_are_words(words: str, shown: str) -> None:
    assert escape(words) == shown


@given(SIGNS)
def test_nothing_that_is_escaped_means_anything_and_nothing_is_lost(text: str) -> None:
    shown = escape(text)
    assert not MEANS_SOMETHING.search(shown)
    assert re.sub(r"\\(.)", r"\1", shown).split() == text.split()


@given(st.lists(SIGNS, max_size=4))
def test_pieces_make_a_line_that_begins_nothing(pieces: list[str]) -> None:
    whole = escape_starts("".join(map(escape, pieces)))
    assert not MEANS_SOMETHING.search(whole)
    assert escape_starts(whole) == whole
