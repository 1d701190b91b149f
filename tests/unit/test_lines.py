"""Kept notes as plain lines and back: what is left alone stays as it looks, what is typed is text only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.notes.document import Block, html_of
from ementor.notes.lines import MAX_PAIRS, compared, corrected, lines_of

KEPT = (
    "<h3>Title</h3><h4>Below</h4>"
    "<ul><li><p>one <strong>bold</strong></p><ul><li><p>deeper</p></li></ul></li></ul>"
    '<ul class="tasks"><li data-checked="true"><span class="box" role="checkbox" aria-checked="true" '
    'aria-disabled="true" aria-label="done"></span><p>done</p></li></ul>'
    "<ol><li><p>first</p></li><li><p><em>second</em></p></li></ol>"
    '<p>A line<br>and <a href="https://example.org/" rel="noopener noreferrer nofollow">a link</a>, '
    '<mark class="insight">an insight</mark>.</p>'
)
LINES = """# Title
## Below
- one bold
  - deeper
[x] done
1. first
2. second
A line
and a link, an insight."""


def test_what_is_kept_is_shown_as_lines_and_comes_back_as_it_was() -> None:
    assert lines_of(KEPT) == LINES
    assert corrected(KEPT, LINES) == KEPT
    assert lines_of("") == ""


def test_words_that_are_left_alone_keep_how_they_look() -> None:
    made = corrected(KEPT, LINES.replace("first", "zeroth\n2. first").replace("an insight", "an insight too"))
    assert "<li><p>zeroth</p></li><li><p>first</p></li><li><p><em>second</em></p></li>" in made
    assert '<mark class="insight">an insight' in made
    assert 'href="https://example.org/"' in made
    assert lines_of(made).splitlines()[5:8] == ["1. zeroth", "2. first", "3. second"]


def test_signs_at_the_start_of_a_line_say_what_it_is() -> None:
    typed = "# A\n## B\n* c\n\t- d\n[ ] e\n- [x] f\n3) g\nplain\n\n-none\n#none"
    assert lines_of(corrected("", typed)) == (
        "# A\n## B\n- c\n  - d\n[ ] e\n[x] f\n1. g\nplain\n-none\n#none"
    )


@pytest.mark.parametrize(
    "typed",
    [
        '<script>alert("x")</script>',
        "<b>x</b> & <img src=x onerror=y>",
        '<a href="javascript:x">y</a>',
        "<ins>x</ins> </p></div>",
    ],
)
def test_markup_that_somebody_types_is_text(typed: str) -> None:
    made = corrected(KEPT, typed)
    assert lines_of(made) == typed
    for html in (made, *compared(KEPT, made)):
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert "<b>" not in html


def test_what_has_changed_is_marked_word_by_word() -> None:
    before, after = (
        "<p>Ten minutes of <em>questions</em></p><p>same</p>",
        "<p>Eight minutes of <em>questions</em> only</p><p>same</p>",
    )
    assert compared(before, after) == (
        "<p><del>Ten</del> minutes of <em>questions</em></p><p>same</p>",
        "<p><ins>Eight</ins> minutes of <em>questions</em> <ins>only</ins></p><p>same</p>",
    )  # fmt: skip
    assert compared(KEPT, KEPT) == (KEPT, KEPT)


def test_texts_with_too_many_pairs_are_compared_at_their_ends() -> None:
    many = int(MAX_PAIRS**0.5) + 2
    before, after = (f"<p>head {f'{word} same ' * many}tail</p>" for word in ("old", "new"))
    gone, added = compared(before, after)
    assert gone.startswith("<p>head <del>old same")
    assert added.endswith(("</ins> tail</p>", "</ins> same tail</p>"))


WORDS = st.text("ab -#[]1.x\u2028*", max_size=12)
RUNS = st.lists(st.tuples(WORDS, st.sampled_from([{}, {"strong": True}, {"insight": True}])), max_size=3)
KINDS = st.sampled_from([None, "heading", "subheading", "bullet", "number", "task"])
BLOCKS = st.lists(st.builds(Block, KINDS, RUNS, st.integers(0, 3), st.booleans()), max_size=6)


@given(BLOCKS, st.text("ab -#[]1.x\n", max_size=60))
def test_any_notes_take_any_correction(blocks: list[Block], typed: str) -> None:
    kept = html_of(blocks)
    text = lines_of(kept)
    assert lines_of(corrected(kept, text)) == text
    made = corrected(kept, typed)
    gone, added = compared(kept, made)
    assert [one for one in lines_of(made).split() if one.isalpha()] == [
        one for one in lines_of(added).split() if one.isalpha()
    ]
    assert lines_of(gone).split() == text.split()
