"""The room's part that follows the run: a function of its arguments, whoever is looking."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup, escape

from ementor import i18n
from ementor.accounts.services import initials
from ementor.groups import policy
from ementor.groups.models import Membership, Waiting
from ementor.groups.policy import Member
from ementor.groups.ways import who_reads
from ementor.meetings import merging, modes, printing
from ementor.meetings.cards import people as people_card
from ementor.meetings.cards.agenda import agenda
from ementor.meetings.cards.bar import bar
from ementor.meetings.cards.head import clock_data, head
from ementor.meetings.cards.news import news, plan_of
from ementor.meetings.cards.people import Gathering, Invite, invite, knocks
from ementor.meetings.cards.queue import queue
from ementor.meetings.cards.stage import Ring, Shared, Top, ring, stage_of, top
from ementor.meetings.cards.view import NOBODY, Person, View, Viewer
from ementor.meetings.domain.agenda import MAX_STEPS
from ementor.meetings.domain.offers import Offers, offers
from ementor.meetings.domain.run import Role, Run
from ementor.meetings.models import Meeting
from ementor.meetings.services import Access, Room
from ementor.programmes import library

COLOURS = "abcde"
A_MOMENT = timedelta(milliseconds=200)


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


def viewer_of(access: Access) -> Viewer:
    """Return somebody as the room's cards ask about them."""
    return Viewer(
        access.user_id,
        may_run=policy.may_run(access),
        leads=policy.leads(access),
        keeps=policy.keeps(access),
    )


class Part(NamedTuple):
    """The room's part as one viewer sees it, and the digest of what it has beside the turn."""

    html: Markup
    side: str


@dataclass(frozen=True)
class Common:
    """What of a scene everybody sees alike, in one language: made for a viewer who is nobody."""

    top_card: Top
    ring_card: Ring
    clock: Markup
    top: Markup
    ring: Markup
    tabs: Markup


@dataclass(frozen=True)
class Alike:
    """What besides all those see alike who may do the same: made for nobody who may do that."""

    shared: Shared
    head: Markup
    invite: Invite
    queue: Markup
    agenda: printing.Piece


class Scene:
    """A meeting at one instant, for all who look at it then."""

    def __init__(
        self,
        meeting: Meeting | Room,
        run: Run,
        *,
        people: dict[int, Person],
        now: datetime,
        waiting: Sequence[Waiting] = (),
    ) -> None:
        self.meeting, self.run, self.people, self.now = meeting, run, people, now
        self.group, self.time_zone = meeting.group, meeting.group.time_zone
        self.waiting = tuple((one.user_id, one.user.name) for one in waiting)
        self._common: dict[str, Common] = {}
        self._alike: dict[tuple[Viewer, str, str, bool], Alike] = {}

    def is_as_good_as(self, other: Scene) -> bool:
        """Tell whether this is the other scene, made a moment before it."""
        return (
            self.run is other.run
            and other.now - self.now < A_MOMENT
            and (self.meeting, self.people, self.waiting) == (other.meeting, other.people, other.waiting)
        )

    def part(
        self,
        viewer: Viewer,
        *,
        locale: str,
        join_url: str = "",
        editing: bool = False,
        has_side: str = "",
        csrf: str = "",
    ) -> Part:
        """Render how the meeting goes; the same for everyone with the same arguments.

        ``has_side`` is what the page has beside the turn: when that is the same it is not sent again.
        ``csrf`` is the token for forms that are sent without a script, in a whole page.
        """
        common, alike = self.common(locale), self.alike(viewer.alike, locale, join_url, editing=editing)
        view = self._view(viewer, locale, editing=editing)
        stage = stage_of(view, alike.shared)
        seen = Gathering(
            meeting_id=self.meeting.id,
            people=tuple(self.people.values()),
            viewer=viewer,
            started=self.run.started,
            closed=self.run.closed,
            waiting=self.waiting if viewer.leads else (),
        )
        people = printing.printed_people(seen, locale, self.time_zone)
        side = alike.agenda.digest + people.digest
        told = news(self._view(viewer, locale, editing=False), self.plan, knocks(seen))
        html = printing.rendered(
            "_run.html",
            locale,
            self.time_zone,
            number=self.run.number,
            beside=self.run.beside_number,
            meeting_id=self.meeting.id,
            stage=stage,
            bar=bar(view),
            common=common,
            alike=alike,
            news=self._card("_news.html", told, locale),
            people=people.html,
            side=side,
            same_side=side == has_side,
            leads=viewer.leads,
            waiting=knocks(seen),
            csrf=csrf,
        )
        return Part(html, side)

    @cached_property
    def plan(self) -> str:
        """What is another once the agenda is."""
        return plan_of(self.run)

    @cached_property
    def offers(self) -> Offers:
        """What may be done about time."""
        return offers(self.run, self.now)

    def _view(self, viewer: Viewer, locale: str, *, editing: bool) -> View:
        return View(
            run=self.run,
            people=self.people,
            viewer=viewer,
            now=self.now,
            offers=self.offers,
            locale=locale,
            meeting_id=self.meeting.id,
            editing=editing,
            tech_check=library.tech_check()["en"],
        )

    def common(self, locale: str) -> Common:
        """Return what everybody sees alike."""
        if locale in self._common:
            return self._common[locale]
        meeting, view = self.meeting, self._view(Viewer(NOBODY), locale, editing=False)
        with force_locale(locale):
            readers = who_reads(self.group, meeting.readers) if meeting.id else None
        top_card, ring_card = top(view), ring(view)
        self._common[locale] = Common(
            top_card=top_card,
            ring_card=ring_card,
            clock=attributes(clock_data(view, time_zone=self.time_zone, readers=readers)),
            top=self._card("_top.html", top_card, locale),
            ring=printing.rendered("_ring.html", locale, self.time_zone, card=ring_card),
            tabs=self._card("_tabs.html", None, locale),
        )
        return self._common[locale]

    def alike(self, viewer: Viewer, locale: str, join_url: str, *, editing: bool) -> Alike:
        """Return what besides all see alike who may do what ``viewer`` may, who is nobody."""
        key = viewer, locale, join_url, editing
        if key in self._alike:
            return self._alike[key]
        view, common = self._view(viewer, locale, editing=editing), self.common(locale)
        shared = Shared(common.top_card, common.ring_card, queue(view))
        header = head(view, group=self.group.name, title=view.say(self.meeting.title))
        self._alike[key] = Alike(
            shared=shared,
            head=self._card("_head.html", header, locale),
            invite=invite(self.meeting.id, join_url, lets_in=self.group.lets_in, keeps=viewer.keeps),
            queue=self._card("_queue.html", shared.queue, locale),
            agenda=printing.printed_agenda(agenda(view), locale, self.time_zone),
        )
        return self._alike[key]

    def _card(self, template: str, card: Hashable, locale: str) -> Markup:
        return printing.printed_card(template, card, locale, self.time_zone)


def attributes(data: Mapping[str, str | int | float | None]) -> Markup:
    """Return attributes of an element; None is left out."""
    said = (f' {name}="{escape(value)}"' for name, value in data.items() if value is not None)
    return Markup("".join(said))  # noqa: S704 - escaped


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
        {
            "key": one.key,
            "label": i18n.say(title, locale),
            "group_label": group,
            "minutes": one.minutes,
            "purpose": i18n.say(one.purpose, locale),
        }
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
                mode_name=mode_name,
                fields_of=modes.fields_of,
                modes=[mode.value for mode in modes.SHOWN],
                steps_in=merging.steps_in,
                locale=locale,
            )
        )
