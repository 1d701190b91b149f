"""People in rooms, many of them in one process: the pages' requests and sockets, without the pages.

Run by run.py on a core of its own: ``python -m tests.bench.load PLAN RESULT``, both JSON files.
It speaks HTTP/1.1, WebSocket, Engine.IO 4 and Socket.IO 5 itself, since a library's client
costs more than what is measured. Times are of one clock in one process.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt

AGENT = "bench"
BEAT_S = 20.0
CONNECTS_AT_ONCE = 20
GIVE_UP_S = 20.0
SCHEMA = 3  # as in ementor/notes/document.py
NUMBER = re.compile(rb'id="run"[^>]*?data-number="(\d+)"')
BESIDE = re.compile(rb'id="run"[^>]*?data-beside="(\d+)"')
BUTTONS = ["plus_minute", "next", "pause", "resume", "minus_minute", "back"]


class Line(asyncio.Protocol):
    """One Socket.IO connection over WebSocket. ``hear(event, argument, attachments)`` gets the events."""

    def __init__(self, hear: Callable[[str, Any, list[bytes]], None]) -> None:
        self.hear = hear
        self.buffer = bytearray()
        self.open = asyncio.get_running_loop().create_future()
        self.asked: dict[int, asyncio.Future[tuple[Any, list[bytes]]]] = {}
        self.waiting: tuple[str, int, list[bytes]] | None = None
        self.upgraded = self.closed = False
        self.head = ""
        self.token = ""

    @classmethod
    async def connect(
        cls, port: int, person: dict[str, str], hear: Callable[[str, Any, list[bytes]], None]
    ) -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: cls(hear), "127.0.0.1", port)
        line.token = person["token"]
        line.transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\nCookie: {person['cookie']}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
        )
        await asyncio.wait_for(line.open, GIVE_UP_S)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        troubles.append("a line went down")
        for future in [self.open, *self.asked.values()]:
            if not future.done():
                future.set_exception(ConnectionError("the line went down"))
                future.exception()  # nobody may be waiting

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            assert b" 101 " in self.buffer[:20], bytes(self.buffer[:400])
            del self.buffer[: end + 4]
            self.upgraded = True
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == 1:
                self._text(payload.decode())
            elif opcode == 2:
                self._attachment(payload)
            elif opcode == 9:
                self._send(10, payload)

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

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([128 | opcode, 128 | size] if size < 126 else [128 | opcode, 254, size >> 8, size & 255])
        if self.closed:
            return
        self.transport.write(head + b"\0\0\0\0" + payload)  # a mask of zeros leaves it as it is

    def _text(self, text: str) -> None:
        if text == "2":
            self._send(1, b"3")
        elif text.startswith("0"):
            self._send(1, b"40" + json.dumps({"token": self.token}).encode())
        elif text.startswith("40"):
            self.open.set_result(None)
        elif text.startswith(("42", "43")):
            self._packet(text[1], text[2:], [])
        elif text.startswith(("45", "46")):
            count, _, rest = text[2:].partition("-")
            self.waiting = (text[1] + rest, int(count), [])

    def _attachment(self, payload: bytes) -> None:
        assert self.waiting
        text, count, attachments = self.waiting
        attachments.append(payload)
        if len(attachments) == count:
            self.waiting = None
            self._packet({"5": "2", "6": "3"}[text[0]], text[1:], attachments)

    def _packet(self, kind: str, text: str, attachments: list[bytes]) -> None:
        start = text.index("[")
        data = json.loads(text[start:])
        if kind == "2":
            self.hear(data[0], data[1] if len(data) > 1 else None, attachments)
        elif not (future := self.asked.pop(int(text[:start]))).done():
            future.set_result((data[0], attachments))

    def ask(self, event: str, *arguments: Any) -> asyncio.Future[tuple[Any, list[bytes]]]:
        """Send an event; the future gets its answer and the bytes in it."""
        number = len(self.asked) + random.getrandbits(30)
        future = self.asked[number] = asyncio.get_running_loop().create_future()
        blobs = [argument for argument in arguments if isinstance(argument, bytes)]
        places = iter(range(len(blobs)))
        plain = [
            {"_placeholder": True, "num": next(places)} if isinstance(each, bytes) else each
            for each in arguments
        ]
        kind = f"45{len(blobs)}-" if blobs else "42"
        self._send(1, f"{kind}{number}{json.dumps([event, *plain])}".encode())
        for blob in blobs:
            self._send(2, blob)
        return future


class Http(asyncio.Protocol):
    """One connection that is kept; one request at a time."""

    def __init__(self, port: int, person: dict[str, str]) -> None:
        self.port = port
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
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = re.search(rb"content-length: (\d+)", self.buffer[:end], re.IGNORECASE)
        assert length, bytes(self.buffer[:end])
        whole = end + 4 + int(length[1])
        if len(self.buffer) >= whole:
            status, body = int(self.buffer[9:12]), bytes(self.buffer[end + 4 : whole])
            del self.buffer[:whole]
            if self.answer is None or self.answer.done():
                return
            if status in {200, 204}:
                self.answer.set_result(body)
            else:
                self.answer.set_exception(RuntimeError(f"{status}: {body[:200]!r}"))

    async def __call__(self, method: str, path: str, body: str = "") -> bytes:
        loop = asyncio.get_running_loop()
        if self.transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        assert self.transport
        self.answer = loop.create_future()
        form = "Content-Type: application/x-www-form-urlencoded\r\n"
        extra = f"{form}X-CSRFToken: {self.csrf}\r\nContent-Length: {len(body)}\r\n" if body else ""
        self.transport.write(f"{method} {path}{self.head}{extra}\r\n{body}".encode())
        try:
            return await asyncio.wait_for(self.answer, GIVE_UP_S)
        except TimeoutError:
            if self.transport:
                self.transport.abort()  # the late answer is not that of the next request
            raise


class Person:
    """A page: hears a number, asks for the two parts that show less, and beats."""

    def __init__(self, room: Room, who: dict[str, str]) -> None:
        self.room, self.who = room, who
        self.http = Http(room.port, who)
        self.shown = self.newest = 0
        self.beside = 0
        self.asking = False
        self.shows: list[tuple[int, float]] = []

    async def come(self) -> None:
        self.line = await Line.connect(self.room.port, self.who, self.hear)
        answer, _ = await self.line.ask("room:join", self.room.meeting)
        assert answer["ok"], answer
        self.shown = self.newest = answer["number"]
        answer, self.copy = await self.line.ask("note:sync", self.room.meeting, b"\0", SCHEMA)
        assert answer["ok"], answer

    def hear(self, event: str, argument: Any, attachments: list[bytes]) -> None:
        if event == "changed":
            self.newest = max(self.newest, argument["number"])
            if not self.asking:
                self.asking = True
                spawn(self.ask())
        elif event == "note:update":
            self.room.heard(attachments[0])

    async def ask(self) -> None:
        """Do as room.js does after ``changed``, and autosave.js then."""
        try:
            while self.shown < self.newest:
                part = await self.http("GET", f"/m/{self.room.meeting}/run")
                self.show(part)
                if (beside := int(BESIDE.search(part)[1])) > self.beside:
                    self.beside = beside
                    await self.http("GET", f"/m/{self.room.meeting}/reflection")
        finally:
            self.asking = False

    def show(self, part: bytes) -> None:
        found = NUMBER.search(part)
        assert found, part[:300]
        self.shown = max(self.shown, int(found[1]))
        self.newest = max(self.shown, self.newest)
        self.shows.append((self.shown, time.perf_counter()))

    async def beat(self) -> None:
        await asyncio.sleep(random.uniform(0, BEAT_S))
        while True:
            await self.line.ask("room:beat", self.room.meeting, self.shown)
            await self.line.ask("note:newest", self.room.meeting)
            await asyncio.sleep(BEAT_S)


class Room:
    """Eight people, of whom the first presses and the second writes."""

    def __init__(self, plan: dict[str, Any], room: dict[str, Any]) -> None:
        self.plan, self.port, self.meeting = plan, plan["port"], room["meeting"]
        self.people = [Person(self, who) for who in room["people"]]
        self.presses: list[tuple[int, float]] = []
        self.strokes: dict[bytes, tuple[float, list[float]]] = {}

    def heard(self, update: bytes) -> None:
        if update in self.strokes:
            self.strokes[update][1].append(time.perf_counter())

    async def press(self) -> None:
        """Press one button after the other; timed from when it should have been pressed."""
        every = self.plan["press_every_s"]
        facilitator = self.people[0]
        http = Http(self.port, facilitator.who)
        at = time.perf_counter() + random.uniform(0, every)
        for button in BUTTONS * 1000:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            body = f"press={button}&seen={facilitator.newest}"
            part = await http("POST", f"/m/{self.meeting}/press", body)
            facilitator.show(part)
            self.presses.append((facilitator.shown, at))
            at += every * random.uniform(0.5, 1.5)

    async def write(self) -> None:
        """Write for a while and pause for a while, a character per update as notes.js sends them."""
        writer = self.people[1]
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(writer.copy[0])
        text = doc.get("item-1", type=pycrdt.Text)
        length = len(str(text))
        busy, pause = self.plan["writing_s"], self.plan["not_writing_s"]
        at = time.perf_counter() + random.uniform(0, busy + pause)
        while True:
            for _ in range(round(busy * self.plan["keys_per_s"])):
                at += random.uniform(0.5, 1.5) / self.plan["keys_per_s"]
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                before = doc.get_state()
                text.insert(length, "e")
                length += 1
                update = doc.get_update(before)
                self.strokes[update] = (at, [])
                writer.line.ask("note:update", self.meeting, update)
                writer.line.ask("note:aware", self.meeting, "item-1", b"\0" * 20, b"\0" * 20)
            at += pause * random.uniform(0.5, 1.5)


tasks: set[asyncio.Task[None]] = set()
troubles: list[str] = []


def spawn(work: Any) -> None:
    """Start something that goes on beside, and keep what goes wrong in it."""

    async def guarded() -> None:
        try:
            await work
        except (ConnectionError, RuntimeError, AssertionError, TimeoutError) as error:
            troubles.append(f"{type(error).__name__}: {error}"[:200])

    task = asyncio.create_task(guarded())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def watch_own_lateness(late: list[float]) -> None:
    """Note how late this process itself is: what it is late, the server is not."""
    while True:
        at = time.perf_counter() + 0.05
        await asyncio.sleep(0.05)
        late.append(time.perf_counter() - at)


async def drive(plan: dict[str, Any]) -> dict[str, Any]:
    rooms = [Room(plan, room) for room in plan["rooms"]]
    gate = asyncio.Semaphore(CONNECTS_AT_ONCE)

    async def come(person: Person) -> None:
        async with gate:
            await person.come()

    began = time.perf_counter()
    await asyncio.gather(*(come(person) for room in rooms for person in room.people))
    came_s = time.perf_counter() - began
    late: list[float] = []
    spawn(watch_own_lateness(late))
    for room in rooms:
        spawn(room.press())
        spawn(room.write())
        for person in room.people:
            spawn(person.beat())
    await asyncio.sleep(plan["warm_up_s"])
    start, cpu, own = time.perf_counter(), cpu_s(plan["pid"]), time.process_time()
    await asyncio.sleep(plan["seconds"])
    end = time.perf_counter()
    cpu, own = cpu_s(plan["pid"]) - cpu, time.process_time() - own
    memory = rss_bytes(plan["pid"])
    await asyncio.sleep(plan["patience_s"])
    closed = sum(person.line.closed for room in rooms for person in room.people)
    return {
        "came_s": came_s,
        "press_ms": press_times(rooms, start, end, plan["patience_s"]),
        "key_ms": key_times(rooms, start, end, plan["patience_s"]),
        "server_cpu": cpu / (end - start),
        "own_cpu": own / (end - start),
        "own_late_ms": sorted(late)[int(len(late) * 0.99)] * 1000,
        "rss_bytes": memory,
        "troubles": troubles,
        "closed": closed,
    }


def press_times(rooms: list[Room], start: float, end: float, patience_s: float) -> list[float]:
    """Return, for each press and person, how long until that person's page had what follows."""
    times = []
    for room in rooms:
        for number, at in room.presses:
            if start <= at < end:
                for person in room.people:
                    shown = [when for which, when in person.shows if which >= number and when >= at]
                    times.append((min(shown) - at) * 1000 if shown else patience_s * 1000)
    return times


def key_times(rooms: list[Room], start: float, end: float, patience_s: float) -> list[float]:
    """Return, for each keystroke and other person, how long it took to reach them."""
    times = []
    for room in rooms:
        for at, arrivals in room.strokes.values():
            if start <= at < end:
                lost = len(room.people) - 1 - len(arrivals)
                times += [(when - at) * 1000 for when in arrivals] + [patience_s * 1000] * lost
    return times


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    os.sched_setaffinity(0, plan["cores"])
    result = asyncio.run(drive(plan))
    Path(sys.argv[2]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
