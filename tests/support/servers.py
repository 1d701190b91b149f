"""Private PostgreSQL and Redis servers on free ports: in a temporary folder, gone with the tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.support import machine


class Process:
    """A server that can be killed and started again with the same port and data."""

    name = "server"
    user: str | None = None
    death = signal.SIGKILL

    def __init__(self, folder: Path, command: Sequence[str | Path], port: int) -> None:
        self.folder, self.command, self.port = folder, command, port
        self.process: Any = None
        self.env: dict[str, str] | None = None
        self.cwd: Path | None = None

    def start(self) -> None:
        self.process = self.spawn()
        machine.wait_until(self._is_up, f"{self.name} to start")

    def spawn(self) -> Any:
        """Start the process; ``Popen`` or what does the same."""
        with (self.folder / "log").open("ab") as log:
            return machine.start(
                self.command, log=log, user=self.user, death=self.death, env=self.env, cwd=self.cwd
            )

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended at once:\n{self.log()[-2000:]}")
        return self.ready()

    def ready(self) -> bool:
        return machine.answers(self.port)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP makes it hang, SIGCONT go on."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it by ``number`` and wait until it has ended."""
        self.tell(number)
        assert self.process is not None
        self.process.wait(timeout=20)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


class Redis(Process):
    name = "Redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def ready(self) -> bool:
        if not super().ready():  # asked first, as the client would try again for seconds
            return False
        try:
            with redis.Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def empty(self) -> None:
        with redis.Redis(port=self.port, socket_timeout=5) as client:
            client.flushall()


class Postgres(Process):
    name = "PostgreSQL"
    death = signal.SIGQUIT

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://ementor@127.0.0.1:{self.port}/{database}"

    def ready(self) -> bool:
        try:
            self.do("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def do(self, statement: str) -> None:
        """Run one statement as the owner of all, outside of any database that is tested."""
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=3) as connection:
            connection.execute(statement)


@contextmanager
def private_redis() -> Iterator[Redis]:
    found = machine.program("redis-server")
    if found is None:
        machine.missing("redis-server")
    with machine.private_folder("redis") as folder:
        port = machine.free_port()
        how = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        server = Redis(folder, [found, *how, "--dir", folder], port)
        server.start()
        yield server
        server.tell(signal.SIGCONT)
        server.kill()


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Start PostgreSQL; it refuses to run as root, so there it runs as Debian's user for it."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    found, initdb = machine.program("postgres", *folders), machine.program("initdb", *folders)
    if found is None or initdb is None:
        machine.missing("postgresql")
    user = "postgres" if os.geteuid() == 0 else None
    with machine.private_folder("postgres", owner=user) as folder:
        data = folder / "data"
        make: list[str | Path] = [
            initdb,
            "-D",
            data,
            "-U",
            "ementor",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        with (folder / "log").open("ab") as log:
            status = machine.start(make, log=log, user=user).wait(timeout=60)
        assert status == 0, (folder / "log").read_text()
        port = machine.free_port()
        how = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        how += ["-c", "max_connections=200"]
        # Only power cuts need these, and the tests make none: what was committed survives a kill.
        how += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        how += ["-c", "autovacuum=off", "-c", "shared_buffers=32MB"]  # a database lives for seconds
        how += ["-c", "max_wal_size=128MB"]  # it may be kept in memory
        server = Postgres(folder, [found, "-D", data, *how], port)
        server.user = user
        server.start()
        yield server
        server.tell(signal.SIGCONT)
        server.kill(signal.SIGINT)
