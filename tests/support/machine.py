"""What the tests' servers need of the machine: ports, processes that end with the tests, waiting."""

from __future__ import annotations

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import pytest

T = TypeVar("T")
PR_SET_PDEATHSIG = 1
PORTS = range(20_000, 30_000)  # below those the kernel gives to outgoing connections
_worker, _workers = (
    int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")),
    int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
)
_mine = PORTS[_worker::_workers]  # workers at one time draw from different ones
_ports = iter(random.sample(_mine, len(_mine)))
_libc = ctypes.CDLL(None)


def wait_until(condition: Callable[[], T], what: str, timeout_s: float = 15.0) -> T:
    """Ask ``condition`` until it answers something true, and return that. Fails the test after a while."""
    until = time.monotonic() + timeout_s
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > until:
            pytest.fail(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that nobody uses and nobody else gets; a server that was killed finds it free again."""
    for port in _ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("all ports have been given out")


def answers(port: int) -> bool:
    """Tell whether somebody listens on ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent(death: signal.Signals) -> None:
    """Let this process get ``death`` when the one that started it ends, however it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, death)


def start(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    user: str | None = None,
    death: signal.Signals = signal.SIGKILL,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server that gets ``death`` when the tests end, however they end."""
    as_user: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd or "/",
        preexec_fn=lambda: die_with_parent(death),
        **as_user,
    )


@contextmanager
def private_folder(name: str, owner: str | None = None) -> Iterator[Path]:
    """Make a folder that ``owner`` can reach too, unlike pytest's tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.chmod(0o711)
    if owner:
        os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(name: str, *more_folders: Path) -> Path | None:
    """Find a program on the PATH or in ``more_folders``, the last of them first."""
    folders = [*sorted(more_folders, reverse=True), *map(Path, os.get_exec_path())]
    return next((folder / name for folder in folders if os.access(folder / name, os.X_OK)), None)


def missing(what: str) -> NoReturn:
    """Skip the test by the name of what is missing (conftest.py makes a failure of it when CI=true)."""
    pytest.skip(f"{what} is not installed")


def move_clock_by(path: str) -> None:
    """Let this process's clock be as many seconds further as the file at ``path`` says, from now on."""
    real, moved = time.time, Path(path)

    def moved_time() -> float:
        return real() + float(moved.read_text() or 0)

    time.time = moved_time
