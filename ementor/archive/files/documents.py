"""What the files of a record, and of a whole series, say: blocks, for each writer the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask_babel import force_locale, gettext

from ementor import blocks, i18n
from ementor.archive.files.formats import Paper
from ementor.archive.files.names import of_record, plain_name
from ementor.archive.sections import ON_PAGE
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, plain
from ementor.meetings.parts import role_name
from ementor.meetings.record import Attendee, Record


def document(record: Record, *, zone: str, locale: str) -> tuple[Block, ...]:
    """Return what all readers of a record may see, in ``locale``; people's words stay their own."""
    with force_locale(locale):
        return tuple(_blocks(record, zone, locale))


def paper_of(record: Record, *, zone: str, locale: str) -> Paper:
    """Return a record as a document to write."""
    return Paper(
        name=of_record(record, zone=zone, locale=locale),
        title=i18n.say(record.title, locale),
        author=record.group,
        locale=locale,
        at=record.ended_at,
        blocks=document(record, zone=zone, locale=locale),
    )


def series_of(records: Sequence[Record], *, group: str, zone: str, locale: str) -> Paper:
    """Return the records of a group, in their order and with a list of contents, as one document."""
    with force_locale(locale):
        title = gettext("%(group)s: notes", group=group)
        contents = gettext("Contents")
    whole: list[Block] = [Heading(1, plain(title)), Heading(2, plain(contents))]
    for number, record in enumerate(records, 1):
        link = blocks.Run(i18n.say(record.title, locale), link=f"#meeting-{number}")
        day = i18n.day(record.started_at or record.ended_at, zone, locale)
        whole.append(Item(Kind.NUMBER, (link, blocks.Run(f", {day}"))))
    for number, record in enumerate(records, 1):
        whole += _below(document(record, zone=zone, locale=locale), f"meeting-{number}")
    name = plain_name(f"{group} notes")
    at = max(record.ended_at for record in records)
    return Paper(name=name, title=title, author=group, locale=locale, at=at, blocks=tuple(whole))


def _below(some: Sequence[Block], place: str) -> Iterator[Block]:
    """Yield the blocks of a document as a part of a larger one."""
    for block in some:
        if not isinstance(block, Heading):
            yield block
        elif block.level == 1:
            yield replace(block, level=2, anchor=place)
        else:
            anchor = f"{place}-{block.anchor}" if block.anchor else ""
            yield replace(block, level=block.level + 1, anchor=anchor)


def _blocks(record: Record, zone: str, locale: str) -> Iterator[Block]:
    yield Heading(1, plain(i18n.say(record.title, locale)))
    started_at = record.started_at or record.ended_at
    start, end = (i18n.clock_time(at, zone, locale) for at in (started_at, record.ended_at))
    yield Paragraph(plain(f"{record.group}, {i18n.day(started_at, zone, locale)}, {start} – {end}"))
    if record.quiet_since:
        quiet = i18n.clock_time(record.quiet_since, zone, locale)
        told = gettext(
            "Nobody ended the meeting, so it ended automatically. Nothing had happened since %(time)s.",
            time=quiet,
        )
        yield Paragraph(plain(told))
    yield Paragraph(plain(f"{gettext('Present')}: {', '.join(map(_present, record.people))}"))
    for section in ON_PAGE:
        if section.blocks:
            yield from section.blocks(record, locale)


def _present(one: Attendee) -> str:
    return one.name + (f" ({role_name(one.role)})" if one.role else "")
