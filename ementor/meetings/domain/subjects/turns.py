"""Who has the word: turns, their steps, and who is asked in a step."""

from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.domain import changes, floor, lengths, require
from ementor.meetings.domain.agenda import Data, Item, StepSpeaker, step_lengths_s
from ementor.meetings.domain.commands import By, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects import hands, moves, pairs
from ementor.meetings.domain.values import replace

EARLY_S = 0.5
"""How much before zero a page may be when it says that the time is up; less than anybody sees."""


@dataclass(frozen=True)
class Next(Command, means=Means.PLACE, by=By.VOICE):
    """Go on as far as the talk itself goes: to the next voice, step or turn; at last the round is over.

    In open talk the word goes to who is next in the queue, or nobody has it.
    """


@dataclass(frozen=True)
class NextStep(Command, means=Means.PLACE, by=By.SPEAKER):
    """Go to the next step of the turn, whoever has not been asked yet."""


@dataclass(frozen=True)
class NextTurn(Command, means=Means.PLACE, by=By.SPEAKER):
    """Go to the next turn, whatever steps this one had left."""


@dataclass(frozen=True)
class TimeUp(Command, means=Means.PLACE, by=By.ANYONE):
    """Somebody's page sees zero: go on by itself, where the item says so and the time is really up."""


@dataclass(frozen=True)
class Pass(Command, means=Means.PLACE, by=By.SPEAKER):
    """The speaker passes; the word goes on."""


@dataclass(frozen=True)
class Postpone(Command, means=Means.PLACE, by=By.SPEAKER):
    """Come back to me: the speaker goes to the end of the order, the word goes on."""


@dataclass(frozen=True)
class GiveWord(Command, means=Means.PLACE):
    """Give the word to one person now.

    In a round the others keep their turns: whoever was to come, comes after.
    """

    person: int


@dataclass(frozen=True)
class Shuffle(Command, means=Means.PLACE):
    """Put the round in this order, before its first turn."""

    order: tuple[int, ...]


@dataclass(frozen=True)
class UseTurnLength(Command, means=Means.CLOCK):
    """Give the turns that are left this long, as the room has reckoned: see ``lengths.fair_turn_s``."""


@decides(Next)
def go_on(run: Run, command: Next, now: datetime) -> list[Event]:
    item = require.current_item(run)
    if run.has_pairs:
        return [pairs.next_seat(run, item, now)]
    if run.has_queue:
        return hands.next_in_queue(run, now)
    return [next_voice(run, require.item_with_turns(run), now)]


@decides(NextStep)
def go_to_next_step(run: Run, command: NextStep, now: datetime) -> list[Event]:
    if run.has_pairs:
        return [pairs.next_seat(run, require.current_item(run), now)]
    return [next_step(run, require.item_with_turns(run), now)]


@decides(NextTurn)
def go_to_next_turn(run: Run, command: NextTurn, now: datetime) -> list[Event]:
    if run.has_pairs:
        return [pairs.next_seat(run, require.current_item(run), now, whole=True)]
    return [next_turn(run, require.item_with_turns(run), now)]


def next_voice(run: Run, item: Item, now: datetime) -> Event:
    """Give the word to the next one who is asked, else go to the next step."""
    voices = floor.voices(run)
    if voices:
        return Event(Kind.VOICE_GIVEN, now, {"person": voices[0]})
    return next_step(run, item, now)


def next_step(run: Run, item: Item, now: datetime) -> Event:
    """Go to the next step, else to the next turn."""
    if floor.has_next_step(run) and run.course.step is not None:
        return Event(Kind.STEP_ENTERED, now, {"step": run.course.step + 1})
    return next_turn(run, item, now)


def next_turn(run: Run, item: Item, now: datetime) -> Event:
    if run.names_owners and not run.order:
        raise Refused(Refusal.NOBODY_NAMED)
    if floor.round_is_over(run):
        raise Refused(Refusal.ROUND_OVER if run.order else Refusal.NOBODY_HERE)
    if not run.order:
        raise Refused(Refusal.NOBODY_HERE)
    upcoming = floor.upcoming(run)
    if not upcoming:
        return Event(Kind.ROUND_OVER, now)
    return turn_event(run, Kind.TURN_GIVEN, item, upcoming[0], floor.line(run), now)


@decides(TimeUp)
def time_up(run: Run, command: TimeUp, now: datetime) -> list[Event]:
    """Go on by itself: the step, the turn, the time in pairs, at last the item.

    Whoever says so, it is the clock here that counts; of several who say so the first one is right.
    """
    item, course = require.current_item(run), run.course
    is_up = course.clock.elapsed_s(now) >= course.clock.allotted_s - EARLY_S
    if not item.how.auto or run.paused or not is_up:
        return []
    if run.has_pairs and course.turn_clock:
        return [pairs.next_seat(run, item, now)]
    if run.has_turns and course.turn_clock:
        return [next_step(run, item, now)]
    return [moves.enter_item(run, run.next_item, now)] if run.next_item else []


@decides(Pass)
def pass_turn(run: Run, command: Pass, now: datetime) -> list[Event]:
    item, speaker, upcoming = require.item_with_turns(run), require.speaker(run), floor.upcoming(run)
    if not upcoming:
        return [Event(Kind.TURN_PASSED, now, {"passed": speaker, "person": None})]
    event = turn_event(run, Kind.TURN_PASSED, item, upcoming[0], floor.line(run), now)
    event.data["passed"] = speaker
    return [event]


