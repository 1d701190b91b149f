"""Who does what at which meeting, in turns among those who are willing: plain rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """One meeting ahead: who does it if that was agreed, and who cannot come."""

    id: int
    agreed: int | None = None
    away: frozenset[int] = frozenset()


def in_turns(willing: Sequence[int], last: int | None, slots: Sequence[Slot]) -> dict[int, int | None]:
    """Return who does it at each meeting, None for nobody.

    ``willing`` are in the order in which they said so, ``last`` did it at the last meeting that was held.
    It goes round: nobody is asked again before each of the others was. Who cannot come is passed over and
    is first at the next one; who took it by agreement has had their turn.
    """
    line = list(willing)
    if last in line:
        after = line.index(last) + 1
        line = line[after:] + line[:after]
    found: dict[int, int | None] = {}
    for slot in slots:
        person = slot.agreed
        if person is None:
            person = next((one for one in line if one not in slot.away), None)
        found[slot.id] = person
        if person in line:
            line.remove(person)
            line.append(person)
    return found


def always(person: int | None, slots: Sequence[Slot]) -> dict[int, int | None]:
    """Return who does it at each meeting when one person always does, unless another was agreed on."""
    return {slot.id: slot.agreed if slot.agreed is not None else person for slot in slots}
