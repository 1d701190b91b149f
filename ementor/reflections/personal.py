"""What somebody answered at the end of meetings, and the steps they took home."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(Personal("reflections", ("reflection", "reflection_answer", "next_step"), merge, export))