@decides(Postpone)
def postpone(run: Run, command: Postpone, now: datetime) -> list[Event]:
    item, speaker, upcoming = require.item_with_turns(run), require.speaker(run), floor.upcoming(run)
    if not upcoming:
        raise Refused(Refusal.LAST_IN_ORDER)
    order = (*(person for person in floor.line(run) if person != speaker), speaker)
    return [turn_event(run, Kind.TURN_POSTPONED, item, upcoming[0], order, now)]


@decides(GiveWord)
def give_word(run: Run, command: GiveWord, now: datetime) -> list[Event]:
    """Give somebody the word: as the one to be asked in a step, else as a turn before all others."""
    person = command.person
    if run.names_a_speaker:
        return name_speaker(run, person, now)
    item = require.item_with_turns(run)
    if run.step is not None and run.step.who is StepSpeaker.EACH and person != run.speaker:
        require_known(run, person)
        return [] if person == run.voice else [Event(Kind.VOICE_GIVEN, now, {"person": person})]
    return jump_to(run, item, person, now)


def name_speaker(run: Run, person: int, now: datetime) -> list[Event]:
    if person == run.speaker:
        return []
    require_known(run, person)
    return [Event(Kind.TURN_GIVEN, now, {"person": person})]


def jump_to(run: Run, item: Item, person: int, now: datetime) -> list[Event]:
    """Give ``person`` the word before everyone who is still to come."""
    if person == run.speaker:
        return []
    require_known(run, person)
    late = [other for other in run.present if other not in run.order]  # came when the round was over
    waiting = floor.upcoming(run) if run.names_owners else (*floor.upcoming(run), *late)
    to_come = [other for other in waiting if other != person]
    been = [other for other in run.order if other != person and other not in to_come]
    return [turn_event(run, Kind.TURN_GIVEN, item, person, (*been, person, *to_come), now)]


def require_known(run: Run, person: int) -> None:
    if person not in run.people:
        raise Refused(Refusal.NOT_HERE)


@decides(Shuffle)
def shuffle(run: Run, command: Shuffle, now: datetime) -> list[Event]:
    require.item_with_turns(run)
    order = command.order
    if not floor.round_ready(run):
        raise Refused(Refusal.ROUND_RUNNING)
    if sorted(order) != sorted(run.order):
        raise Refused(Refusal.WRONG_ORDER)
    return [Event(Kind.ORDER_CHANGED, now, {"order": list(order)})] if order != run.order else []


@decides(UseTurnLength)
def use_turn_length(run: Run, command: UseTurnLength, now: datetime) -> list[Event]:
    require.item_with_turns(run)
    turn_s = lengths.fair_turn_s(run, now)
    return [] if turn_s is None else [Event(Kind.TURN_LENGTH_SET, now, {"turn_s": turn_s})]


def turn_event(run: Run, kind: Kind, item: Item, person: int, order: tuple[int, ...], now: datetime) -> Event:
    """Return that the word went to ``person``, with the time a turn and its steps have now."""
    allotted_s = lengths.turn_s_of(run, len(order))
    data: Data = {"person": person, "order": list(order), "allotted_s": allotted_s}
    if item.how.steps:
        data["steps_s"] = list(step_lengths_s(item.how.steps, allotted_s))
    return Event(kind, now, data)


@evolves(Kind.TURN_GIVEN, Kind.TURN_PASSED, Kind.TURN_POSTPONED, Kind.ROUND_OVER)
def word_went_on(run: Run, event: Event) -> Run:
    data, course = event.data, run.course
    if event.kind is Kind.TURN_PASSED:
        course = replace(course, passed=course.passed | {data["passed"]})
    person = data.get("person")
    if person is None:
        return changes.moved_to(run, course.end_round(event.at), event.at)
    run = changes.without_hand(run, person)
    if "order" not in data and not run.names_owners:  # in open talk and an input the clock just runs on
        return changes.moved_to(run, replace(course, speaker=person), event.at)
    order = tuple(data.get("order", (person,)))
    allotted_s = data.get("allotted_s", course.item_clock.allotted_s)
    given = course.give_turn(person, order, allotted_s, tuple(data.get("steps_s", ())), event.at)
    if run.starter is None and floor.round_ready(run) and not run.names_owners:
        run = replace(run, starter=person)
    return changes.moved_to(run, given, event.at)


@evolves(Kind.ORDER_CHANGED)
def order_changed(run: Run, event: Event) -> Run:
    return replace(run, course=run.course.with_order(tuple(event.data["order"])))


@evolves(Kind.STEP_ENTERED)
def step_entered(run: Run, event: Event) -> Run:
    step = event.data["step"]
    if step >= len(run.course.steps_s):  # of a turn that another log told of
        return run
    return changes.moved_to(run, run.course.enter_step(step, event.at), event.at)


@evolves(Kind.VOICE_GIVEN)
def voice_given(run: Run, event: Event) -> Run:
    course = run.course
    asked = replace(course.running(event.at), asked=(*course.asked, event.data["person"]))
    return changes.moved_to(run, asked, event.at)


@evolves(Kind.TURN_LENGTH_SET)
def turn_length_set(run: Run, event: Event) -> Run:
    """Give the turns that are left ``turn_s``; the one under way too, while it has not had that much."""
    turn_s = event.data["turn_s"]
    course = replace(run.course, turn_s=turn_s)
    clock = course.turn_clock
    if clock and course.step is None and clock.elapsed_s(event.at) < turn_s:
        course = replace(course, turn_clock=clock.allot(turn_s))
    return replace(run, course=course)
