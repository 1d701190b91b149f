"""The room's part and its cards as HTML: a card's rendering is kept and serves everybody who sees the same.

A card's template is given one frozen view of ``cards``, the language and the time zone, and nothing else:
the environment knows no request, no session and no person who looks. So what is kept under these can be
shown to whoever has an equal view, and nobody's rights, words or tokens can get into it. The part around the
cards is the viewer's own; it is not kept, and has what ``parts`` gives it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar

from flask_babel import force_locale, get_locale, pgettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ementor import i18n, web
from ementor.assets import ICONS
from ementor.meetings.cards.agenda import Agenda
from ementor.meetings.cards.people import Gathering, people
from ementor.meetings.cards.words import Ending, From, Own, Value, Words
from ementor.texts import version_of

MOST_CHARACTERS = 8 * 1024 * 1024
"""Of the renderings in memory. Most have two thousand, the longest agenda a quarter of a million; the view
by which one is found takes about as much again."""
P = ParamSpec("P")
T = TypeVar("T", bound=Sized)
TEMPLATES = Path(__file__).parents[2] / "templates"


def printed(value: Value | None, locale: str, time_zone: str) -> Markup:
    """Return what a card says in a language; times of day are those of the zone."""
    match value:
        case None:
            return Markup()
        case Words(text, values):
            put_in = {name: printed(one, locale, time_zone) for name, one in values}
            return i18n.in_language(locale, text, **put_in)
        case Own(text):
            left_alone = Markup(' translate="no"') if value.is_name else ""
            return Markup("<bdi%s>%s</bdi>") % (left_alone, text)
        case datetime():
            return i18n.marked(i18n.clock_time(value, time_zone, locale), value)
        case tuple():
            return Markup().join(printed(one, locale, time_zone) for one in value)
        case Ending(at, less, most):
            time = i18n.clock_time(at, time_zone, locale)
            which, seconds = ("most", most) if less is None else ("less", less)
            return Markup('<span class="num" data-end data-%s="%s">%s</span>') % (which, seconds, time)
        case From(at, hidden, what):
            attribute = Markup(" hidden") if hidden else ""
            said = printed(what, locale, time_zone)
            return Markup('<span data-from="%s"%s>%s</span>') % (at.isoformat(), attribute, said)
    return escape(value)


def in_force(value: Value) -> str:
    """Return what a card says in the language and the zone in force."""
    return str(printed(value, str(get_locale()), i18n.zone()))


@pass_context
def translated(context: Context, text: str, /, **values: object) -> Markup:
    """Return a template's own text in its language: never in that of whoever asks."""
    return i18n.in_language(context["locale"], text, **values)


@pass_context
def translated_as(context: Context, where: str, text: str, /) -> str:
    """Return a template's own text as it is said in one place: "view" has the short names of the tabs."""
    with force_locale(context["locale"]):
        return str(pgettext(where, text))


@pass_context
def said(context: Context, value: Value | None) -> Markup:
    """Print what a card says, in the language and the zone that the template was given."""
    return printed(value, context["locale"], context["time_zone"])


@pass_context
def said_plainly(context: Context, value: Value | None) -> str:
    """Say it without markup, as an attribute needs it: what is marked in there for the eye would end it."""
    return said(context, value).striptags()


@pass_context
def card_within(context: Context, template: str, card: Hashable) -> Markup:
    """Print a card within another one, kept by itself: the others around it are made anew more often."""
    return printed_card(template, card, context["locale"], context["time_zone"])


def environment() -> Environment:
    """Return the environment of the cards' templates: it has what is the same for everybody."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[web.WithoutIndent],
        auto_reload=False,
        trim_blocks=True,
    )
    made.globals |= {
        "_": translated,
        "pgettext": translated_as,
        "words": said,
        "plain_words": said_plainly,
        "printed_card": card_within,
        "version_of": version_of,
        "ICONS": ICONS,
    }
    return made


ENVIRONMENT = environment()
"""``presses`` puts in the keys of the buttons."""


def kept(function: Callable[P, T]) -> Callable[P, T]:
    """Cache what a function returns, by its arguments: the newest used, MOST_CHARACTERS of them in all."""
    # By the hash of the arguments, which is as dear as all the rest: it is asked once.
    found, lock, total = OrderedDict[int, tuple[object, T]](), threading.Lock(), 0

    @wraps(function)
    def look_up(*arguments: P.args, **named: P.kwargs) -> T:
        nonlocal total
        asked = (*arguments, *named.items())
        key = hash(asked)
        with lock:
            if key in found and found[key][0] == asked:
                found.move_to_end(key)
                return found[key][1]
        made = function(*arguments, **named)
        with lock:
            if key in found:
                total -= len(found.pop(key)[1])
            found[key] = asked, made
            total += len(made)
            while total > MOST_CHARACTERS:
                total -= len(found.popitem(last=False)[1][1])
        return made

    return look_up


@kept
def printed_card(template: str, card: Hashable, locale: str, time_zone: str) -> Markup:
    """Render a card's template with its view: ``card``."""
    return rendered(template, locale, time_zone, card=card)


def rendered(template: str, locale: str, time_zone: str, **context: object) -> Markup:
    """Render a template of the room; nothing of it is kept but the cards within."""
    made = ENVIRONMENT.get_template(f"meetings/{template}")
    return Markup(made.render(**context, locale=locale, time_zone=time_zone))  # noqa: S704


@dataclass(frozen=True)
class Piece:
    """What stands beside the turn, and a digest by which a page says that it has it already."""

    html: Markup
    digest: str

    def __len__(self) -> int:
        return len(self.html)


def _piece(html: Markup) -> Piece:
    """Return it with its digest, which is the same in every process."""
    return Piece(html, blake2b(html.encode(), digest_size=8).hexdigest())


@kept
def printed_agenda(card: Agenda, locale: str, time_zone: str) -> Piece:
    """Render the agenda."""
    return _piece(printed_card("_agenda.html", card, locale, time_zone))


@kept
def printed_people(seen: Gathering, locale: str, time_zone: str) -> Piece:
    """Render the card of the people. It is found by what it is made of, which is less than the card."""
    return _piece(rendered("_people.html", locale, time_zone, card=people(seen)))
