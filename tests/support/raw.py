"""A WebSocket of somebody who keeps no rules: bytes on a socket, frames by hand."""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from tests.support.outside import Server
from tests.support.people import Person

TEXT, BINARY, CONT, CLOSE, PING = 1, 2, 0, 8, 9
REQUEST = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    "Origin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyAhIQ==\r\n{more}\r\n"
)


def frame(
    opcode: int, data: bytes = b"", *, fin: bool = True, bits: int = 0, claims: int | None = None
) -> bytes:
    """Return a client's frame; ``claims`` another length than it has, ``bits`` are the reserved ones."""
    length, mask = len(data) if claims is None else claims, os.urandom(4) if len(data) < 2048 else bytes(4)
    head = bytes([(0x80 if fin else 0) | bits | opcode])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += struct.pack("!BH", 0x80 | 126, length)
    else:
        head += struct.pack("!BQ", 0x80 | 127, length)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data)) if any(mask) else data
    return head + mask + masked


STRANGERS = {
    "a frame that claims 200 MB": (frame(BINARY, b"x" * 1000, claims=200_000_000), 1, 1009),
    "fragments without end": (
        frame(BINARY, b"x" * 1000, fin=False) + frame(CONT, b"x" * 1000, fin=False) * 10,
        1,
        1009,
    ),
    "a compressed frame": (frame(TEXT, b"4" * 100, bits=0x40), 1, 1002),
    "a frame without a mask": (b"\x81\x012", 1, 1002),
    "messages of one byte": (frame(TEXT, b"3") * 1000, 100, 1008),
    "empty fragments": (frame(TEXT, b"4", fin=False) + frame(CONT, b"", fin=False) * 50_000, 1, 1008),
    "pings": (frame(PING, b"x") * 1000, 100, 1008),
    "what is no packet": (frame(TEXT, b"4[]{}"), 1, 1002),
    "an event before CONNECT": (frame(TEXT, b'42["clock:read"]'), 1, 1002),
    "half a letter": (frame(TEXT, b"4\xff"), 1, 1002),
    "nothing at all": (frame(TEXT, b""), 1, 1002),
}
"""What a stranger sends: bytes, how many times, and the code that the connection is closed with."""

MEMBERS = {
    "coming in again and again": frame(TEXT, b'420["room:join",1]') * 400,
    "events that do not exist": frame(TEXT, b'42["no:such",1]') * 1000,
    "second CONNECTs": frame(TEXT, b"40{}") * 200,
    "other namespaces": frame(TEXT, b"40/admin,{}") * 200,
    "pings": frame(PING, b"x" * 100) * 1000,
    "answers to pings": frame(TEXT, b"3") * 1000,
    "answers to nothing": frame(TEXT, b"430[1]") * 1000,
    "bytes that nobody announced": frame(BINARY, b"x" * 100) * 100,
    "attachments that never come": frame(TEXT, b'459-["note:update",{"_placeholder":true,"num":0}]'),
    "nested lists": frame(TEXT, b'42["clock:read",' + b"[" * 20_000),
    "a placeholder of nothing": frame(TEXT, b'451-["note:update",{"_placeholder":true,"num":7}]')
    + frame(BINARY, b"x"),
    "the name of what is no event": frame(TEXT, b'42["disconnect"]'),
}
"""What a member sends, a hundred times."""


class RawConnection:
    """A connection to the server on which the handshake is done: a stranger's, or with cookie and token."""

    def __init__(self, server: Any, cookie: str = "", token: str = "", *, window: int | None = None) -> None:
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", server.port))
        more = f"Cookie: {cookie}\r\nUser-Agent: bench\r\n" if cookie else ""
        self.socket.sendall(REQUEST.format(port=server.port, more=more).encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                break
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])
        if token and self.status == 101:
            self.send(TEXT, f'40{{"token":"{token}"}}'.encode())
            while not self.hear()[1].startswith((b"40", b"44")):
                pass

    @classmethod
    def of(cls, server: Server, person: Person, **how: Any) -> RawConnection:
        """Open a connection of somebody who has joined."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies)
        return cls(server, cookies, person.socket_token, **how)

    def send(self, opcode: int, data: bytes = b"", **how: Any) -> None:
        self.socket.sendall(frame(opcode, data, **how))

    def send_until_cut(self, data: bytes, times: int) -> int:
        """Send the same again and again, and wait for the server to hang up; return the code it gives."""
        with suppress(OSError):
            for _ in range(times):
                self.socket.sendall(data)
        return self.close_code()

    def hear(self) -> tuple[int, bytes]:
        """Return the next frame: opcode and data. Raises EOFError when the connection is closed."""
        head = self._read(2)
        length = head[1] & 127
        if length == 126:
            length = int.from_bytes(self._read(2), "big")
        elif length == 127:
            length = int.from_bytes(self._read(8), "big")
        return head[0] & 15, self._read(length)

    def close_code(self) -> int:
        """Read on until the server closes, and return the code it gives; 1006 when it gave none."""
        try:
            while True:
                opcode, data = self.hear()
                if opcode == CLOSE:
                    return int.from_bytes(data[:2], "big")
        except (EOFError, ConnectionError):
            return 1006

    def is_over(self) -> bool:
        """Tell whether the server has hung up, without waiting."""
        self.socket.settimeout(0.01)
        try:
            return self.socket.recv(65536) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def _read(self, length: int) -> bytes:
        while len(self.buffer) < length:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def close(self) -> None:
        self.socket.close()


def memory_kb(server: Server) -> int:
    """Return the resident memory of a server's process."""
    assert server.process is not None
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def threads(server: Server) -> int:
    """Return how many threads a server's process has."""
    assert server.process is not None
    return len(os.listdir(f"/proc/{server.process.pid}/task"))


def longest_wait_s(socket: Any, until: Any) -> float:
    """Ask for the time again and again until ``until()``; return how long an answer took at most."""
    longest = 0.0
    while not until():
        began = time.perf_counter()
        assert socket.ask("clock:read")["ok"]
        longest = max(longest, time.perf_counter() - began)
        time.sleep(0.03)  # forty a second are one person's budget
    return longest
