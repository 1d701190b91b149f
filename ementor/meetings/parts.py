"""The room's part that follows the run: a function of its arguments, whoever is looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext, lazy_gettext
from markupsafe import Markup

from ementor import i18n
from ementor.accounts.services import initials
from ementor.groups.models import Membership, Waiting
from ementor.meetings import merging
from ementor.meetings.domain.agenda import MAX_STEPS
from ementor.meetings.domain.plan import Offers
from ementor.meetings.domain.run import Role, Run
from ementor.meetings.models import Meeting
from ementor.programmes import library

COLOURS = "abcde"
MODE_NAMES = {
    "open": lazy_gettext("Open talk"),
    "round": lazy_gettext("Round"),
    "writing": lazy_gettext("Quiet writing"),
    "pairs": lazy_gettext("Pairs or trios"),
    "case": lazy_gettext("Case clinic"),
    "input": lazy_gettext("Short input"),
    "break": lazy_gettext("Break"),
    "reflection": lazy_gettext("Closing reflection"),
}


ROLE_NAMES = {
    Role.NOTES: lazy_gettext("note keeper"),
    Role.TECH: lazy_gettext("tech support"),
    Role.OBSERVER: lazy_gettext("observer"),
}


@dataclass(frozen=True)
class Person:
    """Somebody as the room shows them."""

    id: int
    name: str
    initials: str
    colour: str
    facilitator: bool
    present: bool
    role: str | None


def mode_name(mode: str) -> str:
    """Return the name of an item's mode in the language in force."""
    return str(MODE_NAMES[str(mode)])


def role_name(role: str) -> str:
    """Return the name of a role in the language in force."""
    return str(ROLE_NAMES[Role(role)])


def people_of(memberships: list[Membership], run: Run) -> dict[int, Person]:
    """Return everybody in the group by id; colours go by the order of joining, never by role."""
    return {
        member.user_id: Person(
            id=member.user_id,
            name=member.user.name,
            initials=initials(member.user.name),
            colour=COLOURS[place % len(COLOURS)],
            facilitator=member.facilitator,
            present=member.user_id in run.present,
            role=run.roles.get(member.user_id),
        )
        for place, member in enumerate(memberships)
    }


def run_part(
    meeting: Meeting,
    run: Run,
    *,
    people: dict[int, Person],
    me: int,
    locale: str,
    may_run: bool,
    leads: bool,
    keeps: bool,
    waiting: list[Waiting],
    join_url: str,
    qr: Markup,
    now: datetime,
    offers: Offers,
) -> Markup:
    """Render how the meeting goes; the same for everyone with the same arguments."""
    template = current_app.jinja_env.get_template("meetings/_run.html")
    with force_locale(locale):
        return Markup(  # noqa: S704
            template.render(
                meeting=meeting,
                run=run,
                people=people,
                me=me,
                locale=locale,
                may_run=may_run,
                leads=leads,
                keeps=keeps,
                waiting=waiting,
                join_url=join_url,
                qr=qr,
                now=now,
                offers=offers,
                mode_name=mode_name,
            )
        )


def template_choices(locale: str, after: str | None = None) -> list[dict[str, Any]]:
    """Return the ready meetings to choose from; first what comes next in the programme of ``after``."""
    follows = library.next_of(after)
    first = [] if follows is None else [(follows, follows.title, i18n.say(follows.programme_name, locale))]
    rest = [
        (template, template.title, i18n.say(template.programme_name, locale))
        if template.programme == library.SINGLE
        else (template, template.programme_name, gettext("First meeting of a programme"))
        for template in library.to_start_with()
    ]
    return [
        {"key": one.key, "label": i18n.say(title, locale), "group_label": group, "minutes": one.minutes}
        for one, title, group in first + rest
    ]


def item_form(
    meeting: Meeting,
    form: Mapping[str, str],
    *,
    since: int,
    locale: str,
    clashes: Mapping[str, str] | None = None,
    gone: bool = False,
) -> Markup:
    """Render the fields of an item's form, shown as of the event ``since``.

    ``clashes`` are what somebody else put there meanwhile, unless the item itself has ``gone``.
    """
    template = current_app.jinja_env.get_template("meetings/_item_form.html")
    with force_locale(locale):
        return Markup(  # noqa: S704
            template.render(
                meeting=meeting,
                form=form,
                since=since,
                clashes=clashes or {},
                gone=gone,
                rows=MAX_STEPS,
                lengths=library.CASE_LENGTHS,
                mode_name=mode_name,
                steps_in=merging.steps_in,
                locale=locale,
            )
        )
