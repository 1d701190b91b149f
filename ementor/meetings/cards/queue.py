"""Who speaks when: the order of a round, the raised hands, or whom to give the word."""

from __future__ import annotations

from dataclasses import dataclass

from ementor.meetings.cards.view import Person, View
from ementor.meetings.domain import floor


@dataclass(frozen=True)
class Place:
    """Somebody in the order."""

    person: Person
    way: str
    """"now", "next", "later" or "done"."""
    gives: bool
    """Pressing the face gives them the turn."""


@dataclass(frozen=True)
class Pick:
    """Somebody to whom the word may be given in open talk."""

    person: Person
    speaks: bool
    nth: int | None
    """Their place among the raised hands."""


@dataclass(frozen=True)
class Queue:
    """Who speaks when: an order, the raised hands, or whom to pick."""

    meeting_id: int = 0
    order: tuple[Place, ...] = ()
    hands: tuple[Person, ...] = ()
    picks: tuple[Pick, ...] | None = None
    """None where the word is not given by hand."""
    begins: bool = False
    """Nobody of the order has had a turn yet."""


def queue(view: View) -> Queue:
    run, meeting_id = view.run, view.meeting_id
    if not view.live:
        return Queue()
    if run.has_turns and run.order and not (run.names_owners and len(run.order) == 1):
        return Queue(
            meeting_id,
            order=tuple(_place(view, view.people[one]) for one in floor.line(run) if one in view.people),
            begins=floor.round_ready(run),
        )
    if run.has_queue and view.queue and not view.may_run:
        return Queue(hands=tuple(view.people[one] for one in view.queue if one in view.people))
    if run.names_a_speaker and view.may_run:
        everybody = dict.fromkeys([*view.queue, *(person.id for person in view.here)])
        return Queue(
            meeting_id, picks=tuple(_pick(view, view.people[one]) for one in everybody if one in view.people)
        )
    return Queue()


def _place(view: View, person: Person) -> Place:
    run = view.run
    if person.id == run.speaker:
        way = "now"
    elif view.following and person.id == view.following.id:
        way = "next"
    else:
        way = "later" if person.id in view.upcoming or floor.round_ready(run) else "done"
    gives = view.may_run and way in ("later", "next") and not floor.round_ready(run)
    return Place(person, way, gives)


def _pick(view: View, person: Person) -> Pick:
    hands = view.queue
    nth = hands.index(person.id) + 1 if person.id in view.run.hands else None
    return Pick(person, speaks=person.id == view.run.speaker, nth=nth)
