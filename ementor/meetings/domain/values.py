"""Copying a frozen dataclass with other fields."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import replace as replace  # mypy knows its fields and their types
else:
    T = TypeVar("T")

    def replace(value: T, /, **changes: Any) -> T:
        """Return a copy of ``value`` with some fields changed.

        ``dataclasses.replace`` looks at every field and calls ``__init__``: replaying a log copies
        a few times per event, and that was nearly all of its time. Nothing is checked here, so it is
        for classes without ``__slots__`` and ``__post_init__``.
        """
        copy = object.__new__(type(value))
        copy.__dict__.update(value.__dict__)
        for name in _derived(type(value)):
            copy.__dict__.pop(name, None)
        copy.__dict__.update(changes)
        return copy

    @cache
    def _derived(kind: type) -> tuple[str, ...]:
        """Return what a value keeps that follows from its fields, and may not follow from the copy's."""
        return tuple(name for name, one in vars(kind).items() if isinstance(one, cached_property))
