"""Which part of the notes each clock stands in, so that nothing stands in two.

A struct says what it stands beside, and only the first one of a part says in which. The
library believes it: one that stands between letters of two parts would tear both.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from ementor.notes.wire import Clock, InvalidUpdate, Struct

Settled = list[tuple[Struct, str]]
"""What is new of an update, each struct with its part."""


class PartMap:
    """The parts of one document: for each client, where its clocks stand, as runs."""

    def __init__(self) -> None:
        self.parts: set[str] = set()
        self._halves: dict[int, array[int]] = {}
        """Client → second halves of characters that Yjs counts as two, in order."""
        self._starts: dict[int, list[int]] = {}
        self._names: dict[int, list[str]] = {}
        self._ends: dict[int, int] = {}

    def end(self, client: int) -> int:
        """Return the client's first clock that is not in here."""
        return self._ends.get(client, 0)

    def part_of(self, clock: Clock) -> str:
        """Return where something that is in here stands."""
        return self._names[clock[0]][bisect_right(self._starts[clock[0]], clock[1]) - 1]

    def settle(self, structs: Iterable[Struct]) -> Settled:
        """Return what is new of an update that ``fits``, and where it stands; changes nothing.

        Raises InvalidUpdate when something of it cannot stand there.
        """
        new = [struct for struct in structs if struct.clock + struct.length > self.end(struct.client)]
        if len(new) == 1:  # the usual keystroke
            return [(new[0], self.one(new[0], self.part_of))]
        return _Settling(self, new).all()

    def new_halves(self, halves: Iterable[Clock]) -> list[Clock]:
        """Return those of ``halves`` that are not in here: what is known stays what it was."""
        return [(client, clock) for client, clock in halves if clock >= self.end(client)]

    def cuts_a_character(self, cuts: Iterable[Clock]) -> bool:
        """Tell whether something would come between the two halves of a character."""
        return any(self._is_half(client, clock) for client, clock in cuts)

    def _is_half(self, client: int, clock: int) -> bool:
        halves = self._halves.get(client)
        if not halves:
            return False
        at = bisect_left(halves, clock)
        return at < len(halves) and halves[at] == clock

    def take(self, settled: Settled, halves: Iterable[Clock]) -> None:
        """Remember what an update has brought."""
        for client, clock in self.new_halves(halves):
            self._halves.setdefault(client, array("I")).append(clock)
        for struct, part in settled:
            client = struct.client
            names = self._names.setdefault(client, [])
            if not names or names[-1] != part:
                names.append(part)
                self._starts.setdefault(client, []).append(self.end(client))
                self.parts.add(part)
            self._ends[client] = struct.clock + struct.length

    def one(self, struct: Struct, part_of: Callable[[Clock], str]) -> str:
        found = {part_of(side) for side in (struct.left, struct.right) if side}
        if struct.part:
            found.add(struct.part)
        known = self.end(struct.client)
        if struct.clock < known:
            found.add(self.part_of((struct.client, known - 1)))
        if len(found) != 1:
            raise InvalidUpdate("it stands in two places")
        return found.pop()


class _Settling:
    """Finds where each struct of an update stands; they may come before what they stand beside."""

    def __init__(self, places: PartMap, structs: list[Struct]) -> None:
        self.places = places
        self.new = structs
        self.found: list[str | None] = [None] * len(structs)
        self.starts: dict[int, tuple[list[int], list[int]]] = {}
        for at, struct in enumerate(structs):
            starts, numbers = self.starts.setdefault(struct.client, ([], []))
            starts.append(struct.clock)
            numbers.append(at)

    def all(self) -> Settled:
        for at, found in enumerate(self.found):
            if found is None:
                self._settle(at)
        return [(struct, part) for struct, part in zip(self.new, self.found, strict=True) if part]

    def _settle(self, at: int) -> None:
        """Settle what a struct stands beside first, however long that chain is."""
        path = {at: None}
        while path:
            here = next(reversed(path))
            try:
                self.found[here] = self.places.one(self.new[here], self._part_of)
                del path[here]
            except _Waits as waits:
                if waits.at in path:
                    raise InvalidUpdate("it stands on itself") from None
                path[waits.at] = None

    def _part_of(self, clock: Clock) -> str:
        if clock[1] < self.places.end(clock[0]):
            return self.places.part_of(clock)
        starts, numbers = self.starts[clock[0]]
        at = numbers[bisect_right(starts, clock[1]) - 1]
        part = self.found[at]
        if part is None:
            raise _Waits(at)
        return part


class _Waits(Exception):
    """Another struct of the update has to be settled first."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
