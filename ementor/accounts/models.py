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
    __allow_unmapped__ = True  # for ``token``, which is no column
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime]
    email: Mapped[str | None] = mapped_column(String(254), default=None)
    """Where a code reaches them, as they wrote it."""
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True, index=True, default=None)
    """What all ways to write that address share."""

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
    device: Mapped[str] = mapped_column(String(80), default="")
    """What the device calls itself: "phone Chrome"; empty when it is not known."""
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    """When a page was last opened on it, to the hour."""
    proved_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was last shown that it is theirs: by a code from their mail, or without an address by their
    other device."""
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    """When they said that this device is not theirs; until somebody else uses it they can come back."""
    user: Mapped[User] = relationship(lazy="joined")  # asked for by each request and event


class DeviceCode(Base):
    """A code that makes another device one person's, once the device that shows it has said yes.

    The first half of the code finds the row, the second is tried: ``tries`` are the wrong ones. The device
    that came with it is known by ``claim_hash``, of a secret in its session; both show ``word``.
    """

    __tablename__ = "device_code"
    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    shown_by: Mapped[str] = mapped_column(String(64))
    """The hash of the sign-in of the device that shows it."""
    made_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    word: Mapped[str] = mapped_column(String(40))
    claim_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    device: Mapped[str] = mapped_column(String(80), default="")
    answer: Mapped[str] = mapped_column(String(4), default="")
    """What the first device said of the other: yes, no, or nothing yet."""


class MailCode(Base):
    """Six digits that were sent to an address. Only the newest of a browser count, and only there.

    One is kept for an address that nobody has as well, so that no answer tells which are known.
    """

    __tablename__ = "mail_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    email_key: Mapped[str] = mapped_column(String(254), index=True)
    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    """Whose the address is to become, or is shown to be; None where somebody wants to sign in by it."""
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Of a secret in the session of the browser that asked."""
    asker_hash: Mapped[str] = mapped_column(String(64))
    """Of the network address that it was asked from, under a key: to count, not to know."""
    counted: Mapped[bool]
    """Whether it was within the budgets; otherwise no digits are right, and none were sent."""
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
