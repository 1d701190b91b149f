"""Acting in the meetings of the example as people would: pressing and writing, at past moments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain import run as runs
from ementor.meetings.models import Meeting
from ementor.notes import services as notes
from ementor.notes.document import MINE, Block, written
from ementor.reflections import services as reflections
from ementor.reflections.services import Given
from ementor.series import opening, services
from ementor.writings import services as writings


def began_at(group: Group, place: int) -> datetime:
    return services.planned_of(group)[place].starts_at


def open_room(group: Group, place: int, people: dict[str, User]) -> Meeting:
    """Open the room of a date when its time has come, and let these people in, the facilitator first."""
    with at(began_at(group, place)):
        planned = services.planned_of(group)[place]
        meeting = opening.open_room(group.id, planned.id, actor=next(iter(people.values())))
        for person in people.values():
            meetings.record(meeting.id, runs.PersonCame(person.id), actor_id=person.id)
    return meeting


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with clock.pretend(moment):
        yield


class Hand:
    """Presses and writes in one meeting, at minutes from its start; the first of ``people`` facilitates."""

    def __init__(self, meeting: Meeting, people: dict[str, User], began: datetime) -> None:
        self.meeting, self.people, self.began = meeting, people, began

    def press(self, minute: float, *commands: runs.Command) -> None:
        with at(self.began + timedelta(minutes=minute)):
            for command in commands:
                meetings.act(self.meeting.id, command, actor=self._facilitator)

    def write(self, minute: float, name: str, part: str, *blocks: Block) -> None:
        actor = self.people[name]
        with at(self.began + timedelta(minutes=minute)):
            before = notes.sync(self.meeting.id, b"\0", actor=actor).update
            notes.add_update(self.meeting.id, written(before, part, blocks), actor=actor)

    def note(self, minute: float, name: str, *blocks: Block) -> None:
        """Write something in somebody's own notes."""
        actor = self.people[name]
        with at(self.began + timedelta(minutes=minute)):
            before = notes.sync(self.meeting.id, b"\0", actor=actor, own=True).update
            notes.add_update(self.meeting.id, written(before, MINE, blocks), actor=actor, own=True)

    def assess(self, minute: float, name: str, item: int, *numbers: int) -> None:
        """Answer the statements of the self-assessment, one number after the other."""
        given = writings.Given(answers={str(place): number for place, number in enumerate(numbers, 1)})
        with at(self.began + timedelta(minutes=minute)):
            writings.save(self.meeting.id, item, given, actor=self.people[name])

    def answer(self, minute: float, name: str, given: Given) -> None:
        with at(self.began + timedelta(minutes=minute)):
            reflections.save(self.meeting.id, given, actor=self.people[name])

    def go_through(self, minute: float, each: float) -> float:
        """Go to the last item, so many minutes for each; return the minute in which it begins."""
        for _ in range(len(meetings.run_of(self.meeting.id).agenda) - 1):
            self.press(minute, runs.NextItem())
            minute += each
        return minute

    def end(self, minute: float) -> None:
        """Show the reflections, end the meeting, and let the minute pass in which that can be undone."""
        self.press(minute, runs.Reveal())
        ended_at = self.began + timedelta(minutes=minute + 2)
        with at(ended_at):
            archive.close_and_keep(self.meeting.id, actor=self._facilitator)
        with at(ended_at + timedelta(minutes=5)):
            archive.seal(self.meeting.id)

    @property
    def _facilitator(self) -> User:
        return next(iter(self.people.values()))


def heading(text: str) -> Block:
    return Block("heading", [(text, {})])


def line(text: str) -> Block:
    return Block(runs=[(text, {})])


def marked(mark: str, text: str) -> Block:
    return Block(runs=[(text, {mark: True})])


def bullets(*lines: str) -> list[Block]:
    return [Block("bullet", [(line, {})]) for line in lines]


def tasks(*lines: tuple[str, bool]) -> list[Block]:
    return [Block("task", [(line, {})], checked=done) for line, done in lines]
