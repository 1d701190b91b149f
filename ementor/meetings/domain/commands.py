"""What people may wish for in a meeting, and why a wish may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import get_args

from ementor.meetings.domain.agenda import PLAIN, Agenda, How, Keeps, Mode, Text
from ementor.meetings.domain.course import Groups


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
    STEPS = "steps"
    NOBODY_NAMED = "nobody_named"
    NO_PAIRS = "no_pairs"
    PAIRS_RUNNING = "pairs_running"
    NO_QUEUE = "no_queue"
    NOT_ASKED = "not_asked"


class Role(StrEnum):
    """What somebody does for the others in one meeting. Stored: never renamed."""

    NOTES = "note_keeper"
    TECH = "tech_support"
    OBSERVER = "observer"


class Refused(Exception):
    """What was wished for cannot be, as things are."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


# By the system.


@dataclass(frozen=True)
class Plan:
    """Begin with this agenda; its items are numbered from 1 in their order.

    ``started_last`` is who began the group's first round last time: now it is the next one.
    """

    agenda: Agenda
    started_last: int | None = None


@dataclass(frozen=True)
class PersonCame:
    """Somebody opened the room, or is back."""

    person: int


@dataclass(frozen=True)
class PersonLeft:
    """Somebody is no longer there, last seen at ``seen_at``; ``for_good`` when they were removed."""

    person: int
    seen_at: datetime
    for_good: bool = False


@dataclass(frozen=True)
class Touch:
    """Something outside the run changed ("people", "reflections", "writings"): pages are to ask anew."""

    what: str


@dataclass(frozen=True)
class MergePeople:
    """Two of the people are one human being: from now on all that is ``gone``'s is ``kept``'s."""

    kept: int
    gone: int


@dataclass(frozen=True)
class GiveRole:
    """Give somebody a role for this meeting; None takes it away. Several may have the same."""

    person: int
    role: Role | None


# The agenda.


@dataclass(frozen=True)
class AddItem:
    """Add an item at ``place``; without one at the end, yet before a closing reflection."""

    mode: Mode
    title: Text
    prompt: Text
    minutes: int
    place: int | None = None
    how: How = PLAIN


@dataclass(frozen=True)
class ChangeItem:
    """Change what is given; None leaves it as it is."""

    item_id: int
    mode: Mode | None = None
    title: Text | None = None
    prompt: Text | None = None
    minutes: int | None = None
    how: How | None = None


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
    """Go on as far as the talk itself goes: to the next voice, step or turn; at last the round is over.

    In open talk the word goes to who is next in the queue, or nobody has it.
    """


@dataclass(frozen=True)
class NextStep:
    """Go to the next step of the turn, whoever has not been asked yet."""


@dataclass(frozen=True)
class NextTurn:
    """Go to the next turn, whatever steps this one had left."""


@dataclass(frozen=True)
class TimeUp:
    """Somebody's page sees zero: go on by itself, where the item says so and the time is really up."""


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
class NameOwners:
    """Say whose cases are taken up, in their order; who has had theirs stays."""

    order: tuple[int, ...]


@dataclass(frozen=True)
class UseTurnLength:
    """Give the turns that are left this long, as the room has reckoned: see ``Run.fair_turn_s``."""


@dataclass(frozen=True)
class DrawPairs:
    """Put people in these groups, before their time begins."""

    groups: Groups


@dataclass(frozen=True)
class SwapPair:
    """Let two people change places between their groups."""

    one: int
    other: int


@dataclass(frozen=True)
class RaiseHand:
    """Get in line to speak."""

    person: int


@dataclass(frozen=True)
class LowerHand:
    """Leave the line again."""

    person: int


@dataclass(frozen=True)
class Keep:
    """Write down the key question or the next step of a case, for all to see and for the record.

    ``item_id`` is the case's item, None the current one; ``seen`` the versions from which the text may
    have grown, see ``merged_text``, None to replace whatever stands there.
    """

    owner: int
    what: Keeps
    text: str
    item_id: int | None = None
    seen: tuple[str, ...] | None = None


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


System = Plan | PersonCame | PersonLeft | Touch | MergePeople
Edit = AddItem | ChangeItem | MoveItem | RemoveItem | RestoreItem | SkipItem | UnskipItem
Turn = Next | NextStep | NextTurn | TimeUp | Pass | Postpone | GiveWord | Shuffle | NameOwners | UseTurnLength
Together = DrawPairs | SwapPair | RaiseHand | LowerHand | Keep
People = GiveRole
Move = Start | NextItem | EnterItem | Pause | Resume | Extend | Back | Reveal | Close | Reopen
Mend = SpreadOver | DropItem | StayLonger | TakeBreak | RefuseBreak | UndoPlan
Planning = SetTimes | StartShort | Mend | AskIdle | GoOn | FreeTalk
Command = System | People | Edit | Turn | Together | Move | Planning

MOVING: tuple[type, ...] = (
    *(each for each in get_args(Turn) if each is not UseTurnLength),
    *(Back, Reopen, FreeTalk, DrawPairs, SwapPair),
)
"""Commands that mean the place of the course on the presser's screen: see ``run.overtaken``."""
CHANGING_ITEM: tuple[type, ...] = (Start, StartShort, NextItem, EnterItem, SkipItem)
"""Commands that mean the item on the presser's screen, whoever speaks in it."""
TIMING: tuple[type, ...] = (Extend, UseTurnLength)
"""Commands that mean the clock on the presser's screen as well."""
MENDING: tuple[type, ...] = get_args(Mend)
"""Commands that mean the plan on the presser's screen."""
LEADING: tuple[type, ...] = (GiveRole, Reveal, Close, Reopen, FreeTalk)
"""Commands for facilitators alone, also where everybody runs the meeting."""
OWN_TURN: tuple[type, ...] = (Next, NextStep, NextTurn, Pass, Postpone)
"""Commands that anyone may give while they are the speaker, or are asked in a step."""
OWN_HAND: tuple[type, ...] = (RaiseHand, LowerHand)
"""Commands that anyone may give about themselves."""
