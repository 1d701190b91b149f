"""The peers: Hocuspocus, y-websocket and a Socket.IO relay on Node, which are loaded as we are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import serving
from tests.support import machine
from tests.support.servers import Process
from tools.node import node, npm

HERE = Path(__file__).parent / "peers"
PACKAGES = HERE / "node_modules"
PACKAGE = {"Hocuspocus": "@hocuspocus/server", "y-websocket": "y-websocket", "Socket.IO": "socket.io"}


def are_installed() -> bool:
    """Tell whether they are there, in the versions that package.json names."""
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    return all((PACKAGES / name).exists() and _version(name) == version for name, version in wanted.items())


def install() -> None:
    """Fetch what the lock file names; needs the network, once."""
    npm("ci", "--omit=optional", cwd=HERE).check_returncode()


def name_of(peer: str) -> str:
    """Return a peer's name with its version."""
    return f"{peer} {_version(PACKAGE[peer])}"


def _version(package: str) -> str:
    return str(json.loads((PACKAGES / package / "package.json").read_text())["version"])


@contextmanager
def peers() -> Iterator[dict[str, Process]]:
    """Start all of them, each with a folder of its own."""
    with ExitStack() as stack:
        started = {}
        for name in PACKAGE:
            folder = stack.enter_context(machine.private_folder("peer"))
            port = machine.free_port()
            script = PACKAGES / "y-websocket" / "bin" / "server.cjs"
            command: list[Any] = [node(), script]
            if name != "y-websocket":
                command = [node(), HERE / f"{name.lower().replace('.', '')}.mjs", port, folder]
            server = Process(folder, [str(one) for one in command], port)
            server.name, server.env = name, {"HOST": "127.0.0.1", "PORT": str(port)}
            with serving.on_core():
                server.start()
            stack.callback(server.kill)
            started[name] = server
        yield started
