"""A record as Markdown, to take along: what the group shares, never what is private."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from ementor import i18n
from ementor.archive.sections import IN_FILE
from ementor.markdown import escape_line
from ementor.meetings.parts import role_name
from ementor.meetings.record import Attendee, Record


def markdown_of(record: Record, *, time_zone: str, locale: str) -> str:
    """Return the record as Markdown in ``locale``; people's words stay their own."""
    with force_locale(locale):
        return "\n\n".join(_blocks(record, time_zone, locale)) + "\n"


def file_name(record: Record, *, time_zone: str, locale: str) -> str:
    """Return a name of plain letters, digits and hyphens, whatever the title is."""
    title = unicodedata.normalize("NFKD", i18n.say(record.title, locale)).encode("ascii", "ignore")
    words = "".join(char if char.isalnum() else " " for char in title.decode().lower()).split()
    ended_on = record.ended_at.astimezone(ZoneInfo(time_zone)).date()
    return "-".join([ended_on.isoformat(), *words])[:80].rstrip("-") + ".md"


def _blocks(record: Record, time_zone: str, locale: str) -> Iterator[str]:
    yield f"# {escape_line(i18n.say(record.title, locale))}"
    started_at = record.started_at or record.ended_at
    start, end = (i18n.clock_time(at, time_zone, locale) for at in (started_at, record.ended_at))
    yield f"{escape_line(record.group)}, {i18n.day(started_at, time_zone, locale)}, {start} – {end}"
    if record.quiet_since:
        quiet = i18n.clock_time(record.quiet_since, time_zone, locale)
        yield gettext(
            "Nobody ended the meeting: it ended by itself. Nothing had happened since %(time)s.", time=quiet
        )
    yield f"{gettext('Present')}: {', '.join(map(_present, record.people))}"
    for section in IN_FILE:
        if section.markdown:
            yield from section.markdown(record, locale)


def _present(one: Attendee) -> str:
    return escape_line(one.name) + (f" ({role_name(one.role)})" if one.role else "")
