"""What the notes know of a person: which edits are theirs, and their own notes."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(Personal("notes", ("note_update", "own_note_update", "own_note"), merge, export))
