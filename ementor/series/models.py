"""What a group has between its meetings: dates, who leads, promises, wishes, and who cannot come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ementor.accounts.models import User
from ementor.database import Base
from ementor.groups.models import Group
from ementor.series.domain.dates import Kept
from ementor.series.domain.promises import Became


class Duty(StrEnum):
    """What somebody does for the group at a meeting. Stored: never renamed."""

    LEAD = "facilitator"
    NOTES = "note_keeper"
    TECH = "tech_support"


class Series(Base):
    """How a group meets. ``number`` grows with each change of what its page shows.

    ``rhythm_weeks`` is the usual gap; ``calendar_token`` the secret address of the calendar feed.
    """

    __tablename__ = "series"
    group_id: Mapped[int] = mapped_column(
        ForeignKey("mentoring_group.id", ondelete="CASCADE"), primary_key=True
    )
    programme: Mapped[str | None] = mapped_column(String(40))
    rhythm_weeks: Mapped[int] = mapped_column(default=4)
    call_url: Mapped[str] = mapped_column(Text, default="")
    calendar_token: Mapped[str] = mapped_column(String(64), unique=True)
    calendar_named: Mapped[bool] = mapped_column(default=False)
    """Whether entries in calendars have the group's name; else only "Meeting"."""
    calendar_leaders: Mapped[bool] = mapped_column(default=False)
    """Whether entries in calendars say who leads."""
    number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    taken_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    taken_over_at: Mapped[datetime | None]
    group: Mapped[Group] = relationship(lazy="joined")


class PlannedMeeting(Base):
    """One date of a series.

    ``wall`` and ``moved_from`` are the group's wall-clock time, without a zone. Its ``Meeting`` is made
    when somebody first prepares it or its room opens; until then title and agenda are the template's.
    ``title`` is what the template said when the date was planned, for the day it is gone, and an own
    one under the language "". ``version`` grows with each change, ``sequence`` with those that a
    calendar has to hear of.
    """

    __tablename__ = "planned_meeting"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("mentoring_group.id", ondelete="CASCADE"), index=True)
    uid: Mapped[str] = mapped_column(String(64), unique=True)
    wall: Mapped[datetime] = mapped_column(sa.DateTime())
    minutes: Mapped[int]
    kept: Mapped[str] = mapped_column(String(10), default=Kept.PLANNED.value)
    moved_from: Mapped[datetime | None] = mapped_column(sa.DateTime())
    template_key: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[dict[str, Any]]
    bring: Mapped[str] = mapped_column(Text, default="")
    """What to bring, in the facilitator's words; else the template's."""
    task: Mapped[str] = mapped_column(Text, default="")
    """The in-between task after this meeting, in the facilitator's words; else the template's."""
    opened_at: Mapped[datetime | None]
    handed_out: Mapped[bool] = mapped_column(default=False)
    """Whether those on duty have been given the hat and the roles of its meeting."""
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class Away(Base):
    """That somebody cannot come. ``word`` is for the facilitators; the others know only if ``told``.

    ``wall`` is the time that it was said of: of a date that has been moved since, nobody has said it.
    """

    __tablename__ = "away"
    planned_id: Mapped[int] = mapped_column(
        ForeignKey("planned_meeting.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    wall: Mapped[datetime] = mapped_column(sa.DateTime())
    word: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[bool] = mapped_column(default=False)


class DutyRule(Base):
    """How a duty is shared: always one person's (``user_id``), or in turns among those who are willing."""

    __tablename__ = "duty_rule"
    group_id: Mapped[int] = mapped_column(
        ForeignKey("mentoring_group.id", ondelete="CASCADE"), primary_key=True
    )
    duty: Mapped[str] = mapped_column(String(16), primary_key=True)
    rotates: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Willing(Base):
    """That somebody takes a duty in turn."""

    __tablename__ = "willing"
    group_id: Mapped[int] = mapped_column(
        ForeignKey("mentoring_group.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    duty: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime]


class OnDuty(Base):
    """Who does what at one meeting, where it was agreed or has been; the others follow from the rule."""

    __tablename__ = "on_duty"
    planned_id: Mapped[int] = mapped_column(
        ForeignKey("planned_meeting.id", ondelete="CASCADE"), primary_key=True
    )
    duty: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)


class Swap(Base):
    """That somebody asks another to take their duty at a meeting; gone once it is answered."""

    __tablename__ = "swap"
    __table_args__ = (UniqueConstraint("planned_id", "duty", name="uq_swap_planned_duty"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    planned_id: Mapped[int] = mapped_column(ForeignKey("planned_meeting.id", ondelete="CASCADE"))
    duty: Mapped[str] = mapped_column(String(16))
    from_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]


class Promise(Base):
    """What became of a next step; its words are the reflection's, and whether the others see it."""

    __tablename__ = "promise"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    became: Mapped[str] = mapped_column(String(10), default=Became.OPEN.value)
    became_at: Mapped[datetime | None]


class Wish(Base):
    """What somebody wants to talk about next time; theirs alone until ``shown``."""

    __tablename__ = "wish"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("mentoring_group.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    shown: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"))
    """The meeting on whose agenda it was put, as the item ``item_id``."""
    item_id: Mapped[int | None]
    user: Mapped[User] = relationship(lazy="joined")


class TaskAnswer(Base):
    """What somebody wrote for the in-between task after a meeting; theirs alone until ``shared``."""

    __tablename__ = "task_answer"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    text: Mapped[str] = mapped_column(Text, default="")
    shared: Mapped[bool] = mapped_column(default=False)
