"""The notes as they are kept: every accepted edit, in order; of people's own, what remains of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base


class NoteUpdate(Base):
    """One accepted update of a meeting's notes: inserted once, never changed.

    ``number`` counts from 1 in each meeting without gaps; of two processes that write at
    once the second cannot insert its number, and asks again. The author is who the server
    knows the socket to be; None is the server itself, which seeds.
    """

    __tablename__ = "note_update"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class OwnNoteUpdate(Base):
    """One accepted update of somebody's own notes of a meeting, which nobody else reads.

    As ``NoteUpdate``, with a count for each person: what is private is in no table of the group's.
    """

    __tablename__ = "own_note_update"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class OwnNote(Base):
    """What remains of somebody's own notes of a meeting: HTML of known tags, for its owner."""

    __tablename__ = "own_note"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    html: Mapped[str] = mapped_column(Text)
