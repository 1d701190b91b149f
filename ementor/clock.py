"""The time, read here and nowhere else, so that a test can move it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)
_read_s: Callable[[], float] = time.time


def now() -> datetime:
    """Return the present instant in UTC, aware."""
    return _pretended.get() or datetime.fromtimestamp(_read_s(), UTC)


class Steady:
    """Seconds since 1970 that never go back.

    When the machine's clock is set back, they go on from where they were, or an hour's step
    would stop every timer and delay every deletion by an hour. When it is set
    forward, or the machine has slept, they follow. A restart takes the machine's clock as it is.
    """

    def __init__(self, wall_s: Callable[[], float], monotonic_s: Callable[[], float]) -> None:
        self._wall_s, self._monotonic_s = wall_s, monotonic_s
        self._latest_s, self._read_at_s = wall_s(), monotonic_s()

    def __call__(self) -> float:
        read_at_s = self._monotonic_s()
        self._latest_s = max(self._wall_s(), self._latest_s + read_at_s - self._read_at_s)
        self._read_at_s = read_at_s
        return self._latest_s


def never_go_back() -> None:
    """Make this process's time steady: for a server, as a test moves the time both ways."""
    global _read_s
    _read_s = Steady(time.time, time.monotonic)


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` in here: the example group tells of what happened a while ago."""
    before = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(before)
