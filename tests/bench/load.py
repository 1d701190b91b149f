"""People in rooms as their pages are: they are pushed the run's part or fetch it, press, write and beat."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from dataclasses import dataclass
from typing import Any

import pycrdt

from tests.bench import serving, wire
from tests.bench.generator import Generator, let_in
from tests.bench.serving import percentile
from tests.bench.table import Table
from tests.support import stalls

BEAT_S = 20.0
WARM_UP_S, PATIENCE_S = 6, 5
BUSY = 0.9
"""A server that runs or waits for its core for a larger part of the time is full."""
SIDE = re.compile(rb'id="side" data-(?:has|same)="(\w+)"')
NUMBER = re.compile(rb'id="run"[^>]*?data-number="(\d+)"')
BESIDE = re.compile(rb'id="run"[^>]*?data-beside="(\d+)"')
BUTTONS = ["plus_minute", "next", "pause", "resume", "minus_minute", "back"]
NOWHERE = b"\0" * 20


class Person:
    """A page: is pushed the run's part, asks for parts that show less than it has heard of, and beats."""

    def __init__(self, room: Room, who: dict[str, str]) -> None:
        self.room, self.who = room, who
        self.http = wire.Http(room.port, who)
        self.line: wire.Line | None = None
        self.copy = b""
        self.shown = self.newest = 0
        self.beside = self.seen_beside = 0
        self.side = "none"
        self.asking = False
        self.shows: list[tuple[int, float]] = []

    async def come(self) -> None:
        """Open the line and enter; a line on which that fails is closed, as a page does it."""
        line = await wire.Line.connect(self.room.port, self.who, self.hear)
        try:
            join = line.ask("room:join", self.room.meeting, self.side)
            joined, _ = await asyncio.wait_for(join, wire.GIVE_UP_S)
            if not joined["ok"]:
                raise ConnectionError(str(joined))
            (self.copy,) = (await line.answer("note:sync", self.room.meeting, b"\0", wire.SCHEMA))[:1]
        except BaseException:
            line.close()
            raise
        self.http.headers["X-Socket"] = line.sid
        self.line = line
        self.hear_of(joined["number"])

    def leave(self) -> None:
        self.http.close()
        if self.line:
            self.line.close()

    def hear(self, event: str, argument: Any, attachments: list[bytes]) -> None:
        if event == "run":
            self.show(argument["html"].encode())
            self.hear_of(argument["number"])
        elif event == "changed":
            self.hear_of(argument["number"])
        elif event == "note:update":
            self.room.heard(attachments[0])

    def hear_of(self, number: int) -> None:
        """Fetch what is behind: the run's part, and what stands beside it."""
        self.newest = max(self.newest, number)
        if not self.asking and (self.shown < self.newest or self.seen_beside < self.beside):
            self.asking = True
            self.room.generator.spawn(self.ask())

    async def ask(self) -> None:
        """Do as connection.js and cards.js do."""
        try:
            while self.shown < self.newest or self.seen_beside < self.beside:
                if self.shown < self.newest:
                    self.show(await self.http("GET", f"/m/{self.room.meeting}/run?side={self.side}"))
                else:
                    self.seen_beside = self.beside
                    await self.http("GET", f"/m/{self.room.meeting}/reflection")
        finally:
            self.asking = False

    def show(self, part: bytes) -> None:
        found = NUMBER.search(part)
        if found is None:
            raise RuntimeError(f"no run in {part[:100]!r}")
        if int(found[1]) < self.shown:
            return
        self.shown = int(found[1])
        beside, side = BESIDE.search(part), SIDE.search(part)
        assert beside
        assert side
        self.beside, self.side = int(beside[1]), side[1].decode()
        self.newest = max(self.shown, self.newest)
        self.shows.append((self.shown, time.perf_counter()))

    async def beat(self) -> None:
        assert self.line
        await asyncio.sleep(random.uniform(0, BEAT_S))
        while True:
            await asyncio.wait_for(self.line.ask("room:beat", self.room.meeting, self.shown), wire.GIVE_UP_S)
            await asyncio.wait_for(self.line.ask("note:newest", self.room.meeting), wire.GIVE_UP_S)
            await asyncio.sleep(BEAT_S)


