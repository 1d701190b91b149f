"""Starts app.py many times without importing it anew each time, which takes longer than most tests.

A fork server is a process that has imported all of ementor and done nothing yet. Each server is a
fork of it that runs app.py from its first line, with an environment and a log of its own.
How it starts as `make run` starts it is tried in test_readme.py and test_serve.py.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support import compiled, machine

ROOT = Path(__file__).parents[2]


class ForkServer:
    """Starts servers for as long as it is open; they share the folder of compiled templates."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def __enter__(self) -> ForkServer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forkserver", str(self._templates)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: machine.die_with_parent(signal.SIGKILL),
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # it ends with its input

    def start(self, env: dict[str, str], log: Path) -> Child:
        return Child(self, self.ask(["start", env, str(log)]))

    def ask(self, question: list[Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


class Child:
    """A server's process; of ``subprocess.Popen`` it has what the tests use."""

    def __init__(self, fork_server: ForkServer, pid: int) -> None:
        self._fork_server, self.pid = fork_server, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._fork_server.ask(["poll", self.pid])
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        machine.wait_until(lambda: self.poll() is not None, "a server to end", timeout)
        assert self.returncode is not None
        return self.returncode


def import_all(templates: str) -> None:
    """Import all of ementor and what it imports late: each server would do it again, which takes 0.5 s."""
    from sqlalchemy.orm import configure_mappers

    import ementor

    for module in pkgutil.walk_packages(ementor.__path__, "ementor."):
        if ".migrations" not in module.name:
            import_module(module.name)
    for late in "engineio.async_drivers.gevent", "flask_migrate", "sqlcipher3.dbapi2", "psycopg":
        import_module(late)
    configure_mappers()
    compiled.keep_routes()
    compiled.keep_templates(Path(templates))
    gc.collect()
    gc.freeze()  # a server's own collection then looks through what is its own


def tend(fork: Any) -> None:
    """Do what is asked for on standard input until it ends."""
    for line in sys.stdin:
        match json.loads(line):
            case ["start", env, log]:
                pid = fork()
                if not pid:
                    machine.die_with_parent(signal.SIGKILL)
                    become(env, log)
                answer: int | None = pid
            case ["poll", pid]:
                ended, status = os.waitpid(pid, os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if ended else None
        print(json.dumps(answer), flush=True)  # noqa: T201


def become(env: dict[str, str], log: str) -> None:
    """Run app.py as if it had just been started."""
    import runpy

    for number, path, flags in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY | os.O_APPEND)):
        opened = os.open(path, flags | os.O_CREAT, 0o600)
        os.dup2(opened, number)
    os.dup2(1, 2)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["app.py"]
    if "TEST_CLOCK" in env:
        machine.move_clock_by(env["TEST_CLOCK"])
    if "STALLS" in env:
        from tests.support import stalls

        stalls.meter(Path(env["STALLS"]))
    status = 1
    try:
        runpy.run_path("app.py", run_name="__main__")
        status = 0
    except BaseException:  # also SystemExit: this process may not go on as the fork server it was
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    from gevent import monkey

    fork = os.fork  # gevent's own would start its loop here, and each child would get that
    monkey.patch_all()

    import_all(sys.argv[1])
    tend(fork)
