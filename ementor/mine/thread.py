"""The thread of one's own: what somebody took with them, meeting by meeting, for their eyes only."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import db
from ementor.meetings.record import Record
from ementor.meetings.sections import AGENDA
from ementor.mine.meetings import Past, Text
from ementor.mine.steps import Step
from ementor.notes.models import OwnNote
from ementor.notes.sections import NOTES
from ementor.reflections.models import TEXTS, Answer, Sharing
from ementor.reflections.sections import REFLECTION
from ementor.writings.models import Writing

TOOK = "1"
"""The question of the closing reflection that asks what one takes along."""
MAX_SHORT = 200
END_OF_BLOCK = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre)>|<br */?>")


@dataclass(frozen=True)
class Words:
    """Some of one's own words: what they answer or stand under, and the place on the record's page."""

    text: str
    about: Text = field(default_factory=dict)
    private: bool = True
    anchor: str = "own"

    @property
    def short(self) -> str:
        """The words, or how they begin."""
        return shortened(self.text, MAX_SHORT)


@dataclass(frozen=True)
class Entry:
    """What somebody took from one meeting."""

    meeting: Past
    took: Words | None = None
    step: Step | None = None
    insights: tuple[str, ...] = ()
    words: tuple[Words, ...] = ()
    notes: str = ""
    """Their own notes: HTML of known tags."""

    @property
    def own_notes(self) -> Words:
        """Their own notes, without how they look."""
        return Words(Markup(END_OF_BLOCK.sub(r"\g<0> ", self.notes)).striptags())  # noqa: S704


def entries(
    actor: User, meetings: Collection[Past], records: Mapping[int, Record], steps: Mapping[int, Step]
) -> list[Entry]:
    """Return what somebody took from each of these meetings, by three statements.

    Only what is the actor's own, and what the groups marked at the meetings in which they were.
    """
    ids = [one.id for one in meetings if one.there]
    answers, writings, notes = _answers(actor, ids), _writings(actor, ids), _own_notes(actor, ids)
    found = []
    for one in meetings:
        record = records.get(one.id)
        if record is None or not one.there:
            found.append(Entry(one))
            continue
        said = _said(actor, record, answers.get(one.id, {}))
        titles = {item.id: item.title for item in record.of(AGENDA)}
        written = (Words(text, titles.get(item, {})) for item, text in writings.get(one.id, ()))
        found.append(
            Entry(
                one,
                took=said.pop(TOOK, None),
                step=steps.get(one.id),
                insights=tuple(passage.text for passage in record.of(NOTES).insights),
                words=(*said.values(), *written),
                notes=notes.get(one.id, ""),
            )
        )
    return found


def shortened(text: str, most: int) -> str:
    """Return the text, or how it begins, ending with a whole word where it can."""
    if len(text) <= most:
        return text
    begun = text[: most - 1]
    return (begun.rsplit(None, 1)[0] if " " in begun[most // 2 :] else begun) + "…"


def _said(actor: User, record: Record, rows: Mapping[str, tuple[str, Sharing]]) -> dict[str, Words]:
    """Return what somebody answered by question: what is theirs alone, and what they shared by name.

    After the seal the record has what they shared; whose an unnamed answer was, nothing has.
    """
    said = {}
    for question in record.of(REFLECTION).questions:
        text, sharing = rows.get(question.key, ("", Sharing.UNNAMED))
        if sharing is Sharing.PRIVATE:
            said[question.key] = Words(text, question.text)
            continue
        shared = (answer.text for answer in question.answers if answer.person == actor.id)
        named = text if sharing is Sharing.NAMED else next(shared, "")
        if named:
            anchor = f"answers-{question.key}"
            said[question.key] = Words(named, question.text, private=False, anchor=anchor)
    return said


def _answers(actor: User, ids: Collection[int]) -> dict[int, dict[str, tuple[str, Sharing]]]:
    query = select(Answer.meeting_id, Answer.question, Answer.text, Answer.sharing).where(
        Answer.user_id == actor.id, Answer.meeting_id.in_(ids), Answer.question.in_(TEXTS), Answer.text != ""
    )
    found: dict[int, dict[str, tuple[str, Sharing]]] = {}
    for meeting_id, question, text, sharing in db.session.execute(query):
        found.setdefault(meeting_id, {})[question] = text, Sharing(sharing)
    return found


def _writings(actor: User, ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    query = select(Writing.meeting_id, Writing.item_id, Writing.text, Writing.other)
    query = query.where(Writing.user_id == actor.id, Writing.meeting_id.in_(ids))
    found: dict[int, list[tuple[int, str]]] = {}
    for meeting_id, item_id, text, other in db.session.execute(query.order_by(Writing.item_id)):
        if text.strip() or other:
            found.setdefault(meeting_id, []).append((item_id, "\n\n".join(filter(None, [text, other]))))
    return found


def _own_notes(actor: User, ids: Collection[int]) -> dict[int, str]:
    query = select(OwnNote.meeting_id, OwnNote.html)
    query = query.where(OwnNote.owner_id == actor.id, OwnNote.meeting_id.in_(ids))
    return dict(db.session.execute(query).all())