class Room:
    """Eight people, of whom the first presses and the second writes."""

    def __init__(self, generator: Generator, port: int, room: dict[str, Any]) -> None:
        self.generator, self.port, self.meeting = generator, port, room["meeting"]
        self.people = [Person(self, who) for who in room["people"]]
        self.presses: list[tuple[int, float]] = []
        self.strokes: dict[bytes, tuple[float, list[float]]] = {}

    def heard(self, update: bytes) -> None:
        if update in self.strokes:
            self.strokes[update][1].append(time.perf_counter())

    async def press(self, rates: argparse.Namespace) -> None:
        """Press one button after the other; timed from when it should have been pressed."""
        facilitator = self.people[0]
        http = wire.Http(self.port, facilitator.who, facilitator.http.headers)
        at = time.perf_counter() + random.uniform(0, rates.press_every)
        for button in BUTTONS * 1000:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            body = f"press={button}&seen={facilitator.newest}&side={facilitator.side}"
            part = await http("POST", f"/m/{self.meeting}/press", body)
            facilitator.show(part)
            facilitator.hear_of(facilitator.shown)
            self.presses.append((facilitator.shown, at))
            at += rates.press_every * random.uniform(0.5, 1.5)

    async def write(self, rates: argparse.Namespace) -> None:
        """Write for a while and pause for a while, a character per update as notes.js sends them."""
        writer = self.people[1]
        assert writer.line
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(writer.copy)
        text = doc.get("item-1", type=pycrdt.Text)
        length = len(str(text))
        at = time.perf_counter() + random.uniform(0, rates.writing + rates.not_writing)
        while True:
            for _ in range(round(rates.writing * rates.keys)):
                at += random.uniform(0.5, 1.5) / rates.keys
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                before = doc.get_state()
                text.insert(length, "e")
                length += 1
                update = doc.get_update(before)
                self.strokes[update] = (at, [])
                writer.line.ask("note:update", self.meeting, update, "item-1", NOWHERE, NOWHERE)
            at += rates.not_writing * random.uniform(0.5, 1.5)

    def press_times_ms(self, start: float, end: float) -> list[float]:
        """Return, for each press and person, how long until that person's page had what follows."""
        times = []
        for number, at in self.presses:
            if start <= at < end:
                for person in self.people:
                    shown = [when for which, when in person.shows if which >= number and when >= at]
                    times.append((min(shown) - at) * 1000 if shown else PATIENCE_S * 1000)
        return times

    def key_times_ms(self, start: float, end: float) -> list[float]:
        """Return, for each keystroke and other person, how long it took to reach them."""
        times = []
        for at, arrivals in self.strokes.values():
            if start <= at < end:
                lost = len(self.people) - 1 - len(arrivals)
                times += [(when - at) * 1000 for when in arrivals] + [PATIENCE_S * 1000] * lost
        return times


@dataclass
class Loaded:
    """What was seen of a server with so many rooms."""

    rooms: int
    press_ms: list[float]
    key_ms: list[float]
    server_cpu: float
    server_waited: float
    bytes_a_person: float
    generator: str
    measured_at: float
    came_s: float
    troubles: list[str]
    closed: int

    @property
    def full(self) -> str:
        """Say so when the server could not do more, or others had its core."""
        if self.server_cpu + self.server_waited <= BUSY:
            return ""
        return f", full: {self.server_cpu:.0%} of its core, {self.server_waited:.0%} waiting for it"

    @property
    def p99_ms(self) -> float:
        """Return the worse of the two."""
        return max(percentile(self.press_ms, 0.99), percentile(self.key_ms, 0.99))

    def __str__(self) -> str:
        shares = [(times, share) for times in (self.press_ms, self.key_ms) for share in (0.5, 0.99)]
        times = [f"{percentile(times, share):.0f} ms" if times else "–" for times, share in shares]
        cells = [str(self.rooms), *times, f"{self.server_cpu:.0%} + {self.server_waited:.0%}"]
        cells += [f"{self.bytes_a_person / 1024:.0f}"]
        return f"| {' | '.join([*cells, self.generator, f'{self.came_s:.0f} s'])} |"


