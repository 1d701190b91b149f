"""What a series knows of a person: dates they miss, duties, promises, wishes and tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select

from ementor.accounts.merging.rows import join, move
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.database import db
from ementor.groups.models import Group
from ementor.meetings.models import Meeting
from ementor.meetings.personal import about
from ementor.reflections.personal import when_steps_are_one
from ementor.series.domain import dates as rules
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
    """Return what is somebody's between meetings. Of a swap it is their side: who the other is, is theirs."""
    me = person.id
    return {
        "taken_over": [
            {"group": group.name, "at": row.taken_over_at}
            for row, group in _in_groups(Series, Series.taken_over_by_id == me)
        ],
        "always_on_duty": [
            {"group": group.name, "duty": row.duty}
            for row, group in _in_groups(DutyRule, DutyRule.user_id == me)
        ],
        "willing": [
            {"group": group.name, "duty": row.duty, "since": row.since}
            for row, group in _in_groups(Willing, Willing.user_id == me)
        ],
        "on_duty": [
            {**_date(group, planned.wall), "duty": row.duty}
            for row, planned, group in _at_dates(OnDuty, OnDuty.user_id == me)
        ],
        "swaps": [
            {**_date(group, planned.wall), "duty": row.duty, "asked_by_me": row.from_id == me}
            | {"asked_at": row.asked_at}
            for row, planned, group in _at_dates(Swap, or_(Swap.from_id == me, Swap.to_id == me))
        ],
        "away": [
            {**_date(group, row.wall), "word": row.word, "told": row.told}
            for row, _, group in _at_dates(Away, Away.user_id == me)
        ],
        "promises": [
            {**about(meeting), "became": row.became, "became_at": row.became_at}
            for row, meeting in _after_meetings(Promise, Promise.user_id == me)
        ],
        "wishes": [
            {"group": group.name, "text": row.text, "shown": row.shown, "created_at": row.created_at}
            for row, group in _in_groups(Wish, Wish.user_id == me)
        ],
        "task_answers": [
            {**about(meeting), "text": row.text, "shared": row.shared}
            for row, meeting in _after_meetings(TaskAnswer, TaskAnswer.user_id == me)
        ],
    }


def _date(group: Group, wall: datetime) -> dict[str, Any]:
    return {"group": group.name, "meeting_at": rules.instant(wall, group.time_zone)}


def _in_groups(model: Any, whose: ColumnElement[bool]) -> Iterable[tuple[Any, Group]]:
    query = select(model, Group).join(Group, Group.id == model.group_id)
    return [(*row,) for row in db.session.execute(query.where(whose).order_by(Group.id))]


def _at_dates(model: Any, whose: ColumnElement[bool]) -> Iterable[tuple[Any, PlannedMeeting, Group]]:
    query = select(model, PlannedMeeting, Group).join(PlannedMeeting, PlannedMeeting.id == model.planned_id)
    query = query.join(Group, Group.id == PlannedMeeting.group_id)
    return [(*row,) for row in db.session.execute(query.where(whose).order_by(PlannedMeeting.wall))]


def _after_meetings(model: Any, whose: ColumnElement[bool]) -> Iterable[tuple[Any, Meeting]]:
    query = select(model, Meeting).join(Meeting, Meeting.id == model.meeting_id)
    return [(*row,) for row in db.session.execute(query.where(whose).order_by(Meeting.id))]


register(Personal("series", TABLES, _merge, _export))
