"""app.py with a stall meter, and a count of its SQL statements, in a file that the benchmark reads.

Run as ``python -m tests.bench.watched``. BENCH_WATCH is the file; with BENCH_STATEMENTS the
statements are counted, which costs some microseconds each.
"""

from __future__ import annotations

import mmap
import os
import time
from pathlib import Path
from typing import Any

STATEMENTS, LONGEST_US, LONGEST_CPU_US, CELLS = 0, 1, 2, 3
TICK_S = 0.005
NO_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE", "--")


class Watch:
    """The numbers of one server, which both sides have in memory."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8 * CELLS))
        with path.open("r+b") as file:
            self.cells = memoryview(mmap.mmap(file.fileno(), 8 * CELLS)).cast("Q")

    def watch_anew(self) -> None:
        self.cells[LONGEST_US] = self.cells[LONGEST_CPU_US] = 0

    @property
    def statements(self) -> int:
        return self.cells[STATEMENTS]

    @property
    def longest_ms(self) -> float:
        """Return the longest time that the loop did not come round, whoever had the core."""
        return self.cells[LONGEST_US] / 1000

    @property
    def longest_cpu_ms(self) -> float:
        """Return the same in CPU time of its thread, which does not depend on who else uses the core."""
        return self.cells[LONGEST_CPU_US] / 1000

    def run(self, sleep: Any) -> None:
        """Look every few milliseconds how late one is, in the server's loop."""
        while True:
            began, before = time.perf_counter(), time.thread_time()
            sleep(TICK_S)
            late_us = int((time.perf_counter() - began - TICK_S) * 1e6)
            busy_us = int((time.thread_time() - before) * 1e6)
            self.cells[LONGEST_US] = max(self.cells[LONGEST_US], late_us)
            self.cells[LONGEST_CPU_US] = max(self.cells[LONGEST_CPU_US], min(busy_us, late_us + 1))

    def count(self, statement: str) -> None:
        if not statement.startswith(NO_STATEMENTS):
            self.cells[STATEMENTS] += 1


def main() -> None:
    import runpy
    import sys

    import gevent
    from sqlalchemy import event, pool

    watch = Watch(Path(os.environ["BENCH_WATCH"]))
    if os.environ.get("BENCH_STATEMENTS"):

        @event.listens_for(pool.Pool, "connect")
        def count(connection: Any, _: Any) -> None:
            connection.set_trace_callback(watch.count)

    gevent.spawn(watch.run, gevent.sleep)
    sys.argv = ["app.py"]
    runpy.run_path("app.py", run_name="__main__")


if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
    main()
