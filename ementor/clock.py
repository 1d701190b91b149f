"""The time, read here and nowhere else, so that a test can move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """Return the present instant in UTC, aware."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` in here: the example group tells of what happened a while ago."""
    before = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(before)
