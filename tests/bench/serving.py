"""Servers on a core of their own, instances full of rooms for them, and what a process has used."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import rooms
from tests.support import databases, machine, outside

Made = tuple[Path, list[dict[str, Any]]]
"""An instance's folder, and what its rooms' people need to come in."""
CORES = sorted(os.sched_getaffinity(0))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def prepare() -> None:
    """Take the last core for ourselves, and as many open files as there may be."""
    os.sched_setaffinity(0, CORES[-1:])
    most = max(resource.getrlimit(resource.RLIMIT_NOFILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def on_core(*cores: int) -> Iterator[None]:
    """Let what is started in here run on these cores; the first one is the servers'."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or CORES[:1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


@contextmanager
def filled(count: int, **how: Any) -> Iterator[Made]:
    """Make an instance with so many rooms; each measurement takes a copy of it."""
    with machine.private_folder("bench") as folder:
        yield folder, rooms.fill(databases.sqlite_settings(folder), count, **how)


@contextmanager
def served(
    folder: Path, command: Callable[[Path], list[str]] | None = None
) -> Iterator[tuple[outside.Server, Path]]:
    """Serve a copy of an instance, by another ``command`` where given; with the file that one writes."""
    with machine.private_folder("bench-copy") as copy:
        server = outside.Server(copy, databases.sqlite_copy(folder, copy))
        if command:
            server.command = command(copy / "meter")
        with running(server):
            yield server, copy / "meter"


@contextmanager
def running(server: outside.Server, *cores: int) -> Iterator[outside.Server]:
    """Start a server, and stop it whatever happens; says what it stumbled over."""
    with on_core(*cores):
        server.start()
    try:
        yield server
    finally:
        assert server.process is not None
        try:
            if server.process.poll() is None:
                server.stop()
        except subprocess.TimeoutExpired:
            say("  it did not end within 20 s of SIGTERM")
            server.kill()
        log = server.log()
        if trouble := log.count("Traceback"):
            start = log.index("Traceback")
            say(f"  {trouble} tracebacks in its log; the first:\n{log[max(0, start - 200) : start + 2000]}")


def pid_of(server: Any) -> int:
    assert server.process is not None
    return int(server.process.pid)


def cpu_s(pid: int) -> float:
    """Return the CPU time of all threads of a process, in the kernel too: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def waited_s(pid: int) -> float:
    """Return how long a process's first thread, in which the loop is, waited for its core: others had it."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except FileNotFoundError:  # the kernel does not keep it
        return 0.0


def rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def percentile(times: list[float], share: float) -> float:
    """Return what so large a share of ``times`` (sorted) is not above; 0 of none."""
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0
