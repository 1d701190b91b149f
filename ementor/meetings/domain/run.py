"""The run of a meeting: ``decide`` what a wish leads to, ``evolve`` with what happened.

Import from here, whatever file it lives in: commands are wishes and may be
refused, events are facts and never are, ``Run`` is the state they add up to.
"""

import math
from datetime import datetime, timedelta
from typing import get_args

from ementor.meetings.domain import edits, together, turns
from ementor.meetings.domain import plan as planning
from ementor.meetings.domain.agenda import MIN_CLOCK_S
from ementor.meetings.domain.commands import (
    CHANGING_ITEM,
    LEADING,
    MENDING,
    MOVING,
    OWN_HAND,
    OWN_TURN,
    TIMING,
    AddItem,
    AskIdle,
    Back,
    ChangeItem,
    Close,
    Command,
    DrawPairs,
    DropItem,
    Edit,
    EnterItem,
    Extend,
    FreeTalk,
    GiveRole,
    GiveWord,
    GoOn,
    Keep,
    LowerHand,
    MergePeople,
    Move,
    MoveItem,
    NameOwners,
    Next,
    NextItem,
    NextStep,
    NextTurn,
    Pass,
    Pause,
    PersonCame,
    PersonLeft,
    Plan,
    Planning,
    Postpone,
    RaiseHand,
    RefuseBreak,
    Refused,
    RemoveItem,
    Reopen,
    RestoreItem,
    Resume,
    Reveal,
    Role,
    SetTimes,
    Shuffle,
    SkipItem,
    SpreadOver,
    Start,
    StartShort,
    StayLonger,
    SwapPair,
    System,
    TakeBreak,
    TimeUp,
    Together,
    Touch,
    Turn,
    UndoPlan,
    UnskipItem,
    UseTurnLength,
    Why,
)
from ementor.meetings.domain.course import Clock, Course
from ementor.meetings.domain.evolve import evolve, replay
from ementor.meetings.domain.kinds import Event, Kind
from ementor.meetings.domain.state import Run

__all__ = [
    "LEADING",
    "MAX_CLOCK_S",
    "OWN_HAND",
    "OWN_TURN",
    "REOPEN_S",
    "AddItem",
    "AskIdle",
    "Back",
    "ChangeItem",
    "Clock",
    "Close",
    "Command",
    "Course",
    "DrawPairs",
    "DropItem",
    "Edit",
    "EnterItem",
    "Event",
    "Extend",
    "FreeTalk",
    "GiveRole",
    "GiveWord",
    "GoOn",
    "Keep",
    "Kind",
    "LowerHand",
    "MergePeople",
    "Move",
    "MoveItem",
    "NameOwners",
    "Next",
    "NextItem",
    "NextStep",
    "NextTurn",
    "Pass",
    "Pause",
    "PersonCame",
    "PersonLeft",
    "Plan",
    "Postpone",
    "RaiseHand",
    "RefuseBreak",
    "Refused",
    "RemoveItem",
    "Reopen",
    "RestoreItem",
    "Resume",
    "Reveal",
    "Role",
    "Run",
    "SetTimes",
    "Shuffle",
    "SkipItem",
    "SpreadOver",
    "Start",
    "StartShort",
    "StayLonger",
    "SwapPair",
    "System",
    "TakeBreak",
    "TimeUp",
    "Together",
    "Touch",
    "Turn",
    "UndoPlan",
    "UnskipItem",
    "UseTurnLength",
    "Why",
    "decide",
    "evolve",
    "overtaken",
    "replay",
]

REOPEN_S = 60
"""How long the end of a meeting can be undone."""
MAX_CLOCK_S = 24 * 60 * 60


def overtaken(run: Run, command: Command, seen: int | None) -> bool:
    """Return whether the presser's screen, which shows event ``seen``, is older than what was pressed.

    A turn goes by the place in the course, and a minute more by the clock too: who resumes and goes on
    at once has meant both. Another item goes by the item: it is meant also when a raised hand has
    just got its turn. Pausing, ending and revealing mean the same on any screen.
    """
    if seen is None:
        return False
    if isinstance(command, TIMING):
        return seen < run.flow_number
    if isinstance(command, CHANGING_ITEM):
        return seen < run.item_number
    if isinstance(command, MENDING):
        return seen < run.schedule.number
    return isinstance(command, MOVING) and seen < run.moved_number


