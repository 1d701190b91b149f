"""Which function decides a command, and which evolves a run by an event: subjects register theirs here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from ementor.meetings.domain.commands import Command
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.state import Run

C = TypeVar("C", bound=Command)
Decide = Callable[[Run, C, datetime], list[Event]]
Evolve = Callable[[Run, Event], Run]

DECIDES: dict[type[Command], Decide[Any]] = {}
EVOLVES: dict[Kind, Evolve] = {}


def decides(command: type[C]) -> Callable[[Decide[C]], Decide[C]]:
    """Register what follows from a command; it is asked only while the command may be given at all."""

    def register(decide: Decide[C]) -> Decide[C]:
        if command in DECIDES:
            raise TypeError(f"{command.__name__} has two subjects")
        DECIDES[command] = decide
        return decide

    return register


def evolves(*kinds: Kind) -> Callable[[Evolve], Evolve]:
    """Register what events of some kinds mean. The engine has stamped the run with the event before."""

    def register(evolve: Evolve) -> Evolve:
        for kind in kinds:
            if kind in EVOLVES:
                raise TypeError(f"{kind.value} has two subjects")
            EVOLVES[kind] = evolve
        return evolve

    return register
