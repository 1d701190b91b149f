"""The protocol of y-websocket and of Hocuspocus, as far as somebody who writes or reads needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from tests.bench import wire

SYNC, AUTH = 0, 2
STEP_1, STEP_2, UPDATE = 0, 1, 2
NOTHING = b"\0"  # the state vector of an empty document
NO_CHANGE = b"\0\0"


class YjsLine(wire.WebSocket):
    """One connection to one document. ``hear`` is called with each update."""

    by_path: ClassVar = True

    def __init__(self, document: str, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self.head, self.hear = b"", hear
        self.path = f"/{document}" if self.by_path else "/"
        self.synced: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.fail(self.synced)

    def shaken(self) -> None:
        self.open.set_result(None)
        self.ask_for_all()

    def ask_for_all(self) -> None:
        self.send(wire.BINARY, self.head + bytes([SYNC, STEP_1]) + sized(NOTHING))

    def write(self, update: bytes) -> None:
        self.send(wire.BINARY, self.head + bytes([SYNC, UPDATE]) + sized(update))

    def hear_bytes(self, data: bytes) -> None:
        place = len(self.head)
        if data[place] == SYNC:
            kind, content = data[place + 1], content_of(data, place + 2)
            if kind == STEP_1:
                self.send(wire.BINARY, self.head + bytes([SYNC, STEP_2]) + sized(NO_CHANGE))
            elif kind == STEP_2:
                if not self.synced.done():
                    self.synced.set_result(content)
            else:
                self.hear(content)
        elif data[place] == AUTH:
            self.ask_for_all()


class HocuspocusLine(YjsLine):
    """The same with the document's name before each message, and a token to come in with."""

    by_path: ClassVar = False

    def __init__(self, document: str, hear: Callable[[bytes], None]) -> None:
        super().__init__(document, hear)
        self.head = sized(document.encode())

    def shaken(self) -> None:
        self.open.set_result(None)
        self.send(wire.BINARY, self.head + bytes([AUTH, 0]) + sized(b"token"))


def sized(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return numbers(len(data)) + data


def content_of(data: bytes, place: int) -> bytes:
    """Return the bytes whose length stands at ``place``."""
    size = shift = 0
    while True:
        byte = data[place]
        size |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return data[place : place + size]


def numbers(*values: int) -> bytes:
    """Return numbers as Yjs writes them: little-endian base 128."""
    encoded = bytearray()
    for value in values:
        while value > 127:
            encoded.append(value & 127 | 128)
            value >>= 7
        encoded.append(value)
    return bytes(encoded)
