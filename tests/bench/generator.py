"""What the load generator knows of itself: what went wrong in it, how busy and how late it is."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

from tests.bench.serving import percentile, say

COME_AT_ONCE = 20
COME_WITHIN_S = 600.0
TELL_EVERY_S = 20.0
TRIES, PAUSE_S = 5, 1.0
T = TypeVar("T")
FULL = 0.7
"""Of its core: when the generator uses more, it is what holds the others up."""
LATE_MS = 20.0
TICK_S = 0.05


class Generator:
    """The work that goes on during one measurement, and its own use of the machine; an async context."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._late_s: list[float] = []

    async def __aenter__(self) -> Self:
        self.watch_anew()
        self.spawn(self._watch_lateness())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        gc.unfreeze()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start something that goes on beside, and keep what goes wrong in it."""

        async def guarded() -> None:
            try:
                await work
            except (ConnectionError, RuntimeError, AssertionError, TimeoutError) as error:
                self.troubles.append(f"{type(error).__name__}: {error}"[:200])

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def watch_anew(self) -> None:
        """Begin to count: what was made until now is not looked through again by the garbage collector."""
        gc.collect()
        gc.freeze()  # else thousands of lines are looked through, and everybody waits for that
        self._late_s.clear()
        self._began, self._before = time.perf_counter(), time.process_time()

    def state(self) -> str:
        """Say how busy this process was and how late: what it is late, the server is not."""
        busy = (time.process_time() - self._before) / (time.perf_counter() - self._began)
        late_ms = percentile(sorted(self._late_s), 0.99) * 1000
        is_full = " (the generator is the bottleneck)" if busy > FULL else ""
        return f"{busy:.0%}, {late_ms:.0f} ms late{is_full or (' (late)' if late_ms > LATE_MS else '')}"

    async def _watch_lateness(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                at = time.perf_counter() + TICK_S
                await asyncio.sleep(TICK_S)
                self._late_s.append(time.perf_counter() - at)


async def let_in(people: Sequence[Callable[[], Awaitable[T]]]) -> tuple[list[T], float]:
    """Let everybody come in, a few at once; returns what they return, and how long it took.

    Whoever is refused or hears nothing tries again, as a page does. Thousands of people take a server
    minutes that has not its core for itself: so it says how far it is, and does not wait for ever.
    """
    gate, began, done = asyncio.Semaphore(COME_AT_ONCE), time.perf_counter(), 0

    async def come(person: Callable[[], Awaitable[T]]) -> T:
        nonlocal done
        async with gate:
            for number in range(TRIES):
                try:
                    came = await person()
                    break
                except (ConnectionError, TimeoutError):
                    if number == TRIES - 1:
                        raise
                    await asyncio.sleep(random.uniform(PAUSE_S / 2, PAUSE_S * 2))
        done += 1
        return came

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            say(f"  {done} of {len(people)} are in after {time.perf_counter() - began:.0f} s")

    telling = asyncio.create_task(tell())
    try:
        async with asyncio.timeout(COME_WITHIN_S):
            came = await asyncio.gather(*(come(person) for person in people))
    finally:
        telling.cancel()
    return came, time.perf_counter() - began
