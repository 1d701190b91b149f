"""What follows from a wish to hand the word on."""

from datetime import datetime

from ementor.meetings.domain import together
from ementor.meetings.domain.agenda import Data, Item, Who, step_lengths_s
from ementor.meetings.domain.commands import (
    GiveWord,
    NameOwners,
    Next,
    NextStep,
    NextTurn,
    Pass,
    Postpone,
    Refused,
    Shuffle,
    TimeUp,
    Turn,
    UseTurnLength,
    Why,
)
from ementor.meetings.domain.kinds import Event, Kind
from ementor.meetings.domain.state import Run

EARLY_S = 0.5
"""How much before zero a page may be when it says that the time is up; less than anybody sees."""


def turn(run: Run, command: Turn, now: datetime) -> list[Event]:
    """Return what follows from a command about turns."""
    if run.item is None:
        raise Refused(Why.NOT_STARTED)
    if isinstance(command, TimeUp):
        return time_up(run, run.item, now)
    if run.has_pairs and isinstance(command, Next | NextStep | NextTurn):
        return [together.next_seat(run, run.item, now, whole=isinstance(command, NextTurn))]
    if run.names_a_speaker and isinstance(command, GiveWord):
        return name_speaker(run, command.person, now)
    if run.has_queue and isinstance(command, Next):
        return next_in_queue(run, now)
    if not run.has_turns:
        raise Refused(Why.NO_TURNS)
    match command:
        case Next():
            return [next_voice(run, run.item, now)]
        case NextStep():
            return [next_step(run, run.item, now)]
        case NextTurn():
            return [next_turn(run, run.item, now)]
        case Pass():
            return [pass_turn(run, run.item, now)]
        case Postpone():
            return [postpone(run, run.item, now)]
        case GiveWord(person):
            return give_word(run, run.item, person, now)
        case Shuffle(order):
            return shuffle(run, order, now)
        case NameOwners(order):
            return name_owners(run, order, now)
        case UseTurnLength():
            turn_s = run.fair_turn_s(now)
            return [] if turn_s is None else [Event(Kind.TURN_LENGTH_SET, now, {"turn_s": turn_s})]


def enter_item(run: Run, item: Item, now: datetime) -> Event:
    """Return that ``item`` was entered; a round takes its order from who is present."""
    order = list(from_next(run.present, run.started_last)) if item.rules.takes_everyone else []
    data = {"item": item.id, "allotted_s": item.planned_s, "order": order}
    return Event(Kind.ITEM_ENTERED, now, data)


def from_next(people: tuple[int, ...], last: int | None) -> tuple[int, ...]:
    """Return people in their order, but beginning with the one after ``last`` by who joined the group."""
    if last is None or not people:
        return people
    starter = min((each for each in people if each > last), default=min(people))
    place = people.index(starter)
    return (*people[place:], *people[:place])


def next_voice(run: Run, item: Item, now: datetime) -> Event:
    """Give the word to the next one who is asked, else go to the next step."""
    if run.voices:
        return Event(Kind.VOICE_GIVEN, now, {"person": run.voices[0]})
    return next_step(run, item, now)


def next_step(run: Run, item: Item, now: datetime) -> Event:
    """Go to the next step, else to the next turn."""
    if run.has_next_step and run.course.step is not None:
        return Event(Kind.STEP_ENTERED, now, {"step": run.course.step + 1})
    return next_turn(run, item, now)


def next_turn(run: Run, item: Item, now: datetime) -> Event:
    if run.names_owners and not run.order:
        raise Refused(Why.NOBODY_NAMED)
    if run.round_is_over:
        raise Refused(Why.ROUND_OVER if run.order else Why.NOBODY_HERE)
    if not run.order:
        raise Refused(Why.NOBODY_HERE)
    if not run.upcoming:
        return Event(Kind.ROUND_OVER, now)
    return turn_event(run, Kind.TURN_GIVEN, item, run.upcoming[0], run.line, now)


def time_up(run: Run, item: Item, now: datetime) -> list[Event]:
    """Go on by itself: the step, the turn, the time in pairs, at last the item.

    Whoever says so, it is the clock here that counts; of several who say so the first one is right.
    """
    course = run.course
    is_up = course.clock.elapsed_s(now) >= course.clock.allotted_s - EARLY_S
    if not item.how.auto or run.paused or not is_up:
        return []
    if run.has_pairs and course.turn_clock:
        return [together.next_seat(run, item, now, whole=False)]
    if run.has_turns and course.turn_clock:
        return [next_step(run, item, now)]
    return [enter_item(run, run.next_item, now)] if run.next_item else []


