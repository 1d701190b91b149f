"""Meetings, the log of what happened in them, and who has them open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ementor.database import Base
from ementor.groups.models import Group, Readers


class Meeting(Base):
    """One meeting of a group; ``title`` and ``own_closing`` are texts by language.

    ``ended_at`` is set while it is closed. ``sealed`` once that can no longer be undone:
    then the record stands alone and the log is gone.
    """

    __tablename__ = "meeting"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("mentoring_group.id", ondelete="CASCADE"), index=True)
    title: Mapped[dict[str, Any]]
    template_key: Mapped[str | None] = mapped_column(String(40))
    own_closing: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    sealed: Mapped[bool] = mapped_column(default=False)
    readers: Mapped[str] = mapped_column(String(8), default=Readers.MEMBERS.value)
    """``present`` when that held while people were writing, whatever the group has decided since."""
    group: Mapped[Group] = relationship(lazy="joined")


class MeetingEvent(Base):
    """One thing that happened in a meeting: inserted once, never changed.

    ``number`` counts from 1 in each meeting and is its version. The primary key
    is the lock too: of two people who press at once, the second cannot insert
    the number it decided on, and decides again with the first one's event.
    """

    __tablename__ = "meeting_event"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]


class Presence(Base):
    """One open page.

    Its process renews ``seen_at`` while the socket lives; a row that is not renewed is of
    a lost connection or a killed process, and whoever notices sweeps it.
    """

    __tablename__ = "presence"
    sid: Mapped[str] = mapped_column(String(60), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime] = mapped_column(index=True)


class Partners(Base):
    """How often two people of a group have been in one pair or trio; the lower id stands first."""

    __tablename__ = "partners"
    group_id: Mapped[int] = mapped_column(
        ForeignKey("mentoring_group.id", ondelete="CASCADE"), primary_key=True
    )
    one_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    times: Mapped[int] = mapped_column(default=0)
