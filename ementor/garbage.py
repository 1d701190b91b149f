"""Garbage collection that stops nobody for long: what has survived a full one is not looked through again.

CPython looks through all that is alive each time, which with 1600 people stops every room for 0.2 s. What is
frozen is left out, also when it becomes garbage later that counting references does not free: of each
connection that has ended some objects. They are looked for when nobody is here, or when they are many.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping

from ementor.websocket import WebSocket, connections

FULL_AFTER = 5
"""Collections of the middle generation before a full one, which so has some ten thousand objects."""
MANY = 2000
"""Connections that have ended since all was looked through."""


class Garbage:
    """Freezes what survives, from ``start`` on; a background job that looks through all now and then."""

    def __init__(self) -> None:
        self._seen = 0
        """How many connections had ended when all was looked through."""

    def start(self) -> None:
        """Freeze what is there, and from now on what survives a full collection."""
        often, now_and_then, _ = gc.get_threshold()
        gc.set_threshold(often, now_and_then, FULL_AFTER)
        gc.callbacks.append(_freeze)
        gc.collect()

    def __call__(self) -> None:
        """Look through all if there is garbage and nobody waits for that, or if it is much."""
        if WebSocket.ended - self._seen >= (MANY if connections else 1):
            self._seen = WebSocket.ended
            gc.unfreeze()
            gc.collect()


def _freeze(phase: str, about: Mapping[str, int]) -> None:
    if phase == "stop" and about["generation"] == 2:
        gc.freeze()