def decide(run: Run, command: Command, now: datetime) -> list[Event]:
    """Return what follows; nothing when it is so already; raise Refused when it cannot be."""
    now = max(now, run.at or now)  # a server clock set back may not unsay what was said
    if isinstance(command, MergePeople):  # also of what was told of a closed meeting
        return [Event(Kind.PEOPLE_MERGED, now, {"kept": command.kept, "gone": command.gone})]
    if run.closed:
        return after_close(run, command, now)
    match command:
        case Plan():
            return edits.plan(run, command, now)
        case PersonCame(person):
            return [] if person in run.present else [Event(Kind.PERSON_CAME, now, {"person": person})]
        case PersonLeft(person, seen_at, for_good):
            return leave(run, person, min(seen_at, now), for_good=for_good, now=now)
        case GiveRole(person, role):
            given = Event(Kind.ROLE_GIVEN, now, {"person": person, "role": role and role.value})
            return [given] if run.roles.get(person) != role else []
        case Touch(what):
            return [Event(Kind.TOUCHED, now, {"what": what})]
        case (
            Next()
            | NextStep()
            | NextTurn()
            | TimeUp()
            | Pass()
            | Postpone()
            | GiveWord()
            | Shuffle()
            | NameOwners()
            | UseTurnLength()
        ):
            return turns.turn(run, command, now)
        case DrawPairs() | SwapPair() | RaiseHand() | LowerHand() | Keep():
            return together.together(run, command, now)
        case Start():
            return start(run, now)
        case _ if isinstance(command, Planning):
            return planning.plan(run, command, now)
        case (
            NextItem() | EnterItem() | Pause() | Resume() | Extend() | Back() | Reveal() | Close() | Reopen()
        ):
            return move(run, command, now)
        case _:
            return edits.edit(run, command, now)


def after_close(run: Run, command: Command, now: datetime) -> list[Event]:
    """Return what follows once the meeting is closed: for a minute it can be opened again."""
    if isinstance(command, Reopen) and run.closed_at is not None:
        if now - run.closed_at > timedelta(seconds=REOPEN_S):
            raise Refused(Why.TOO_LATE)
        return [Event(Kind.REOPENED, now)]
    if isinstance(command, (Close, AskIdle, *get_args(System))):
        return []  # people still come and go, and nothing more follows from it
    raise Refused(Why.CLOSED)


def leave(run: Run, person: int, seen_at: datetime, *, for_good: bool, now: datetime) -> list[Event]:
    """Return that somebody left. Who leaves for good hands the word on first, and has no turn any more."""
    data = {"person": person, "seen_at": seen_at.isoformat()}
    if not for_good:
        return [Event(Kind.PERSON_LEFT, now, data)] if person in run.present else []
    if person not in run.people and person not in run.roles:
        return []
    handed_on = []
    if run.item is not None and run.has_turns and run.speaker == person:
        handed_on = [turns.next_turn(run, run.item, now)]
    elif run.item is not None and run.has_turns and run.voice == person:
        handed_on = [turns.next_voice(run, run.item, now)]
    return [*handed_on, Event(Kind.PERSON_LEFT, now, data | {"for_good": True})]


def start(run: Run, now: datetime) -> list[Event]:
    if run.started:
        return []
    if run.next_item is None:
        raise Refused(Why.NOTHING_PLANNED)
    started = Event(Kind.STARTED, now, {"planned_s": run.rest_s})
    return [started, turns.enter_item(run, run.next_item, now)]


def move(run: Run, command: Move, now: datetime) -> list[Event]:
    """Return what follows from a command that needs a meeting under way."""
    if not run.started:
        raise Refused(Why.NOT_STARTED)
    match command:
        case NextItem():
            if run.next_item is None:
                raise Refused(Why.NO_NEXT)
            return [turns.enter_item(run, run.next_item, now)]
        case EnterItem(item_id):
            item = edits.get(run, item_id)
            return [] if item == run.item else [turns.enter_item(run, item, now)]
        case Pause():
            return [] if run.paused else [Event(Kind.PAUSED, now)]
        case Resume():
            return [Event(Kind.RESUMED, now)] if run.paused else []
        case Extend(seconds):
            return extend(run, seconds, now)
        case Back():
            if not run.past:
                raise Refused(Why.NOTHING_TO_UNDO)
            return [Event(Kind.WENT_BACK, now)]
        case Reveal():
            return [] if run.revealed else [Event(Kind.REVEALED, now)]
        case Close(itself):
            return [Event(Kind.CLOSED, now, {"itself": True} if itself else {})]
        case Start() | Reopen():
            return []


def extend(run: Run, seconds: int, now: datetime) -> list[Event]:
    """Give the shown clock more or less time; less never makes overtime of what was in time."""
    had_s = run.allotted_s
    has_s = min(had_s + seconds, MAX_CLOCK_S)
    if seconds < 0:
        has_s = max(has_s, MIN_CLOCK_S, min(had_s, math.ceil(run.elapsed_s(now))))
    if has_s == had_s:
        return []
    return [Event(Kind.EXTENDED, now, {"seconds": seconds, "allotted_s": has_s})]
