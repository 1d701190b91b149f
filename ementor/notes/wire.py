"""Read a Yjs update (version 1 of its encoding) without trusting a byte of it.

The library that applies updates panics on some crafted ones, reserves memory for what
others only claim, and takes content that no editor of ours writes. So each update is read
here first, against a whitelist: letters and the formats on them, each value checked, in a
part of the notes; nothing else exists. The encoding: a count of clients, for each its structs
from a clock on, then the set of what is deleted; all numbers are little-endian base 128.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import Any, NamedTuple

MAX_CLOCK = 2**31
MAX_CLIENT = 2**53
MAX_CLIENTS = 32
"""Client ids in one update. A page has one, and one more for each reload with unsaved text."""
MAX_STRUCTS = 6000
"""Structs in one update; one of 250 KB could claim 80 000, and a third of a GB to read them."""
RANGES = 2000
MAX_RANGES = 40_000
"""Deleted ranges in one update: all that eight people wrote in an evening, selected and deleted."""

PART = re.compile(r"general|outside|mine|item-[1-9][0-9]{0,8}", re.ASCII)
KINDS = frozenset({"heading", "subheading", "bullet", "number", "task"})
"""What a block can be beside a paragraph, which says nothing."""
MAX_DEPTH = 8
SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s<>\"`\\]+", re.IGNORECASE)
MAX_LINK = 2000
FORBIDDEN = re.compile("[\0-\x08\x0b-\x1f]")
"""Letters that no text holds: PostgreSQL refuses NUL, XML all of them."""

_PAIR = re.compile("[\U00010000-\U0010ffff]")

# Kinds of a struct: the low five bits of its first byte.
_GC, _DELETED, _STRING, _FORMAT, _SKIP = 0, 1, 4, 6, 10

Clock = tuple[int, int]


def is_safe_link(href: Any) -> bool:
    """Tell whether ``href`` may be clicked: http, https or mailto, nothing else."""
    return isinstance(href, str) and len(href) <= MAX_LINK and bool(SAFE_LINK.fullmatch(href))


def _is_true(value: Any) -> bool:
    return value is True


FORMATS: dict[str, Callable[[Any], bool]] = {  # as in static/editor/src/schema.js
    # On words:
    "strong": _is_true,
    "em": _is_true,
    "insight": _is_true,
    "next_step": _is_true,
    "link": is_safe_link,
    # On the line end of a block:
    "kind": lambda value: isinstance(value, str) and value in KINDS,
    "depth": lambda value: type(value) is int and 1 <= value <= MAX_DEPTH,
    "checked": _is_true,
    "off_record": lambda value: isinstance(value, bool),  # False: it was, and was put on the record
}
"""Format → what its value must be; None ends it."""


class InvalidUpdate(Exception):
    """The bytes are not an update that an editor of ours can have written."""


class TooMuch(Exception):
    """It may be one, but of more pieces than anybody writes at once."""


class Struct(NamedTuple):
    """One piece of an update: so many clocks of a client, and where they say they stand."""

    client: int
    clock: int
    length: int
    left: Clock | None = None
    right: Clock | None = None
    part: str | None = None
    """Named only where nothing stands on either side."""
    at: int = 0
    to: int = 0
    """Where its bytes are in the update."""
    has_letters: bool = False


@dataclass
class Contents:
    """What an update brings, and what must be there before it."""

    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    """Client id → first clock that is in the update, and the one after its last."""
    needs: list[Clock] = field(default_factory=list)
    """What the update's structs stand beside, and what it deletes (the last of each run)."""
    structs: list[Struct] = field(default_factory=list)
    halves: list[Clock] = field(default_factory=list)
    """Second halves of what UTF-16, in which Yjs counts, has as two: an emoji, for example."""
    cuts: set[Clock] = field(default_factory=set)
    """What something comes right before, or is deleted from or up to."""
    puts_on_record: bool = False
    """It says of a line that it was off the record and is not any more."""
    writes: bool = False
    """It brings letters or formats, and does not only take some away."""
    deletes: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Client id → the ranges of its clocks that are deleted: where each begins, and how long it is."""

    def fits(self, known: dict[int, int]) -> bool:
        """Tell whether all that it needs is in ``known`` (client id → next clock) or in itself."""
        for client, start in self.starts.items():
            if start > known.get(client, 0):
                return False
        for client, clock in self.needs:
            if clock >= known.get(client, 0) and clock >= self.ends.get(client, 0):
                return False
        return True


class Reader:
    """Reads numbers and texts of an update, one after the other; raises InvalidUpdate at its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise InvalidUpdate("it ends early")
        self.at += 1
        return self.data[self.at - 1]

    def number(self, limit: int) -> int:
        data, at = self.data, self.at
        value = shift = 0
        try:
            while (byte := data[at]) > 127:
                value |= (byte & 127) << shift
                at += 1
                shift += 7
                if shift > 63:
                    raise InvalidUpdate("a number is too long")
        except IndexError:
            raise InvalidUpdate("it ends early") from None
        value |= byte << shift
        self.at = at + 1
        if value > limit:
            raise InvalidUpdate("a number is too large")
        return value

    def count(self, least_bytes: int = 1) -> int:
        """Return how many things follow, when so many can follow in the bytes left."""
        value = self.number(MAX_CLIENT)
        if value > (len(self.data) - self.at) // least_bytes + 1:
            raise InvalidUpdate("it claims more than its bytes can hold")
        return value

    def raw(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise InvalidUpdate("it ends early")
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self) -> str:
        try:
            return self.raw(self.number(MAX_CLOCK)).decode()
        except UnicodeDecodeError:
            raise InvalidUpdate("text that is not UTF-8") from None

    def clock(self) -> Clock:
        return self.number(MAX_CLIENT), self.number(MAX_CLOCK)


