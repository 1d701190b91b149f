"""What one delivery costs: a keystroke at one of the seven others, in many rooms, peers by turns with us."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import pycrdt

from tests.bench import peer_servers, rooms, serving, wire, yjs
from tests.bench.generator import Generator, let_in
from tests.bench.table import Table

KEYS_PER_S = 1.0
OTHERS = rooms.PEOPLE - 1
STORE_S = 3.0
"""How long a turn goes on after its last keystroke: Hocuspocus stores two seconds after it."""


@dataclass
class Line:
    """How somebody in a room writes. ``write`` returns what ends with the acknowledgement, or None."""

    write: Callable[[bytes], asyncio.Future[Any] | None]
    copy: bytes
    close: Callable[[], None]


@dataclass
class Room:
    """One document with its eight people, of whom the second writes."""

    number: int
    hear: Callable[[], None]
    line: Line | None = None
    doc: pycrdt.Doc[Any] = field(default_factory=pycrdt.Doc)
    sent_at: float = 0.0

    def take(self, line: Line) -> None:
        self.line = line
        self.doc.apply_update(line.copy)
        self.text = self.doc.get("item-1", type=pycrdt.Text)
        self.length = len(str(self.text))

    async def write(self, seconds: float, began: float) -> int:
        """Write by the clock, not at the same moment as the others; returns how many keystrokes.

        A server that is late does not slow the writer down, so that all of them get the same keystrokes.
        """
        assert self.line
        answers: list[asyncio.Future[Any]] = []
        at, count, clock = began + random.uniform(0, 1 / KEYS_PER_S), 0, asyncio.get_running_loop().time
        while at < began + seconds:
            await asyncio.sleep(max(0.0, at - clock()))
            before = self.doc.get_state()
            self.text.insert(self.length, "e")
            self.length += 1
            self.sent_at = time.perf_counter()
            if answer := self.line.write(self.doc.get_update(before)):
                answers.append(answer)
            count, at = count + 1, at + 1 / KEYS_PER_S
        if answers:
            await asyncio.wait(answers, timeout=wire.GIVE_UP_S)
        return count


class Contender:
    """A server with rooms in it, or more than one, of which each has some of the rooms."""

    def __init__(
        self,
        name: str,
        servers: list[Any],
        made: list[dict[str, Any]],
        come: Callable[..., Awaitable[Line]],
    ) -> None:
        self.name, self.servers, self.made, self.enter = name, servers, made, come
        self.rooms: list[Room] = []
        self.lines: list[Line] = []
        self.arrived_ms: list[float] = []
        self.costs_us: list[float] = []
        self.came_s, self.lost = 0.0, 0

    async def come(self) -> None:
        """Let everybody in; the second of each room is who writes."""
        people = []
        for one, server in zip(self.made, cycle(self.servers), strict=False):
            room = Room(one["meeting"], lambda: None)
            room.hear = self._heard_in(room)
            self.rooms.append(room)
            people += [partial(self.enter, server.port, room, who) for who in one["people"]]
        self.lines, self.came_s = await let_in(people)
        for place, room in enumerate(self.rooms):
            room.take(self.lines[place * rooms.PEOPLE + 1])

    def _heard_in(self, room: Room) -> Callable[[], None]:
        def heard() -> None:
            if room.sent_at:  # before, the server's own first edit comes
                self.arrived_ms.append((time.perf_counter() - room.sent_at) * 1000)

        return heard

    def figures(self) -> str:
        """Say what a delivery cost, and how long it took."""
        name = peer_servers.name_of(self.name) if self.name in COME else self.name
        costs, took = sorted(self.costs_us), sorted(self.arrived_ms)
        p50, p99 = serving.percentile(took, 0.5), serving.percentile(took, 0.99)
        return (
            f"{name}: {statistics.median(costs):.0f} µs ({costs[0]:.0f} to {costs[-1]:.0f}), "
            f"p50 {p50:.1f} ms, p99 {p99:.0f} ms, all in within {self.came_s:.1f} s"
            + (f", {self.lost} never arrived" if self.lost else "")
        )

    def _cpu_s(self) -> float:
        return sum(serving.cpu_s(serving.pid_of(server)) for server in self.servers)

    async def turn(self, seconds: float) -> None:
        """Let everybody write; keeps the server's CPU time by what should have arrived."""
        began, before = asyncio.get_running_loop().time(), self._cpu_s()
        there = len(self.arrived_ms)
        counts = await asyncio.gather(*(room.write(seconds, began) for room in self.rooms))
        await asyncio.sleep(STORE_S)
        due = sum(counts) * OTHERS
        self.lost += max(0, due - len(self.arrived_ms) + there)
        self.costs_us.append((self._cpu_s() - before) / due * 1e6)

    def close(self) -> None:
        for line in self.lines:
            line.close()


