"""Refusals that no test has looked at: a button that does not exist, a field that is wrong.

A test whose set-up is refused passes without having tried what it says. So each test fails whose POST
was refused when it has read nothing of the answer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_unread: dict[int, tuple[str, Any]] = {}
"""What was asked and refused, with the answer, by the answer's id."""


class Watched:
    """An answer that notes that somebody reads it."""

    def __getattribute__(self, name: str) -> Any:
        _unread.pop(id(self), None)
        return super().__getattribute__(name)


def watch(asked: str, answer: Any) -> None:
    """Remember a refusal until something of it is read."""
    if answer.status_code >= 400:
        text = f"{asked}: {answer.status_code}"
        answer.__class__ = _watched(type(answer))
        _unread[id(answer)] = text, answer


@cache
def _watched(kind: type) -> type:
    return type("Answer", (Watched, kind), {})


def unread() -> list[str]:
    """Return the refusals that nobody has read, and forget them."""
    texts = [text for text, _ in _unread.values()]
    _unread.clear()
    return texts
