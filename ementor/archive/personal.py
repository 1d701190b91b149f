"""What records know of a person: who was there, who corrected, and the words they are found by."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(Personal("archive", ("record_reader", "correction", "search_words"), merge, export))
