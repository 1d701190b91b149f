"""The room's part that follows the run: a function of its arguments, whoever is looking."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

from ementor import i18n
from ementor.accounts.services import initials
from ementor.groups.models import Membership, Waiting
from ementor.groups.policy import Member
from ementor.groups.ways import who_reads
from ementor.meetings import merging, modes, printing
from ementor.meetings.cards import people as people_card
from ementor.meetings.cards.agenda import agenda
from ementor.meetings.cards.head import clock_data, head
from ementor.meetings.cards.stage import stage_of
from ementor.meetings.cards.view import Person, View, Viewer
from ementor.meetings.domain import plan
from ementor.meetings.domain.agenda import MAX_STEPS
from ementor.meetings.domain.run import Role, Run
from ementor.meetings.models import Meeting
from ementor.meetings.services import Room
from ementor.programmes import library

COLOURS = "abcde"


def mode_name(mode: str) -> str:
    """Return the name of an item's mode in the language in force."""
    return printing.in_force(modes.name_of(mode))


def role_name(role: str) -> str:
    """Return the name of a role in the language in force."""
    return printing.in_force(people_card.ROLE_NAMES[Role(role)])


def people_of(members: Iterable[Membership | Member], run: Run) -> dict[int, Person]:
    """Return everybody in the group by id; colours go by the order of joining, never by role."""
    return {
        member.user_id: Person(
            id=member.user_id,
            name=member.name,
            initials=initials(member.name),
            colour=COLOURS[place % len(COLOURS)],
            facilitator=member.facilitator,
            present=member.user_id in run.present,
            role=run.roles.get(member.user_id),
        )
        for place, member in enumerate(members)
    }


def run_part(
    meeting: Meeting | Room,
    run: Run,
    *,
    people: dict[int, Person],
    viewer: Viewer,
    locale: str,
    now: datetime,
    waiting: Sequence[Waiting] = (),
    join_url: str = "",
    editing: bool = False,
    has_side: str = "",
) -> Markup:
    """Render how the meeting goes; the same for everyone with the same arguments.

    ``has_side`` is what the page has beside the turn: when that is the same it is not sent again.
    """
    template = current_app.jinja_env.get_template("meetings/_run.html")
    with force_locale(locale):
        context = room_of(
            meeting,
            run,
            people=people,
            viewer=viewer,
            locale=locale,
            now=now,
            waiting=waiting,
            join_url=join_url,
            editing=editing,
        )
        context["same_side"] = context["side"].digest == has_side
        return Markup(template.render(**context))  # noqa: S704


def room_of(
    meeting: Meeting | Room,
    run: Run,
    *,
    people: dict[int, Person],
    viewer: Viewer,
    locale: str,
    now: datetime,
    waiting: Sequence[Waiting] = (),
    join_url: str = "",
    editing: bool = False,
) -> dict[str, Any]:
    """Return what ``_run.html`` prints: the room's cards as the viewer sees them."""
    group, time_zone = meeting.group, meeting.group.time_zone
    view = View(
        run=run,
        people=people,
        viewer=viewer,
        now=now,
        offers=plan.offers(run, now),
        locale=locale,
        meeting_id=meeting.id,
        editing=editing,
        tech_check=library.tech_check()["en"],
    )
    invite = people_card.invite(meeting.id, join_url, lets_in=group.lets_in, keeps=viewer.keeps)
    at_the_door = tuple((one.user_id, one.user.name) for one in waiting)

    everybody = people_card.people(view, at_the_door, invite)

    def card(template: str, view: Hashable) -> Markup:
        return printing.printed_card(template, view, locale, time_zone)

    return {
        "meeting": meeting,
        "number": run.number,
        "beside": run.beside_number,
        "me": viewer.id,
        "locale": locale,
        "leads": viewer.leads,
        "stage": stage_of(view),
        "head": head(view, group=group.name, title=view.say(meeting.title)),
        "side": printing.printed_side(agenda(view), everybody, locale, time_zone),
        "waiting": everybody.waiting,
        "invite": invite,
        "clock": clock_data(
            view, time_zone=time_zone, readers=who_reads(group, meeting.readers) if meeting.id else None
        ),
        "card": card,
        "words": lambda value: printing.printed(value, locale, time_zone),
    }


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
    meeting: Meeting | Room,
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
                fields_of=modes.fields_of,
                modes=[mode.value for mode in modes.SHOWN],
                steps_in=merging.steps_in,
                locale=locale,
            )
        )
