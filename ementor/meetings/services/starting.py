"""Begin a meeting from a template: in a new group, or the next one of a group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import db, transactional
from ementor.errors import Invalid
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership
from ementor.meetings import services
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import (
    Agenda,
    CaseField,
    Item,
    ItemSettings,
    Mode,
    Step,
    StepSpeaker,
    how_from_data,
)
from ementor.meetings.domain.modes import RULES
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.programmes.library import Template, Text

WHO = {
    "owner": StepSpeaker.SPEAKER,
    "round": StepSpeaker.EACH,
    "writing": StepSpeaker.NOBODY,
    "open": StepSpeaker.OTHERS,
}
SENT_TWICE_WITHIN = timedelta(seconds=10)
KEEPS = {1: CaseField.QUESTION, 6: CaseField.NEXT_STEP}
"""In which of the eight steps of a case clinic something is written down, counted from 0."""


@transactional
def start_now(
    *,
    actor: User | None,
    name: str,
    template_key: str,
    group_name: str,
    locale: str,
    time_zone: str = DEFAULT_TIME_ZONE,
    everywhere: bool = False,
    key: str | None = None,
) -> tuple[User, Meeting]:
    """Make a group, its starter a facilitator and its first meeting; Invalid for a bad form.

    ``everywhere`` lets a new name be the starter's in all their groups, else NameElsewhere is raised.
    ``key`` tells a form that is sent twice: what it started a moment ago is returned.

    The titles and prompts keep all languages of the template, so each reads their own.
    """
    template = library.templates().get(template_key)
    if template is None or template not in library.to_start_with():
        raise Invalid(gettext("Choose a template from the list."), field="template")
    name = accounts.clean_name(name)
    group_name = group_name.strip() or gettext("%(name)s's group", name=name)
    actor = actor or accounts.just_came(key)
    if key and actor is not None and (meeting := _just_started(actor, group_name, template)):
        return accounts.ensure_signed_in(actor, key), meeting
    if actor is None:
        actor = accounts.make_guest(name, locale=locale)
    else:
        groups.rename(actor, name, everywhere=everywhere)
    group = groups.make_group(group_name, actor=actor, locale=locale, time_zone=time_zone)
    return accounts.ensure_signed_in(actor, key), begin(group, template, actor_id=actor.id)


def _just_started(actor: User, group_name: str, template: Template) -> Meeting | None:
    """Return the meeting that this person started in the same way a moment ago, or None."""
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update())  # one after the other
    query = (
        select(Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .join(Membership, Membership.group_id == Group.id)
        .where(
            Membership.user_id == actor.id,
            Membership.facilitator,
            Group.name == accounts.visible_text(group_name),
            Group.created_at > clock.now() - SENT_TWICE_WITHIN,
            Meeting.template_key == template.key,
            Meeting.ended_at.is_(None),
        )
    )
    return db.session.scalars(query.order_by(Meeting.id.desc()).limit(1)).first()


@transactional
def start_next(meeting_id: int, template_key: str, *, actor: User) -> Meeting:
    """Begin the group's next meeting after one that has ended; pressed twice it is one.

    Raises NotFound, NotAllowed, or Invalid for a template that there is not.
    """
    meeting = services.get_meeting(meeting_id, actor=actor)
    policy.require_keeper(actor, meeting.group_id)
    groups.lock_group(meeting.group_id)
    newest = services.newest_meeting(meeting.group_id)
    if newest.ended_at is None:
        return newest
    template = library.templates().get(template_key)
    if template is None:
        raise Invalid(gettext("Choose a template from the list."), field="template")
    return begin(meeting.group, template, actor_id=actor.id)


def when_begun(function: Callable[[Meeting], None]) -> Callable[[Meeting], None]:
    """Let a feature above this one hear of each meeting that is begun at once."""
    _begun.append(function)
    return function


_begun: list[Callable[[Meeting], None]] = []


def begin(
    group: Group,
    template: Template,
    *,
    actor_id: int | None,
    title: Text | None = None,
    starts_at: datetime | None = None,
    planned: bool = False,
) -> Meeting:
    """Make a meeting of a group with the template's agenda. Asks no rights.

    ``title`` stands in the place of the template's; ``starts_at`` is when it is to start. Of one that was
    ``planned`` nobody above hears.
    """
    meeting = Meeting(
        group_id=group.id,
        title=dict(title or template.title),
        template_key=template.key,
        own_closing=dict(template.own_closing),
        created_at=clock.now(),
        ended_at=None,
        sealed=False,
    )
    meeting.group = group
    db.session.add(meeting)
    db.session.flush()
    plan = runs.PlanAgenda(agenda_of(template), started_last=group.started_last_id)
    services.record(meeting.id, plan, actor_id=actor_id)
    if starts_at is not None:
        services.record(meeting.id, runs.SetTimes(starts_at=starts_at), actor_id=actor_id)
    if not planned:
        for hear in _begun:
            hear(meeting)
    return meeting


def agenda_of(template: Template) -> Agenda:
    """Return the template's agenda with the settings of its items."""
    return tuple(
        Item(
            id=number,
            mode=Mode(item.mode),
            title=item.title,
            prompt=item.prompt,
            minutes=item.minutes,
            form=item.form,
            how=how_of(Mode(item.mode), item.minutes, dict(item.how)),
        )
        for number, item in enumerate(template.items, start=1)
    )


def how_of(mode: Mode, minutes: int, data: dict[str, object]) -> ItemSettings:
    """Return an item's settings; one whose mode needs steps and has none gets the eight of a case clinic."""
    if data or not RULES[mode].needs_steps:
        return how_from_data(data)
    return ItemSettings(steps=case_steps(minutes))


def case_steps(minutes: int) -> tuple[Step, ...]:
    """Return the eight steps of a case clinic of about ``minutes``."""
    return tuple(
        Step(step.title, step.minutes * 60, WHO[step.kind], KEEPS.get(place))
        for place, step in enumerate(library.case_steps(minutes))
    )
