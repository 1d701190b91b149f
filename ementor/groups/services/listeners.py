"""Who above the groups hears of their changes, within the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[int], None]
_told: list[Told] = []
widened: list[Told] = []
removed: list[Told] = []


def when_changed(function: Told) -> Told:
    """Let a feature above this one tell its pages that a group's people, door or ways have changed.

    It is called within the transaction of the change.
    """
    _told.append(function)
    return function


def when_widened(function: Told) -> Told:
    """Let a feature above this one hear that more people of a group may read than until now.

    It is called within the transaction of the change.
    """
    widened.append(function)
    return function


def when_removed(function: Told) -> Told:
    """Let a feature above this one close what else somebody who was removed knows of the group.

    It is called within the transaction of the removal.
    """
    removed.append(function)
    return function


def tell(group_id: int) -> None:
    """Tell all who asked for it that a group's people have changed."""
    for function in _told:
        function(group_id)
