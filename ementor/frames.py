"""The frames that a connection sends: the usual ones are read here, whatever else comes by the library.

A page sends whole texts and whole bytes, each in one masked frame. Those are read in a few steps, where the
library's parser takes some sixty. From the first frame on that is anything else (a fragment, a control frame,
one without a mask, with a reserved bit or too large) the library has the rest of the connection, from that
frame's first byte: what is refused, when, and what is answered to it, is decided in one place.
"""

from __future__ import annotations

from struct import Struct

from websockets.frames import Frame as LibraryFrame
from websockets.server import ServerProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # there is no wheel for this machine
    from websockets.utils import apply_mask

CONT, TEXT, BINARY = 0, 1, 2
_SHORT, _MIDDLE, _LONG = Struct("!BB"), Struct("!BBH"), Struct("!BBQ")
_FIN, _MASKED, _LENGTH = 0x80, 0x80, 0x7F
_MASK_BYTES = 4

Frame = tuple[int, bytes, bool]
"""Opcode, data, and whether a message ends with it."""


class FrameReader:
    """Gives the frames of a stream of bytes, however it is cut."""

    __slots__ = ("_awaited", "_protocol", "_rest", "is_usual")

    def __init__(self, protocol: ServerProtocol) -> None:
        self._protocol = protocol
        self._rest = bytearray()
        """The beginning of a usual frame, and how many bytes it must have before it is worth a look."""
        self._awaited = 0
        self.is_usual = True

    def read(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes."""
        if not self.is_usual:
            return self._by_library(data)
        if self._rest:
            self._rest += data
            if len(self._rest) < self._awaited:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        frames: list[Frame] = []
        at, end, limit = 0, len(data), self._protocol.max_message_size or 0
        while at < end:
            opcode = data[at] ^ _FIN
            if opcode not in (TEXT, BINARY):
                break
            start = at + 2
            if start > end:
                return self._wait(frames, data, at, start)
            size = data[at + 1] ^ _MASKED
            if size > _LENGTH:  # it has no mask
                break
            if size > 125:
                start += 2 if size == 126 else 8
                if start > end:
                    return self._wait(frames, data, at, start)
                size = int.from_bytes(data[at + 2 : start])
            if size > limit:
                break
            mask, start = start, start + _MASK_BYTES
            if start + size > end:
                return self._wait(frames, data, at, start + size)
            at = start + size
            frames.append((opcode, apply_mask(data[start:at], data[mask:start]), True))
        if at < end:
            self.is_usual = False
            frames += self._by_library(data[at:])
        return frames

    def _wait(self, frames: list[Frame], data: bytes, at: int, to: int) -> list[Frame]:
        self._rest += data[at:]
        self._awaited = to - at
        return frames

    def _by_library(self, data: bytes) -> list[Frame]:
        self._protocol.receive_data(data)
        events = self._protocol.events_received()
        frames = [each for each in events if isinstance(each, LibraryFrame)]
        return [(each.opcode, bytes(each.data), each.fin) for each in frames]


def framed(opcode: int, data: bytes) -> bytes:
    """Return one whole frame, as a server sends it."""
    size = len(data)
    if size < 126:
        return _SHORT.pack(_FIN | opcode, size) + data
    if size < 2**16:
        return _MIDDLE.pack(_FIN | opcode, 126, size) + data
    return _LONG.pack(_FIN | opcode, 127, size) + data
