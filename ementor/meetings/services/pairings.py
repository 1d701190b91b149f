"""What one meeting of a group leaves for its next: who began, and who has met whom."""

from __future__ import annotations

import secrets
from collections import Counter
from itertools import combinations

from sqlalchemy import select

from ementor.database import db, transactional
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.course import Groups
from ementor.meetings.domain.run import Run
from ementor.meetings.domain.subjects.pairs import draw
from ementor.meetings.models import Meeting, Partners
from ementor.meetings.services.access import Room

REDRAWS = 30


def drawn(meeting: Meeting | Room, run: Run) -> runs.DrawPairs:
    """Return the wish to talk in groups in which as few as possible meet again, drawn now."""
    met = _met(meeting.group_id)
    for item_id, groups in run.pairings.items():
        if item_id != run.course.item_id:
            met.update(_twos(groups))
    size = run.item.how.size if run.item else 2
    for _ in range(REDRAWS):  # who draws again wants something else
        groups = draw(run.present, size, met, secrets.SystemRandom())
        if groups != run.groups:
            break
    return runs.DrawPairs(groups)


@transactional
def remember(meeting: Meeting, run: Run) -> None:
    """Keep it for the next meeting, before the log goes. Asks no rights; call it once."""
    if run.starter is not None:
        meeting.group.started_last_id = run.starter
    for two, times in Counter(two for groups in run.pairings.values() for two in _twos(groups)).items():
        one_id, other_id = sorted(two)
        row = db.session.get(Partners, (meeting.group_id, one_id, other_id))
        if row is None:
            row = Partners(group_id=meeting.group_id, one_id=one_id, other_id=other_id, times=0)
            db.session.add(row)
        row.times += times


def _met(group_id: int) -> Counter[frozenset[int]]:
    query = select(Partners).where(Partners.group_id == group_id)
    return Counter({frozenset({row.one_id, row.other_id}): row.times for row in db.session.scalars(query)})


def _twos(groups: Groups) -> list[frozenset[int]]:
    return [frozenset(two) for group in groups for two in combinations(group, 2)]