def pass_turn(run: Run, item: Item, now: datetime) -> Event:
    speaker = require_speaker(run)
    if not run.upcoming:
        return Event(Kind.TURN_PASSED, now, {"passed": speaker, "person": None})
    event = turn_event(run, Kind.TURN_PASSED, item, run.upcoming[0], run.line, now)
    event.data["passed"] = speaker
    return event


def postpone(run: Run, item: Item, now: datetime) -> Event:
    speaker = require_speaker(run)
    if not run.upcoming:
        raise Refused(Why.LAST_IN_ORDER)
    order = (*(person for person in run.line if person != speaker), speaker)
    return turn_event(run, Kind.TURN_POSTPONED, item, run.upcoming[0], order, now)


def give_word(run: Run, item: Item, person: int, now: datetime) -> list[Event]:
    """Give ``person`` the word: as the one to be asked in a step, else as a turn before all others."""
    if run.step is not None and run.step.who is Who.EACH and person != run.speaker:
        if person not in run.people:
            raise Refused(Why.NOT_HERE)
        return [] if person == run.voice else [Event(Kind.VOICE_GIVEN, now, {"person": person})]
    return jump_to(run, item, person, now)


def jump_to(run: Run, item: Item, person: int, now: datetime) -> list[Event]:
    """Give ``person`` the word before everyone who is still to come."""
    if person == run.speaker:
        return []
    if person not in run.people:
        raise Refused(Why.NOT_HERE)
    late = [other for other in run.present if other not in run.order]  # came when the round was over
    to_come = [other for other in (*run.upcoming, *([] if run.names_owners else late)) if other != person]
    been = [other for other in run.order if other != person and other not in to_come]
    return [turn_event(run, Kind.TURN_GIVEN, item, person, (*been, person, *to_come), now)]


def name_speaker(run: Run, person: int, now: datetime) -> list[Event]:
    if person == run.speaker:
        return []
    if person not in run.people:
        raise Refused(Why.NOT_HERE)
    return [Event(Kind.TURN_GIVEN, now, {"person": person})]


def next_in_queue(run: Run, now: datetime) -> list[Event]:
    """Give the word to who is next in the queue of open talk; without one nobody has it."""
    if run.queue:
        return [Event(Kind.TURN_GIVEN, now, {"person": run.queue[0]})]
    return [] if run.speaker is None else [Event(Kind.FLOOR_OPENED, now)]


def shuffle(run: Run, order: tuple[int, ...], now: datetime) -> list[Event]:
    if not run.round_ready:
        raise Refused(Why.ROUND_RUNNING)
    if sorted(order) != sorted(run.order):
        raise Refused(Why.WRONG_ORDER)
    return [Event(Kind.ORDER_CHANGED, now, {"order": list(order)})] if order != run.order else []


def name_owners(run: Run, order: tuple[int, ...], now: datetime) -> list[Event]:
    """Say whose cases come, in their order; those who have had theirs, or have it now, stay before."""
    if not run.names_owners:
        raise Refused(Why.NO_TURNS)
    if not set(order) <= run.people:
        raise Refused(Why.NOT_HERE)
    had = run.order[: 0 if run.place is None else run.place + 1]
    whole = (*had, *dict.fromkeys(each for each in order if each not in had))
    return [Event(Kind.ORDER_CHANGED, now, {"order": list(whole)})] if whole != run.order else []


def require_speaker(run: Run) -> int:
    if run.speaker is None:
        raise Refused(Why.NO_SPEAKER)
    return run.speaker


def turn_event(run: Run, kind: Kind, item: Item, person: int, order: tuple[int, ...], now: datetime) -> Event:
    """Return that the word went to ``person``, with the time a turn and its steps have now."""
    allotted_s = run.turn_s_of(len(order))
    data: Data = {"person": person, "order": list(order), "allotted_s": allotted_s}
    if item.how.steps:
        data["steps_s"] = list(step_lengths_s(item.how.steps, allotted_s))
    return Event(kind, now, data)
