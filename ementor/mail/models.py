"""The letters that wait to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ementor.database import Base


class Letter(Base):
    """A letter that is to be sent: gone once it was, or once nobody would want it any more.

    Whoever sends it holds it until ``taken_until``, so that of two processes one does.
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    """After this it is of no use."""
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    taken_until: Mapped[datetime | None] = mapped_column(default=None)
