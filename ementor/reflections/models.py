"""What a person answers when a meeting closes, and who may see it."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base


class Sharing(StrEnum):
    """Who sees an answer besides its author; the kept words never change."""

    PRIVATE = "private"
    NAMED = "named"
    UNNAMED = "unnamed"


TEXTS = ("1", "2", "own")
"""The questions answered in words: two standing ones and the programme's own."""
SCALE = "3"
"""The question answered by a number from 1 to 5; nobody ever sees one person's number."""
MAX_TEXT = 2000
MAX_STEP = 500
LEAST_FOR_PICTURE = 5


def drawn() -> int:
    """Draw a place among the unnamed answers that tells neither the author nor the time."""
    return secrets.randbits(31)


class Answer(Base):
    """One person's answer to one question. ``number`` belongs to the scale, ``text`` to the others."""

    __tablename__ = "reflection_answer"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(8), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[int | None]
    sharing: Mapped[str] = mapped_column(String(8), default=Sharing.PRIVATE)
    place: Mapped[int] = mapped_column(default=drawn)


class NextStep(Base):
    """What a person promises to do before the next meeting; the group sees it unless it is ``mine_only``."""

    __tablename__ = "next_step"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    mine_only: Mapped[bool] = mapped_column(default=False)


class Reflection(Base):
    """That a person has begun the reflection, and since when they are done."""

    __tablename__ = "reflection"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    done_at: Mapped[datetime | None]


class GroupPicture(Base):
    """How often each number was answered, as the group first saw it; never counted anew.

    ``counts``: {"1": 0, …, "5": 3}.
    """

    __tablename__ = "reflection_picture"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    counts: Mapped[dict[str, Any]]
