"""The thread of one's own as a document to take along: blocks, for each writer the same."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import force_locale, gettext

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.files import names
from ementor.archive.files.formats import Paper
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Table, plain
from ementor.mine import assessment, meetings, phrases, steps, thread
from ementor.mine.assessment import Assessment
from ementor.mine.meetings import Circle
from ementor.mine.thread import Entry
from ementor.notes.kept import from_html
from ementor.series.domain.promises import Became

AT_ONCE = 50
"""So many records are read at a time."""


def paper_of(actor: User, *, locale: str) -> Paper:
    """Return the whole thread of somebody's own, the newest first, in ``locale``; their words stay whole."""
    with force_locale(locale):
        title = str(gettext("What I took with me"))
        return Paper(
            name=names.plain_name(f"{clock.now().date().isoformat()} {title}"),
            title=title,
            author=actor.name,
            locale=locale,
            at=clock.now(),
            blocks=tuple(_blocks(actor, locale)),
        )


def _blocks(actor: User, locale: str) -> Iterator[Block]:
    now, everything = clock.now(), meetings.readable(actor)
    circles = meetings.circles({one.group_id for one in everything}, now)
    yield Heading(1, plain(gettext("What I took with me")))
    yield Paragraph(plain(actor.name))
    mine = [one for one in everything if not one.before_me]
    for first in range(0, len(mine), AT_ONCE):
        some = {one.id: one for one in mine[first : first + AT_ONCE]}
        records, promised = archive.records_of(some), steps.of(actor, some)
        for entry in thread.entries(actor, list(some.values()), records, promised):
            yield from _entry(entry, circles[entry.meeting.group_id], locale)
    for one in assessment.of(actor, {one.id: one for one in everything}):
        yield from _assessment(one, circles[one.group_id], locale)


def _entry(entry: Entry, circle: Circle, locale: str) -> Iterator[Block]:
    yield Heading(2, plain(i18n.say(entry.meeting.title, locale)))
    yield Paragraph(plain(f"{i18n.day(entry.meeting.ended_at, circle.zone, locale)}, {circle.name}"))
    if not entry.meeting.there:
        yield Paragraph(plain(gettext("You missed this meeting.")))
    if entry.took:
        yield Quote(plain(entry.took.text))
    if entry.step:
        yield Heading(3, plain(gettext("Next step")))
        yield Item(Kind.TASK, plain(entry.step.text), checked=entry.step.became is Became.DONE)
        yield Paragraph(plain(phrases.became(entry.step, circle.zone, clock.now())))
    if entry.insights:
        yield Heading(3, plain(gettext("Insights")))
        yield from (Item(Kind.BULLET, plain(text)) for text in entry.insights)
    for words in entry.words:
        yield Heading(3, plain(i18n.say(words.about, locale) or gettext("My writing")))
        yield Paragraph(plain(words.text))
    if entry.notes:
        yield Heading(3, plain(gettext("My own notes")))
        yield from from_html(entry.notes)


def _assessment(one: Assessment, circle: Circle, locale: str) -> Iterator[Block]:
    yield Heading(2, plain(gettext("Self-assessment")))
    yield Paragraph(plain(circle.name))
    times = [i18n.day(at, circle.zone, locale) for at in (one.first_at, one.last_at) if at]
    yield Table(
        head=tuple(plain(text) for text in (gettext("Statement"), *times)),
        rows=tuple(
            tuple(
                plain(text)
                for text in (
                    i18n.say(line.statement, locale),
                    *(str(answer or "–") for answer in (line.first, line.last)[: len(times)]),
                )
            )
            for line in one.lines
        ),
    )
