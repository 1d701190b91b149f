"""What a group's pages show of who leads and helps: at each date, what is asked, and what to prepare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext
from markupsafe import Markup

from ementor import i18n
from ementor.meetings import services as meetings
from ementor.meetings.cards.view import Person
from ementor.programmes import library
from ementor.series import away, rota, services, wishes
from ementor.series.domain.dates import State
from ementor.series.models import Duty, Swap
from ementor.series.rota import Rota, Rule
from ementor.series.services import Planned

MINE = {
    Duty.LEAD: lazy_gettext("You lead"),
    Duty.NOTES: lazy_gettext("You keep the notes"),
    Duty.TECH: lazy_gettext("You help with the technology"),
}
THEIRS = {
    Duty.LEAD: lazy_gettext("%(name)s leads"),
    Duty.NOTES: lazy_gettext("%(name)s keeps the notes"),
    Duty.TECH: lazy_gettext("%(name)s helps with the technology"),
}
WILLING = {
    Duty.LEAD: lazy_gettext("I can lead"),
    Duty.NOTES: lazy_gettext("I can keep the notes"),
    Duty.TECH: lazy_gettext("I can help with the technology"),
}
ASKED_OF_ME = {
    Duty.LEAD: lazy_gettext("%(name)s asks you to lead on %(day)s."),
    Duty.NOTES: lazy_gettext("%(name)s asks you to keep the notes on %(day)s."),
    Duty.TECH: lazy_gettext("%(name)s asks you to help with the technology on %(day)s."),
}
OFFERED_TO_ME = {
    Duty.LEAD: lazy_gettext("%(name)s would like to lead in your place on %(day)s."),
    Duty.NOTES: lazy_gettext("%(name)s would like to keep the notes in your place on %(day)s."),
    Duty.TECH: lazy_gettext("%(name)s would like to help with the technology in your place on %(day)s."),
}
ASKED_BY_ME = {
    Duty.LEAD: lazy_gettext("You have asked %(name)s to lead on %(day)s."),
    Duty.NOTES: lazy_gettext("You have asked %(name)s to keep the notes on %(day)s."),
    Duty.TECH: lazy_gettext("You have asked %(name)s to help with the technology on %(day)s."),
}
OFFERED_BY_ME = {
    Duty.LEAD: lazy_gettext("You have offered to lead in the place of %(name)s on %(day)s."),
    Duty.NOTES: lazy_gettext("You have offered to keep the notes in the place of %(name)s on %(day)s."),
    Duty.TECH: lazy_gettext(
        "You have offered to help with the technology in the place of %(name)s on %(day)s."
    ),
}


@dataclass(frozen=True)
class Question:
    """A swap that awaits an answer, for one of the two; ``in_return`` is the date that is swapped for it."""

    id: int
    planned: Planned
    duty: Duty
    other: Person
    is_mine: bool
    is_offer: bool
    in_return: Planned | None

    @property
    def words(self) -> Markup:
        """Who asks what of whom, in the language of whoever looks."""
        if self.is_mine:
            table = OFFERED_BY_ME if self.is_offer else ASKED_BY_ME
        else:
            table = OFFERED_TO_ME if self.is_offer else ASKED_OF_ME
        day = i18n.short_day(self.planned.row.wall)
        return Markup(table[self.duty]) % {"name": i18n.name(self.other.name), "day": day}  # noqa: S704


@dataclass(frozen=True)
class ToPrepare:
    """What who leads next has to do: ``minutes`` and ``items`` are the agenda's.

    ``wish`` is the first one that the group sees and that is on no agenda; ``has_taken_up`` whether one is
    on this agenda. ``helpers`` may be asked to keep the notes, those who are willing first.
    """

    minutes: int
    items: int
    is_prepared: bool
    wish: wishes.One | None
    has_taken_up: bool
    helpers: tuple[Person, ...]
    willing: frozenset[int]

    @property
    def wish_is_done(self) -> bool:
        """Tell whether a wish has been taken up, or there is none to take up."""
        return self.has_taken_up or self.wish is None


@dataclass(frozen=True)
class Leading:
    """Who does what, for one member: ``others`` may be asked to lead the next meeting."""

    rota: Rota
    me: int
    people: Mapping[int, Person]
    questions: tuple[Question, ...]
    others: tuple[Person, ...]
    prepare: ToPrepare | None

    def at(self, planned_id: int, duty: str = Duty.LEAD) -> Person | None:
        """Return who has a duty at a date, of those who are in the group."""
        return self.people.get(self.rota.at(planned_id, Duty(duty)) or 0)

    def words(self, planned_id: int, duty: str = Duty.LEAD) -> Markup:
        """Return who has a duty at a date: "You lead", "Noora leads"; nothing when nobody has."""
        return said(Duty(duty), self.at(planned_id, duty), self.me)

    def question(self, planned_id: int, duty: str = Duty.LEAD) -> Question | None:
        """Return what is asked about a duty at a date."""
        return next((one for one in self.questions if (one.planned.id, one.duty) == (planned_id, duty)), None)


def said(duty: Duty, person: Person | None, me: int) -> Markup:
    """Return that somebody does something, in the language of whoever looks."""
    if person is None:
        return Markup()
    if person.id == me:
        return Markup(MINE[duty])  # noqa: S704
    return Markup(THEIRS[duty]) % {"name": i18n.name(person.name)}  # noqa: S704


def of_page(
    group_id: int, me: int, people: Mapping[int, Person], planned: Sequence[Planned], coming: Planned | None
) -> Leading:
    """Return who does what as the group's page shows it to a member. Asks no rights."""
    found = rota.rota_of(group_id)
    ahead = [one for one in planned if one.state in services.AHEAD]
    prepare, others = None, tuple[Person, ...]()
    if coming is not None:
        others = _to_ask(people, found.rules[Duty.LEAD], me, coming)
        if coming.state is State.PLANNED and found.at(coming.id) == me:
            prepare = _to_prepare(group_id, found, me, people, coming)
    return Leading(found, me, people, _questions(found, me, people, ahead), others, prepare)


