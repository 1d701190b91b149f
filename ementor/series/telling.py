"""A series in words: how often, on which days, by which clock; in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from babel import Locale
from babel.core import get_global
from flask_babel import get_locale, gettext

from ementor import i18n
from ementor.config import DEFAULT_TIME_ZONE
from ementor.series.domain.dates import Date


def count_word(number: int) -> str:
    """Return a number in words as far as one reads them more easily."""
    words = gettext("one two three four five six seven eight nine ten eleven twelve").split()
    return words[number - 1] if 0 < number <= len(words) else str(number)


def many_meetings(number: int) -> str:
    """Return how many meetings there are: Five meetings."""
    if number == 1:
        return str(gettext("One meeting"))
    return _capital(gettext("%(count)s meetings", count=count_word(number)))


def days_and_times(dates: Sequence[Date]) -> str:
    """Return in short when a group meets: Five Tuesdays, 9:00–10:30. The dates are of one weekday."""
    first = dates[0].wall
    if len(dates) == 1:
        return _capital(gettext("%(day)s, %(times)s", day=i18n.weekday(first), times=times(dates)))
    days = gettext("Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays").split()
    count = count_word(len(dates))
    return _capital(
        gettext("%(count)s %(days)s, %(times)s", count=count, days=days[first.weekday()], times=times(dates))
    )


def times(dates: Sequence[Date]) -> str:
    """Return from when to when, or only from when where the ends differ."""
    start = i18n.clock_time(dates[0].wall)
    if len({date.minutes for date in dates}) > 1:
        return start
    return f"{start}–{i18n.clock_time(dates[0].wall + timedelta(minutes=dates[0].minutes))}"


def short_date(at: datetime) -> str:
    """Return a date with its weekday in short: Tue 27 Oct."""
    return f"{i18n.day_name(at)} {i18n.short_day(at)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# Time zones


def zone_name(zone: str) -> str:
    """Return whose time it is: Helsinki time."""
    if zone == DEFAULT_TIME_ZONE:
        return str(gettext("Helsinki time"))
    return str(gettext("%(city)s time", city=i18n.city_of(zone)))


def zones() -> tuple[tuple[str, str], ...]:
    """Return every time zone with its city and country, in the order of the cities."""
    return _zones(str(get_locale()))


@cache
def _zones(locale: str) -> tuple[tuple[str, str], ...]:
    known, names = i18n.known_zones(), Locale.parse(locale).territories
    found = []
    for zone, territory in get_global("zone_territories").items():
        if zone in known and territory in names:
            city, country = i18n.city_of(zone, locale), names[territory]
            found.append((zone, city if city == country else f"{city}, {country}"))
    return tuple(sorted(found, key=lambda one: one[1].casefold()))
