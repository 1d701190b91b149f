"""The run of a meeting: ``decide`` what a command leads to, ``evolve`` with what happened.

Import from here, whatever file it lives in: commands are wishes and may be
refused, events are facts and never are, ``Run`` is the state they add up to.
"""

from ementor.meetings.domain.commands import By, Command, Means, Refusal, Refused
from ementor.meetings.domain.course import Clock, Course
from ementor.meetings.domain.engine import decide, evolve, overtaken, replay
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.state import Role, Run
from ementor.meetings.domain.subjects.cases import Keep, NameOwners
from ementor.meetings.domain.subjects.edits import (
    AddItem,
    ChangeItem,
    MoveItem,
    PlanAgenda,
    RemoveItem,
    RestoreItem,
    SkipItem,
    UnskipItem,
)
from ementor.meetings.domain.subjects.hands import LowerHand, RaiseHand
from ementor.meetings.domain.subjects.idle import AskIdle, FreeTalk, GoOn
from ementor.meetings.domain.subjects.moves import (
    MAX_CLOCK_S,
    REOPEN_S,
    Back,
    Close,
    EnterItem,
    Extend,
    NextItem,
    Pause,
    Reopen,
    Resume,
    Reveal,
    Start,
)
from ementor.meetings.domain.subjects.pairs import DrawPairs, SwapPair
from ementor.meetings.domain.subjects.people import GiveRole, MergePeople, PersonCame, PersonLeft, Touch
from ementor.meetings.domain.subjects.plan import (
    DropItem,
    RefuseBreak,
    SetTimes,
    SpreadOver,
    StartShort,
    StayLonger,
    TakeBreak,
    UndoPlan,
)
from ementor.meetings.domain.subjects.turns import (
    GiveWord,
    Next,
    NextStep,
    NextTurn,
    Pass,
    Postpone,
    Shuffle,
    TimeUp,
    UseTurnLength,
)

__all__ = [
    "MAX_CLOCK_S",
    "REOPEN_S",
    "AddItem",
    "AskIdle",
    "Back",
    "By",
    "ChangeItem",
    "Clock",
    "Close",
    "Command",
    "Course",
    "DrawPairs",
    "DropItem",
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
    "Means",
    "MergePeople",
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
    "PlanAgenda",
    "Postpone",
    "RaiseHand",
    "Refusal",
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
    "TakeBreak",
    "TimeUp",
    "Touch",
    "UndoPlan",
    "UnskipItem",
    "UseTurnLength",
    "decide",
    "evolve",
    "overtaken",
    "replay",
]
