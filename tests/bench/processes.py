"""Two processes on one PostgreSQL against one: what a delivery costs each of them, by turns."""

from __future__ import annotations

import asyncio
import statistics
from contextlib import ExitStack
from typing import Any

from tests.bench import rooms, serving, writing
from tests.bench.table import Table
from tests.support import databases, machine, outside, servers

ROOMS_EACH = 40
ENOUGH_CORES = 4
"""Two for the processes, and some for PostgreSQL and the generator."""
NAMES = {1: "one process", 2: "two processes"}


def measure(table: Table, *, turns: int, seconds: float) -> None:
    """Write in rooms of which each is on one process, as the README's proxy does it.

    Each process has as many rooms, alone or as one of two. How much it can do with a core of its own follows
    from the CPU time of a delivery, also where there are too few cores to load both of them at once.
    """
    with ExitStack() as stack:
        with serving.on_core(serving.CORES[-1]):
            postgres = stack.enter_context(servers.private_postgres())
            redis = stack.enter_context(servers.private_redis())
        folder = stack.enter_context(machine.private_folder("bench"))
        postgres.do("CREATE DATABASE rooms")
        made = rooms.fill(
            databases.sqlite_settings(folder) | {"DATABASE_URL": postgres.url("rooms")}, 2 * ROOMS_EACH
        )
        contenders = []
        for count, name in NAMES.items():
            copy = stack.enter_context(databases.postgres_copy(postgres, "rooms", folder))
            some: list[Any] = []
            for number in range(count):
                own = stack.enter_context(machine.private_folder("bench-copy"))
                settings = copy | {"INSTANCE": str(own), "REDIS_URL": redis.url if count > 1 else ""}
                core = serving.CORES[number % len(serving.CORES)]
                some.append(stack.enter_context(serving.running(outside.Server(own, settings), core)))
            contenders.append(writing.Contender(name, some, made[: count * ROOMS_EACH], writing.to_us))
        asyncio.run(writing.take_turns(contenders, turns, seconds))
    one, two = (statistics.median(each.costs_us) for each in contenders)
    few = "" if len(serving.CORES) >= ENOUGH_CORES else f"; {len(serving.CORES)} cores: from CPU time alone"
    table.put("two", f"{2 * one / two:.2f} times ({one:.0f} and {two:.0f} µs a delivery{few})")
