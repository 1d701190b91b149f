"""The viewer's language: their own choice, else a browser's that is not English, else the group's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_timezone, get_timezone_location
from flask import g, has_request_context, request, session
from flask_babel import force_locale, get_locale, gettext
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ementor.config import DEFAULT_TIME_ZONE
from ementor.languages import LANGUAGES, SOURCE, Language, version_in


def choose() -> str:
    """Return the locale of whoever asks, one of ``LANGUAGES``.

    A browser set to Finnish or Swedish was set so by its owner. One in English is often just
    as it came, so there the group's language counts for more.
    """
    if not has_request_context():
        return SOURCE
    browsers = request.accept_languages.best_match(LANGUAGES, default=SOURCE) or SOURCE
    for locale in (chosen(), browsers if browsers != SOURCE else None, g.get("group_locale")):
        if locale in LANGUAGES:
            return str(locale)
    return browsers


def in_group(locale: str, time_zone: str) -> None:
    """Show from now on what this request shows in the ways of a group: its language, and its time zone.

    The doors of a group call it: the link, its waiting people's place, and the rights of its members.
    """
    g.group_locale, g.group_time_zone = locale, time_zone


def for_person(locale: str | None) -> None:
    """Tell which language the person who asks has chosen, so that nobody needs to load them for it."""
    g.own_locale = locale


def chosen() -> str | None:
    """Return the language that the person pressed, on this device or an earlier one; None for none."""
    own: str | None = session.get("locale")
    if own is None and "own_locale" in g:
        return cast("str | None", g.own_locale)
    return own or (current_user.locale if current_user.is_authenticated else None)


def say(text: Mapping[str, str], locale: str | None = None) -> str:
    """Return ``text`` in ``locale``, else in the language in force: see ``version_in``."""
    return version_in(text, locale or str(get_locale()))


@pass_context
def translated(context: Context, text: str, /, **values: object) -> Markup:
    """Return ``text`` in the language of a template's ``locale``, with ``values`` put in and escaped.

    The templates' ``_``. Jinja's own asks each time which request, catalogue and language it is for; with a
    hundred texts in a room's part that was a third of rendering it.
    """
    return in_language(str(context.get("locale") or get_locale()), text, **values)


def name(text: str) -> Markup:
    """Return somebody's name in our sentence: it may run the other way, and no translator changes it."""
    return Markup('<bdi translate="no">%s</bdi>') % text


def in_language(locale: str, text: str, /, **values: object) -> Markup:
    """Return ``text`` in the language ``locale``, with ``values`` put in and escaped."""
    words = _words(locale, text, whole=not values)
    return words % values if values else words


@cache
def _words(locale: str, text: str, *, whole: bool) -> Markup:
    with force_locale(locale):
        words = Markup(gettext(text))  # noqa: S704
    return words % {} if whole else words


def clock_time(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return the time of day of ``at`` in the group's zone: 15.32 in Finnish and Swedish, else 15:32."""
    language = _language(locale)
    return babel_time(_local(at, time_zone), language.hour, locale=language.code)


def shown_time(at: datetime, time_zone: str | None = None, locale: str | None = None) -> Markup:
    """Return the time of day of ``at`` for a page, see ``marked``."""
    return marked(clock_time(at, time_zone, locale), at, _other(time_zone), locale)


def marked(text: str, at: datetime, other: str | None = None, locale: str | None = None) -> Markup:
    """Return ``text``, a time of day or two, as a page shows it: whose time it is, can be added to it.

    The page's zone stands on its root; a time of an ``other`` zone brings its own. zones.js sees whether the
    viewer's clock differs, and the style sheet adds the city: 15:32 (Helsinki). A local time has no instant.
    """
    if not at.tzinfo:
        return Markup('<span class="at" translate="no">%s</span>') % text
    its = Markup(' data-zone="%s" data-city="%s"') % (other, city_of(other, locale)) if other else Markup()
    instant = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    return Markup('<time class="at" translate="no" datetime="%s"%s>%s</time>') % (instant, its, text)


def _other(time_zone: str | None) -> str | None:
    return time_zone if time_zone != zone() else None


def day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return the date of ``at`` in the group's zone, in the words of the viewer's language."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.day, locale=language.code)


def day_and_time(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return weekday, date and time of day of ``at`` in the group's zone: ti 24.11. klo 9.00.

    A local time without a zone is told as it is, also one that no clock shows.
    """
    language, local = _language(locale), _local(at, time_zone)
    before = babel_date(local, language.day_and, locale=language.code)
    return before + babel_time(local, language.hour, locale=language.code)


def shown_day_and_time(at: datetime, time_zone: str | None = None, locale: str | None = None) -> Markup:
    """Return weekday, date and time of day of ``at`` for a page, see ``marked``."""
    return marked(day_and_time(at, time_zone, locale), at, _other(time_zone), locale)


def short_day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date without its year: 24.11. in Finnish, 24 Nov in English."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.short_day, locale=language.code)


def short_day_and_year(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date in short: 24.11.2026 in Finnish, 24 Nov 2026 in English."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.short_day_and_year, locale=language.code)


def weekday(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date with its weekday in words: tiistaina 24.11., Tuesday 24 November."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.weekday, locale=language.code)


def full_day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date in full: tiistai 24.11.2026, Tuesday 24 November 2026."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.full_day, locale=language.code)


def weekday_name(at: datetime, locale: str | None = None) -> str:
    """Return the name of a local day: tiistai, Tuesday."""
    return babel_date(at, "cccc", locale=locale or str(get_locale()))


def day_name(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return the weekday in short: ti in Finnish, Tue in English."""
    language = _language(locale)
    return babel_date(_local(at, time_zone), language.day_name, locale=language.code)


def _language(locale: str | None) -> Language:
    return LANGUAGES[locale or str(get_locale())]


def _local(at: datetime, time_zone: str | None) -> datetime:
    return at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at


def group_shown() -> bool:
    """Tell whether the page is one of a group."""
    return "group_time_zone" in g


def zone() -> str:
    """Return the time zone of the group being shown."""
    return str(g.get("group_time_zone") or DEFAULT_TIME_ZONE)


@cache
def known_zones() -> frozenset[str]:
    """Return every time zone that has a name: "localtime" and "Factory" are the machine's own."""
    return frozenset(zone for zone in available_timezones() if _has_name(zone))


def _has_name(zone: str) -> bool:
    try:
        get_timezone(zone)
    except LookupError:
        return False
    return True


def offered_zone(name: str) -> str:
    """Return the zone that a browser named when a group was started, else the usual one."""
    return name if name in known_zones() else DEFAULT_TIME_ZONE


def city_of(zone: str, locale: str | None = None) -> str:
    """Return the city by which a time zone is known: Helsinki, or Helsingfors in Swedish."""
    return _city(zone, _language(locale).code)


@cache
def _city(zone: str, locale: str) -> str:
    with force_locale(locale):
        return str(get_timezone_location(get_timezone(zone), locale=locale, return_city=True))
