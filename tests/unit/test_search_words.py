"""What counts as the same word: measured by word lists that people wrote, and rules of what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.archive.search.lemmas import is_known, lemma
from ementor.archive.search.words import (
    LANGUAGES,
    MAX_TERMS,
    Piece,
    context,
    found_by,
    lines_of,
    normal,
    parts_of,
    spans,
    terms_of,
    words_of,
)
from tests.support import inflections as lists

Pairs = tuple[tuple[str, str], ...]


def finds(asked: str, text: str, language: str = "fi") -> bool:
    """Tell whether all of what is asked for is in the text."""
    found = found_by(terms_of(asked, lemma), lines_of([text], language, lemma))
    return bool(found) and all(found.values())


def hits(pairs: Pairs, language: str) -> list[str]:
    return [f"{asked} in {word}" for asked, word in pairs if finds(asked, f"a, {word}.", language)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("pairs", "at_least"),
    [
        (lists.FINNISH, 35),
        (lists.COMPOUNDS, 10),
        (lists.SWEDISH, 18),
        (lists.SWEDISH_COMPOUNDS, 4),
        (lists.ENGLISH, 11),
    ],
    ids=["fi", "fi compounds", "sv", "sv compounds", "en"],
)
def test_forms_of_a_word_are_found_whatever_the_groups_language(
    pairs: Pairs, at_least: int, language: str
) -> None:
    found = hits(pairs, language)
    assert len(found) >= at_least, set(pairs) - {tuple(one.split(" in ")) for one in found}


def test_nineteen_of_twenty_swedish_forms_are_found_in_a_swedish_group() -> None:
    assert len(lists.SWEDISH) == 20
    assert len(hits(lists.SWEDISH, "sv")) >= 19


def test_the_lists_are_as_long_as_they_are_said_to_be() -> None:
    assert [len(one) for one in (lists.FINNISH, lists.COMPOUNDS, lists.NOT_FINNISH)] == [40, 10, 24]


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_words_are_not_found(language: str) -> None:
    assert len(hits(lists.NOT_FINNISH, language)) <= 2
    assert len(hits(lists.NOT_SWEDISH, language)) <= 3


def test_a_stem_of_another_language_does_not_count() -> None:
    assert not finds("notes", "do not", "en")
    assert finds("notes", "a note", "en")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("MENTOROINTI", "Vertaismentoroinnissa"),
        ("mentoroin", "vertaismentoroinnissa"),
        ("Äiti", "ÄITI"),
        ("a\u0308iti", "äiti"),
        ("18:30", "klo 18:30 alkaa"),
        ("EU", "EU:ssa"),
        ("mentoring", "peer-mentoring"),
        ("peer", "peer-mentoring"),
        ("don't", "we don’t know"),
        ("yö", "yö"),
        ("100", "100 %"),
        ("café", "cafe\u0301"),
        ("STRASSE", "Straße"),
    ],
)
def test_the_same_word_is_found_however_it_is_written(asked: str, text: str) -> None:
    assert finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("tälli", "talli"),
        ("talli", "tälli"),
        ("å", "a"),
        ("työ", "työtön"),
        ("aa", "aamu"),
        ("18:30", "18:35"),
        ("100%", "10"),
        ("a_b", "axb"),
        ("kissa koira", "kissa"),
    ],
)
def test_something_else_is_not(asked: str, text: str) -> None:
    assert not finds(asked, text)


@pytest.mark.parametrize("nothing", ["", "  ", "%", "_", '"', "…?!", "\0", "💚", "´`", "\ud800"])
def test_what_has_no_word_looks_for_nothing(nothing: str) -> None:
    assert terms_of(nothing, lemma) == ()


def test_a_text_of_many_words_is_cut_to_some() -> None:
    assert len(terms_of(" ".join(f"sana{number}" for number in range(500)), lemma)) == MAX_TERMS


def test_a_word_of_ten_thousand_letters_is_a_word() -> None:
    assert finds("y" * 10_000, "x " + "y" * 10_000)


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_word_of_a_text_finds_itself_and_is_where_it_is_said_to_be(text: str, asked: str) -> None:
    def none(word: str, language: str) -> None:
        return None

    text = normal(text)
    lines = lines_of([text], "fi", none)
    found = found_by(terms_of(asked, none), lines)
    for word, start, end in words_of(text):
        assert word in found_by(terms_of(word, none), lines)[word]
        assert (start, end) in spans(text, {word})
    shown = "".join(piece.text for piece in context(text, frozenset().union(*found.values())))
    assert shown.strip("…") in text


def test_the_words_around_a_hit_are_shown_cut_between_words() -> None:
    text = "alku " * 40 + "osuma tassa " + "loppu " * 40
    pieces = context(text, {"osuma"}, around=20)
    assert pieces == (
        Piece("…"),
        Piece("alku alku alku "),
        Piece("osuma", found=True),
        Piece(" tassa loppu loppu"),
        Piece("…"),
    )


def test_all_that_was_found_in_the_same_words_is_marked() -> None:
    pieces = context("yksi kaksi yksi", {"yksi"})
    assert [(piece.text, piece.found) for piece in pieces] == [
        ("yksi", True),
        (" kaksi ", False),
        ("yksi", True),
    ]


def test_a_compound_has_shorter_words_to_try() -> None:
    assert parts_of("etätyöpiste", is_known) == ("työpiste", "etätyö")
    assert parts_of("qwertyuiop", is_known) == ()
