"""Read a Yjs update (version 1 of its encoding) without trusting a byte of it.

The library that applies updates panics on some crafted ones, reserves memory for what
others only claim, and takes content that no editor of ours writes. So each update is read
here first, against a whitelist. The encoding: a count of clients, for each its structs
from a clock on, then the set of what is deleted; all numbers are little-endian base 128.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_CLOCK = 2**31
MAX_CLIENT = 2**53
ROOT = re.compile(r"general|outside|mine|item-[1-9][0-9]{0,8}", re.ASCII)
NODES = frozenset(
    {"paragraph", "heading", "hard_break", "off_record"}
    | {"bullet_list", "ordered_list", "list_item", "task_list", "task_item"}
)
ATTRIBUTES = frozenset({"level", "checked"})
MARKS = frozenset({"strong", "em", "link", "insight", "next_step"})
SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s<>\"`\\]+", re.IGNORECASE)
MAX_LINK = 2000

# Kinds of a struct (the low five bits of its first byte) and of a shared type.
_GC, _DELETED, _STRING, _FORMAT, _TYPE, _ANY, _SKIP = 0, 1, 4, 6, 7, 8, 10
_XML_ELEMENT, _XML_TEXT = 3, 6

# What a struct is, unless it is one of NODES: of deleted things only their clocks are kept (GC), or
# their place as well; the text of a block; words or a mark in such a text; an attribute's value.
GC, DELETED, TEXT, WORDS, VALUE = "gc", "deleted", "text", "words", "value"

Clock = tuple[int, int]


class Garbage(Exception):
    """The bytes are not an update that an editor of ours can have written."""


class Struct(NamedTuple):
    """One piece of an update: so many clocks of a client, and where they say they stand."""

    client: int
    clock: int
    length: int
    what: str
    left: Clock | None = None
    right: Clock | None = None
    parent: Clock | str | None = None
    """An item, or a part's name; None where the neighbours say it."""
    key: str | None = None


@dataclass
class Contents:
    """What an update brings, and what must be there before it."""

    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    """Client id → first clock that is in the update, and the one after its last."""
    needs: list[Clock] = field(default_factory=list)
    """What the update's structs stand beside or in, and what it deletes (the last of each run)."""
    structs: list[Struct] = field(default_factory=list)
    gaps: bool = False
    """The update itself says that something between its structs is missing."""

    def fits(self, known: dict[int, int]) -> bool:
        """Tell whether all that it needs is in ``known`` (client id → next clock) or in itself."""
        if self.gaps or any(start > known.get(client, 0) for client, start in self.starts.items()):
            return False
        after = known | {client: max(end, known.get(client, 0)) for client, end in self.ends.items()}
        return all(clock < after.get(client, 0) for client, clock in self.needs)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise Garbage("it ends early")
        self.at += 1
        return self.data[self.at - 1]

    def number(self, limit: int) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            if shift > 63:
                raise Garbage("a number is too long")
        if value > limit:
            raise Garbage("a number is too large")
        return value

    def count(self, least_bytes: int = 1) -> int:
        """Return how many things follow, when so many can follow in the bytes left."""
        value = self.number(MAX_CLIENT)
        if value > (len(self.data) - self.at) // least_bytes + 1:
            raise Garbage("it claims more than its bytes can hold")
        return value

    def raw(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise Garbage("it ends early")
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self) -> str:
        try:
            return self.raw(self.number(MAX_CLOCK)).decode()
        except UnicodeDecodeError:
            raise Garbage("text that is not UTF-8") from None

    def clock(self) -> Clock:
        return self.number(MAX_CLIENT), self.number(MAX_CLOCK)


def read_update(data: bytes) -> Contents:
    """Return what ``data`` brings and needs; raise Garbage when it is no update of ours."""
    reader, contents = _Reader(data), Contents()
    for _ in range(reader.count(least_bytes=2)):
        structs, client, clock = reader.count(), reader.number(MAX_CLIENT), reader.number(MAX_CLOCK)
        if client in contents.starts:
            raise Garbage("a client comes twice")
        contents.starts[client] = clock
        for _ in range(structs):
            struct = _read_struct(reader, contents, (client, clock))
            contents.structs.append(struct)
            clock += struct.length
            if clock > MAX_CLOCK:
                raise Garbage("a number is too large")
        contents.ends[client] = clock
    for _ in range(reader.count(least_bytes=2)):
        client = reader.number(MAX_CLIENT)
        for _ in range(reader.count(least_bytes=2)):
            start, length = reader.number(MAX_CLOCK), reader.number(MAX_CLOCK)
            if length:
                contents.needs.append((client, start + length - 1))
    if reader.at != len(data):
        raise Garbage("something follows its end")
    return contents


