"""What one thing costs the server, done alone and many times: CPU time, SQL statements, time to answer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from itertools import cycle, islice
from typing import Any

import pycrdt

from tests.bench import load, serving, statements, wire
from tests.bench.generator import Generator
from tests.bench.table import Table

TIMES, TIMES_COUNTED = 100, 20
PAUSE_S = 0.03  # a socket may ask forty times a second
IDLE_ROOMS, IDLE_S = 40, 8.0
EVENTS, PRESSES = 500, 24
Costs = dict[str, tuple[float, float, float]]
"""For each thing its CPU in ms, its statements, and the median time to its answer in ms."""


def measure(made: serving.Made, table: Table) -> None:
    """Say what each thing costs in one room of eight; the statements are counted in a second server."""
    folder, some = made
    with serving.served(folder) as (server, _):
        costs = asyncio.run(do_all(server, some[0], TIMES, lambda: 0))
    with serving.served(folder, statements.command) as (server, meter):
        counted = asyncio.run(do_all(server, some[0], TIMES_COUNTED, statements.Count(meter)))
    for name, (cpu_ms, _, took_ms) in costs.items():
        figure = f"{cpu_ms:.2f} ms, {counted[name][1]:.0f} statements"
        serving.say(f"  {name}: {figure}, {took_ms:.1f} ms until its answer")
        if name in {"key", "place", "beat", "press"}:
            table.put(name, figure)


async def do_all(server: Any, made: dict[str, Any], times: int, count: Callable[[], int]) -> Costs:
    """Do each thing so many times in one room, and look what it takes of the server and of ``count``."""
    pid = serving.pid_of(server)
    costs: Costs = {}
    await load.warm_up(server.port, made)
    async with Generator() as generator:
        room = load.Room(generator, server.port, made)
        await load.come_in([room])
        presser, writer = room.people[:2]
        line, meeting = writer.line, room.meeting
        assert line
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(writer.copy)
        text = doc.get("item-1", type=pycrdt.Text)
        buttons = cycle(load.BUTTONS)
        http = wire.Http(
            server.port, presser.who, presser.http.headers
        )  # as the page has more than one connection

        async def repeat(name: str, times: int, do: Callable[[], Awaitable[Any]], pause_s: float) -> None:
            taken, counts, before = [], [], serving.cpu_s(pid)
            for _ in range(times):
                began, said = time.perf_counter(), count()
                await do()
                taken.append((time.perf_counter() - began) * 1000)
                counts.append(count() - said)
                await asyncio.sleep(pause_s)
            cpu_ms = (serving.cpu_s(pid) - before) / times * 1000
            costs[name] = cpu_ms, statistics.median(counts), statistics.median(taken)

        async def key() -> None:
            before = doc.get_state()
            text.insert(len(str(text)), "e")
            await line.answer("note:update", meeting, doc.get_update(before))

        async def press() -> None:
            """Press, and wait until all eight show what follows and ask for nothing more."""
            body = f"press={next(buttons)}&seen={presser.newest}&side={presser.side}"
            presser.show(await http("POST", f"/m/{meeting}/press", body))
            presser.hear_of(presser.shown)
            async with asyncio.timeout(wire.GIVE_UP_S):
                while any(one.asking or one.shown < presser.shown for one in room.people):
                    await asyncio.sleep(0.001)

        part = f"/m/{meeting}/run"
        while any(one.asking for one in room.people):  # as they have come in
            await asyncio.sleep(0.01)
        await press()
        await repeat("press", times // 2, press, PAUSE_S)
        await repeat("the run's part, to a facilitator", times, lambda: http("GET", part), 0)
        await repeat("the run's part, to another", times, lambda: writer.http("GET", part), 0)
        ask = f"/m/{meeting}/reflection"
        await repeat("the reflection's part", times, lambda: writer.http("GET", ask), 0)
        await repeat("key", times, key, PAUSE_S)
        place = ("item-1", load.NOWHERE, load.NOWHERE)
        await repeat("place", times, lambda: line.answer("note:aware", meeting, *place), PAUSE_S)
        await repeat("beat", times, lambda: line.answer("room:beat", meeting, 1), PAUSE_S)
        http.close()
        for person in room.people:
            person.leave()
    return costs


def idle(made: serving.Made) -> float:
    """Return what a room costs a second, in ms of CPU, in which everybody is and nobody does anything."""
    folder, some = made

    async def wait(server: Any) -> float:
        pid = serving.pid_of(server)
        async with Generator() as generator:
            rooms = [load.Room(generator, server.port, room) for room in some]
            await load.come_in(rooms)
            await asyncio.sleep(load.WARM_UP_S)  # what follows their coming
            before = serving.cpu_s(pid)
            await asyncio.sleep(IDLE_S)
            used_s = serving.cpu_s(pid) - before
            for person in (person for room in rooms for person in room.people):
                person.leave()
        return used_s / IDLE_S / len(some) * 1000

    with serving.served(folder) as (server, _):
        return asyncio.run(wait(server))


def events(made: serving.Made) -> str:
    """Press in a room that is young and in one with so many events, by turns, alone on the server."""
    folder, some = made

    async def press(http: wire.Http, room: dict[str, Any], button: str) -> tuple[int, float]:
        began = time.perf_counter()
        part = await http("POST", f"/m/{room['meeting']}/press", f"press={button}")
        took = time.perf_counter() - began
        found = load.NUMBER.search(part)
        assert found
        return int(found[1]), took * 1000

    async def press_all(port: int) -> list[tuple[float, float]]:
        young, old = some
        of_young, of_old = (wire.Http(port, room["people"][0]) for room in some)
        buttons, number = cycle(load.BUTTONS), 0
        while number < EVENTS - PRESSES:
            number, _ = await press(of_old, old, next(buttons))
        return [
            ((await press(of_young, young, button))[1], (await press(of_old, old, next(buttons)))[1])
            for button in islice(cycle(load.BUTTONS), PRESSES)
        ]

    with serving.served(folder) as (server, _):
        for room in some:
            asyncio.run(load.warm_up(server.port, room))
        taken = asyncio.run(press_all(server.port))
    first, last = (statistics.median(each) for each in zip(*taken, strict=True))
    return f"{last / first:.1f} times ({last:.1f} ms a press against {first:.1f} ms)"
