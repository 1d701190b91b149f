"""Groups and memberships."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ementor.accounts.models import User
from ementor.database import Base


class Group(Base):
    """A peer-mentoring group.

    A facilitator can show ``join_token`` again, so it is kept as it is, in a database
    that is encrypted at rest.
    """

    __tablename__ = "mentoring_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(40))
    join_token: Mapped[str] = mapped_column(String(64), unique=True)
    open_to_new: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    started_last_id: Mapped[int | None] = mapped_column(default=None)
    """Who began the first round of the last meeting, so that another one begins the next."""


class Membership(Base):
    """That somebody belongs to a group. Facilitating is a hat, not a rank."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("group_id", "user_id"),
        UniqueConstraint("group_id", "name_key", name="uq_membership_name"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("mentoring_group.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name_key: Mapped[str] = mapped_column(String(120))
    facilitator: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    group: Mapped[Group] = relationship()
    user: Mapped[User] = relationship(lazy="joined")
