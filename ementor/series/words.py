"""Why a date cannot be, in the language of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask_babel import lazy_gettext

from ementor import i18n
from ementor.errors import Conflict, Invalid
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import DateRefusal, DateRefused

WORDS = {
    DateRefusal.PAST: lazy_gettext("%(when)s has already passed. Choose a later time."),
    DateRefusal.FAR: lazy_gettext("%(when)s is more than three years away. Check the year."),
    DateRefusal.NO_SUCH_TIME: lazy_gettext(
        "There is no %(when)s: the clocks go forward that night. %(suggestion)s would work."
    ),
    DateRefusal.TWICE: lazy_gettext(
        "%(when)s happens twice, as the clocks go back that night. Choose a time before or after that hour."
    ),
    DateRefusal.OVERLAP: lazy_gettext(
        "The group already meets then: %(when)s. Choose a time that does not overlap."
    ),
    DateRefusal.A_DAY: lazy_gettext("A group can meet at most %(a_day)s times a day."),
    DateRefusal.TOO_MANY: lazy_gettext("A series can have at most %(dates)s dates."),
    DateRefusal.WEEKS: lazy_gettext("Enter whole weeks, from 1 to %(weeks)s."),
    DateRefusal.LENGTH: lazy_gettext("The end must be 10 minutes to 12 hours after the start."),
    DateRefusal.HELD: lazy_gettext("This meeting has already been held, so its date can't be changed."),
    DateRefusal.CANCELLED: lazy_gettext("This meeting has been cancelled. Restore it first."),
    DateRefusal.OTHER_OPEN: lazy_gettext("Another meeting of the group is open now: %(when)s."),
    DateRefusal.GONE: lazy_gettext("Somebody has removed this date."),
}
AS_THINGS_STAND = {DateRefusal.HELD, DateRefusal.CANCELLED, DateRefusal.OTHER_OPEN, DateRefusal.GONE}
FIELDS = {DateRefusal.WEEKS: "weeks", DateRefusal.LENGTH: "end"}


@contextmanager
def refusing(zone: str, *, field: str = "date") -> Iterator[None]:
    """Raise what the rules refuse in here as Conflict, or as Invalid in ``field``."""
    try:
        yield
    except DateRefused as refused:
        if refused.why in AS_THINGS_STAND:
            raise Conflict(why(refused, zone)) from None
        raise Invalid(why(refused, zone), field=FIELDS.get(refused.why, field)) from None


def why(refused: DateRefused, zone: str) -> str:
    """Return why something is refused, with the local times that it is about."""
    values = {
        "when": _day_and_time(refused.other, zone),
        "suggestion": _day_and_time(refused.suggestion, zone),
        "a_day": rules.MAX_A_DAY,
        "dates": rules.MAX_DATES,
        "weeks": rules.MAX_WEEKS,
    }
    return str(WORDS[refused.why]) % values


def _day_and_time(wall: datetime | None, zone: str) -> str:
    return "" if wall is None else i18n.day_and_time(wall, zone)