def read_update(data: bytes, *, trusted: bool = False) -> Contents:
    """Return what ``data`` brings and needs.

    Raises InvalidUpdate when it is no update of ours, and TooMuch when it has more pieces than
    people write at once; one that is ``trusted``, as it comes from a document, may have any number.
    """
    reader, contents = Reader(data), Contents()
    clients = reader.count(least_bytes=2)
    if clients > MAX_CLIENTS and not trusted:
        raise TooMuch("client ids")
    for _ in range(clients):
        structs, client, clock = reader.count(), reader.number(MAX_CLIENT), reader.number(MAX_CLOCK)
        if len(contents.structs) + structs > MAX_STRUCTS and not trusted:
            raise TooMuch("structs")
        if client in contents.starts:
            raise InvalidUpdate("a client comes twice")
        contents.starts[client] = clock
        for _ in range(structs):
            struct = read_struct(reader, contents, client, clock)
            contents.structs.append(struct)
            clock += struct.length
            if clock > MAX_CLOCK:
                raise InvalidUpdate("a number is too large")
        contents.ends[client] = clock
    left = MAX_RANGES
    for _ in range(reader.count(least_bytes=2)):
        client, ranges = reader.number(MAX_CLIENT), reader.count(least_bytes=2)
        left -= ranges
        if left < 0 and not trusted:
            raise TooMuch("deleted ranges")
        if client in contents.deletes:
            raise InvalidUpdate("a client comes twice")
        deletes = contents.deletes[client] = []
        end = 0
        for _ in range(ranges):
            start, length = reader.number(MAX_CLOCK), reader.number(MAX_CLOCK)
            if not trusted and (start < end or not length):
                raise InvalidUpdate("deleted ranges that overlap")  # one range 40 000 times takes seconds
            if length:
                end = start + length
                deletes.append((start, length))
                contents.needs.append((client, end - 1))
                contents.cuts |= {(client, start), (client, end)}
    if reader.at != len(data):
        raise InvalidUpdate("something follows its end")
    return contents


def slices(data: bytes, contents: Contents, size: int) -> Iterator[bytes]:
    """Yield updates of ``size`` structs, then of RANGES deletions, that together do what ``data`` does."""
    if len(contents.structs) <= size and sum(map(len, contents.deletes.values())) <= RANGES:
        yield data
        return
    for _, some in groupby(contents.structs, lambda struct: struct.client):
        structs = list(some)
        for start in range(0, len(structs), size):
            piece = structs[start : start + size]
            head = b"".join(map(encoded, (1, len(piece), piece[0].client, piece[0].clock)))
            yield head + data[piece[0].at : piece[-1].to] + b"\0"
    for client, ranges in contents.deletes.items():
        for at in range(0, len(ranges), RANGES):
            some_ranges = ranges[at : at + RANGES]
            numbers = (0, 1, client, len(some_ranges), *chain.from_iterable(some_ranges))
            yield b"".join(map(encoded, numbers))


