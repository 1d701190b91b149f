"""What every command says about itself, and why one may be refused. The commands are with their subjects."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Refusal(StrEnum):
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


class Refused(Exception):
    """What was wished for cannot be, as things are."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


class Means(StrEnum):
    """What on the presser's screen a command is about: when that has changed, the press is void."""

    NOTHING = "nothing"
    """It means the same on any screen."""
    CLOCK = "clock"
    """The clock that is shown, and so the place in the course too."""
    PLACE = "place"
    """The place in the course: who speaks, in which step."""
    ITEM = "item"
    """The item, whoever speaks in it."""
    PLAN = "plan"
    """What is planned, and when the meeting ends."""


class By(StrEnum):
    """Who may give a command; services ask."""

    SYSTEM = "system"
    LEADER = "leader"
    """Facilitators alone, also where everybody runs the meeting."""
    RUNNER = "runner"
    """Who runs the meeting."""
    SPEAKER = "speaker"
    """Also the speaker."""
    VOICE = "voice"
    """Also the speaker, and who is asked in a step."""
    SELF = "self"
    """Also the person whose it is: see ``Command.whose``."""
    ANYONE = "anyone"


class AfterClose(StrEnum):
    """What becomes of a command once the meeting is closed."""

    REFUSED = "refused"
    IGNORED = "ignored"
    DECIDED = "decided"


@dataclass(frozen=True)
class Command:
    """A wish, which may be refused. Each command says what it means where it is declared."""

    means: ClassVar[Means]
    by: ClassVar[By]
    after_close: ClassVar[AfterClose]

    def __init_subclass__(
        cls, *, means: Means, by: By = By.RUNNER, after_close: AfterClose | None = None
    ) -> None:
        cls.means, cls.by = means, by
        # People still come and go when it is over, and nothing follows from it.
        usual = AfterClose.IGNORED if by is By.SYSTEM else AfterClose.REFUSED
        cls.after_close = after_close or usual

    @property
    def whose(self) -> int | None:
        """Whose own affair it is, where somebody may give it about themselves."""
        return None
