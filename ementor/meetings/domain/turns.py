"""What follows from a wish to hand the word on."""

from datetime import datetime

from ementor.meetings.domain.agenda import Item, Mode, turn_seconds
from ementor.meetings.domain.commands import GiveWord, Next, Pass, Postpone, Refused, Shuffle, Turn, Why
from ementor.meetings.domain.state import Event, Kind, Run


def turn(run: Run, command: Turn, now: datetime) -> list[Event]:
    """Return what follows from a command about turns."""
    if run.item is None:
        raise Refused(Why.NOT_STARTED)
    if isinstance(command, GiveWord) and run.names_a_speaker:
        return name_speaker(run, command.person, now)
    if not run.has_turns:
        raise Refused(Why.NO_TURNS)
    match command:
        case Next():
            return [next_turn(run, run.item, now)]
        case Pass():
            return [pass_turn(run, run.item, now)]
        case Postpone():
            return [postpone(run, run.item, now)]
        case GiveWord(person):
            return jump_to(run, run.item, person, now)
        case Shuffle(order):
            return shuffle(run, order, now)


def enter_item(run: Run, item: Item, now: datetime) -> Event:
    """Return that ``item`` was entered; a round takes its order from who is present."""
    order = list(run.present) if item.mode is Mode.ROUND else []
    data = {"item": item.id, "allotted_s": item.planned_s, "order": order}
    return Event(Kind.ITEM_ENTERED, now, data)


def next_turn(run: Run, item: Item, now: datetime) -> Event:
    if run.round_is_over:
        raise Refused(Why.ROUND_OVER if run.order else Why.NOBODY_HERE)
    if not run.order:
        raise Refused(Why.NOBODY_HERE)
    if not run.upcoming:
        return Event(Kind.ROUND_OVER, now)
    return turn_event(Kind.TURN_GIVEN, item, run.upcoming[0], run.line, now)


def pass_turn(run: Run, item: Item, now: datetime) -> Event:
    speaker = require_speaker(run)
    if not run.upcoming:
        return Event(Kind.TURN_PASSED, now, {"passed": speaker, "person": None})
    event = turn_event(Kind.TURN_PASSED, item, run.upcoming[0], run.line, now)
    event.data["passed"] = speaker
    return event


def postpone(run: Run, item: Item, now: datetime) -> Event:
    speaker = require_speaker(run)
    if not run.upcoming:
        raise Refused(Why.LAST_IN_ORDER)
    order = (*(person for person in run.line if person != speaker), speaker)
    return turn_event(Kind.TURN_POSTPONED, item, run.upcoming[0], order, now)


def jump_to(run: Run, item: Item, person: int, now: datetime) -> list[Event]:
    """Give ``person`` the word before everyone who is still to come."""
    if person == run.speaker:
        return []
    if person not in run.people:
        raise Refused(Why.NOT_HERE)
    late = [other for other in run.present if other not in run.order]  # came when the round was over
    to_come = [other for other in (*run.upcoming, *late) if other != person]
    been = [other for other in run.order if other != person and other not in to_come]
    return [turn_event(Kind.TURN_GIVEN, item, person, (*been, person, *to_come), now)]


def name_speaker(run: Run, person: int, now: datetime) -> list[Event]:
    if person == run.speaker:
        return []
    if person not in run.people:
        raise Refused(Why.NOT_HERE)
    return [Event(Kind.TURN_GIVEN, now, {"person": person})]


def shuffle(run: Run, order: tuple[int, ...], now: datetime) -> list[Event]:
    if not run.round_ready:
        raise Refused(Why.ROUND_RUNNING)
    if sorted(order) != sorted(run.order):
        raise Refused(Why.WRONG_ORDER)
    return [Event(Kind.ORDER_CHANGED, now, {"order": list(order)})] if order != run.order else []


def require_speaker(run: Run) -> int:
    if run.speaker is None:
        raise Refused(Why.NO_SPEAKER)
    return run.speaker


def turn_event(kind: Kind, item: Item, person: int, order: tuple[int, ...], now: datetime) -> Event:
    """Return that the word went to ``person``, with the time a turn has now."""
    allotted_s = turn_seconds(item.minutes, len(order))
    return Event(kind, now, {"person": person, "order": list(order), "allotted_s": allotted_s})