def _questions(
    found: Rota, me: int, people: Mapping[int, Person], ahead: Sequence[Planned]
) -> tuple[Question, ...]:
    """Return what this member has asked or is asked, as long as it can be answered."""
    dates = {one.id: one for one in ahead}
    questions = []
    for swap in found.asked:
        holder = found.at(swap.planned_id, Duty(swap.duty))
        if (
            me in {swap.from_id, swap.to_id}
            and swap.planned_id in dates
            and holder in {swap.from_id, swap.to_id, None}
        ):
            questions.append(_question(swap, found, me, people, dates))
    return tuple(sorted(questions, key=lambda one: (one.is_mine, one.planned.starts_at)))


def _question(
    swap: Swap, found: Rota, me: int, people: Mapping[int, Person], dates: Mapping[int, Planned]
) -> Question:
    duty = Duty(swap.duty)
    back = rota.in_return(found, swap, list(dates))
    return Question(
        id=swap.id,
        planned=dates[swap.planned_id],
        duty=duty,
        other=people[swap.to_id if swap.from_id == me else swap.from_id],
        is_mine=swap.from_id == me,
        is_offer=found.at(swap.planned_id, duty) == swap.to_id,
        in_return=dates[back] if back is not None else None,
    )


def _to_ask(people: Mapping[int, Person], rule: Rule, me: int, planned: Planned) -> tuple[Person, ...]:
    """Return who may be asked to do something at a date: who can come, those who are willing first."""
    absent = away.people_away(planned)
    others = [one for one in people.values() if one.id != me and one.id not in absent]
    return tuple(sorted(others, key=lambda one: one.id not in rule.willing))


def _to_prepare(
    group_id: int, found: Rota, me: int, people: Mapping[int, Person], planned: Planned
) -> ToPrepare:
    template = library.templates().get(planned.row.template_key or "") or library.templates()[library.BLANK]
    meeting_id = planned.row.meeting_id
    minutes = [item.minutes for item in template.items]
    if meeting_id is not None:
        minutes = [item.minutes for item in meetings.run_of(meeting_id).agenda if not item.skipped]
    shown = wishes.of_group(group_id, None)
    rule = found.rules[Duty.NOTES]
    return ToPrepare(
        minutes=sum(minutes),
        items=len(minutes),
        is_prepared=meeting_id is not None,
        wish=next((wish for wish in shown if wish.meeting_id is None), None),
        has_taken_up=meeting_id is not None and any(wish.meeting_id == meeting_id for wish in shown),
        helpers=_to_ask(people, rule, me, planned),
        willing=frozenset(rule.willing),
    )


@dataclass(frozen=True)
class Shared:
    """How a duty is shared, as its page shows it: ``line`` in the order in which it goes on."""

    duty: Duty
    rotates: bool
    person: Person | None
    line: tuple[Person, ...]
    i_am_willing: bool

    @property
    def offer(self) -> str:
        """What the viewer says who is willing."""
        return str(WILLING[self.duty])


def shared_of(group_id: int, me: int, people: Mapping[int, Person]) -> list[Shared]:
    """Return how each duty is shared. Asks no rights."""
    found = rota.rota_of(group_id)
    ahead = [one.id for one in services.rows_of(group_id) if one.kept == "planned"]
    return [
        Shared(
            duty=duty,
            rotates=rule.rotates,
            person=people.get(rule.person or 0),
            line=tuple(people[one] for one in _from_next(rule, found, ahead)),
            i_am_willing=me in rule.willing,
        )
        for duty, rule in found.rules.items()
    ]


def _from_next(rule: Rule, found: Rota, ahead: Sequence[int]) -> list[int]:
    """Return those who are willing in the order in which their turns come."""
    line: list[int] = []
    for planned_id in ahead if rule.rotates else ():
        person = found.at(planned_id, rule.duty)
        if person in rule.willing and person not in line:
            line.append(person)
    return line + [one for one in rule.willing if one not in line]
