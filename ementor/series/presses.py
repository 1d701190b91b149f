"""The buttons of a group's page: each feature of the series answers its own.

Who pressed stays on the page; a button that answers with a meeting leads to its room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ementor.accounts.models import User

Form = Mapping[str, str]
Press = Callable[[int, User, Form], object]
PRESSES: dict[str, Press] = {}


def on_press(name: str) -> Callable[[Press], Press]:
    """Let a function answer the button ``name``; it gets the group's id, who pressed, and the form."""

    def register(press: Press) -> Press:
        if name in PRESSES:
            raise ValueError(f"two answers to the button {name}")
        PRESSES[name] = press
        return press

    return register
