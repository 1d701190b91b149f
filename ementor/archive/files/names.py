"""Names of files: plain letters, digits and hyphens, whatever a title is."""

from __future__ import annotations

import unicodedata
from zoneinfo import ZoneInfo

from ementor import i18n
from ementor.meetings.record import Record

LONGEST = 80


def of_record(record: Record, *, zone: str, locale: str) -> str:
    """Return the name of a record's file without its ending: the day, then the title."""
    ended_on = record.ended_at.astimezone(ZoneInfo(zone)).date()
    return plain_name(f"{ended_on.isoformat()} {i18n.say(record.title, locale)}")


def plain_name(text: str) -> str:
    """Return ``text`` as a name that every system takes; empty when it has no plain letter."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = "".join(char if char.isalnum() else " " for char in letters).split()
    return "-".join(words)[:LONGEST].rstrip("-")
