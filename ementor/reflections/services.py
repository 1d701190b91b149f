"""Answering alone, sharing by choice, and what the others get to see.

Everything that leaves for somebody else's eyes passes ``seen_by_all``, and only once the
facilitator has revealed it or the meeting has become a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, select

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import Conflict, Invalid
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.reflections.models import (
    LEAST_FOR_PICTURE,
    MAX_STEP,
    MAX_TEXT,
    SCALE,
    TEXTS,
    Answer,
    GroupPicture,
    NextStep,
    Reflection,
    Sharing,
)
from ementor.texts import merged_text

Text = Mapping[str, str]
MANY = 4
"""So many times as long as one text may it become when several pages of one person write at once."""


@dataclass(frozen=True)
class Given:
    """What somebody changed; what they left alone is not in it. ``numbers`` holds one or none.

    ``tab`` is the page it came from, as that calls itself; ``seen`` the versions that the texts
    (``text-<question>`` and ``step``) may have grown from, for those that it tells of.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    sharings: Mapping[str, Sharing] = field(default_factory=dict)
    numbers: tuple[int | None, ...] = ()
    steps: tuple[str, ...] = ()
    step_is_mine: bool | None = None
    done: bool | None = None
    tab: str = ""
    seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class MyReflection:
    """One person's own reflection, for their eyes only."""

    texts: Mapping[str, str]
    sharings: Mapping[str, Sharing]
    number: int | None
    step: str
    step_is_mine: bool
    done: bool


@dataclass(frozen=True)
class SharedAnswer:
    """An answer or a next step as others see it; unnamed it has neither ``person``, an id, nor ``name``.

    With a name ``person`` is None only where a record of version 1 does not tell whose it was.
    """

    person: int | None
    name: str | None
    text: str


@dataclass(frozen=True)
class Picture:
    """The answers to the scale as one group: how many gave 1, 2, 3, 4 and 5."""

    counts: tuple[int, ...]

    @property
    def people(self) -> int:
        """How many answered."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """The mean, from 1 to 5."""
        return sum(number * count for number, count in enumerate(self.counts, 1)) / self.people


@dataclass(frozen=True)
class Shown:
    """What everybody sees: answers by question, the group picture or None, promises by name."""

    answers: Mapping[str, tuple[SharedAnswer, ...]]
    picture: Picture | None
    steps: tuple[SharedAnswer, ...]


@dataclass(frozen=True)
class Reflecting:
    """The closing reflection as one person may see it; ``shown`` is None before the reveal."""

    questions: Mapping[str, Text]
    mine: MyReflection
    done: int
    people: int
    shown: Shown | None


def questions_of(meeting: Meeting) -> dict[str, Text]:
    """Return the meeting's questions by key, in order; the own one only if there is one."""
    standing = {str(number): text for number, text in enumerate(library.closing_questions(), 1)}
    own = {"own": meeting.own_closing} if any(meeting.own_closing.values()) else {}
    return standing | own


def reflecting(meeting_id: int, *, actor: User) -> tuple[Meeting, Run, Reflecting]:
    """Return the closing reflection as ``actor`` may see it, with its meeting and run."""
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    run = meetings.run_of(meeting_id)
    begun = _begun(meeting_id)
    return (
        meeting,
        run,
        Reflecting(
            questions=questions_of(meeting),
            mine=mine(meeting_id, actor.id),
            done=sum(done_at is not None for done_at in begun.values()),
            people=len({*run.present, *begun}),
            shown=seen_by_all(meeting_id) if run.revealed else None,
        ),
    )


def mine(meeting_id: int, user_id: int) -> MyReflection:
    """Return what the person has answered so far."""
    answers = {row.question: row for row in _answers(meeting_id, user_id)}
    step = db.session.get(NextStep, (meeting_id, user_id), populate_existing=True)
    begun = db.session.get(Reflection, (meeting_id, user_id), populate_existing=True)
    return MyReflection(
        texts={key: row.text for key, row in answers.items()},
        sharings={key: Sharing(row.sharing) for key, row in answers.items()},
        number=answers[SCALE].number if SCALE in answers else None,
        step=step.text if step else "",
        step_is_mine=bool(step and step.mine_only),
        done=bool(begun and begun.done_at),
    )


def seen_by_all(meeting_id: int) -> Shown:
    """Return what people chose to share; the caller knows that it is revealed or kept.

    Named answers come by name; unnamed ones after them, in the order their authors drew.
    """
    answers: dict[str, list[SharedAnswer]] = {}
    rows = db.session.execute(
        select(Answer.question, Answer.sharing, Answer.text, User.id, User.name)
        .join(User, User.id == Answer.user_id)
        .where(Answer.meeting_id == meeting_id, Answer.question.in_(TEXTS))
        .where(Answer.sharing != Sharing.PRIVATE, Answer.text != "")
        .order_by(Answer.place, Answer.text)
    )
    for question, sharing, text, person, name in rows:
        named = sharing == Sharing.NAMED
        shared = SharedAnswer(person if named else None, name if named else None, text)
        answers.setdefault(question, []).append(shared)
    steps = db.session.execute(
        select(User.id, User.name, NextStep.text)
        .join(User, User.id == NextStep.user_id)
        .where(NextStep.meeting_id == meeting_id, NextStep.text != "", NextStep.mine_only.is_(False))
    )
    return Shown(
        answers={
            question: tuple(sorted(shared, key=lambda one: (one.name is None, (one.name or "").casefold())))
            for question, shared in answers.items()
        },
        picture=picture(meeting_id),
        steps=tuple(sorted((SharedAnswer(*row) for row in steps), key=lambda one: str(one.name))),
    )


