"""What meetings know of a person: what they did, where they have the room open, with whom they talked."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(Personal("meetings", ("meeting_event", "presence", "partners"), merge, export))
