"""How each mode is shown, over the rules of ``domain.modes``.

A new mode is a member and a row there, a row here, and what it wants of its own: a template that is named
here, and a style under ``.stage[data-mode=…]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ementor.meetings.cards.words import N_, Words
from ementor.meetings.domain.modes import RULES, Mode


@dataclass(frozen=True)
class ShownMode:
    """How items of a mode are shown."""

    name: Words
    template: str | None = None
    """What the card in the middle has of its own, printed with its ``ModeCard``."""


SHOWN: Mapping[Mode, ShownMode] = {
    Mode.OPEN: ShownMode(N_("Open talk")),
    Mode.ROUND: ShownMode(N_("Round")),
    Mode.WRITING: ShownMode(N_("Quiet writing"), "modes/writing.html"),
    Mode.PAIRS: ShownMode(N_("Pairs or trios")),
    Mode.CASE: ShownMode(N_("Case clinic")),
    Mode.INPUT: ShownMode(N_("Short input")),
    Mode.BREAK: ShownMode(N_("Break")),
    Mode.REFLECTION: ShownMode(N_("Closing reflection"), "modes/reflection.html"),
}
"""In the order in which the form of an item lists them."""

FIELDS = {
    "size": "has_pairs",
    "each": "has_pairs",
    "turn": "has_turn_settings",
    "steps": "has_turn_settings",
    "least_heard": "has_queue",
}
"""Settings in the form of an item → the rule of the modes that have them; of others they are not read."""


def name_of(mode: str) -> Words:
    """Return the name of an item's mode."""
    return SHOWN[Mode(mode)].name


def fields_of(mode: str) -> tuple[str, ...]:
    """Return which settings an item of the mode has."""
    return tuple(field for field, rule in FIELDS.items() if getattr(RULES[Mode(mode)], rule))
