"""Where each thing of a document stands, so that nothing is put where no editor of ours puts it.

An item says what it stands beside (and then not in what), or what it stands in. Each client's
items are numbered by a clock; here it is known for every clock what it stands in, and what
can stand in it. An editor that meets a foreign child throws, and the library's lists of
children end at one: everything behind it would be missing from the record.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from ementor.notes.wire import DELETED, GC, TEXT, VALUE, WORDS, Clock, Garbage, Struct

MAX_DEPTH = 24
"""How many blocks deep one stands at most: deeper lists than anybody makes, and no endless ones."""

PART, GONE = "part", "gone"
OFF_RECORD = "off_record"
"""A block around others, and around none of its kind; nothing in it is kept."""
LISTS = frozenset({"bullet_list", "ordered_list", "task_list"})
BLOCKS = LISTS | {"paragraph", "heading"}
_INLINE = frozenset({TEXT, "hard_break"})
FITS: dict[str, frozenset[str]] = {  # as in static/editor/src/schema.js
    PART: BLOCKS | {OFF_RECORD},
    OFF_RECORD: BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "bullet_list": frozenset({"list_item"}),
    "ordered_list": frozenset({"list_item"}),
    "task_list": frozenset({"task_item"}),
    "list_item": BLOCKS,
    "task_item": BLOCKS,
    "hard_break": frozenset(),
    TEXT: frozenset({WORDS}),
}


class Holder(NamedTuple):
    """Something that others can stand in: a part, a block, the text of one."""

    kind: str
    depth: int
    name: str | Clock


class Spot(NamedTuple):
    """What an item stands in (as which attribute, when it is one), and what it is to others."""

    holder: Holder
    key: str | None
    made: Holder | None


# What was deleted with all that was in it. Whatever is put there goes the same way at once.
_GONE = Holder(GONE, 0, "")
_NOWHERE = Spot(_GONE, None, _GONE)

Settled = list[tuple[Struct, Spot]]


class _Line:
    """What one client has made, as runs of clocks that stand alike."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.spots: list[Spot] = []
        self.end = 0


class Tree:
    """Where everything stands in one document."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    def end(self, client: int) -> int:
        """Return the client's first clock that is not in here."""
        line = self._lines.get(client)
        return line.end if line else 0

    def spot(self, client: int, clock: int) -> Spot:
        """Return where something that is in here stands."""
        line = self._lines[client]
        return line.spots[bisect_right(line.starts, clock) - 1]

    def settle(self, structs: Iterable[Struct]) -> Settled:
        """Return what is new of an update that ``fits``, and where it stands; changes nothing.

        Raises Garbage when something of it cannot stand there.
        """
        return _Settling(self, structs).all()

    def take(self, settled: Settled) -> None:
        """Remember what an update has brought."""
        for struct, spot in settled:
            line = self._lines.setdefault(struct.client, _Line())
            alike = line.spots and line.spots[-1] == spot and (spot.made is None or spot.made == _GONE)
            if not alike:
                line.starts.append(line.end)
                line.spots.append(spot)
            line.end = struct.clock + struct.length


class _Settling:
    """Finds where each struct of an update stands; they may come before what they stand beside."""

    def __init__(self, tree: Tree, structs: Iterable[Struct]) -> None:
        self.tree = tree
        self.new = [struct for struct in structs if struct.clock + struct.length > tree.end(struct.client)]
        self.spots: list[Spot | None] = [None] * len(self.new)
        self.places: dict[int, tuple[list[int], list[int]]] = {}
        for place, struct in enumerate(self.new):
            starts, places = self.places.setdefault(struct.client, ([], []))
            starts.append(struct.clock)
            places.append(place)

    def all(self) -> Settled:
        for place in range(len(self.new)):
            if self.spots[place] is None:
                self._settle(place)
        return [(struct, spot) for struct, spot in zip(self.new, self.spots, strict=True) if spot]

    def _settle(self, place: int) -> None:
        """Settle what a struct stands on first, however long that chain is."""
        path = {place: None}
        while path:
            here = next(reversed(path))
            try:
                self.spots[here] = self._spot(self.new[here])
                del path[here]
            except _Waits as waits:
                if waits.place in path:
                    raise Garbage("it stands on itself") from None
                path[waits.place] = None

    def _known(self, clock: Clock) -> Spot:
        if clock[1] < self.tree.end(clock[0]):
            return self.tree.spot(*clock)
        starts, places = self.places[clock[0]]
        place = places[bisect_right(starts, clock[1]) - 1]
        spot = self.spots[place]
        if spot is None:
            raise _Waits(place)
        return spot

    def _spot(self, struct: Struct) -> Spot:
        if struct.what == GC:
            return _NOWHERE
        holder, key = self._holder(struct)
        known = self.tree.end(struct.client)
        if struct.clock < known and self.tree.spot(struct.client, known - 1)[:2] != (holder, key):
            raise Garbage("its beginning stands elsewhere")
        if holder == _GONE:
            return _NOWHERE
        if struct.what == DELETED:
            return Spot(holder, key, _GONE)
        if key is not None:
            if struct.what != VALUE or holder.kind in (PART, TEXT):
                raise Garbage("an attribute that is none")
            return Spot(holder, key, None)
        if struct.what not in FITS[holder.kind]:
            raise Garbage("something that does not stand there")
        if struct.what == WORDS:
            return Spot(holder, None, None)
        depth = holder.depth + (struct.what != TEXT)
        if depth >= MAX_DEPTH:
            raise Garbage("too deep")
        return Spot(holder, None, Holder(struct.what, depth, (struct.client, struct.clock)))

    def _holder(self, struct: Struct) -> tuple[Holder, str | None]:
        sides = [self._known(side) for side in (struct.left, struct.right) if side]
        if sides:
            if sides[0][:2] != sides[-1][:2]:
                raise Garbage("it stands in two places")
            return sides[0][:2]
        if isinstance(struct.parent, str):
            return Holder(PART, -1, struct.parent), struct.key
        made = self._known(struct.parent).made if struct.parent else None
        if made is None:
            raise Garbage("it stands in something that holds nothing")
        return made, None if made == _GONE else struct.key


class _Waits(Exception):
    """Another struct of the update has to be settled first."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place
