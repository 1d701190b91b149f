"""The notes as they are kept: every accepted edit, in order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
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
