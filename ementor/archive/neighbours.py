"""Where a meeting stands among the others of its group: before and after it, and which of how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ementor.accounts.models import User
from ementor.archive import readers
from ementor.database import db
from ementor.meetings.models import Meeting


@dataclass(frozen=True)
class Neighbour:
    """Another meeting of the group whose record may be read."""

    meeting_id: int
    title: Mapping[str, str]
    ended_at: datetime


@dataclass(frozen=True)
class SeriesPosition:
    """Which meeting of its series it is, of how many."""

    number: int
    count: int


def around(meeting: Meeting, *, actor: User) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the meetings of the group before and after it whose records the actor may read."""
    assert meeting.ended_at is not None
    query = readers.readable(actor).where(Meeting.group_id == meeting.group_id, Meeting.id != meeting.id)
    shown = query.with_only_columns(Meeting.id, Meeting.title, Meeting.ended_at).limit(1)
    before = shown.where(Meeting.ended_at <= meeting.ended_at).order_by(Meeting.ended_at.desc())
    after = shown.where(Meeting.ended_at > meeting.ended_at).order_by(Meeting.ended_at)
    found = (db.session.execute(one).one_or_none() for one in (before, after))
    earlier, later = (None if row is None else Neighbour(*row) for row in found)
    return earlier, later


_answers: list[Callable[[Meeting], SeriesPosition | None]] = []


def says_position(
    answer: Callable[[Meeting], SeriesPosition | None],
) -> Callable[[Meeting], SeriesPosition | None]:
    """Let a feature above this one say which meeting of its series one is."""
    _answers.append(answer)
    return answer


def position_of(meeting: Meeting) -> SeriesPosition | None:
    """Return which meeting of its series it is; None where that is not known, or it is the only one."""
    return next((place for answer in _answers if (place := answer(meeting)) is not None), None)
