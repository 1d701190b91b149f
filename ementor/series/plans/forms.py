"""What is typed into the forms of dates: read strictly, and refused at its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TypeVar

from flask_babel import gettext

from ementor.errors import Invalid
from ementor.series import words
from ementor.series.domain.dates import DateRefusal, DateRefused

Values = Mapping[str, str]
Read = TypeVar("Read")

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years that are no slip of the finger; how far ahead a date may be is the rules' matter."""


class Wrong(Invalid):
    """Several fields are refused at once: ``errors`` by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        field, message = next(iter(errors.items()))
        super().__init__(message, field=field)
        self.errors = errors


def errors_of(error: Invalid) -> dict[str, str]:
    """Return what is refused, by field."""
    return dict(error.errors) if isinstance(error, Wrong) else {error.field or "": error.message}


def reading(errors: dict[str, str], read: Callable[[], Read]) -> Read | None:
    """Return what ``read`` reads; when it is refused None, and why at its field in ``errors``."""
    try:
        return read()
    except Invalid as error:
        errors |= errors_of(error)
        return None


def day(values: Values, name: str) -> date:
    """Return a date as a date field gives it."""
    text = values.get(name, "").strip()
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(gettext("Choose a date."), field=name)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid(gettext("Check the year."), field=name)
    return found


def hour(values: Values, name: str) -> time:
    """Return a time of day as a time field gives it, or as people write it."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(:[0-5][0-9])?", values.get(name, "").strip())
    if not found:
        raise Invalid(gettext("Enter a time such as 15:30."), field=name)
    return time(int(found[1]), int(found[2]))


def wall(values: Values, date_name: str, time_name: str) -> datetime:
    """Return the local time that two fields give together. Raises Wrong for either or both."""
    errors: dict[str, str] = {}
    on = reading(errors, lambda: day(values, date_name))
    at = reading(errors, lambda: hour(values, time_name))
    if on is None or at is None:
        raise Wrong(errors)
    return datetime.combine(on, at)


def weeks(values: Values) -> int | None:
    """Return the weeks between meetings; None for the programme's own."""
    text = values.get("weeks", "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise Invalid(words.why(DateRefused(DateRefusal.WEEKS), ""), field="weeks")
    return int(text)


def minutes(values: Values, at: time, *, shown_end: str, length: int) -> int | None:
    """Return how long a meeting is to be; None when the end was left as it was shown, or as far away."""
    end = hour(values, "end")
    found = (end.hour - at.hour) * 60 + end.minute - at.minute
    if found == length or values.get("end", "") == shown_end:
        return None
    return found
