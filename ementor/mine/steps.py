"""One's own next steps, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from ementor.accounts.models import User
from ementor.database import db
from ementor.mine.meetings import Past
from ementor.reflections.models import NextStep
from ementor.series.domain import promises as rules
from ementor.series.domain.promises import Became, Made
from ementor.series.models import Promise


@dataclass(frozen=True)
class Step:
    """What somebody promised at a meeting, what became of it and when they said so."""

    meeting_id: int
    group_id: int
    text: str
    mine_only: bool
    became: Became
    became_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be done."""
        return self.became in {Became.OPEN, Became.GOING_ON}


def of(actor: User, meetings: Mapping[int, Past]) -> dict[int, Step]:
    """Return somebody's own steps of these meetings, by meeting."""
    said = and_(Promise.meeting_id == NextStep.meeting_id, Promise.user_id == NextStep.user_id)
    query = (
        select(NextStep.meeting_id, NextStep.text, NextStep.mine_only, Promise.became, Promise.became_at)
        .outerjoin(Promise, said)
        .where(NextStep.user_id == actor.id, NextStep.meeting_id.in_(meetings), NextStep.text != "")
    )
    return {
        meeting_id: Step(
            meeting_id=meeting_id,
            group_id=meetings[meeting_id].group_id,
            text=text,
            mine_only=mine_only,
            became=Became(became or Became.OPEN),
            became_at=became_at,
        )
        for meeting_id, text, mine_only, became, became_at in db.session.execute(query)
    }


def current(steps: Mapping[int, Step], meetings: Collection[Past]) -> Step | None:
    """Return the one of a group's steps that is before its author now; the newest meeting is first."""
    if not meetings:
        return None
    made = (
        Made(0, one.id, one.ended_at, steps[one.id].became, steps[one.id].became_at)
        for one in meetings
        if one.id in steps
    )
    before_me = [steps[one.meeting] for one in rules.current(made, max(one.ended_at for one in meetings))]
    return next((step for step in before_me if step.is_open), before_me[0] if before_me else None)
