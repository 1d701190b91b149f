"""How a group's page says dates and numbers, in the language of whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup

from ementor import i18n
from ementor.meetings.cards.view import Person
from ementor.series.domain.countdown import Left, Unit

MANY = 4
NUMBERS = (
    lazy_gettext("One"),
    lazy_gettext("Two"),
    lazy_gettext("Three"),
    lazy_gettext("Four"),
    lazy_gettext("Five"),
    lazy_gettext("Six"),
    lazy_gettext("Seven"),
    lazy_gettext("Eight"),
    lazy_gettext("Nine"),
    lazy_gettext("Ten"),
    lazy_gettext("Eleven"),
    lazy_gettext("Twelve"),
)
RHYTHMS = {
    1: lazy_gettext("every %(weekday)s"),
    2: lazy_gettext("every second %(weekday)s"),
    3: lazy_gettext("every third %(weekday)s"),
    4: lazy_gettext("every fourth %(weekday)s"),
}


def in_words(number: int) -> str:
    """Return a number at the beginning of a sentence: in words up to twelve."""
    return str(NUMBERS[number - 1]) if 1 <= number <= len(NUMBERS) else str(number)


def behind(number: int) -> str:
    """Return how many meetings have been held."""
    count = in_words(number)
    return str(ngettext("%(count)s meeting behind you", "%(count)s meetings behind you", number, count=count))


def rhythm(weeks: int, wall: datetime) -> str:
    """Return how often and on which day: every second Tuesday."""
    weekday = i18n.weekday_name(wall)
    if weeks in RHYTHMS:
        return str(RHYTHMS[weeks]) % {"weekday": weekday}
    return str(gettext("every %(n)s weeks: %(weekday)s", n=weeks, weekday=weekday))


def usual(weeks: int, wall: datetime, minutes: int) -> Markup:
    """Return when a group usually meets: Every second Tuesday, 9:00–10:30."""
    every, times = rhythm(weeks, wall), hours(wall, wall + timedelta(minutes=minutes))
    text = Markup(gettext("%(rhythm)s, %(hours)s"))  # noqa: S704
    return text % {"rhythm": every[:1].upper() + every[1:], "hours": times}


def hours(starts: datetime, ends: datetime) -> Markup:
    """Return from when to when, of a day that is told beside it."""
    text = gettext("%(start)s–%(end)s", start=i18n.clock_time(starts), end=i18n.clock_time(ends))
    return i18n.marked(text, starts)


def there(people: Sequence[Person]) -> str:
    """Return who is in the room already; of many only how many."""
    names = [person.name for person in people]
    match names:
        case [name]:
            return str(gettext("%(name)s is already there.", name=name))
        case [*some, last] if len(names) < MANY:
            return str(gettext("%(names)s and %(last)s are already there.", names=", ".join(some), last=last))
        case _:
            return str(gettext("%(n)s people are already there.", n=len(names)))


def to_the_meeting(left: Left) -> str:
    """Return the whole of what the ring shows, for those who hear it."""
    match left.unit:
        case Unit.DAYS:
            text = ngettext(
                "%(n)s day until the meeting", "%(n)s days until the meeting", left.number, n=left.number
            )
        case Unit.TOMORROW:
            text = gettext("The meeting is tomorrow")
        case Unit.HOURS:
            text = ngettext(
                "The meeting is today, in %(n)s hour",
                "The meeting is today, in %(n)s hours",
                left.number,
                n=left.number,
            )
        case Unit.MINUTES:
            text = ngettext(
                "The meeting begins in %(n)s minute",
                "The meeting begins in %(n)s minutes",
                left.number,
                n=left.number,
            )
        case Unit.NOW:
            text = gettext("Time to start")
    return str(text)


def counted(left: Left) -> str:
    """Return what stands below the ring's number."""
    match left.unit:
        case Unit.DAYS:
            return str(ngettext("day", "days", left.number))
        case Unit.HOURS:
            return str(ngettext("hour", "hours", left.number))
        case Unit.MINUTES:
            return str(ngettext("minute", "minutes", left.number))
        case _:
            return ""
