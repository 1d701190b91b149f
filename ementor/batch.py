"""One transaction for all who want to write at the same moment, as the commit is what costs most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

LEAST_S = 0.02
"""From one commit to the next: too little to be seen, and a busy server commits half as often."""


class Job:
    """Something that is to be written; ``done`` once it is known what has become of it."""

    done = False
    error: BaseException | None = None


J = TypeVar("J", bound=Job)


class Batch(Generic[J]):
    """Jobs that wait. Whoever's turn it is writes for all of them, and the others find theirs done.

    Where little is written nobody waits for more to come: a job is written at once unless another one was
    less than LEAST_S ago. Where much is, what comes meanwhile shares the next commit.
    """

    def __init__(self, write: Callable[[Sequence[J]], None]) -> None:
        self._write = write
        self._turn = threading.Lock()
        self._waiting: list[J] = []
        self._next_at = 0.0

    def do(self, job: J) -> None:
        """Return once ``job`` is done; raise its error. What ``write`` leaves is for the next turn."""
        self._waiting.append(job)
        try:
            while not job.done:
                with self._turn:
                    if not job.done:
                        # At least once round, so that whoever is ready as well comes along.
                        time.sleep(max(0.0, self._next_at - time.monotonic()))
                        # Also the jobs of those whose connection was cut meanwhile.
                        self._write([each for each in self._waiting if not each.done])
                        if all(each.done for each in self._waiting):
                            self._next_at = time.monotonic() + LEAST_S
        finally:
            self._waiting.remove(job)
        if job.error is not None:
            raise job.error
