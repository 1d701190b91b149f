"""The kept account of a closed meeting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base


class RecordRow(Base):
    """What remains of a meeting, readable without its log and its live notes.

    ``data`` is in one of the versions that ``versions`` reads. Who spoke how long is not in it, nor
    what nobody shared, nor what was off the record.
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
