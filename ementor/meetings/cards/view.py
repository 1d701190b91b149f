"""The room as one viewer sees it at one instant: what its cards are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from ementor.languages import version_in
from ementor.meetings.cards.words import Value
from ementor.meetings.domain import floor, times
from ementor.meetings.domain.agenda import Item, Step
from ementor.meetings.domain.offers import Offers
from ementor.meetings.domain.run import Run

NOBODY = 0
"""No person's id."""


@dataclass(frozen=True)
class Person:
    """Somebody as the room shows them."""

    id: int
    name: str
    initials: str
    colour: str
    facilitator: bool
    present: bool
    role: str | None


@dataclass(frozen=True)
class Viewer:
    """Who looks, and what they may do."""

    id: int
    may_run: bool = False
    """They run the meeting."""
    leads: bool = False
    """They facilitate it."""
    keeps: bool = False
    """They facilitate the group, and not one meeting only."""

    @property
    def alike(self) -> Viewer:
        """Return nobody, who may do the same."""
        return replace(self, id=NOBODY)


@dataclass(frozen=True)
class View:
    """The room as one viewer sees it at one instant: what its cards are made of."""

    run: Run
    people: Mapping[int, Person]
    """Everybody in the group, in the order they joined."""
    viewer: Viewer
    now: datetime
    offers: Offers
    """What may be done about time."""
    locale: str
    meeting_id: int = 0
    """0 in the practice room, which is no meeting."""
    editing: bool = False
    """They edit the agenda: the tools of its items are shown."""
    tech_check: str = ""
    """The English title of the items in which the room may be tried out."""

    def say(self, text: Mapping[str, str]) -> str:
        """Return the version of an agenda's text for the viewer, or the words somebody wrote themselves."""
        return version_in(text, self.locale)

    def person(self, user_id: int | None) -> Person | None:
        return None if user_id is None else self.people.get(user_id)

    @property
    def practice(self) -> bool:
        return self.meeting_id == 0

    @property
    def me(self) -> int:
        return self.viewer.id

    @property
    def may_run(self) -> bool:
        return self.viewer.may_run

    @property
    def live(self) -> bool:
        return self.run.started and not self.run.closed

    @cached_property
    def item(self) -> Item | None:
        return self.run.item

    @cached_property
    def phase(self) -> str:
        if self.run.closed:
            return "closed"
        if not self.run.started:
            return "before"
        if floor.round_ready(self.run):
            return "ready"
        return "item" if self.run.speaker is None else "turn"

    @cached_property
    def here(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people.values() if person.present)

    @cached_property
    def speaker(self) -> Person | None:
        return self.person(self.run.speaker)

    @cached_property
    def step(self) -> Step | None:
        return self.run.step

    @property
    def mine(self) -> bool:
        """It is the viewer's turn."""
        return self.run.speaker == self.me

    @cached_property
    def upcoming(self) -> tuple[int, ...]:
        return floor.upcoming(self.run) if self.run.has_turns else ()

    @cached_property
    def following(self) -> Person | None:
        """Who has the next turn."""
        return self.person(self.upcoming[0]) if self.upcoming and not floor.round_is_over(self.run) else None

    @cached_property
    def next_item(self) -> Item | None:
        return self.run.next_item

    @cached_property
    def jumped(self) -> bool:
        """What comes next was jumped over earlier."""
        agenda = self.run.agenda
        return bool(self.item and self.next_item and agenda.index(self.next_item) < agenda.index(self.item))

    @cached_property
    def my_group(self) -> tuple[int, ...]:
        return floor.group_of(self.run, self.me) if self.run.has_pairs else ()

    @cached_property
    def seat(self) -> int | None:
        """Whose time it is in pairs where each has one, as a place in each group."""
        return None if floor.seats_are_over(self.run) else self.run.course.seat

    @cached_property
    def queue(self) -> tuple[int, ...]:
        return floor.queue(self.run)

    @cached_property
    def ends_at(self) -> datetime:
        return times.ends_at(self.run, self.now)

    @cached_property
    def planned_min(self) -> int:
        return sum(item.minutes for item in self.run.agenda if not item.skipped)


@dataclass(frozen=True)
class Button:
    """A button of the room as it is shown; ``presses`` has what it does."""

    name: str
    label: Value | None = None
    icon: str | None = None
    kind: str = "quiet"
    says: Value | None = None
    """What it is called where the label does not say all, or there is none."""
    about: tuple[str, int] | None = None
    """The field and the id of the person or item that it is about."""
    wide: Value | None = None
    """What the label ends with where there is room."""
    confirm: Value | None = None
    confirm_text: Value | None = None
    shown_from: datetime | None = None
    shown_to: datetime | None = None
    hidden: bool = False
    """Its time has not come: timer.js shows it then."""
    note: Value | None = None
    """What stands below it."""
    has_key: bool = True
    """The key of its name presses it: not where several are of one name."""


def minute(at: datetime) -> datetime:
    """Return the beginning of the minute: what a clock of hours and minutes shows."""
    return at.replace(second=0, microsecond=0)


def steady(since: datetime, now: datetime) -> datetime:
    """Return an instant that stays: one that has passed already may as well have passed a little earlier."""
    return since if since > now else min(since, minute(now - timedelta(minutes=1)))
