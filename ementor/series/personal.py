"""What a series knows of a person: dates they miss, duties, promises, wishes and tasks."""

from __future__ import annotations

from sqlalchemy import delete

from ementor.accounts.merging.rows import join, move
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.database import db
from ementor.reflections.personal import when_steps_are_one
from ementor.series.domain.promises import Became
from ementor.series.models import (
    Away,
    DutyRule,
    OnDuty,
    PlannedMeeting,
    Promise,
    Series,
    Swap,
    TaskAnswer,
    Willing,
    Wish,
)
from ementor.texts import both_texts

TABLES = ("series", "away", "duty_rule", "willing", "on_duty", "swap", "promise", "wish", "task_answer")


def _merge(kept: int, gone: int) -> None:
    for owner in (Series.taken_over_by_id, DutyRule.user_id, OnDuty.user_id, Wish.user_id):
        move(owner, kept, gone)
    for owner in (Swap.from_id, Swap.to_id):
        move(owner, kept, gone)
    db.session.execute(  # one asks nobody to take one's own duty
        delete(Swap).where(Swap.from_id == Swap.to_id), execution_options={"synchronize_session": False}
    )
    join(Away.user_id, kept, gone, _both_away)
    join(Willing.user_id, kept, gone, _both_willing)
    join(Promise.user_id, kept, gone)
    join(TaskAnswer.user_id, kept, gone, _both_tasks)


def _both_away(mine: Away, theirs: Away) -> None:
    """Keep what was said of the time that the date has: of another one nobody has said it."""
    if mine.wall != theirs.wall:
        if theirs.wall == db.session.get_one(PlannedMeeting, mine.planned_id).wall:
            mine.wall, mine.word, mine.told = theirs.wall, theirs.word, theirs.told
        return
    mine.word = both_texts(mine.word, theirs.word)
    mine.told = mine.told and theirs.told


def _both_willing(mine: Willing, theirs: Willing) -> None:
    mine.since = min(mine.since, theirs.since)


@when_steps_are_one
def _both_promises(meeting_id: int, kept: int, gone: int) -> None:
    """Leave the one step that has both texts open where not the same became of both."""
    rows = [db.session.get(Promise, (meeting_id, each), populate_existing=True) for each in (kept, gone)]
    if len({row.became if row else Became.OPEN.value for row in rows}) > 1:
        for row in filter(None, rows):
            row.became, row.became_at = Became.OPEN.value, None
        db.session.flush()


def _both_tasks(mine: TaskAnswer, theirs: TaskAnswer) -> None:
    """Keep both texts; what one of them was not to show, both are not."""
    if mine.text and theirs.text:
        mine.shared = mine.shared and theirs.shared
    elif theirs.text:
        mine.shared = theirs.shared
    mine.text = both_texts(mine.text, theirs.text)


def _export(person: User) -> JSON:
    """Return what somebody said, promised and wished between the meetings."""
    raise NotImplementedError


register(Personal("series", TABLES, _merge, _export))