def encoded(value: int) -> bytes:
    """Return a number as updates have it."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def clients_of(update: bytes) -> list[int]:
    """Return whose structs a checked update brings; the usual one, of one client, at a glance."""
    reader = Reader(update)
    clients = reader.number(MAX_CLIENT)
    if clients > 1:
        return list(read_update(update, trusted=True).starts)
    if clients == 0:
        return []
    reader.number(MAX_CLIENT)
    return [reader.number(MAX_CLIENT)]


def read_struct(reader: Reader, contents: Contents, client: int, own: int) -> Struct:
    """Read one struct, whose first clock is ``own``."""
    at, info = reader.at, reader.byte()
    kind = info & 31
    if kind in (_GC, _SKIP):
        raise InvalidUpdate(
            "a piece without a place"
        )  # no text of ours has any: it holds nothing that holds others
    left = reader.clock() if info & 128 else None
    right = reader.clock() if info & 64 else None
    part = None
    if not info & 192:  # beside nothing, so it says what it is in
        if reader.number(1) != 1 or not PART.fullmatch(part := reader.text()):
            raise InvalidUpdate("a part that is not there")
        if info & 32:
            raise InvalidUpdate("an attribute of no editor of ours")
    for side in (left, right):
        if side is not None:
            if side[0] == client and side[1] >= own:
                raise InvalidUpdate("it stands on what comes after it")
            contents.needs.append(side)
    if left:
        contents.cuts.add((left[0], left[1] + 1))
    if right:
        contents.cuts.add(right)
    length = _read_content(reader, kind, contents, client, own)
    return Struct(client, own, length, left, right, part, at, reader.at, kind == _STRING)


def _read_content(reader: Reader, kind: int, contents: Contents, client: int, own: int) -> int:
    """Read what a struct brings; return how many clocks it takes."""
    contents.writes |= kind != _DELETED
    if kind == _STRING:
        text = reader.text()
        if not text or FORBIDDEN.search(text):
            raise InvalidUpdate("letters that no text holds")
        length = len(text)
        if not text.isascii():
            for at in _PAIR.finditer(text):
                length += 1
                contents.halves.append((client, own + at.start() + length - len(text)))
        return length
    if kind == _FORMAT:
        meant = _read_format(reader.text(), reader.text())
        contents.puts_on_record |= meant == ("off_record", False)
        return 1
    if kind == _DELETED:
        length = reader.number(MAX_CLOCK)
        if length < 1:
            raise InvalidUpdate("something of no length")
        return length
    raise InvalidUpdate("content of no editor of ours")


def _read_format(name: str, value: str) -> tuple[str, Any]:
    try:
        meant = json.loads(value)
    except (ValueError, RecursionError):
        raise InvalidUpdate("a format that cannot be read") from None
    if name not in FORMATS or not (meant is None or FORMATS[name](meant)):
        raise InvalidUpdate("a format of no editor of ours")
    return name, meant


def read_state_vector(data: bytes) -> dict[int, int]:
    """Return client id → next clock; raise InvalidUpdate when ``data`` is no state vector."""
    numbers: list[int] = []
    value = shift = 0
    for byte in data:  # in one loop, as each keystroke asks for it
        value |= (byte & 127) << shift
        if byte < 128:
            numbers.append(value)
            value = shift = 0
        elif (shift := shift + 7) > 63:
            raise InvalidUpdate("a number is too long")
    if shift or not numbers or len(numbers) != 1 + 2 * numbers[0]:
        raise InvalidUpdate("not as many clients as it claims")
    clients, clocks = numbers[1::2], numbers[2::2]
    if numbers[0] and (max(clients) > MAX_CLIENT or max(clocks) > MAX_CLOCK):
        raise InvalidUpdate("a number is too large")
    return dict(zip(clients, clocks, strict=True))