def _read_struct(reader: _Reader, contents: Contents, own: Clock) -> Struct:
    """Read one struct, whose first clock is ``own``."""
    info = reader.byte()
    kind = info & 31
    if kind in (_GC, _SKIP):
        contents.gaps |= kind == _SKIP
        return Struct(*own, _length(reader.number(MAX_CLOCK)), GC)
    left = reader.clock() if info & 128 else None
    right = reader.clock() if info & 64 else None
    parent: Clock | str | None = None
    key = None
    if not info & 192:  # beside nothing, so it says what it is in
        if reader.number(1):
            parent = reader.text()
            if not ROOT.fullmatch(parent):
                raise Garbage("a part that is not there")
        else:
            parent = reader.clock()
        if info & 32:
            key = reader.text()
            if key not in ATTRIBUTES:
                raise Garbage("an attribute of no editor of ours")
    needs = [clock for clock in (left, right, parent) if isinstance(clock, tuple)]
    if any(client == own[0] and clock >= own[1] for client, clock in needs):
        raise Garbage("it stands on what comes after it")
    contents.needs += needs
    length, what = _read_content(reader, kind)
    return Struct(*own, length, what, left, right, parent, key)


def _read_content(reader: _Reader, kind: int) -> tuple[int, str]:
    """Read what a struct brings; return how many clocks it takes, and what it is."""
    if kind == _DELETED:
        return _length(reader.number(MAX_CLOCK)), DELETED
    if kind == _TYPE:
        shared = reader.number(MAX_CLOCK)
        if shared == _XML_ELEMENT and (tag := reader.text()) in NODES:
            return 1, tag
        if shared == _XML_TEXT:
            return 1, TEXT
    elif kind == _STRING:
        return _length(sum(2 if char > "\uffff" else 1 for char in reader.text())), WORDS
    elif kind == _FORMAT:
        _check_mark(reader.text(), reader.text())
        return 1, WORDS
    elif kind == _ANY:
        many = reader.count()
        for _ in range(many):
            _read_scalar(reader)
        return _length(many), VALUE
    raise Garbage("content of no editor of ours")


def _length(value: int) -> int:
    if value < 1:
        raise Garbage("something of no length")
    return value


def _check_mark(name: str, value: str) -> None:
    try:
        attributes = json.loads(value)
    except (ValueError, RecursionError):
        raise Garbage("a mark that cannot be read") from None
    if name not in MARKS or not (attributes is None or isinstance(attributes, dict)):
        raise Garbage("a mark of no editor of ours")
    if attributes is None:  # a mark ends here
        return
    # A link to nowhere is none either: the editor cannot show it, and deletes its text.
    if not is_safe_link(attributes.get("href")) if name == "link" else attributes:
        raise Garbage("a link that leads astray")


def is_safe_link(href: Any) -> bool:
    """Tell whether ``href`` may be clicked: http, https or mailto, nothing else."""
    return isinstance(href, str) and len(href) <= MAX_LINK and bool(SAFE_LINK.fullmatch(href))


def _read_scalar(reader: _Reader) -> None:
    """Read past one value of an attribute; lists and objects are none."""
    kind = reader.byte()
    if kind == 119:
        reader.text()
    elif kind == 125:
        while reader.byte() > 127:
            pass
    elif kind in (122, 123):
        reader.raw(8)
    elif kind == 124:
        (value,) = struct.unpack(">f", reader.raw(4))
        if value != value:
            raise Garbage("not a number")
    elif kind not in (120, 121, 126, 127):
        raise Garbage("an attribute of no editor of ours")


def read_state_vector(data: bytes) -> dict[int, int]:
    """Return client id → next clock; raise Garbage when ``data`` is no state vector."""
    reader = _Reader(data)
    state = {}
    for _ in range(reader.count(least_bytes=2)):
        client = reader.number(MAX_CLIENT)
        state[client] = reader.number(MAX_CLOCK)
    if reader.at != len(data):
        raise Garbage("something follows its end")
    return state
