"""Measure how quick, how large and how many (`make bench`); method and figures are in README.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pycrdt

from tests.bench import files, load, past, rooms
from tests.support import databases, machine, outside, raw

SIZES = (1, 50, 200)
MOST_ROOMS = 400
LIMIT_MS = 100
EDITS = 20_000
EVENTS = 500
PRESSES = 24
WARM_UP_S, PATIENCE_S = 6, 5
DOCUMENTS, WRITING_S, KEYS_PER_S = 40, 10, 1.0


def main() -> None:
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])  # for the server, which inherits it
    most = max(resource.getrlimit(resource.RLIMIT_NOFILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    say(f"first start of an installed copy: {first_start_s():.1f} s")
    with filled(2, history=0) as (folder, made):
        say(f"event {EVENTS} against the first: {event_cost(folder, made)}")
    with filled(1) as (folder, made):
        say(f"notes of {EDITS} edits: {long_notes(folder, made[0])}")
    past.measure(say)
    with filled(1) as (folder, made):
        say(f"what it costs the server, in a room of {rooms.PEOPLE}:")
        costs(folder, made[0])
    with filled(2) as (folder, made):
        say("the longest that another room waited while somebody did this, and memory afterwards:")
        attacks(folder, made)
    with filled(1) as (folder, made):
        say(f"a series of {files.MEETINGS} meetings as a file:")
        group_id = files.keep_series(folder, made[0])
        with served(folder) as server:
            files.measure(say, server, made[0]["people"][0], group_id)
    with filled(DOCUMENTS) as (folder, made):
        say(f"a keystroke among {DOCUMENTS} rooms that all write: {deliveries(folder, made)}")
    sizes = options.rooms or (SIZES[:2] if options.quick else SIZES)
    with filled(max(sizes) if options.rooms or options.quick else MOST_ROOMS) as (folder, made):
        say("\n| rooms of 8 | press p50 | p99 | key p50 | p99 | server CPU | KB a person | generator |")
        say("|---|---|---|---|---|---|---|---|")
        p99 = {size: measure(folder, made[:size], options, cores) for size in sizes}
        if not options.quick and not options.rooms:
            most_rooms = largest(folder, made, options, cores, p99)
            say(f"\nlargest number of rooms with p99 under {LIMIT_MS} ms: {most_rooms}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one room and fifty, for ten seconds each")
    parser.add_argument("--rooms", type=int, nargs="*", help="these numbers of rooms only")
    parser.add_argument("--seconds", type=float, default=None, help="how long each is measured (30)")
    parser.add_argument("--press-every", type=float, default=20.0, help="seconds between a room's presses")
    parser.add_argument("--keys", type=float, default=3.0, help="keystrokes a second while somebody writes")
    parser.add_argument("--writing", type=float, default=10.0, help="seconds of writing at a stretch")
    parser.add_argument("--not-writing", type=float, default=20.0, help="seconds between the stretches")
    options = parser.parse_args()
    options.seconds = options.seconds or (10.0 if options.quick else 30.0)
    return options


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def filled(count: int, **how: Any) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Make an instance with so many rooms; each measurement takes a copy of it."""
    with machine.private_folder("bench") as folder:
        yield folder, rooms.fill(databases.sqlite_settings(folder), count, **how)


@contextmanager
def served(folder: Path) -> Iterator[outside.Server]:
    with machine.private_folder("bench-copy") as copy:
        server = outside.Server(copy, databases.sqlite_copy(folder, copy))
        server.start()
        yield server
        assert server.process is not None
        try:
            if server.process.poll() is None:
                server.stop()
        except subprocess.TimeoutExpired:
            say("  it did not end within 20 s of SIGTERM")
            server.kill()
        trouble = server.log().count("Traceback")
        if trouble:
            log = server.log()
            start = log.index("Traceback")
            first = log[max(0, start - 200) : start + 2000]
            say(f"  the server's log has {trouble} tracebacks; the first:\n{first}")


