"""The time, read here and nowhere else, so that a test can move it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant in UTC, aware."""
    return datetime.now(UTC)
