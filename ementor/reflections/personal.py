"""What somebody answered at the end of meetings, and the steps they took home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from ementor.accounts.merging.rows import join
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.database import db
from ementor.meetings import services as meetings
from ementor.meetings.models import Meeting
from ementor.meetings.personal import about, ready_words
from ementor.reflections import services
from ementor.reflections.models import Answer, NextStep, Reflection, Sharing
from ementor.texts import both_texts

Joined = Callable[[int, int, int], None]
_joined: list[Joined] = []


def when_steps_are_one(function: Joined) -> Joined:
    """Let a feature above this one hear of a meeting in which both have a step: meeting, kept, gone."""
    _joined.append(function)
    return function


MOST_PRIVATE = (Sharing.PRIVATE, Sharing.UNNAMED, Sharing.NAMED)


def _merge(kept: int, gone: int) -> None:
    _keep_pictures(kept, gone)
    join(Answer.user_id, kept, gone, _both_answers)
    for meeting_id in sorted(_has(kept) & _has(gone)):
        for function in _joined:
            function(meeting_id, kept, gone)
    join(NextStep.user_id, kept, gone, _both_steps)
    join(Reflection.user_id, kept, gone, _both_reflections)


def _keep_pictures(kept: int, gone: int) -> None:
    """Keep the pictures that the group has seen: one answer fewer in them would tell what it was."""
    query = select(Answer.meeting_id).where(Answer.user_id.in_((kept, gone))).distinct()
    for meeting_id in db.session.scalars(query).all():
        if meetings.run_of(meeting_id).revealed:
            services.keep_picture(meeting_id)


def _both_answers(mine: Answer, theirs: Answer) -> None:
    """Keep both texts. What one of them was not to show to anybody, both are not."""
    if theirs.text and mine.text:
        mine.sharing = min(Sharing(mine.sharing), Sharing(theirs.sharing), key=MOST_PRIVATE.index).value
    elif theirs.text:
        mine.sharing = theirs.sharing
    mine.text = both_texts(mine.text, theirs.text)
    mine.number = theirs.number if mine.number is None else mine.number


def _both_steps(mine: NextStep, theirs: NextStep) -> None:
    if theirs.text:
        mine.mine_only = (mine.mine_only and bool(mine.text)) or theirs.mine_only
    mine.text = both_texts(mine.text, theirs.text)


def _both_reflections(mine: Reflection, theirs: Reflection) -> None:
    """Who is done with one of the two and not with the other is not done."""
    done = [at for at in (mine.done_at, theirs.done_at) if at]
    mine.done_at = max(done) if len(done) == 2 else None


def _has(person_id: int) -> set[int]:
    """Return the meetings from which they took a step home."""
    query = select(NextStep.meeting_id).where(NextStep.user_id == person_id, NextStep.text != "")
    return set(db.session.scalars(query))


def _export(person: User) -> JSON:
    """Return somebody's answers with who sees them, their next steps, and when they were done.

    Of a sealed meeting what they shared is in its record, and if they shared it unnamed nobody can tell
    any more that it was theirs.
    """

    def of(model: type[Answer] | type[NextStep] | type[Reflection]) -> Iterable[tuple[Any, Meeting]]:
        query = select(model, Meeting).join(Meeting, Meeting.id == model.meeting_id)
        query = query.where(model.user_id == person.id).order_by(model.meeting_id)
        return [(*row,) for row in db.session.execute(query)]

    return {
        "answers": [
            {
                **about(meeting),
                "question": ready_words(services.questions_of(meeting).get(row.question, {})),
                "text": row.text,
                "number": row.number,
                "sharing": row.sharing,
            }
            for row, meeting in of(Answer)
        ],
        "next_steps": [
            {**about(meeting), "text": row.text, "mine_only": row.mine_only} for row, meeting in of(NextStep)
        ],
        "done": [{**about(meeting), "done_at": row.done_at} for row, meeting in of(Reflection)],
    }


register(Personal("reflections", ("reflection", "reflection_answer", "next_step"), _merge, _export, has=_has))
