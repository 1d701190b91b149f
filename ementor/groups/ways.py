"""Where a person goes now: one answer for the group's link, its door and whoever has just come in.

What goes on in a group belongs to features above this one. They say it: who registered last is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from ementor.groups import policy
from ementor.groups.models import Group, Membership, Readers, Waiting


@dataclass(frozen=True)
class Now:
    """What goes on in a group: the address for its people, and the title in all its languages."""

    url: str
    title: Mapping[str, str]
    has_dates: bool = False
    """Whether the group has meetings ahead."""
    starts_at: datetime | None = None
    """When the next of them starts, or has started."""


Answer = Callable[[Group, Membership | None], Now | None]
_answers: list[Answer] = []


def says_now(answer: Answer) -> Answer:
    """Let a feature above this one say what goes on in a group; None leaves it to those below.

    It is asked for a member, and for nobody when a new person wants to know what they are invited to.
    """
    _answers.insert(0, answer)
    return answer


def now_in(group: Group, member: Membership | None = None) -> Now | None:
    """Return what goes on in the group, for this member or for somebody new; None for nothing theirs."""
    return next((now for answer in _answers if (now := answer(group, member)) is not None), None)


def way_in(known: Membership | Waiting) -> str:
    """Return where somebody goes now: a member to what goes on in the group, all others to its door."""
    if isinstance(known, Waiting):
        return url_for("groups.waiting", group_id=known.group_id)
    now = now_in(known.group, known)
    return now.url if now is not None else "/"


def who_reads(group: policy.GroupTraits, said: str) -> str:
    """Return who will read what is written now, in words; ``said`` as for ``policy.said_readers``."""
    if policy.said_readers(group, said) is Readers.PRESENT:
        return str(gettext("Readers: only those who are here now"))
    if group.newcomers_read:
        return str(gettext("Readers: the group, including new members"))
    return str(gettext("Readers: the group's current members"))
