"""What others need of the plan, whatever file it lives in."""

from ementor.meetings.domain.offers import Offers, offers, to_drop
from ementor.meetings.domain.shorten import least_s, shortened
from ementor.meetings.domain.subjects.idle import (
    FREE_GRACE,
    asks_at,
    closes_at,
    idle_step,
    in_free_talk,
    quiet_since,
)

__all__ = [
    "FREE_GRACE",
    "Offers",
    "asks_at",
    "closes_at",
    "idle_step",
    "in_free_talk",
    "least_s",
    "offers",
    "quiet_since",
    "shortened",
    "to_drop",
]
