"""What stands where in a record: the words of people and their programme, nothing of the page's own.

Words such as "min" or "Key question" would otherwise be found in every record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from flask_babel import gettext, lazy_gettext

from ementor import i18n
from ementor.archive.search.words import normal
from ementor.blocks import Block, Table
from ementor.meetings.domain.agenda import Text
from ementor.meetings.record import Record
from ementor.meetings.sections import AGENDA, CASES
from ementor.notes.kept import read
from ementor.notes.sections import NOTES, OWN_NOTES
from ementor.reflections.sections import REFLECTION, STEPS, PrivateWords
from ementor.writings.sections import WRITINGS, OwnWriting


class Sign(StrEnum):
    """The icon of a place."""

    PRIVATE = "lock"
    INSIGHT = "spark"
    NONE = ""


@dataclass(frozen=True)
class Excerpt:
    """Some words of a record. ``anchor`` is where they stand on its page, empty for its title.

    ``text`` has the same in each language that there is. ``person`` is whose it is, where that is told.
    """

    anchor: str
    text: Text
    section: str = ""
    within: str = ""
    sign: Sign = Sign.NONE
    person: int | None = None

    @property
    def private(self) -> bool:
        """Tell whether one person only may read it."""
        return self.sign is Sign.PRIVATE

    @property
    def where(self) -> str:
        """Return where it stands, in words."""
        return ", ".join(filter(None, [self.section, self.within]))


def shared(record: Record, locale: str) -> Iterator[Excerpt]:
    """Return what all readers share, in the order of the page, with the names of places in ``locale``."""
    yield Excerpt("", record.title)
    yield from _insights(record, locale)
    yield from _steps(record, locale)
    yield from _agenda(record, locale)
    yield from _notes(record, locale)
    yield from _answers(record, locale)
    yield from _cases(record, locale)


def own(key: str, words: Any, locale: str) -> Iterator[Excerpt]:
    """Return what a section has for one reader only, as its ``own`` gave it."""
    within, texts = OWN[key]
    for anchor, text in texts(words):
        yield Excerpt(anchor, text, gettext("Only for you"), str(within), Sign.PRIVATE)


def is_mine(place: Excerpt, person: int) -> bool:
    """Tell whether these are somebody's own words."""
    return place.private or place.person == person


def _insights(record: Record, locale: str) -> Iterator[Excerpt]:
    for one in record.of(NOTES).insights:
        yield Excerpt("insights", _words(one.text), gettext("Insight"), one.where(locale), Sign.INSIGHT)


def _steps(record: Record, locale: str) -> Iterator[Excerpt]:
    named = gettext("Next step")
    for step in record.of(STEPS):
        yield Excerpt("next-steps", _words(step.text), named, step.name or "", person=step.person)
    for one in record.of(NOTES).next_steps:
        yield Excerpt("next-steps", _words(one.text), named, one.where(locale))


def _agenda(record: Record, locale: str) -> Iterator[Excerpt]:
    for item in record.of(AGENDA):
        yield Excerpt("agenda", item.title, gettext("Agenda"))
        yield Excerpt("agenda", item.prompt, gettext("Agenda"), i18n.say(item.title, locale))


MOST_PARAGRAPHS = 3000
"""Of the notes of a meeting, and of somebody's own: more than people write in one. What is below is not
searched, so that looking through a few such records takes no longer than it may."""


def _notes(record: Record, locale: str) -> Iterator[Excerpt]:
    return islice(_all_notes(record, locale), MOST_PARAGRAPHS)


def _all_notes(record: Record, locale: str) -> Iterator[Excerpt]:
    notes = record.of(NOTES)
    for part in notes.parts:
        title = i18n.say(part.title, locale) if part.title else gettext("General notes")
        for text in _paragraphs(part.html):
            yield Excerpt(part.anchor, text, gettext("Shared notes"), title)
    for text in _paragraphs(notes.outside.html) if notes.outside else ():
        yield Excerpt("note-outside", text, gettext("Can be shared outside"))


def _answers(record: Record, locale: str) -> Iterator[Excerpt]:
    named = gettext("Closing reflection")
    for question in record.of(REFLECTION).questions:
        for answer in question.answers:
            anchor = f"answers-{question.key}"
            yield Excerpt(anchor, _words(answer.text), named, answer.name or "", person=answer.person)


def _cases(record: Record, locale: str) -> Iterator[Excerpt]:
    numbers: Counter[int] = Counter()
    for case in record.of(CASES):
        numbers[case.item] += 1
        anchor, named = f"case-{case.item}-{numbers[case.item]}", case.name or ""
        for text in (case.question, case.next_step):
            yield Excerpt(anchor, _words(text), gettext("Case"), named, person=case.person)


def _own_notes(html: str) -> Iterator[tuple[str, Text]]:
    return (("own-own_notes", text) for text in islice(_paragraphs(html), MOST_PARAGRAPHS))


def _own_answers(words: tuple[PrivateWords, ...]) -> Iterator[tuple[str, Text]]:
    return (("own-reflection", _words(one.text)) for one in words)


def _own_writings(words: tuple[OwnWriting, ...]) -> Iterator[tuple[str, Text]]:
    return (("own-writings", _words(one.text)) for one in words)


def _own_step(text: str) -> Iterator[tuple[str, Text]]:
    yield "own-steps", _words(text)


OWN: dict[str, tuple[Any, Callable[[Any], Iterable[tuple[str, Text]]]]] = {
    OWN_NOTES.key: (lazy_gettext("my own notes"), _own_notes),
    REFLECTION.key: (lazy_gettext("my own answers"), _own_answers),
    STEPS.key: (lazy_gettext("my next step"), _own_step),
    WRITINGS.key: (lazy_gettext("my writing"), _own_writings),
}


def _words(text: str) -> Text:
    return {"": text}


def _paragraphs(html: str) -> Iterator[Text]:
    for block in read(html):
        yield _words(_said(block))


def _said(block: Block) -> str:
    assert not isinstance(block, Table)  # notes have none
    return normal("".join(run.text for run in block.runs))
