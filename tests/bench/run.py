"""Measure how quick, how large and how many (`make bench`); method and figures are in README.md."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Callable

import pytest

from tests.bench import (
    attacks,
    costs,
    files,
    first_load,
    load,
    opening,
    past,
    peer_servers,
    processes,
    serving,
    writing,
)
from tests.bench.serving import filled, say
from tests.bench.table import Table
from tests.support import machine, outside

SIZES, QUICK_SIZES = (50, 200), (20,)
DOCUMENTS, QUICK_DOCUMENTS = (40, 200, 400), (40,)
TURNS = {40: 3, 200: 2, 400: 2}
WRITING_S, QUICK_S = 4.0, 3.0
LIMIT_MS = 100


def main() -> None:
    options = arguments()
    serving.prepare()
    if options.peers and not peer_servers.are_installed():
        peer_servers.install()
    bench = Bench(options, with_peers=peer_servers.are_installed())
    if not bench.with_peers:
        say("Without Hocuspocus, y-websocket and Socket.IO: `make bench ARGS=--peers` fetches them, once.")
    if unknown := set(options.only or ()) - bench.parts.keys():
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(bench.parts)}")
    failed = [name for name in options.only or bench.parts if not bench.measure(name)]
    bench.table.print()
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


class Bench:
    """The parts, by name, in the order in which they are measured."""

    def __init__(self, options: argparse.Namespace, *, with_peers: bool) -> None:
        self.options, self.with_peers, self.table = options, with_peers, Table(say)
        self.parts: dict[str, Callable[[], None]] = {
            "costs": self.costs,
            "idle": self.idle,
            "deliveries": self.deliveries,
            "load": self.load,
            "page": lambda: first_load.measure(self.table),
        }
        if not options.quick or options.only:
            self.parts |= {
                "processes": lambda: processes.measure(self.table, turns=3, seconds=WRITING_S),
                "opening": self.opening,
                "events": self.events,
                "start": lambda: say(f"  an installed copy answers after {first_start_s():.1f} s"),
                "past": lambda: past.measure(say),
                "files": self.files,
                "attacks": self.attacks,
            }

    def measure(self, name: str) -> bool:
        """Measure one part; the others go on when it fails."""
        say(f"\n{name}:")
        began = time.monotonic()
        try:
            self.parts[name]()
        except pytest.skip.Exception as missing:
            say(f"  not measured: {missing}")
        except (Exception, pytest.fail.Exception):
            traceback.print_exc()
            return False
        say(f"  ({time.monotonic() - began:.0f} s)")
        return True

    def costs(self) -> None:
        with filled(1) as made:
            costs.measure(made, self.table)

    def idle(self) -> None:
        """Wait in rooms in which nobody does anything, then with long notes in one of them."""
        with filled(costs.IDLE_ROOMS) as (folder, made):
            short_ms = costs.idle((folder, made))
            self.table.put("idle", f"{short_ms:.2f} ms ({len(made)} rooms)")
            opening.keep(folder, made[0], opening.EDITS, opening.WRITERS, seen=True)
            long_ms = costs.idle((folder, made))
            more_ms = (long_ms - short_ms) * len(made)
            self.table.put("idle long", f"{long_ms:.2f} ms ({more_ms:+.1f} ms for the document)")
        say(f"  {short_ms:.3f} ms of CPU a room and second, {long_ms:.3f} with long notes in one of them")

    def deliveries(self) -> None:
        """Write in so many rooms; of the smallest, what a keystroke costs in all, is another line."""
        sizes = QUICK_DOCUMENTS if self.options.quick else DOCUMENTS
        with filled(max(sizes)) as (folder, made):
            for size in sizes:
                say(f" {size} documents, a keystroke a second in each, µs of CPU a delivery")
                turns, seconds = (2, QUICK_S) if self.options.quick else (TURNS[size], WRITING_S)
                mine = writing.measure(
                    (folder, made[:size]),
                    self.table,
                    turns=turns,
                    seconds=seconds,
                    with_peers=self.with_peers,
                )["ementor"]
                if size == 200:
                    self.table.put("key at 200", f"{mine * writing.OTHERS / 1000:.2f} ms")

    def load(self) -> None:
        options = self.options
        sizes = options.rooms or (QUICK_SIZES if options.quick else SIZES)
        with filled(options.most if options.largest else max(sizes)) as made:
            say(load.HEAD)
            loaded = [load.measure(made, size, options) for size in sizes]
            load.put(self.table, loaded)
            if options.largest:
                most = load.largest(made, options, loaded, LIMIT_MS)
                say(f"  the largest number of rooms with p99 under {LIMIT_MS} ms: {most}")
            load.measure_stalls(made, max(sizes), options, self.table)

    def opening(self) -> None:
        with filled(2) as made:
            say(f"  notes of {opening.EDITS} edits: {opening.long_notes(made)}")
        with filled(2) as made:
            opening.unseen(made, self.table)

    def events(self) -> None:
        with filled(2, history=0) as made:
            say(f"  event {costs.EVENTS} against the first: {costs.events(made)}")

    def files(self) -> None:
        with filled(1) as (folder, made):
            group_id = files.keep_series(folder, made[0])
            with serving.served(folder) as (server, _):
                files.measure(say, server, made[0]["people"][0], group_id)

    def attacks(self) -> None:
        with filled(2) as made:
            attacks.measure(made)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench ARGS=...")
    parser.add_argument("--quick", action="store_true", help="what takes three minutes")
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="these parts, by the names that are printed"
    )
    parser.add_argument("--peers", action="store_true", help="fetch the servers that we are compared with")
    parser.add_argument("--rooms", type=int, nargs="+", help="these numbers of rooms in the part load")
    parser.add_argument("--largest", action="store_true", help="search the largest number of rooms (minutes)")
    parser.add_argument("--most", type=int, default=400, help="where that search ends")
    parser.add_argument("--seconds", type=float, default=None, help="how long each load is measured")
    parser.add_argument("--press-every", type=float, default=20.0, help="seconds between a room's presses")
    parser.add_argument("--keys", type=float, default=3.0, help="keystrokes a second while somebody writes")
    parser.add_argument("--writing", type=float, default=10.0, help="seconds of writing at a stretch")
    parser.add_argument("--not-writing", type=float, default=20.0, help="seconds between the stretches")
    options = parser.parse_args()
    options.seconds = options.seconds or (10.0 if options.quick else 15.0)
    return options


def first_start_s() -> float:
    """Start in an empty folder: secrets, database and schema are made; until it answers."""
    with machine.private_folder("bench") as folder:
        settings = {"INSTANCE": str(folder), "REDIS_URL": "", "DATABASE_URL": ""}
        server = outside.Server(folder, settings)
        began = time.perf_counter()
        with serving.on_core():
            server.start()
        took = time.perf_counter() - began
        server.kill(signal.SIGTERM)
    return took


if __name__ == "__main__":
    main()
