"""What the live meeting gives to its record: the agenda as it was held, and the cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, select

from ementor import blocks, i18n
from ementor.accounts.models import User
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, plain
from ementor.database import db
from ementor.meetings.domain import times
from ementor.meetings.domain.agenda import CaseField, Text
from ementor.meetings.domain.run import Run
from ementor.meetings.domain.values import replace
from ementor.meetings.models import Meeting, MeetingEvent, Presence
from ementor.meetings.record import Entry, Record, Section
from ementor.meetings.services import pairings


@dataclass(frozen=True)
class HeldItem:
    """An agenda item with its planned and its actual minutes; those are None when it was not reached."""

    id: int
    mode: str
    title: Text
    prompt: Text
    minutes: int
    actual_minutes: int | None
    skipped: bool


@dataclass(frozen=True)
class Case:
    """The key question and the next step of a case, as they were written down in it."""

    item: int
    title: Text
    person: int | None
    name: str | None
    question: str
    next_step: str


def _keep_agenda(meeting: Meeting, run: Run) -> tuple[HeldItem, ...]:
    run = _while_people_were_there(run)
    ended_at = meeting.ended_at
    assert ended_at is not None
    return tuple(
        HeldItem(
            id=item.id,
            mode=item.mode.value,
            title=dict(item.title),
            prompt=dict(item.prompt),
            minutes=item.minutes,
            actual_minutes=(
                round(times.actual_s(run, item, ended_at) / 60)
                if run.state_of(item) in {"done", "now"} or times.actual_s(run, item, ended_at)
                else None
            ),
            skipped=item.skipped,
        )
        for item in run.agenda
    )


def _while_people_were_there(run: Run) -> Run:
    """Return the run closed when the last one left, if it closed itself in an empty room."""
    if not run.schedule.closed_itself or run.present or not run.left_at:
        return run
    return replace(run, closed_at=max(run.left_at.values()))


def _forget_run(meeting: Meeting, run: Run) -> None:
    """Drop who spoke when and how long, and who was connected."""
    pairings.remember(meeting, run)
    for model in (MeetingEvent, Presence):
        db.session.execute(delete(model).where(model.meeting_id == meeting.id))


def _took_part(meeting: Meeting, run: Run) -> set[int]:
    """Return who was there, or pressed something, also without ever having been connected to the room."""
    pressed = select(MeetingEvent.actor_id).where(MeetingEvent.meeting_id == meeting.id)
    return {
        *run.people,
        *(actor_id for actor_id in db.session.scalars(pressed.distinct()) if actor_id is not None),
    }


def _agenda_blocks(record: Record, locale: str) -> Iterator[Block]:
    yield Heading(2, plain(gettext("Agenda")), "agenda")
    for item in record.of(AGENDA):
        prompt = i18n.say(item.prompt, locale)
        title = blocks.Run(f"{i18n.say(item.title, locale)} ({_took(item)})")
        yield Item(Kind.NUMBER, (title, blocks.Run(f"\n{prompt}", italic=True)) if prompt else (title,))


def _took(item: HeldItem) -> str:
    if item.skipped:
        return str(gettext("skipped"))
    if item.actual_minutes is None:
        return str(gettext("not reached, %(planned)d min planned", planned=item.minutes))
    minutes = {"actual": item.actual_minutes, "planned": item.minutes}
    return str(gettext("%(actual)d min, %(planned)d min planned", **minutes))


def _agenda_contents(record: Record) -> Iterator[Entry]:
    took = sum(item.actual_minutes or 0 for item in record.of(AGENDA))
    yield Entry("agenda", gettext("Agenda"), gettext("%(minutes)d min", minutes=took))


AGENDA: Section[tuple[HeldItem, ...]] = Section(
    "agenda",
    (),
    keep=_keep_agenda,
    read=lambda data: tuple(HeldItem(**item) for item in data),
    forget=_forget_run,
    took_part=_took_part,
    template="meetings/_record_agenda.html",
    contents=_agenda_contents,
    blocks=_agenda_blocks,
)


def _keep_cases(meeting: Meeting, run: Run) -> tuple[Case, ...]:
    owners = {(item_id, owner) for (item_id, owner, _), text in run.kept.items() if text}
    query = select(User.id, User.name).where(User.id.in_({owner for _, owner in owners}))
    names = dict(db.session.execute(query).all())
    return tuple(
        Case(
            item=item.id,
            title=dict(item.title),
            person=owner,
            name=names.get(owner),
            question=run.kept.get((item.id, owner, CaseField.QUESTION), ""),
            next_step=run.kept.get((item.id, owner, CaseField.NEXT_STEP), ""),
        )
        for item in run.agenda
        for item_id, owner in sorted(owners)
        if item_id == item.id
    )


def _cases_blocks(record: Record, locale: str) -> Iterator[Block]:
    cases = record.of(CASES)
    if cases:
        yield Heading(2, plain(gettext("Cases")), "cases")
    numbers: Counter[int] = Counter()
    for case in cases:
        numbers[case.item] += 1
        anchor = f"case-{case.item}-{numbers[case.item]}"
        yield Heading(3, plain(case.name or i18n.say(case.title, locale)), anchor)
        for what, text in ((gettext("Key question"), case.question), (gettext("Next step"), case.next_step)):
            if text:
                yield Paragraph((blocks.Run(f"{what}:", bold=True), blocks.Run(f" {text}")))


def _cases_contents(record: Record) -> Iterator[Entry]:
    cases = record.of(CASES)
    if cases:
        yield Entry("cases", gettext("Cases"), str(len(cases)))


CASES: Section[tuple[Case, ...]] = Section(
    "cases",
    (),
    keep=_keep_cases,
    read=lambda data: tuple(Case(**case) for case in data),
    template="meetings/_record_cases.html",
    contents=_cases_contents,
    blocks=_cases_blocks,
)
