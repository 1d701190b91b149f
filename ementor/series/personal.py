"""What a series knows of a person: dates they miss, duties, promises, wishes and tasks."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register


def merge(kept: int, gone: int) -> None:
    """Give one person what is another's."""
    raise NotImplementedError


def export(person: User) -> JSON:
    """Return what is somebody's."""
    raise NotImplementedError


register(
    Personal(
        "series",
        ("series", "away", "duty_rule", "willing", "on_duty", "swap", "promise", "wish", "task_answer"),
        merge,
        export,
    )
)
