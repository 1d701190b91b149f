"""The self-assessment of the first and the last meeting, side by side, for their author only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, select

from ementor.accounts.models import User
from ementor.database import db
from ementor.mine.meetings import Past, Text
from ementor.programmes import library
from ementor.writings.models import Writing


@dataclass(frozen=True)
class StatementAnswers:
    """A statement with its number in the list, and what was answered the first and the last time, 1-5."""

    number: int
    statement: Text
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Assessment:
    """What somebody answered in one group; ``last_at`` is None while they have answered once."""

    group_id: int
    first_at: datetime
    last_at: datetime | None
    lines: tuple[StatementAnswers, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many numbers are higher than the first time, the same, and lower."""
        both = [(one.first, one.last) for one in self.lines if one.first and one.last]
        return (
            sum(last > first for first, last in both),
            sum(last == first for first, last in both),
            sum(last < first for first, last in both),
        )


def of(actor: User, meetings: Mapping[int, Past]) -> list[Assessment]:
    """Return somebody's own self-assessments by group, that of the latest meeting first."""
    query = select(Writing.meeting_id, Writing.answers).where(
        Writing.user_id == actor.id, cast(Writing.answers, String) != "{}"
    )
    given: dict[int, dict[int, Mapping[str, int]]] = {}
    for meeting_id, answers in db.session.execute(query.order_by(Writing.item_id)):
        if meeting_id in meetings and answers:
            given.setdefault(meetings[meeting_id].group_id, {})[meeting_id] = answers
    found = [_side_by_side(group_id, answers, meetings) for group_id, answers in given.items()]
    return sorted(found, key=lambda one: one.last_at or one.first_at, reverse=True)


def _side_by_side(
    group_id: int, given: Mapping[int, Mapping[str, int]], meetings: Mapping[int, Past]
) -> Assessment:
    ordered = sorted(given, key=lambda meeting_id: meetings[meeting_id].ended_at)
    first, last = ordered[0], ordered[-1] if len(ordered) > 1 else None
    return Assessment(
        group_id=group_id,
        first_at=meetings[first].ended_at,
        last_at=meetings[last].ended_at if last else None,
        lines=tuple(
            StatementAnswers(
                number,
                statement,
                given[first].get(str(number)),
                given[last].get(str(number)) if last else None,
            )
            for number, statement in enumerate(library.self_assessment(), 1)
        ),
    )
