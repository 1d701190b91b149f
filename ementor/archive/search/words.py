"""What counts as the same word: the rules, without a database or a dictionary.

Each word of a text becomes a line: the word itself, its parts where it has hyphens and the like, their
lemmas, and its stem. What is looked for becomes needles, of which one has to be inside a line. Lines
are kept as one text, so that SQL's LIKE finds a record by the very rule that then finds the word in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import snowballstemmer

RECIPE: Final = 1
"""How lines are made: with another one, those of all records are made anew."""
LANGUAGES: Final = ("fi", "sv", "en")
LONG: Final = 4
"""The least length of a lemma that is found inside others, and of a word's beginning."""
LONG_INSIDE: Final = 6
"""The same of a word just as it was typed: shorter ones are inside too many that have another meaning."""
LONGEST: Final = 60
"""Of more letters than that nothing is a word that a dictionary knows."""
LEAST_REST: Final = 3
"""What is left of a compound without one of its words."""
MAX_ASKED: Final = 200
MAX_TERMS: Final = 12
AROUND: Final = 90
"""How many letters are shown on each side of what was found."""

Lemma = Callable[[str, str], str | None]
"""Return the lemma of a word in a language, None where that does not know it."""

_WORD = re.compile(r"[^\W_]+(?:[-'’:.][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_STEMMERS = {"fi": "finnish", "sv": "swedish", "en": "english"}


@dataclass(frozen=True)
class Term:
    """A word that is looked for: a line of the index has it where one of the needles is inside."""

    word: str
    needles: tuple[str, ...]

    def finds(self, line: str) -> bool:
        """Tell whether a line is of such a word."""
        return any(needle in line for needle in self.needles)


@dataclass(frozen=True)
class Piece:
    """A part of a text that is shown, and whether it is what was looked for."""

    text: str
    found: bool = False


def normal(text: str) -> str:
    """Return ``text`` with each letter written in one way."""
    return unicodedata.normalize("NFC", text)


def words_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Return each word as it is compared, and where it stands in the ``normal`` text."""
    for match in _WORD.finditer(text):
        yield normal(match[0].casefold().replace("’", "'")), *match.span()


def lines_of(texts: Iterable[str], language: str, lemma: Lemma) -> str:
    """Return the lines of all words of ``texts``, each word once.

    Lemmas are taken from all languages, as people mix them; a stem only in the group's own, where
    it is not that of a word of another language ("notes" and "not" have one in Swedish).
    """
    stem = _stemmer(language)
    found = dict.fromkeys(word for text in texts for word, *_ in words_of(normal(text)))
    return "\n".join(_line(word, language, lemma, stem) for word in found)


def terms_of(asked: str, lemma: Lemma) -> tuple[Term, ...]:
    """Return what is looked for, each word once, as many as are taken."""
    found = dict.fromkeys(word for word, *_ in words_of(normal(asked)))
    stems = {language: _stemmer(language) for language in LANGUAGES}
    return tuple(_term(word, lemma, stems) for word in list(found)[:MAX_TERMS])


def found_by(terms: Iterable[Term], lines: str) -> dict[str, frozenset[str]]:
    """Return the words of an index that each term has found, by term."""
    every = lines.split("\n")
    return {
        term.word: frozenset(line.split(" ", 2)[1] for line in every if line and term.finds(line))
        for term in terms
    }


def spans(text: str, found: Collection[str]) -> list[tuple[int, int]]:
    """Return where in a ``normal`` text one of these words stands."""
    return [(start, end) for word, start, end in words_of(text) if word in found]


def context(text: str, found: Collection[str], *, around: int = AROUND) -> tuple[Piece, ...]:
    """Return a ``normal`` text on both sides of the first of these words, cut between words, with … there."""
    marked = spans(text, found)
    if not marked:
        return (Piece(text),)
    first, last = marked[0]
    start, end = _cut_before(text, first - around), _cut_after(text, last + around)
    pieces, at = [Piece("…")] if start else [], start
    for begins, ends in marked:
        if ends > end:
            break
        pieces += [Piece(text[at:begins]), Piece(text[begins:ends], found=True)]
        at = ends
    pieces += [Piece(text[at:end]), Piece("…" if end < len(text) else "")]
    return tuple(piece for piece in pieces if piece.text)


def parts_of(word: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return shorter words that a compound begins or ends with, longest first: to be tried in its place."""
    begins = (word[:at] for at in range(LONG, len(word) - LEAST_REST + 1))
    ends = (word[at:] for at in range(LEAST_REST, len(word) - LONG + 1))
    found: list[str] = []
    for half in sorted(filter(known, {*begins, *ends}), key=lambda half: (-len(half), half)):
        if not any(half in longer for longer in found):
            found.append(half)
    return tuple(found)


def _line(word: str, language: str, lemma: Lemma, stem: Callable[[str], str]) -> str:
    parts = _PART.findall(word)
    forms = dict.fromkeys([word, *(parts if len(parts) > 1 else [])])
    for form in list(forms):
        forms |= dict.fromkeys(_lemmas(form, lemma))
    return f" {' '.join(forms)} ={language}:{stem(word)} "


def _term(word: str, lemma: Lemma, stems: Mapping[str, Callable[[str], str]]) -> Term:
    needles = [f" {word} ", *(f"={language}:{stem(word)} " for language, stem in stems.items())]
    needles += [one if len(one) >= LONG else f" {one} " for one in _lemmas(word, lemma)]
    if len(word) >= LONG_INSIDE:
        needles.append(word)
    elif len(word) >= LONG:
        needles.append(f" {word}")
    distinct = dict.fromkeys(needles)
    # What holds another one needs no looking for, and each costs a scan.
    return Term(word, tuple(n for n in distinct if not any(m != n and m in n for m in distinct)))


def _lemmas(word: str, lemma: Lemma) -> Iterator[str]:
    """Return what is known of a word; one of several words, as some dictionaries have it, is none."""
    for language in LANGUAGES if len(word) <= LONGEST else ():
        known = lemma(word, language)
        if known and _WORD.fullmatch(known):
            yield normal(known.casefold())


def _stemmer(language: str) -> Callable[[str], str]:
    """Return a stemmer of one's own, as each has a state; words of another language are their own stems."""
    if language not in _STEMMERS:
        return lambda word: word
    stemmer = snowballstemmer.stemmer(_STEMMERS[language])
    return lambda word: str(stemmer.stemWord(word)) if len(word) <= LONGEST else word


def _cut_before(text: str, at: int) -> int:
    if at <= 0:
        return 0
    space = text.find(" ", at)
    return space + 1 if 0 <= space < at + AROUND // 2 else at


def _cut_after(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", 0, at)
    return space if space > at - AROUND // 2 else at
