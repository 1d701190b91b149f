"""People and the devices they are signed in on."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ementor.database import Base


class User(UserMixin, Base):
    """A person. A guest is one who has no e-mail address yet; giving one later keeps the row."""

    __tablename__ = "user"
    __allow_unmapped__ = True  # for ``token``, which is not a column
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime]

    token: str | None = None
    """The sign-in this object came by or was just given; not kept in the row."""

    def get_id(self) -> str:
        """Return the opaque sign-in that Flask-Login keeps in the cookie, never the row's id."""
        if self.token is None:
            raise ValueError("a person signs in through accounts.services.sign_in")
        return self.token


class SignIn(Base):
    """One device of one person: an opaque reference in its cookie, revocable here.

    Only the hash is kept, so a copy of the database lets nobody in.
    """

    __tablename__ = "sign_in"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")  # asked for by each request and event
