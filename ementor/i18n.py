"""The viewer's language: their own choice, else a Finnish or Swedish browser's, else the group's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from flask import g, has_request_context, request, session
from flask_babel import force_locale, get_locale, gettext
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ementor.config import DEFAULT_TIME_ZONE, LOCALES

LANGUAGE_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}


def choose() -> str:
    """Return the locale of whoever asks: ``fi``, ``sv`` or ``en``.

    A browser set to Finnish or Swedish was set so by its owner. One in English is often just
    as it came, so there the group's language counts for more.
    """
    if not has_request_context():
        return "en"
    browsers = request.accept_languages.best_match(LOCALES, default="en") or "en"
    for locale in (chosen(), browsers if browsers != "en" else None, g.get("group_locale")):
        if locale in LOCALES:
            return str(locale)
    return browsers


def in_group(locale: str, time_zone: str) -> None:
    """Show from now on what this request shows in the ways of a group: its language, and its time zone.

    The doors of a group call it: the link, its waiting people's place, and the rights of its members.
    """
    g.group_locale, g.group_time_zone = locale, time_zone


def chosen() -> str | None:
    """Return the language that the person pressed, on this device or an earlier one; None for none."""
    own: str | None = session.get("locale")
    return own or (current_user.locale if current_user.is_authenticated else None)


def say(text: Mapping[str, str], locale: str | None = None) -> str:
    """Return the version of ``text`` in ``locale``, or the words somebody wrote themselves."""
    return text.get(locale or str(get_locale())) or text.get("") or next(iter(text.values()), "")


@pass_context
def translated(context: Context, text: str, /, **values: object) -> Markup:
    """Return ``text`` in the language of a template's ``locale``, with ``values`` put in and escaped.

    The templates' ``_``. Jinja's own asks each time which request, catalogue and language it is for; with a
    hundred texts in a room's part that was a third of rendering it.
    """
    return in_language(str(context.get("locale") or get_locale()), text, **values)


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
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    return _hour(local, locale or str(get_locale()))


def day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return the date of ``at`` in the group's zone, in the words of the viewer's language."""
    local = at.astimezone(ZoneInfo(time_zone or zone()))
    chosen = locale or str(get_locale())
    return babel_date(local, "d MMMM y" if chosen == "en" else "long", locale=chosen)


def day_and_time(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return weekday, date and time of day of ``at`` in the group's zone: ti 24.11. klo 9.00.

    A local time without a zone is told as it is, also one that no clock shows.
    """
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    chosen = locale or str(get_locale())
    return babel_date(local, DAY_AND[chosen], locale=chosen) + _hour(local, chosen)


def short_day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date without its year: 24.11. in Finnish, 24 Nov in English."""
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    chosen = locale or str(get_locale())
    return babel_date(local, SHORT_DAY[chosen], locale=chosen)


def weekday(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date with its weekday in words: tiistaina 24.11., Tuesday 24 November."""
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    chosen = locale or str(get_locale())
    return babel_date(local, WEEKDAY[chosen], locale=chosen)


def full_day(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return a date in full: tiistai 24.11.2026, Tuesday 24 November 2026."""
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    chosen = locale or str(get_locale())
    return babel_date(local, FULL_DAY[chosen], locale=chosen)


def weekday_name(at: datetime, locale: str | None = None) -> str:
    """Return the name of a local day: tiistai, Tuesday."""
    return babel_date(at, "cccc", locale=locale or str(get_locale()))


def day_name(at: datetime, time_zone: str | None = None, locale: str | None = None) -> str:
    """Return the weekday in short: ti in Finnish, Tue in English."""
    local = at.astimezone(ZoneInfo(time_zone or zone())) if at.tzinfo else at
    chosen = locale or str(get_locale())
    return babel_date(local, "ccc" if chosen == "fi" else "EEE", locale=chosen)


DAY_AND = {"fi": "ccc d.M. 'klo' ", "sv": "EEE d.M 'kl.' ", "en": "EEE d MMM, "}
SHORT_DAY = {"fi": "d.M.", "sv": "d.M", "en": "d MMM"}
FULL_DAY = {"fi": "cccc d.M.y", "sv": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
WEEKDAY = {"fi": "cccc'na' d.M.", "sv": "EEEE d MMMM", "en": "EEEE d MMMM"}


def _hour(local: datetime, locale: str) -> str:
    return babel_time(local, "HH:mm" if locale == "en" else "H.mm", locale=locale)


def zone() -> str:
    """Return the time zone of the group being shown."""
    return str(g.get("group_time_zone") or DEFAULT_TIME_ZONE)
