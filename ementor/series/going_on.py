"""After the last date: a group goes on by itself, with dates that any member may say yes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ementor.accounts.models import User
from ementor.programmes import library
from ementor.series import planning, services
from ementor.series.domain import going_on as rules
from ementor.series.domain.dates import wall_of
from ementor.series.services import Planned


@dataclass(frozen=True)
class Proposal:
    """A few more meetings: local times, and the weeks between them."""

    walls: list[datetime]
    weeks: int = rules.WEEKS


USUAL = "single-1"
"""The dialogue: what a programme's last meeting leads to. A blank agenda would leave a group without its
programme alone with what to do."""


def of_page(held: list[Planned], zone: str, now: datetime) -> Proposal:
    """Return what is proposed to a group that has held these meetings, the last one first."""
    return Proposal(rules.proposed(held[0].row.wall, wall_of(now, zone)))


def go_on(group_id: int, first: datetime, *, actor: User) -> None:
    """Go on as was proposed: with the single meeting that was held last, else with a dialogue.

    Raises as ``planning.go_on``.
    """
    planning.go_on(
        group_id,
        actor=actor,
        first=first,
        weeks=rules.WEEKS,
        count=rules.COUNT,
        template_key=_template_of(group_id),
    )


def _template_of(group_id: int) -> str:
    held = [row.template_key for row in services.rows_of(group_id) if row.meeting_id is not None]
    last = library.templates().get(held[-1] or "") if held else None
    return last.key if last is not None and last.programme == library.SINGLE else USUAL