def picture(meeting_id: int) -> Picture | None:
    """Return how the group answered the scale; None under five answers.

    Once the group has seen it, it stays as it is: two pictures a minute apart would tell
    what the one person answered who came, or changed their mind, in between. Before the
    first change after the reveal ``save`` keeps it, so until then counting gives the same.
    """
    kept = db.session.get(GroupPicture, meeting_id, populate_existing=True)
    if kept:
        return Picture(tuple(int(kept.counts[str(number)]) for number in range(1, 6)))
    counted = dict(
        db.session.execute(
            select(Answer.number, func.count())
            .where(Answer.meeting_id == meeting_id, Answer.question == SCALE, Answer.number.is_not(None))
            .group_by(Answer.number)
        ).all()
    )
    if sum(counted.values()) < LEAST_FOR_PICTURE:
        return None
    return Picture(tuple(counted.get(number, 0) for number in range(1, 6)))


@transactional
def save(meeting_id: int, given: Given, *, actor: User) -> MyReflection:
    """Keep what the person changed; saving the same twice changes nothing.

    What two of their pages wrote at once is kept from both, one text below the other.
    Tells the room only what the others can see: that somebody is done, and after the
    reveal what is shared. The person's own pages hear that something was saved, and
    from which of them it came. Raises NotFound, or Conflict once the meeting has ended.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    # Closing and revealing insert an event, for which the meeting's row must be free on
    # PostgreSQL: so no answer slips in behind a record, or past a picture already shown.
    db.session.execute(
        select(Meeting)
        .where(Meeting.id == meeting_id)
        .with_for_update(of=Meeting)
        .execution_options(populate_existing=True)
    )
    run = meetings.run_of(meeting_id)
    if meeting.ended_at or run.closed:
        raise Conflict(gettext("The meeting has ended. What you had already saved is kept."))
    if run.revealed:
        keep_picture(meeting_id)
    before = _visible(meeting_id, run)
    _write(meeting_id, given, actor.id)
    db.session.flush()
    meetings.tell_own_pages(meeting_id, actor.id, given.tab)
    if _visible(meeting_id, run) != before:
        meetings.touch(meeting_id, "reflections", actor_id=actor.id)
    return mine(meeting_id, actor.id)


def _write(meeting_id: int, given: Given, user_id: int) -> None:
    key: dict[str, Any] = {"meeting_id": meeting_id, "user_id": user_id}
    answers = {row.question: row for row in _answers(meeting_id, user_id)}
    for question in {*given.texts, *given.sharings, *([SCALE] if given.numbers else [])} - {*answers}:
        answers[question] = Answer(**key, question=question)
        db.session.add(answers[question])
    for question, text in given.texts.items():
        before = answers[question].text or ""
        answers[question].text = merged(before, text, given.seen.get(f"text-{question}"), MAX_TEXT)
    for question, sharing in given.sharings.items():
        answers[question].sharing = sharing
    for number in given.numbers:
        answers[SCALE].number = number
    if given.steps or given.step_is_mine is not None:
        promise = db.session.get(NextStep, (meeting_id, user_id), populate_existing=True)
        if promise is None:
            promise = NextStep(**key, text="", mine_only=False)
            db.session.add(promise)
        for step in given.steps:
            promise.text = merged(promise.text, step, given.seen.get("step"), MAX_STEP)
        if given.step_is_mine is not None:
            promise.mine_only = given.step_is_mine
    begun = db.session.get(Reflection, (meeting_id, user_id), populate_existing=True)
    if begun is None:
        begun = Reflection(**key)
        db.session.add(begun)
    if given.done is not None and given.done != bool(begun.done_at):
        begun.done_at = clock.now() if given.done else None


def merged(now: str, text: str, seen: Sequence[str] | None, most: int) -> str:
    """Return what is kept of two texts, each of ``most`` characters. Raises Invalid when it is too much."""
    if len(text) > max(most, len(now)):
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=most))
    both = text if seen is None else merged_text(now, text, seen)
    if len(both) > MANY * most:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MANY * most))
    return both


def _answers(meeting_id: int, user_id: int) -> list[Answer]:
    return list(
        db.session.scalars(
            select(Answer)
            .where(Answer.meeting_id == meeting_id, Answer.user_id == user_id)
            .execution_options(populate_existing=True)
        )
    )


def _begun(meeting_id: int) -> dict[int, datetime | None]:
    """Return who has written anything, and when they were done."""
    query = select(Reflection.user_id, Reflection.done_at).where(Reflection.meeting_id == meeting_id)
    return dict(db.session.execute(query).all())


def _visible(meeting_id: int, run: Run) -> object:
    """Return all that others can see, to be compared with itself."""
    begun = _begun(meeting_id)
    done = {user_id for user_id, done_at in begun.items() if done_at}
    return done, {*run.present, *begun}, seen_by_all(meeting_id) if run.revealed else None


def keep_picture(meeting_id: int) -> None:
    """Keep the picture as the group sees it now, if it sees one."""
    shown = picture(meeting_id)
    if shown and not db.session.get(GroupPicture, meeting_id):
        counts = {str(number): count for number, count in enumerate(shown.counts, 1)}
        db.session.add(GroupPicture(meeting_id=meeting_id, counts=counts))


@transactional
def forget_shared(meeting_id: int) -> None:
    """Drop what the record now holds, and each single number: only private words stay.

    Without this an unnamed answer would keep its author's id for ever.
    """
    db.session.execute(
        delete(Answer)
        .where(Answer.meeting_id == meeting_id)
        .where((Answer.question == SCALE) | (Answer.sharing != Sharing.PRIVATE) | (Answer.text == ""))
    )
    for model in (Reflection, GroupPicture):
        db.session.execute(delete(model).where(model.meeting_id == meeting_id))
    db.session.execute(delete(NextStep).where(NextStep.meeting_id == meeting_id, NextStep.text == ""))