def measure(folder: Path, made: list[dict[str, Any]], options: argparse.Namespace, cores: list[int]) -> float:
    """Load a fresh server with these rooms; prints a line and answers the worse p99 in ms."""
    with served(folder) as server:
        assert server.process is not None
        asyncio.run(warm_up(server, made[0]))
        empty = load.rss_bytes(server.process.pid)
        plan = {
            "port": server.port,
            "pid": server.process.pid,
            "cores": cores[-1:],
            "rooms": made,
            "press_every_s": options.press_every,
            "keys_per_s": options.keys,
            "writing_s": options.writing,
            "not_writing_s": options.not_writing,
            "warm_up_s": WARM_UP_S,
            "seconds": options.seconds,
            "patience_s": PATIENCE_S,
        }
        asked, answered = server.folder / "plan.json", server.folder / "result.json"
        asked.write_text(json.dumps(plan))
        subprocess.run(
            [sys.executable, "-m", "tests.bench.load", asked, answered], check=True, cwd=outside.ROOT
        )
        got = json.loads(answered.read_text())
    people = len(made) * rooms.PEOPLE
    press, key = sorted(got["press_ms"]), sorted(got["key_ms"])
    say(
        f"| {len(made)} | {at(press, 0.5)} | {at(press, 0.99)} | {at(key, 0.5)} | {at(key, 0.99)} "
        f"| {got['server_cpu']:.0%} | {(got['rss_bytes'] - empty) / people / 1024:.0f} "
        f"| {got['own_cpu']:.0%}, {got['own_late_ms']:.0f} ms late |"
    )
    if got["troubles"] or got["closed"]:
        say(f"  {got['closed']} lines closed, {len(got['troubles'])} troubles: {got['troubles'][:3]}")
    return max(percentile(press, 0.99), percentile(key, 0.99))


def at(times: list[float], share: float) -> str:
    return f"{percentile(times, share):.0f} ms"


