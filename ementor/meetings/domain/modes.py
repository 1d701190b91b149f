"""How an item may be held: each mode with its rules, in one table.

Whoever needs to know what a mode means asks for a rule (``item.rules.has_queue``), not for
the mode: a new mode is then a member of ``Mode`` and a row of ``RULES``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How an item is held. Stored: never renamed."""

    OPEN = "open"
    ROUND = "round"
    WRITING = "writing"
    PAIRS = "pairs"
    CASE = "case"
    INPUT = "input"
    BREAK = "break"
    REFLECTION = "reflection"


class TurnsOf(StrEnum):
    """Who gets a turn, one after the other."""

    EVERYONE = "everyone"
    """Everyone present, in the group's order; latecomers come last."""
    OWNERS = "owners"
    """The people who are named as owners, in the order in which they are named."""


@dataclass(frozen=True)
class ModeRules:
    """What a mode allows and needs. The defaults are those of an item in which nobody has the floor."""

    turns_of: TurnsOf | None = None
    """Who gets a turn with a clock of its own; None where the item does not go by turns."""
    names_speaker: bool = False
    """Somebody may be shown as the speaker although there are no turns."""
    has_queue: bool = False
    """People raise a hand and are next in a queue. The item may put the least heard first."""
    has_pairs: bool = False
    """People talk in small groups. The item says how large, and whether each has a time of their own."""
    has_turn_settings: bool = False
    """The item may say how long a turn is, and which steps it has."""
    needs_steps: bool = False
    """An item without steps of its own gets the ready ones."""
    is_written_in: bool = False
    """Everyone writes for themselves."""
    is_rest: bool = False
    """It is a break: kept whole while other items can be shortened, and a room may be empty in it."""
    is_closing: bool = False
    """It ends the meeting: new items go before it."""
    is_droppable: bool = True
    """It may be proposed to be left out for the end's sake."""
    least_minutes: int = 1
    """To how little it is shortened."""

    @property
    def has_turns(self) -> bool:
        return self.turns_of is not None

    @property
    def names_owners(self) -> bool:
        return self.turns_of is TurnsOf.OWNERS

    @property
    def takes_everyone(self) -> bool:
        """Everyone present has a turn, also who comes later."""
        return self.turns_of is TurnsOf.EVERYONE


NO_RULES = ModeRules()
"""The rules where there is no item."""

RULES: Mapping[Mode, ModeRules] = {
    Mode.OPEN: ModeRules(names_speaker=True, has_queue=True),
    Mode.ROUND: ModeRules(turns_of=TurnsOf.EVERYONE, has_turn_settings=True),
    Mode.WRITING: ModeRules(is_written_in=True),
    Mode.PAIRS: ModeRules(has_pairs=True, has_turn_settings=True),
    Mode.CASE: ModeRules(turns_of=TurnsOf.OWNERS, has_turn_settings=True, needs_steps=True),
    Mode.INPUT: ModeRules(names_speaker=True),
    Mode.BREAK: ModeRules(is_rest=True, is_droppable=False),
    Mode.REFLECTION: ModeRules(is_closing=True, is_droppable=False, least_minutes=4),
}
