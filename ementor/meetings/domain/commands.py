"""What people may wish for in a meeting, and why a wish may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import get_args

from ementor.meetings.domain.agenda import Agenda, Mode, Text


class Why(StrEnum):
    """The reasons of a refusal; services have the words for them."""

    ALREADY_PLANNED = "already_planned"
    NOTHING_PLANNED = "nothing_planned"
    NOT_STARTED = "not_started"
    CLOSED = "closed"
    TOO_LATE = "too_late"
    GONE = "gone"
    DONE = "done"
    NO_NEXT = "no_next"
    NO_TURNS = "no_turns"
    NO_SPEAKER = "no_speaker"
    NOBODY_HERE = "nobody_here"
    NOT_HERE = "not_here"
    LAST_IN_ORDER = "last_in_order"
    ROUND_OVER = "round_over"
    ROUND_RUNNING = "round_running"
    WRONG_ORDER = "wrong_order"
    NOTHING_TO_UNDO = "nothing_to_undo"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    MINUTES = "minutes"
    END_PASSED = "end_passed"
    END_FAR = "end_far"
    END_LOCKED = "end_locked"


class Refused(Exception):
    """What was wished for cannot be, as things are."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


# By the system.


@dataclass(frozen=True)
class Plan:
    """Begin with this agenda; its items are numbered from 1 in their order."""

    agenda: Agenda


@dataclass(frozen=True)
class PersonCame:
    """Somebody opened the room, or is back."""

    person: int


@dataclass(frozen=True)
class PersonLeft:
    """Somebody is no longer there, last seen at ``seen_at``."""

    person: int
    seen_at: datetime


@dataclass(frozen=True)
class Touch:
    """Something outside the run changed ("people", "reflections"): pages are to ask anew."""

    what: str


# The agenda.


@dataclass(frozen=True)
class AddItem:
    """Add an item at ``place``; without one at the end, yet before a closing reflection."""

    mode: Mode
    title: Text
    prompt: Text
    minutes: int
    place: int | None = None


@dataclass(frozen=True)
class ChangeItem:
    """Change what is given; None leaves it as it is."""

    item_id: int
    mode: Mode | None = None
    title: Text | None = None
    prompt: Text | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class MoveItem:
    """Move an item that is still to come to ``place`` of the whole agenda, from 0.

    It stops at the first of those to come: nothing is put before what has been.
    """

    item_id: int
    place: int


@dataclass(frozen=True)
class RemoveItem:
    """Take an item that is still to come off the agenda."""

    item_id: int


@dataclass(frozen=True)
class RestoreItem:
    """Put back what was removed last."""


@dataclass(frozen=True)
class SkipItem:
    """Leave an item out; skipping the current one moves on to the next."""

    item_id: int


@dataclass(frozen=True)
class UnskipItem:
    """Take a skipped item in again."""

    item_id: int


# The course of the meeting.


@dataclass(frozen=True)
class Start:
    """Start the meeting with the first item."""


@dataclass(frozen=True)
class NextItem:
    """Go to the next item."""


@dataclass(frozen=True)
class EnterItem:
    """Go to any item; one that was left continues where its clock was."""

    item_id: int


@dataclass(frozen=True)
class Next:
    """Give the word to the next one in the round; after the last the round is over."""


@dataclass(frozen=True)
class Pass:
    """The speaker passes; the word goes on."""


@dataclass(frozen=True)
class Postpone:
    """Come back to me: the speaker goes to the end of the order, the word goes on."""


@dataclass(frozen=True)
class GiveWord:
    """Give the word to one person now.

    In a round the others keep their turns: whoever was to come, comes after.
    """

    person: int


@dataclass(frozen=True)
class Shuffle:
    """Put the round in this order, before its first turn."""

    order: tuple[int, ...]


@dataclass(frozen=True)
class Pause:
    """Stop the clock."""


@dataclass(frozen=True)
class Resume:
    """Let the clock go on."""


@dataclass(frozen=True)
class Extend:
    """Give the clock that is shown more time, or less: ``seconds`` may be negative."""

    seconds: int = 60


@dataclass(frozen=True)
class Back:
    """Undo the last move to another item or speaker."""


@dataclass(frozen=True)
class Reveal:
    """Show the closing reflection's shared answers to everyone."""


@dataclass(frozen=True)
class Close:
    """End the meeting; ``itself`` when nobody pressed, as it had been idle."""

    itself: bool = False


@dataclass(frozen=True)
class Reopen:
    """Undo the end, for a minute."""


# Being on time.


@dataclass(frozen=True)
class SetTimes:
    """Set when the meeting is to start and must have ended; None takes it away."""

    starts_at: datetime | None = None
    must_end_at: datetime | None = None


@dataclass(frozen=True)
class StartShort:
    """Start late and shorten all items, so that the end stays."""


@dataclass(frozen=True)
class SpreadOver:
    """Shorten what is to come by what the meeting is over its plan."""


@dataclass(frozen=True)
class DropItem:
    """Leave an item out for the end's sake."""

    item_id: int


@dataclass(frozen=True)
class StayLonger:
    """Let the meeting end later than was planned."""


@dataclass(frozen=True)
class TakeBreak:
    """Put a short break next."""


@dataclass(frozen=True)
class RefuseBreak:
    """No break now."""


@dataclass(frozen=True)
class UndoPlan:
    """Take back the last of what was done for the end's sake."""


@dataclass(frozen=True)
class AskIdle:
    """Ask whether the meeting is still going on: by the system."""


@dataclass(frozen=True)
class GoOn:
    """Say that the meeting is still going on."""


@dataclass(frozen=True)
class FreeTalk:
    """End the script and let people stay for a while."""


System = Plan | PersonCame | PersonLeft | Touch
Edit = AddItem | ChangeItem | MoveItem | RemoveItem | RestoreItem | SkipItem | UnskipItem
Turn = Next | Pass | Postpone | GiveWord | Shuffle
Move = Start | NextItem | EnterItem | Pause | Resume | Extend | Back | Reveal | Close | Reopen
Mend = SpreadOver | DropItem | StayLonger | TakeBreak | RefuseBreak | UndoPlan
Planning = SetTimes | StartShort | Mend | AskIdle | GoOn | FreeTalk
Command = System | Edit | Turn | Move | Planning

MOVING: tuple[type, ...] = (
    *get_args(Turn),
    Start,
    NextItem,
    EnterItem,
    Back,
    Reopen,
    SkipItem,
    StartShort,
    FreeTalk,
)
"""Commands that mean the place of the course on the presser's screen: see ``run.overtaken``."""
TIMING: tuple[type, ...] = (Pause, Resume, Extend)
"""Commands that mean the clock on the presser's screen as well."""
MENDING: tuple[type, ...] = get_args(Mend)
"""Commands that mean the plan on the presser's screen."""
ANYBODYS: tuple[type, ...] = (GoOn,)
"""Commands that anyone in the meeting may give."""
OWN_TURN: tuple[type, ...] = (Next, Pass, Postpone)
"""Commands that anyone may give while they are the speaker."""
