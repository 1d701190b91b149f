"""The sections of a record: in the order in which they are kept, and in that in which they are read."""

from __future__ import annotations

from typing import Any

from ementor.meetings.record import Section
from ementor.meetings.sections import AGENDA, CASES
from ementor.notes.sections import INSIGHTS, NOTES, OWN_NOTES
from ementor.reflections.sections import REFLECTION, STEPS
from ementor.writings.sections import WRITINGS

SECTIONS: tuple[Section[Any], ...] = (
    AGENDA,
    NOTES,
    REFLECTION,
    INSIGHTS,
    STEPS,
    CASES,
    WRITINGS,
    OWN_NOTES,
)
"""The agenda is first: what deletes the meeting's log comes last, and they forget in reverse."""

ON_PAGE: tuple[Section[Any], ...] = (INSIGHTS, STEPS, AGENDA, NOTES, REFLECTION, CASES)
"""What a group takes home comes first, on the page and in every file."""
