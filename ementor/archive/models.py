"""The kept account of a closed meeting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base
from ementor.groups.models import Readers


class RecordRow(Base):
    """What remains of a meeting, readable without its log and its live notes.

    ``data`` is in one of the versions that ``versions`` reads. Who spoke how long is not in it, nor
    what nobody shared, nor what was off the record.
    """

    __tablename__ = "record"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    kept_at: Mapped[datetime]
    readers: Mapped[str] = mapped_column(String(8), default=Readers.MEMBERS.value)
    """Who may read it, as was said when the meeting ended: the group may be stricter today, not wider."""
    data: Mapped[dict[str, Any]]


class RecordReader(Base):
    """That somebody was in the meeting."""

    __tablename__ = "record_reader"
    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("record.meeting_id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)


class Correction(Base):
    """What somebody made of a part of the notes after the meeting; the record itself stays as it was.

    ``part`` is the part's anchor, ``number`` counts in each part from 1: of two at once the second
    collides. Restoring an earlier text is one more. ``html`` is of the tags that notes have.
    """

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("meeting_id", "part", "number", name="uq_correction_number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("record.meeting_id", ondelete="CASCADE"))
    part: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    """The author's name then."""
    html: Mapped[str] = mapped_column(Text)


class SearchWords(Base):
    """The words of a record by which it is found: what all its readers share, or one person's own.

    ``recipe`` is how they were made: those of another are made anew.
    """

    __tablename__ = "search_words"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    recipe: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
