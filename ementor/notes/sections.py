"""What the notes give to a meeting's record: what was written, what was marked in it, and each one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select

from ementor import blocks, i18n
from ementor.accounts.models import User
from ementor.blocks import Block, Heading, Item, Kind, plain
from ementor.database import after_commit, db
from ementor.meetings.domain.agenda import Text
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.record import Entry, Record, Section
from ementor.notes import services
from ementor.notes.blocks import GENERAL, OUTSIDE, fragment_name
from ementor.notes.kept import from_html
from ementor.notes.models import NoteUpdate, OwnNoteUpdate

OUTSIDE_ANCHOR = f"note-{OUTSIDE}"


@dataclass(frozen=True)
class Part:
    """A part of the notes: of an agenda item, or a standing one, which has neither item nor title.

    ``html`` is of known tags only.
    """

    item: int | None
    title: Text | None
    html: str

    @property
    def anchor(self) -> str:
        """Return its place on the record's page."""
        return f"note-{self.item or GENERAL}"


@dataclass(frozen=True)
class Passage:
    """Words that were marked in the notes, with the name of the part and, if it is an item's, its title."""

    part: str
    title: Text | None
    text: str

    def where(self, locale: str) -> str:
        """Return what the part is called."""
        if self.title:
            return i18n.say(self.title, locale)
        return str(gettext("Can be shared outside") if self.part == OUTSIDE else gettext("General notes"))


@dataclass(frozen=True)
class KeptNotes:
    """The general notes and the items', also of removed ones, what may be told outside, what was marked."""

    parts: tuple[Part, ...] = ()
    outside: Part | None = None
    insights: tuple[Passage, ...] = ()
    next_steps: tuple[Passage, ...] = ()


def _keep(meeting: Meeting, run: Run) -> KeptNotes:
    html = services.html_of(meeting.id)
    marked = services.collected_of(meeting.id)
    items = (*run.agenda, *(item for _, item in run.removed))
    titles = {fragment_name(item.id): dict(item.title) for item in items}
    ids = {fragment_name(item.id): item.id for item in items}
    parts = {
        part: Part(ids.get(part), titles.get(part), html[part])
        for part in (GENERAL, *ids, OUTSIDE)
        if part in html
    }
    outside = parts.pop(OUTSIDE, None)

    def passages(mark: str) -> tuple[Passage, ...]:
        return tuple(Passage(part, titles.get(part), words) for part, words in marked[mark])

    return KeptNotes(tuple(parts.values()), outside, passages("insight"), passages("next_step"))


def _read(data: dict[str, Any]) -> KeptNotes:
    return KeptNotes(
        parts=tuple(map(_read_part, data["parts"])),
        outside=_read_part(data["outside"]) if data["outside"] else None,
        insights=tuple(Passage(**one) for one in data["insights"]),
        next_steps=tuple(Passage(**one) for one in data["next_steps"]),
    )


def _read_part(data: dict[str, Any]) -> Part:
    """Return a part; those kept before there were blocks have Markdown beside the HTML."""
    return Part(data["item"], data["title"], data["html"])


def _forget(meeting: Meeting, run: Run) -> None:
    """Drop what was deleted or off the record.

    What cannot be shown even as plain text stays where it is: whoever looks after the server has the log.
    """
    if services.is_kept_whole(meeting.id):
        db.session.execute(delete(NoteUpdate).where(NoteUpdate.meeting_id == meeting.id))
    after_commit(services.forget, meeting.id)


def _took_part(meeting: Meeting, run: Run) -> set[int]:
    wrote = select(NoteUpdate.author_id).where(NoteUpdate.meeting_id == meeting.id)
    return {author_id for author_id in db.session.scalars(wrote.distinct()) if author_id is not None}


def _blocks(record: Record, locale: str) -> Iterator[Block]:
    notes = record.of(NOTES)
    if notes.parts:
        yield Heading(2, plain(gettext("Shared notes")), "notes")
    for part in notes.parts:
        title = i18n.say(part.title, locale) if part.title else gettext("General notes")
        yield Heading(3, plain(title), part.anchor)
        yield from from_html(part.html)
    if notes.outside:
        yield Heading(2, plain(gettext("Can be shared outside")), "note-outside")
        yield from from_html(notes.outside.html, below=2)


def _contents(record: Record) -> Iterator[Entry]:
    notes = record.of(NOTES)
    yield Entry("notes", gettext("Shared notes"), str(len(notes.parts)) if notes.parts else "")
    if notes.outside:
        yield Entry(OUTSIDE_ANCHOR, gettext("Can be shared outside"))


NOTES: Section[KeptNotes] = Section(
    "notes",
    KeptNotes(),
    keep=_keep,
    read=_read,
    grows=True,
    forget=_forget,
    took_part=_took_part,
    template="notes/_record.html",
    contents=_contents,
    blocks=_blocks,
)


def _insights_blocks(record: Record, locale: str) -> Iterator[Block]:
    insights = record.of(NOTES).insights
    if insights:
        yield Heading(2, plain(gettext("Insights")), "insights")
    for one in insights:
        yield passage_item(one, locale)


def passage_item(one: Passage, locale: str) -> Item:
    """Return words that were marked, and where they stand, as an item of a list."""
    return Item(Kind.BULLET, (blocks.Run(one.text), blocks.Run(f" ({one.where(locale)})")))


def _insights_contents(record: Record) -> Iterator[Entry]:
    insights = record.of(NOTES).insights
    if insights:
        yield Entry("insights", gettext("Insights"), str(len(insights)))


INSIGHTS: Section[None] = Section(
    "insights",
    None,
    template="notes/_record_insights.html",
    contents=_insights_contents,
    shows=lambda record: record.of(NOTES).insights,
    blocks=_insights_blocks,
)
"""The insights have a place of their own on the page; what is shown there is kept with the notes."""


def _own(record: Record, meeting: Meeting, reader: User) -> str:
    return services.own_html_of(meeting, reader.id)


def _own_blocks(own: str, locale: str) -> Iterator[Block]:
    yield Heading(3, plain(gettext("My own notes")), "own-own_notes")
    yield from from_html(own)


def _forget_own(meeting: Meeting, run: Run) -> None:
    """Drop how they came about; whose cannot be kept at all keep their log."""
    unkept = services.keep_own(meeting.id)
    own = (OwnNoteUpdate.meeting_id == meeting.id, OwnNoteUpdate.owner_id.not_in(unkept))
    db.session.execute(delete(OwnNoteUpdate).where(*own))


def _took_own(meeting: Meeting, run: Run) -> set[int]:
    query = select(OwnNoteUpdate.owner_id).where(OwnNoteUpdate.meeting_id == meeting.id)
    return set(db.session.scalars(query.distinct()))


OWN_NOTES: Section[None] = Section(
    "own_notes",
    None,
    forget=_forget_own,
    took_part=_took_own,
    own=_own,
    own_template="notes/_record_own.html",
    own_blocks=_own_blocks,
)
