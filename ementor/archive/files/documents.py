"""What the files of a record, and of a whole series, say: blocks, for each writer the same."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import force_locale, gettext

from ementor import i18n
from ementor.archive.sections import ON_PAGE
from ementor.blocks import Block, Heading, Paragraph, plain
from ementor.meetings.parts import role_name
from ementor.meetings.record import Attendee, Record


def document(record: Record, *, zone: str, locale: str) -> tuple[Block, ...]:
    """Return what all readers of a record may see, in ``locale``; people's words stay their own."""
    with force_locale(locale):
        return tuple(_blocks(record, zone, locale))


def _blocks(record: Record, zone: str, locale: str) -> Iterator[Block]:
    yield Heading(1, plain(i18n.say(record.title, locale)))
    started_at = record.started_at or record.ended_at
    start, end = (i18n.clock_time(at, zone, locale) for at in (started_at, record.ended_at))
    yield Paragraph(plain(f"{record.group}, {i18n.day(started_at, zone, locale)}, {start} – {end}"))
    if record.quiet_since:
        quiet = i18n.clock_time(record.quiet_since, zone, locale)
        told = gettext(
            "Nobody ended the meeting: it ended by itself. Nothing had happened since %(time)s.", time=quiet
        )
        yield Paragraph(plain(told))
    yield Paragraph(plain(f"{gettext('Present')}: {', '.join(map(_present, record.people))}"))
    for section in ON_PAGE:
        if section.blocks:
            yield from section.blocks(record, locale)


def _present(one: Attendee) -> str:
    return one.name + (f" ({role_name(one.role)})" if one.role else "")