def percentile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def largest(
    folder: Path,
    made: list[dict[str, Any]],
    options: argparse.Namespace,
    cores: list[int],
    p99: dict[int, float],
) -> str:
    """Search between the sizes measured already, in a few steps."""
    good = max((size for size, ms in p99.items() if ms < LIMIT_MS), default=0)
    bad = min((size for size, ms in p99.items() if ms >= LIMIT_MS), default=None)
    while bad is None and good < len(made):
        size = min(len(made), good * 3 // 2)
        if measure(folder, made[:size], options, cores) < LIMIT_MS:
            good = size
        else:
            bad = size
    while bad is not None and bad - good > max(5, good // 8):
        middle = (good + bad) // 2
        if measure(folder, made[:middle], options, cores) < LIMIT_MS:
            good = middle
        else:
            bad = middle
    return f"{good}" + (f" (not {bad})" if bad else " (no more were tried)")


async def warm_up(server: outside.Server, room: dict[str, Any]) -> None:
    """Let the templates compile before memory is weighed."""
    http = load.Http(server.port, room["people"][0])
    for part in ("run", "reflection", ""):
        await http("GET", f"/m/{room['meeting']}/{part}".rstrip("/"))
    assert http.transport
    http.transport.close()


def first_start_s() -> float:
    """Start in an empty folder: secrets, database and schema are made; until it answers."""
    with machine.private_folder("bench") as folder:
        settings = {"INSTANCE": str(folder), "REDIS_URL": "", "DATABASE_URL": ""}
        server = outside.Server(folder, settings)
        began = time.perf_counter()
        server.start()
        took = time.perf_counter() - began
        server.kill(signal.SIGTERM)
    return took


def event_cost(folder: Path, made: list[dict[str, Any]]) -> str:
    """Press in a room that is young and in one with so many events, by turns, alone on the server."""

    async def press(http: load.Http, room: dict[str, Any], button: str) -> tuple[int, float]:
        began = time.perf_counter()
        part = await http("POST", f"/m/{room['meeting']}/press", f"press={button}")
        took = time.perf_counter() - began
        found = load.NUMBER.search(part)
        assert found
        return int(found[1]), took * 1000

    async def press_all(port: int) -> list[tuple[float, float]]:
        young, old = made
        of_young, of_old = (load.Http(port, room["people"][0]) for room in made)
        buttons, number = cycle(load.BUTTONS), 0
        while number < EVENTS - PRESSES:
            number, _ = await press(of_old, old, next(buttons))
        return [
            ((await press(of_young, young, button))[1], (await press(of_old, old, next(buttons)))[1])
            for button in islice(cycle(load.BUTTONS), PRESSES)
        ]

    with served(folder) as server:
        for room in made:
            asyncio.run(warm_up(server, room))
        taken = asyncio.run(press_all(server.port))
    first, last = (statistics.median(each) for each in zip(*taken, strict=True))
    return f"{last / first:.1f} times ({last:.1f} ms a press against {first:.1f} ms)"


def costs(folder: Path, room: dict[str, Any]) -> None:
    """Do each thing many times over, alone; prints the server's CPU time and how long it took."""

    async def repeat(
        name: str, times: int, pid: int, do: Callable[[], Awaitable[Any]], pause_s: float
    ) -> None:
        taken, before = [], load.cpu_s(pid)
        for _ in range(times):
            began = time.perf_counter()
            await do()
            taken.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(pause_s)
        cpu = (load.cpu_s(pid) - before) / times * 1000
        say(f"  {name}: {cpu:.1f} ms of CPU, {statistics.median(taken):.1f} ms until its answer")

    async def do_all(port: int, pid: int) -> None:
        meeting = room["meeting"]
        http, other = (load.Http(port, who) for who in room["people"][:2])
        lines = [await load.Line.connect(port, who, lambda *_: None) for who in room["people"]]
        for line in lines:
            await line.ask("room:join", meeting)
        writer = lines[1]
        _, copy = await writer.ask("note:sync", meeting, b"\0", load.SCHEMA)
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(copy[0])
        text = doc.get("item-1", type=pycrdt.Text)
        buttons = cycle(load.BUTTONS)

        async def key() -> None:
            before = doc.get_state()
            text.insert(len(str(text)), "e")
            await writer.ask("note:update", meeting, doc.get_update(before))

        async def press() -> None:
            await http("POST", f"/m/{meeting}/press", f"press={next(buttons)}")

        await repeat("a press", 100, pid, press, 0)
        await repeat(
            "the run's part, to a facilitator", 100, pid, lambda: http("GET", f"/m/{meeting}/run"), 0
        )
        await repeat("the run's part, to another", 100, pid, lambda: other("GET", f"/m/{meeting}/run"), 0)
        await repeat("the reflection's part", 100, pid, lambda: other("GET", f"/m/{meeting}/reflection"), 0)
        # A socket may ask forty times a second.
        await repeat("a keystroke", 100, pid, key, 0.03)
        place = ("item-1", b"\0" * 20, b"\0" * 20)
        await repeat("a cursor's place", 100, pid, lambda: writer.ask("note:aware", meeting, *place), 0.03)
        await repeat("a heartbeat", 100, pid, lambda: writer.ask("room:beat", meeting, 1), 0.03)

    with served(folder) as server:
        assert server.process is not None
        asyncio.run(warm_up(server, room))
        asyncio.run(do_all(server.port, server.process.pid))


def deliveries(folder: Path, made: list[dict[str, Any]]) -> str:
    """Write in all rooms, by the clock; return the server's CPU time for a keystroke at one reader."""
    heard = [0]
    lines: list[load.Line] = []

    def hear(event: str, argument: Any, attachments: list[bytes]) -> None:
        heard[0] += event == "note:update"

    async def enter(port: int, room: dict[str, Any]) -> tuple[load.Line, int, pycrdt.Doc[Any], Any]:
        come = [await load.Line.connect(port, who, hear) for who in room["people"]]
        lines.extend(come)
        for line in come:
            await line.ask("room:join", room["meeting"])
        _, copy = await come[1].ask("note:sync", room["meeting"], b"\0", load.SCHEMA)
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(copy[0])
        return come[1], room["meeting"], doc, doc.get("item-1", type=pycrdt.Text)

    async def write(writer: load.Line, meeting: int, doc: pycrdt.Doc[Any], text: Any) -> None:
        clock = asyncio.get_running_loop().time
        began = clock() + meeting % 10 / 10 / KEYS_PER_S  # not all at the same moment
        for number in range(int(WRITING_S * KEYS_PER_S)):
            await asyncio.sleep(max(0, began + number / KEYS_PER_S - clock()))
            before = doc.get_state()
            text.insert(len(str(text)), "e")
            await writer.ask("note:update", meeting, doc.get_update(before))

    async def write_all(port: int, pid: int) -> float:
        writers = [await enter(port, room) for room in made]
        heard[0], before = 0, load.cpu_s(pid)
        await asyncio.gather(*(write(*writer) for writer in writers))
        return load.cpu_s(pid) - before

    with served(folder) as server:
        assert server.process is not None
        cpu_s = asyncio.run(write_all(server.port, server.process.pid))
    return f"{cpu_s / heard[0] * 1e6:.0f} µs of CPU a delivery ({heard[0]} of them)"


def attacks(folder: Path, made: list[dict[str, Any]]) -> None:
    """Attack from one room and, without a cookie, from none; ask for the newest number in the other."""
    mean, meeting = made[0]["people"][1], made[1]["meeting"]

    def deaf(server: outside.Server) -> None:
        line = raw.RawLine(server, mean["cookie"], mean["token"], window=4096)
        ask = '451-%d["note:sync",%d,{"_placeholder":true,"num":0},%d]'
        for number in range(40):
            line.send(raw.TEXT, (ask % (number, made[0]["meeting"], load.SCHEMA)).encode())
            line.send(raw.BINARY, b"\0")
        time.sleep(2)
        line.close()

    def crowd(server: outside.Server) -> None:
        """Write structs of two client ids at one place, each of which looks past all of the other's."""
        line = raw.RawLine(server, mean["cookie"], mean["token"])
        sync = '451-99["note:sync",%d,{"_placeholder":true,"num":0},%d]'
        line.send(raw.TEXT, (sync % (made[0]["meeting"], load.SCHEMA)).encode())
        line.send(raw.BINARY, b"\0")
        head = '451-%d["note:update",%d,{"_placeholder":true,"num":0}]'
        for number, client in enumerate([2**21] * 12 + [2**22] * 4):
            structs = [bytes([4 | 128]) + number_of(1, 0) + b"\1x"] * 5000
            start = 5000 * (number if number < 12 else number - 12)
            update = number_of(1, len(structs), client, start) + b"".join(structs) + b"\0"
            line.send(raw.TEXT, (head % (number, made[0]["meeting"])).encode())
            line.send(raw.BINARY, update)
            time.sleep(0.3)
        line.close()

    def idle(server: outside.Server) -> None:
        lines = [raw.RawLine(server) for _ in range(1500)]
        for line in lines:
            line.close()

    def halves(server: outside.Server) -> None:
        some = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1500)]
        for one in some:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        time.sleep(2)
        for one in some:
            one.close()

    def sends(data: bytes, times: int, who: dict[str, str] | None) -> Callable[[outside.Server], None]:
        def send(server: outside.Server) -> None:
            line = raw.RawLine(server, *((who["cookie"], who["token"]) if who else ()))
            line.send_until_cut(data, times)
            line.close()

        return send

    todo = {
        f"a stranger: {name}": sends(data, times, None) for name, (data, times, _) in raw.STRANGERS.items()
    }
    todo |= {f"a member: {name}": sends(data, 100, mean) for name, data in raw.MEMBERS.items()}
    todo["a stranger: 1500 lines that say nothing"] = idle
    todo["a stranger: 1500 half requests"] = halves
    todo["a member: structs that all stand at one place"] = crowd
    todo["a member: asks for the notes forty times and never reads"] = deaf

    async def watch(server: outside.Server) -> None:
        assert server.process is not None
        line = await load.Line.connect(server.port, made[1]["people"][0], lambda *_: None)
        await line.ask("room:join", meeting)
        for name, attack in todo.items():
            before, longest_s = load.rss_bytes(server.process.pid), 0.0
            work = asyncio.ensure_future(asyncio.to_thread(attack, server))
            while not work.done() or not longest_s:
                began = time.perf_counter()
                await line.ask("note:newest", meeting)
                longest_s = max(longest_s, time.perf_counter() - began)
                await asyncio.sleep(0.03)
            await work
            grown = (load.rss_bytes(server.process.pid) - before) / 1024**2
            say(f"  {name}: {longest_s * 1000:.0f} ms, {grown:+.1f} MB")

    with served(folder) as server:
        asyncio.run(watch(server))


