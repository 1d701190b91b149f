"""Groups and memberships."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ementor.accounts.models import User
from ementor.database import Base


class Entry(StrEnum):
    """How new people come in by the link; others wait until a facilitator lets them in."""

    FIRST = "first"
    ASK = "ask"
    OPEN = "open"


class Readers(StrEnum):
    """Who may read the record of a meeting. Stored: never renamed."""

    MEMBERS = "members"
    PRESENT = "present"


class Group(Base):
    """A peer-mentoring group.

    A facilitator can show ``join_token`` again, so it is kept as it is, in a database
    that is encrypted at rest. ``open_to_new`` until its first meeting has ended.
    """

    __tablename__ = "mentoring_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(40))
    join_token: Mapped[str] = mapped_column(String(64), unique=True)
    open_to_new: Mapped[bool] = mapped_column(default=True)
    entry: Mapped[str] = mapped_column(String(8), default=Entry.FIRST.value)
    greeting: Mapped[str] = mapped_column(Text, default="")
    """What a waiting person reads; empty for the usual words."""
    everybody_runs: Mapped[bool] = mapped_column(default=False)
    readers: Mapped[str] = mapped_column(String(8), default=Readers.MEMBERS.value)
    newcomers_read: Mapped[bool] = mapped_column(default=False)
    """Whether new members may read what was before them, where every member may read."""
    created_at: Mapped[datetime]
    started_last_id: Mapped[int | None] = mapped_column(default=None)
    """Who began the first round of the last meeting, so that another one begins the next."""

    @property
    def lets_in(self) -> bool:
        """Tell whether a new person comes straight in."""
        return lets_in(self.entry, open_to_new=self.open_to_new)


def lets_in(entry: str, *, open_to_new: bool) -> bool:
    """Tell whether a group with these settings lets a new person come straight in."""
    return entry == Entry.OPEN or (entry == Entry.FIRST and open_to_new)


class OldLink(Base):
    """A link that was replaced: it still knows the group's own people, and nobody else."""

    __tablename__ = "old_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("mentoring_group.id", ondelete="CASCADE"))


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
    for_meeting_id: Mapped[int | None] = mapped_column(default=None)
    """The meeting for which this member facilitates; None for always."""
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    """When they last opened a page of the group, to the hour."""
    ended_at: Mapped[datetime | None]
    group: Mapped[Group] = relationship()
    user: Mapped[User] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        """Return the name of whose membership it is."""
        return self.user.name


class Waiting(Base):
    """That somebody asks to come in, or was refused, which stays; who is let in has a Membership instead."""

    __tablename__ = "waiting"
    group_id: Mapped[int] = mapped_column(
        ForeignKey("mentoring_group.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime]
    refused_at: Mapped[datetime | None]
    group: Mapped[Group] = relationship()
    user: Mapped[User] = relationship(lazy="joined")
