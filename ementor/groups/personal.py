"""What groups know of a person: where they belong, and at which doors they stand or stood."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(Personal("groups", ("membership", "waiting"), merge, export))
