"""app.py with a count of the SQL statements that SQLite is given, in a file that the benchmark reads.

``python -m tests.bench.statements FILE``. It costs some microseconds a statement, so that the CPU
time is taken of a server without it.
"""

from __future__ import annotations

import mmap
import runpy
import sys
from pathlib import Path
from typing import Any

OF_A_TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "--")


class Count:
    """One number, which both processes have in memory."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._cell = memoryview(mmap.mmap(file.fileno(), 8)).cast("Q")

    def __call__(self) -> int:
        return self._cell[0]

    def add(self, statement: str) -> None:
        if not statement.startswith(OF_A_TRANSACTION):
            self._cell[0] += 1


def command(path: Path) -> list[str]:
    """Return how to run app.py with the count, as ``outside.Server.command`` wants it."""
    return [sys.executable, "-m", "tests.bench.statements", str(path)]


def main() -> None:
    from gevent import monkey

    monkey.patch_all()
    from sqlalchemy import event, pool

    count = Count(Path(sys.argv.pop(1)))

    @event.listens_for(pool.Pool, "connect")
    def watch(connection: Any, _: Any) -> None:
        connection.set_trace_callback(count.add)

    sys.argv[0] = "app.py"
    runpy.run_path("app.py", run_name="__main__")


if __name__ == "__main__":
    main()