HEAD = (
    "\n| rooms of 8 | press p50 | p99 | key p50 | p99 | CPU + waits | KB a person | generator | all in |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


async def come_in(rooms: list[Room]) -> float:
    """Let everybody in; returns how long that took."""
    return (await let_in([person.come for room in rooms for person in room.people]))[1]


async def warm_up(port: int, room: dict[str, Any]) -> None:
    """Let the templates compile before anything is measured."""
    http = wire.Http(port, room["people"][0])
    for part in ("run", "reflection", ""):
        await http("GET", f"/m/{room['meeting']}/{part}".rstrip("/"))
    http.close()


def measure(made: serving.Made, count: int, rates: argparse.Namespace) -> Loaded:
    """Load a fresh server with so many of these rooms; says a line."""
    folder, some = made
    with serving.served(folder) as (server, _):
        loaded = asyncio.run(_drive(server, some[:count], rates))
    serving.say(str(loaded))
    if loaded.troubles or loaded.closed:
        serving.say(f"  {loaded.closed} lines closed, {len(loaded.troubles)} troubles: {loaded.troubles[:3]}")
    return loaded


def measure_stalls(made: serving.Made, count: int, rates: argparse.Namespace, table: Table) -> None:
    """Load a server that has a meter in it, and say what held its loop for longest, and where."""
    folder, some = made
    with serving.served(folder, stalls.command) as (server, meter):
        loaded = asyncio.run(_drive(server, some[:count], rates))
        by_clock, by_cpu = stalls.worst(meter, since=loaded.measured_at)
    for what, hold in ("by the clock", by_clock), ("of CPU", by_cpu):
        serving.say(f"  {what}: {hold.ms:.0f} ms, {hold.cpu_ms:.0f} of CPU, until {hold.where}")
    table.put("stall", f"{by_clock.ms:.0f} ms; {by_cpu.cpu_ms:.0f} of CPU ({count} rooms{loaded.full})")


async def _drive(server: Any, made: list[dict[str, Any]], rates: argparse.Namespace) -> Loaded:
    pid = serving.pid_of(server)
    await warm_up(server.port, made[0])
    empty = serving.rss_bytes(pid)
    async with Generator() as generator:
        rooms = [Room(generator, server.port, room) for room in made]
        people = [person for room in rooms for person in room.people]
        came_s = await come_in(rooms)
        for room in rooms:
            generator.spawn(room.press(rates))
            generator.spawn(room.write(rates))
        for person in people:
            generator.spawn(person.beat())
        await asyncio.sleep(WARM_UP_S)
        generator.watch_anew()
        measured_at = time.time()
        start, cpu, waited = time.perf_counter(), serving.cpu_s(pid), serving.waited_s(pid)
        await asyncio.sleep(rates.seconds)
        end, cpu, waited = time.perf_counter(), serving.cpu_s(pid) - cpu, serving.waited_s(pid) - waited
        state = generator.state()
        memory = serving.rss_bytes(pid) - empty
        await asyncio.sleep(PATIENCE_S)
        closed = sum(person.line is None or person.line.closed for person in people)
    for person in people:
        person.leave()
    return Loaded(
        len(made),
        sorted(ms for room in rooms for ms in room.press_times_ms(start, end)),
        sorted(ms for room in rooms for ms in room.key_times_ms(start, end)),
        cpu / (end - start),
        waited / (end - start),
        memory / len(people),
        state,
        measured_at,
        came_s,
        generator.troubles,
        closed,
    )


def put(table: Table, loaded: list[Loaded]) -> None:
    """Put what these loads say into the table, each of the largest that says it."""
    most = max(loaded, key=lambda one: one.rooms)
    at = f"{most.rooms} rooms"
    table.put("memory", f"{most.bytes_a_person / 1024:.0f} KB at {at}")
    table.put("p99", f"{percentile(most.press_ms, 0.99):.0f} ms at {at}{most.full}")
    carried = [one for one in loaded if not one.full] or loaded
    best = max(carried, key=lambda one: one.rooms)
    table.put("load", f"{best.server_cpu / best.rooms * 1000:.2f} ms at {best.rooms} rooms{best.full}")


def largest(made: serving.Made, rates: argparse.Namespace, loaded: list[Loaded], limit_ms: float) -> str:
    """Search between the sizes measured already, in a few steps."""
    good = max((one.rooms for one in loaded if one.p99_ms < limit_ms), default=0)
    bad = min((one.rooms for one in loaded if one.p99_ms >= limit_ms), default=None)
    while bad is None and 0 < good < len(made[1]):
        size = min(len(made[1]), good * 3 // 2 + 1)
        good, bad = (size, bad) if measure(made, size, rates).p99_ms < limit_ms else (good, size)
    while bad is not None and bad - good > max(5, good // 8):
        size = (good + bad) // 2
        good, bad = (size, bad) if measure(made, size, rates).p99_ms < limit_ms else (good, size)
    return f"{good}" + (f" (not {bad})" if bad else " (no more were tried)")