def number_of(*values: int) -> bytes:
    """Return numbers as Yjs has them: little-endian base 128."""
    encoded = bytearray()
    for value in values:
        while value > 127:
            encoded.append(value & 127 | 128)
            value >>= 7
        encoded.append(value)
    return bytes(encoded)


def long_notes(folder: Path, room: dict[str, Any]) -> str:
    """Keep so many edits of three writers, then open the notes: cold, and again."""
    write_notes(databases.sqlite_settings(folder), room["meeting"])

    async def open_notes(port: int) -> tuple[float, float, int]:
        line = await load.Line.connect(port, room["people"][0], lambda *_: None)
        await line.ask("room:join", room["meeting"])
        took = []
        for _ in range(2):
            began = time.perf_counter()
            answer, blobs = await line.ask("note:sync", room["meeting"], b"\0", load.SCHEMA)
            assert answer["ok"], answer
            took.append((time.perf_counter() - began) * 1000)
        return took[0], took[1], len(blobs[0])

    with served(folder) as server:
        cold, warm, size = asyncio.run(open_notes(server.port))
    return f"{cold:.0f} ms the first time after a start, then {warm:.0f} ms; {size // 1000} KB are sent"


def write_notes(settings: databases.Settings, meeting_id: int) -> None:
    from sqlalchemy import insert

    from ementor import clock, create_app
    from ementor.database import db, transactional
    from ementor.notes import document
    from ementor.notes.models import NoteUpdate

    seed = document.Document().seed(["item-1", "item-2", "item-3"])
    assert seed
    updates = [seed]
    writers = []
    for _ in range(3):
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(seed)
        writers.append((doc, doc.get("item-1", type=pycrdt.Text)))
    for number in range(EDITS):
        doc, text = writers[number % 3]
        before = doc.get_state()
        text.insert(len(str(text)) if number % 5 else 0, "word "[number % 5])
        updates.append(doc.get_update(before))
    app = create_app(settings)
    with app.app_context():
        rows = [
            {"meeting_id": meeting_id, "number": number, "author_id": None, "at": clock.now(), "data": data}
            for number, data in enumerate(updates, start=1)
        ]
        transactional(lambda: db.session.execute(insert(NoteUpdate), rows))()
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    main()
