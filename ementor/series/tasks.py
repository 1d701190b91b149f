"""The in-between task: what each writes for it, alone until they share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.database import MAX_ID, db, transactional
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.reflections.services import merged
from ementor.series import services
from ementor.series.domain.dates import State
from ementor.series.models import PlannedMeeting, TaskAnswer
from ementor.series.services import Planned

MAX_TEXT = 4000


@dataclass(frozen=True)
class Task:
    """The task as one person sees it: their own text, and what others have shared, by person."""

    meeting_id: int
    words: Mapping[str, str]
    text: str
    shared: bool
    others: Mapping[int, str]


def of_group(group_id: int, me: int, planned: Sequence[Planned]) -> Task | None:
    """Return the task between the last meeting that gave one and the next one. Asks no rights.

    After the last meeting of all only that one's own task stays.
    """
    held = [one for one in planned if one.state is State.ENDED]
    if not any(one.state in services.AHEAD for one in planned):
        held = held[-1:]
    given = [one for one in held if any(one.task.values())]
    if not given or given[-1].row.meeting_id is None:
        return None
    meeting_id = given[-1].row.meeting_id
    members = {one.user_id for one in policy.members(group_id)}
    query = select(TaskAnswer).where(TaskAnswer.meeting_id == meeting_id)
    query = query.where(TaskAnswer.shared | (TaskAnswer.user_id == me))
    rows = {row.user_id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
    mine = rows.pop(me, None)
    return Task(
        meeting_id=meeting_id,
        words=given[-1].task,
        text=mine.text if mine else "",
        shared=bool(mine and mine.shared),
        others={user_id: row.text for user_id, row in rows.items() if user_id in members and row.text},
    )


@transactional
def write(
    group_id: int,
    meeting_id: int,
    *,
    actor: User,
    text: str | None = None,
    seen: Sequence[str] | None = None,
    shared: bool | None = None,
) -> str:
    """Keep what somebody wrote, or whether the group sees it; None stays. Answers what stands there now.

    What two of their pages wrote at once is kept from both; ``seen`` is as in ``merged_text``. Twice is
    once. Raises NotFound or Invalid.
    """
    policy.require_member(actor, group_id)
    planned = select(PlannedMeeting.id).where(PlannedMeeting.meeting_id == meeting_id)
    planned = planned.where(PlannedMeeting.group_id == group_id)
    if not 0 < meeting_id <= MAX_ID or db.session.scalar(planned) is None:
        raise NotFound(gettext("The group has no such date."))
    key = (meeting_id, actor.id)
    row = db.session.get(TaskAnswer, key, populate_existing=True, with_for_update=True)
    if row is None:
        row = TaskAnswer(meeting_id=meeting_id, user_id=actor.id, text="", shared=False)
        db.session.add(row)
    before = row.text if row.shared else ""
    if text is not None:
        row.text = merged(row.text, text, seen, MAX_TEXT)
    if shared is not None:
        row.shared = shared
    db.session.flush()
    if before != (row.text if row.shared else "") or shared is not None:
        services.told(group_id)
    return row.text
