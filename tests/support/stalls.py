"""How long one greenlet holds the loop: whatever else has something to do waits for so long.

``python -m tests.support.stalls FILE`` is app.py with a meter in it, which adds a line to FILE ten
times a second; ``worst`` reads them. Nothing of this is in the server itself, so it costs nothing there.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import gevent
import greenlet
from gevent import hub as hubs
from gevent import monkey

WRITE_EVERY_S = 0.1


@dataclass
class Hold:
    """One stretch without a switch: how long by the clock and of the processor, and where it ended.

    On a machine that others use as well the clock counts what they took; a wait for the disk is
    in the clock alone. The hub's own stretches (timers, callbacks) count by the processor: it waits too.
    """

    ms: float = 0.0
    cpu_ms: float = 0.0
    where: str = ""


class Stalls:
    """Notes the longest holds of the loop in this thread, from ``start`` on."""

    def __init__(self) -> None:
        self.by_clock = Hold()
        self.by_cpu = Hold()

    def start(self) -> None:
        self._hub = hubs.get_hub()
        self._since, self._cpu = time.perf_counter(), time.thread_time()
        greenlet.settrace(self._switched)

    def stop(self) -> None:
        greenlet.settrace(None)

    def take(self) -> tuple[Hold, Hold]:
        """Return the longest by the clock and by the processor since this was asked last."""
        taken = self.by_clock, self.by_cpu
        self.by_clock, self.by_cpu = Hold(), Hold()
        return taken

    def _switched(self, _: str, both: tuple[Any, Any]) -> None:
        origin, now, cpu = both[0], time.perf_counter(), time.thread_time()
        cpu_ms = (cpu - self._cpu) * 1000
        ms = cpu_ms if origin is self._hub else (now - self._since) * 1000
        if ms > self.by_clock.ms:
            self.by_clock = Hold(ms, cpu_ms, _where(origin))
        if cpu_ms > self.by_cpu.cpu_ms:
            self.by_cpu = Hold(ms, cpu_ms, _where(origin))
        self._since, self._cpu = now, cpu


def _where(ended: Any) -> str:
    """Return the places of ours, innermost first, at which a greenlet let go of the loop."""
    frame: FrameType | None = ended.gr_frame
    places: list[str] = []
    while frame is not None and len(places) < 3:
        path = Path(frame.f_code.co_filename)
        if "ementor" in path.parts or path.name == "app.py":
            places.append(f"{path.stem}.{frame.f_code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(places) or str(ended)[:80]


def meter(path: Path) -> None:
    """Write down from now on what this process's loop is held by."""
    stalls = Stalls()

    def write() -> None:
        with path.open("a", buffering=1) as file:
            while True:
                gevent.sleep(WRITE_EVERY_S)
                by_clock, by_cpu = stalls.take()
                line = {"at": time.time(), "by_clock": asdict(by_clock), "by_cpu": asdict(by_cpu)}
                file.write(json.dumps(line) + "\n")

    gevent.spawn(write)
    stalls.start()


def worst(path: Path, *, since: float = 0.0) -> tuple[Hold, Hold]:
    """Return the longest holds by the clock and by the processor that were written since then."""
    by_clock, by_cpu = Hold(), Hold()
    for line in path.read_text().splitlines():
        said = json.loads(line)
        if said["at"] >= since:
            by_clock = max(by_clock, Hold(**said["by_clock"]), key=lambda hold: hold.ms)
            by_cpu = max(by_cpu, Hold(**said["by_cpu"]), key=lambda hold: hold.cpu_ms)
    return by_clock, by_cpu


def command(path: Path) -> list[str]:
    """Return how to run app.py with a meter, as ``outside.Server.command`` wants it."""
    return [sys.executable, "-m", "tests.support.stalls", str(path)]


def main() -> None:
    monkey.patch_all()
    path = Path(sys.argv.pop(1))
    meter(path)
    sys.argv[0] = "app.py"
    runpy.run_path("app.py", run_name="__main__")


if __name__ == "__main__":
    main()
