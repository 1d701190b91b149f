"""What a person writes for themselves while an item is written in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base

MAX_TEXT = 8000


class Writing(Base):
    """One person's own words in one agenda item, and whether they are ready.

    ``number`` counts the changes of the text: a page says which one it has seen, and ``tab``
    is the page that wrote the newest. ``other`` is what a page replaced that had not seen it,
    ``other_tab`` whose that was, if it was one page's; it stays until its author has looked.
    ``answers``: {"1": 4, …}, by statement.
    """

    __tablename__ = "writing"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[int] = mapped_column(default=0)
    tab: Mapped[str] = mapped_column(String(16), default="")
    other: Mapped[str] = mapped_column(Text, default="")
    other_tab: Mapped[str] = mapped_column(String(16), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ready: Mapped[bool] = mapped_column(default=False)


class SharedLine(Base):
    """That a person put a line of theirs into the notes: the same line goes there once."""

    __tablename__ = "writing_shared_line"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
