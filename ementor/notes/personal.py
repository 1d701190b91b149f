"""What the notes know of a person: which edits are theirs, and their own notes."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.notes import services


def _export(person: User) -> JSON:
    """Return somebody's own notes."""
    raise NotImplementedError


register(Personal("notes", ("note_update", "own_note_update", "own_note"), services.make_one, _export))
