"""The kept account of a closed meeting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base


class Record(Base):
    """What remains of a meeting, readable without its log and its live notes.

    ``data``, version 1 (a Text is {language: words}, an instant is ISO 8601 in UTC):
    {"version": 1, "title": Text, "group": str, "started_at", "ended_at",
     "revealed": bool, "people": [name], "roles": {name: role} (none in older ones),
     "agenda": [{"id", "mode", "title": Text, "prompt": Text, "minutes", "actual_minutes" | None,
                 "skipped"}],
     "cases": [{"item", "title": Text, "name", "question", "next_step"}] (absent in old ones),
     "notes": [{"item" | None, "title": Text | None, "html", "markdown"}],
     "questions": [{"key", "text": Text, "answers": [{"name" | None, "text"}]}],
     "scale": Text, "picture": [5 counts] | None, "steps": [{"name", "text"}],
     "outside": {"html", "markdown"} | None,
     "marked": {"insight" | "next_step": [{"part", "title": Text | None, "text"}]}}
    Who spoke how long is not in it, nor what nobody shared, nor what was off the record. A new field
    has a default: "outside" None, "marked" {}, "quiet_since" None. That one is an instant when
    nobody ended the meeting: it ended by itself, nothing having happened since.
    """

    __tablename__ = "record"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    kept_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class RecordReader(Base):
    """That somebody was in the meeting, and so may read its record."""

    __tablename__ = "record_reader"
    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("record.meeting_id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
