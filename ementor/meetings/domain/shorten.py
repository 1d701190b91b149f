"""Shortening items so that they take less time together."""

import math
from collections.abc import Sequence

from ementor.meetings.domain.agenda import Item


def shortened(items: Sequence[Item], wanted: int) -> dict[int, int]:
    """Return minutes for each item, ``wanted`` in all: each gives in proportion to what it has.

    Breaks give nothing while the others can; no item is left under a minute and no closing
    reflection under four. When even that is more than ``wanted``, it is as short as can be;
    when the items take less than ``wanted``, they keep what they have.
    """
    least = {item.id: _least(item) for item in items}
    kept = {item.id: item.minutes if item.rules.is_rest else least[item.id] for item in items}
    return _shared(items, wanted, kept if sum(kept.values()) <= wanted else least)


def _least(item: Item) -> int:
    return min(item.minutes, item.rules.least_minutes)


def _shared(items: Sequence[Item], wanted: int, least: dict[int, int]) -> dict[int, int]:
    """Divide ``wanted`` by largest remainder, none under ``least`` or over what it has."""
    fixed: dict[int, int] = {}
    while True:
        free = [item for item in items if item.id not in fixed]
        left, had = wanted - sum(fixed.values()), sum(item.minutes for item in free)
        share = {item.id: item.minutes * min(max(left, 0), had) / had for item in free}
        low = {item.id: least[item.id] for item in free if share[item.id] < least[item.id]}
        if not low:
            break
        fixed |= low
    whole = {item_id: math.floor(minutes + 1e-9) for item_id, minutes in share.items()}
    spare = min(left, had) - sum(whole.values())
    by_rest = sorted(share, key=lambda item_id: whole[item_id] - share[item_id])
    for item_id in by_rest[: max(spare, 0)]:
        whole[item_id] += 1
    return {item.id: (fixed | whole)[item.id] for item in items}


def least_s(items: Sequence[Item]) -> int:
    """Return the seconds that the items take at the very least."""
    return sum(_least(item) for item in items) * 60
