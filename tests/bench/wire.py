"""Connections of the load generator: WebSocket, Socket.IO over it, and HTTP/1.1, each written out.

A library's client costs more than what is measured. Every wait has a limit, so that a server that
drops something makes a trouble in the report and never a benchmark that stands still.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
from collections.abc import Callable
from typing import Any, Self

AGENT = "bench"
SCHEMA = 3  # as in ementor/notes/document.py
GIVE_UP_S = 20.0
TEXT, BINARY, PING, PONG = 1, 2, 9, 10

Hear = Callable[[str, Any, list[bytes]], None]
"""Called with an event's name, its first argument and its attachments."""


class WebSocket(asyncio.Protocol):
    """One connection. A subclass says what a text or bytes mean, and sets ``open`` when it may be used."""

    path = "/"

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.upgraded = self.closed = False

    async def dial(self, port: int, headers: str = "") -> Self:
        """Connect and shake hands; raises ConnectionError or TimeoutError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(GIVE_UP_S):
            await loop.create_connection(lambda: self, "127.0.0.1", port)
            self.transport.write(
                f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Origin: http://127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\n{headers}"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
            )
            await self.open
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self.fail(self.open)

    def fail(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            future.set_exception(ConnectionError("the line went down"))
            future.exception()  # nobody may be waiting

    def close(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self.buffer[:20]:  # refused: too many lines, or no member
                self.close()
                return
            del self.buffer[: end + 4]
            self.upgraded = True
            self.shaken()
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == TEXT:
                self.hear_text(payload.decode())
            elif opcode == BINARY:
                self.hear_bytes(payload)
            elif opcode == PING:
                self.send(PONG, payload)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 127, 2
        if size > 125:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start])
        if len(buffer) < start + size:
            return None
        opcode, payload = buffer[0] & 15, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload

    def send(self, opcode: int, payload: bytes) -> None:
        if self.closed:
            return
        size = len(payload)
        head = bytes([128 | opcode, 128 | size] if size < 126 else [128 | opcode, 254, size >> 8, size & 255])
        self.transport.write(head + b"\0\0\0\0" + payload)  # a mask of zeros leaves it as it is

    def shaken(self) -> None:
        """Do what follows the handshake."""

    def hear_text(self, text: str) -> None:
        raise NotImplementedError

    def hear_bytes(self, data: bytes) -> None:
        raise NotImplementedError


class Line(WebSocket):
    """A Socket.IO 5 connection over Engine.IO 4."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def __init__(self, token: str, hear: Hear) -> None:
        super().__init__()
        self.token, self.hear, self.sid = token, hear, ""
        self.asked: dict[int, asyncio.Future[tuple[Any, list[bytes]]]] = {}
        self.waiting: tuple[str, int, list[bytes]] | None = None

    @classmethod
    async def connect(cls, port: int, person: dict[str, str], hear: Hear) -> Line:
        return await cls(person["token"], hear).dial(port, f"Cookie: {person['cookie']}\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        for future in self.asked.values():
            self.fail(future)

    def hear_text(self, text: str) -> None:
        if text == "2":
            self.send(TEXT, b"3")
        elif text.startswith("0"):
            self.send(TEXT, b"40" + json.dumps({"token": self.token}).encode())
        elif text.startswith("40"):
            self.sid = json.loads(text[2:])["sid"]
            if not self.open.done():
                self.open.set_result(None)
        elif text.startswith(("42", "43")):
            self._packet(text[1], text[2:], [])
        elif text.startswith(("45", "46")):
            count, _, rest = text[2:].partition("-")
            self.waiting = (text[1] + rest, int(count), [])

    def hear_bytes(self, data: bytes) -> None:
        assert self.waiting
        text, count, attachments = self.waiting
        attachments.append(data)
        if len(attachments) == count:
            self.waiting = None
            self._packet({"5": "2", "6": "3"}[text[0]], text[1:], attachments)

    def _packet(self, kind: str, text: str, attachments: list[bytes]) -> None:
        start = text.index("[")
        data = json.loads(text[start:])
        if kind == "2":
            self.hear(data[0], data[1] if len(data) > 1 else None, attachments)
        elif (future := self.asked.pop(int(text[:start]), None)) and not future.done():
            future.set_result((data[0], attachments))

    def ask(self, event: str, *arguments: Any) -> asyncio.Future[tuple[Any, list[bytes]]]:
        """Send an event; the future gets its answer and the bytes in it."""
        number = random.getrandbits(40)
        future = self.asked[number] = asyncio.get_running_loop().create_future()
        blobs = [argument for argument in arguments if isinstance(argument, bytes)]
        places = iter(range(len(blobs)))
        plain = [
            {"_placeholder": True, "num": next(places)} if isinstance(each, bytes) else each
            for each in arguments
        ]
        kind = f"45{len(blobs)}-" if blobs else "42"
        self.send(TEXT, f"{kind}{number}{json.dumps([event, *plain])}".encode())
        for blob in blobs:
            self.send(BINARY, blob)
        if self.closed:
            self.fail(future)
        return future

    async def answer(self, event: str, *arguments: Any) -> list[bytes]:
        """Send an event and wait for its ok; returns the bytes in the answer."""
        said, blobs = await asyncio.wait_for(self.ask(event, *arguments), GIVE_UP_S)
        if not said["ok"]:
            raise ConnectionError(f"{event}: {said}")
        return blobs


class Http(asyncio.Protocol):
    """One connection that is kept; one request at a time."""

    def __init__(self, port: int, person: dict[str, str], headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.headers = {} if headers is None else headers
        self.head = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\nHX-Request: true\r\n"
            f"Accept-Language: en\r\nCookie: {person['cookie']}\r\n"
        )
        self.csrf = person["csrf"]
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self.buffer.clear()
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        status = int(self.buffer[9:12])
        length = re.search(rb"content-length: (\d+)", self.buffer[:end], re.IGNORECASE)
        assert length or status == 204, bytes(self.buffer[:end])
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) >= whole:
            body = bytes(self.buffer[end + 4 : whole])
            del self.buffer[:whole]
            if self.answer is None or self.answer.done():
                return
            if status in {200, 204}:
                self.answer.set_result(body)
            else:
                self.answer.set_exception(RuntimeError(f"{status}: {body[:200]!r}"))

    async def __call__(self, method: str, path: str, body: str = "") -> bytes:
        loop = asyncio.get_running_loop()
        assert self.answer is None or self.answer.done(), "one request at a time"
        async with asyncio.timeout(GIVE_UP_S):
            if self.transport is None:
                await loop.create_connection(lambda: self, "127.0.0.1", self.port)
            assert self.transport
            self.answer = loop.create_future()
            form = "Content-Type: application/x-www-form-urlencoded\r\n"
            extra = f"{form}X-CSRFToken: {self.csrf}\r\nContent-Length: {len(body)}\r\n" if body else ""
            extra += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
            self.transport.write(f"{method} {path}{self.head}{extra}\r\n{body}".encode())
            try:
                return await self.answer
            except asyncio.CancelledError:
                self.close()  # the late answer is not that of the next request
                raise

    def close(self) -> None:
        if self.transport:
            self.transport.abort()
