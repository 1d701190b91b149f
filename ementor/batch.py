"""One transaction for all who want to write at the same moment, as the commit is what costs most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar


class Job:
    """Something that is to be written; ``done`` once it is known what has become of it."""

    done = False
    error: BaseException | None = None


J = TypeVar("J", bound=Job)


class Batch(Generic[J]):
    """Jobs that wait. Whoever's turn it is writes for all of them, and the others find theirs done.

    Nobody waits for more to come: a job that is alone is written at once, and while a commit is
    under way the next ones gather by themselves.
    """

    def __init__(self, write: Callable[[Sequence[J]], None]) -> None:
        self._write = write
        self._turn = threading.Lock()
        self._waiting: list[J] = []

    def do(self, job: J) -> None:
        """Return once ``job`` is done; raise its error. What ``write`` leaves is for the next turn."""
        self._waiting.append(job)
        try:
            while not job.done:
                with self._turn:
                    if not job.done:
                        time.sleep(0)  # whoever is ready as well comes along
                        # Also what somebody had begun whose line was killed meanwhile.
                        self._write([each for each in self._waiting if not each.done])
        finally:
            self._waiting.remove(job)
        if job.error is not None:
            raise job.error
