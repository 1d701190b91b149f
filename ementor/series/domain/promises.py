"""Which promises a group still has before it: plain rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Became(StrEnum):
    """What became of a promise. Stored: never renamed."""

    OPEN = "open"
    DONE = "done"
    GOING_ON = "going_on"
    LET_GO = "let_go"


@dataclass(frozen=True)
class Made:
    """A promise: whose, at which meeting, when that ended, and what became of it since when."""

    person: int
    meeting: int
    ended_at: datetime
    became: Became = Became.OPEN
    became_at: datetime | None = None


def current(made: Iterable[Made], last_ended_at: datetime) -> tuple[Made, ...]:
    """Return the promises that are still to be seen, the newest first.

    These are each person's newest one while it is open, all that are going on, and what was done or
    let go since the last meeting ended: so that the others see it once, and then it is over.
    """
    ordered = sorted(made, key=lambda one: (one.ended_at, one.meeting), reverse=True)
    newest: dict[int, Made] = {}
    for one in ordered:
        newest.setdefault(one.person, one)
    return tuple(one for one in ordered if _is_current(one, newest[one.person], last_ended_at))


def _is_current(one: Made, newest: Made, last_ended_at: datetime) -> bool:
    match one.became:
        case Became.OPEN:
            return one == newest
        case Became.GOING_ON:
            return True
        case _:
            return one.became_at is not None and one.became_at >= last_ended_at
