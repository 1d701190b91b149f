"""What the closing reflection gives to a meeting's record: what was shared, and the next steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import format_decimal, gettext
from sqlalchemy import select

from ementor import blocks, i18n
from ementor.accounts.models import User
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Table, plain
from ementor.database import db
from ementor.meetings.domain.agenda import Text
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.record import Entry, Record, Section
from ementor.notes.sections import NOTES, passage_item
from ementor.reflections import services
from ementor.reflections.models import SCALE, Reflection, Sharing
from ementor.reflections.services import Picture, SharedAnswer


@dataclass(frozen=True)
class Question:
    """A question and what people shared; an unnamed answer tells neither the author nor the time."""

    key: str
    text: Text
    answers: tuple[SharedAnswer, ...]


@dataclass(frozen=True)
class KeptReflection:
    """The questions in order, and how many gave each number on the scale; None under five answers."""

    questions: tuple[Question, ...]
    scale: Text
    picture: Picture | None


@dataclass(frozen=True)
class PrivateWords:
    """What a reader answered for themselves."""

    question: Text
    text: str


def _keep(meeting: Meeting, run: Run) -> KeptReflection:
    """Return what people marked as shared; revealed or not, they said that it is kept."""
    texts = services.questions_of(meeting)
    shown = services.seen_by_all(meeting.id)
    return KeptReflection(
        questions=tuple(
            Question(key, dict(text), shown.answers.get(key, ()))
            for key, text in texts.items()
            if key != SCALE
        ),
        scale=dict(texts[SCALE]),
        picture=shown.picture,
    )


def _read(data: dict[str, Any]) -> KeptReflection:
    return KeptReflection(
        questions=tuple(
            Question(one["key"], one["text"], tuple(SharedAnswer(**answer) for answer in one["answers"]))
            for one in data["questions"]
        ),
        scale=data["scale"],
        picture=Picture(tuple(data["picture"]["counts"])) if data["picture"] else None,
    )


def _unrevealed(kept: KeptReflection) -> KeptReflection:
    questions = tuple(replace(question, answers=()) for question in kept.questions)
    return replace(kept, questions=questions, picture=None)


def _forget(meeting: Meeting, run: Run) -> None:
    services.forget_shared(meeting.id)


def _took_part(meeting: Meeting, run: Run) -> set[int]:
    return set(db.session.scalars(select(Reflection.user_id).where(Reflection.meeting_id == meeting.id)))


def _own(record: Record, meeting: Meeting, reader: User) -> tuple[PrivateWords, ...]:
    mine = services.mine(meeting.id, reader.id)
    return tuple(
        PrivateWords(question.text, mine.texts[question.key])
        for question in record.of(REFLECTION).questions
        if mine.texts.get(question.key) and mine.sharings[question.key] is Sharing.PRIVATE
    )


def _blocks(record: Record, locale: str) -> Iterator[Block]:
    kept = record.of(REFLECTION)
    answered = [question for question in kept.questions if question.answers]
    if answered or kept.picture:
        yield Heading(2, plain(gettext("Closing reflection")), "reflection")
    for question in answered:
        yield Heading(3, plain(i18n.say(question.text, locale)), f"answers-{question.key}")
        for answer in question.answers:
            yield Quote(plain(answer.text), answer.name or "")
    if kept.picture:
        yield Heading(3, plain(i18n.say(kept.scale, locale)), f"answers-{SCALE}")
        head = plain(gettext("Answer")), plain(gettext("How many"))
        counts = enumerate(kept.picture.counts, 1)
        yield Table(head, tuple((plain(str(number)), plain(str(count))) for number, count in counts))
        mean = format_decimal(round(kept.picture.mean, 1))
        people = kept.picture.people
        yield Paragraph(plain(gettext("Mean %(mean)s, %(people)d answers", mean=mean, people=people)))


def _own_blocks(own: tuple[PrivateWords, ...], locale: str) -> Iterator[Block]:
    yield Heading(3, plain(gettext("My own answers")), "own-reflection")
    for one in own:
        yield Heading(4, plain(i18n.say(one.question, locale)))
        yield Paragraph(plain(one.text))


def _contents(record: Record) -> Iterator[Entry]:
    kept = record.of(REFLECTION)
    answers = sum(len(question.answers) for question in kept.questions)
    if answers or kept.picture:
        yield Entry("reflection", gettext("Closing reflection"), str(answers) if answers else "")


REFLECTION: Section[KeptReflection] = Section(
    "reflection",
    KeptReflection((), {}, None),
    keep=_keep,
    read=_read,
    unrevealed=_unrevealed,
    forget=_forget,
    took_part=_took_part,
    template="reflections/_record.html",
    contents=_contents,
    blocks=_blocks,
    own=_own,
    own_template="reflections/_record_own.html",
    own_blocks=_own_blocks,
)


def _keep_steps(meeting: Meeting, run: Run) -> tuple[SharedAnswer, ...]:
    return services.seen_by_all(meeting.id).steps


def _steps_blocks(record: Record, locale: str) -> Iterator[Block]:
    promised, noted = record.of(STEPS), record.of(NOTES).next_steps
    if promised or noted:
        yield Heading(2, plain(gettext("Next steps")), "next-steps")
    for step in promised:
        yield Item(Kind.BULLET, (blocks.Run(f"{step.name}:", bold=True), blocks.Run(f" {step.text}")))
    for one in noted:
        yield passage_item(one, locale)


def _own_step(record: Record, meeting: Meeting, reader: User) -> str:
    mine = services.mine(meeting.id, reader.id)
    shared = any(one.person == reader.id for one in record.of(STEPS))
    return mine.step if mine.step_is_mine and not shared else ""


def _own_step_blocks(own: str, locale: str) -> Iterator[Block]:
    yield Heading(3, plain(gettext("My next step")), "own-steps")
    yield Paragraph(plain(own))


def _steps_contents(record: Record) -> Iterator[Entry]:
    steps = len(record.of(STEPS)) + len(record.of(NOTES).next_steps)
    if steps:
        yield Entry("next-steps", gettext("Next steps"), str(steps))


STEPS: Section[tuple[SharedAnswer, ...]] = Section(
    "steps",
    (),
    keep=_keep_steps,
    read=lambda data: tuple(SharedAnswer(**one) for one in data),
    unrevealed=lambda steps: (),
    template="reflections/_record_steps.html",
    contents=_steps_contents,
    shows=lambda record: (record.of(STEPS), record.of(NOTES).next_steps),
    blocks=_steps_blocks,
    own=_own_step,
    own_template="reflections/_record_own_step.html",
    own_blocks=_own_step_blocks,
)
"""What each promised, always by name. Those marked in the notes are shown beside it and kept there."""