async def to_us(port: int, room: Room, who: dict[str, str]) -> Line:
    """Enter a room of ours, or of the Socket.IO relay, which has the same events."""

    def hear(event: str, argument: Any, attachments: list[bytes]) -> None:
        if event == "note:update":
            room.hear()

    line = await wire.Line.connect(port, who, hear)
    try:
        await line.answer("room:join", room.number)
        blobs = await line.answer("note:sync", room.number, b"\0", wire.SCHEMA)
    except (ConnectionError, TimeoutError):
        line.close()
        raise
    return Line(lambda update: line.ask("note:update", room.number, update), blobs[0], line.close)


def to_yjs(kind: type[yjs.YjsLine]) -> Callable[..., Awaitable[Line]]:
    async def enter(port: int, room: Room, who: dict[str, str]) -> Line:
        line = kind(f"room-{room.number}", lambda update: room.hear())
        await line.dial(port)
        copy = await asyncio.wait_for(line.synced, wire.GIVE_UP_S)
        return Line(line.write, copy, line.close)

    return enter


COME = {"Hocuspocus": to_yjs(yjs.HocuspocusLine), "y-websocket": to_yjs(yjs.YjsLine), "Socket.IO": to_us}


def measure(
    made: serving.Made, table: Table, *, turns: int, seconds: float, with_peers: bool
) -> dict[str, float]:
    """Take turns; says each one's costs, and returns the medians in µs by name, ours under ``ementor``."""
    folder, some = made
    with ExitStack() as stack:
        ours, _ = stack.enter_context(serving.served(folder))
        all_of_them = [Contender("ementor", [ours], some, to_us)]
        if with_peers:
            started = stack.enter_context(peer_servers.peers())
            all_of_them += [Contender(name, [server], some, COME[name]) for name, server in started.items()]
        asyncio.run(take_turns(all_of_them, turns, seconds))
    median = {each.name: statistics.median(each.costs_us) for each in all_of_them}
    others = "; ".join(
        f"{peer_servers.name_of(name)} {us:.0f}" for name, us in median.items() if name != "ementor"
    )
    mine = median["ementor"]
    beside = f"; {others}: {mine / median['Hocuspocus']:.2f} × Hocuspocus" if with_peers else ""
    table.put(f"delivery {len(some)}", f"{mine:.0f} µs{beside}")
    return median


async def take_turns(contenders: list[Contender], turns: int, seconds: float) -> None:
    """Let all write, one server after the other, who begins changing; says what each of them needed."""
    async with Generator() as generator:
        for each in contenders:
            await each.come()
        await asyncio.sleep(STORE_S)  # what follows their coming
        generator.watch_anew()
        for number in range(turns):
            start = number % len(contenders)
            for each in contenders[start:] + contenders[:start]:
                await each.turn(seconds)
        state = generator.state()
    for each in contenders:
        each.close()
        serving.say(f"  {each.figures()}")
    serving.say(f"  generator {state}")
