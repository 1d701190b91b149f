"""The real thing: app.py in processes of its own, and clients and sockets that reach it over the network."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import engineio
import requests
import socketio

from tests.support import machine, people, refusals
from tests.support.databases import Settings
from tests.support.forkserver import ROOT, ForkServer
from tests.support.servers import Process

clients: list[RemoteClient] = []
"""Whoever may still have a connection open."""


class Server(Process):
    """One process of ementor. ``kill()`` is kill -9; ``start()`` again has the same address and data."""

    name = "app.py"

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        house: people.House | None = None,
        *,
        fork_server: ForkServer | None = None,
    ) -> None:
        super().__init__(folder, [sys.executable, "app.py"], machine.free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.house = house or people.House(lambda: RemoteClient(self.url))
        own = {name: str(value) for name, value in settings.items() if name != "TESTING"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EMENTOR_")}
        self.env = kept | own | {"HOST": "127.0.0.1", "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.env["TEST_CLOCK"] = str(self.clock)
        self.cwd = ROOT
        self.sockets: list[RemoteSocket] = []
        self.fork_server = fork_server

    def pass_time(self, passed: timedelta) -> None:
        """Let time pass by the server's clock, as far as it tells the time of day."""
        before = float(self.clock.read_text())
        new = self.clock.with_suffix(".new")
        new.write_text(str(before + passed.total_seconds()))
        new.replace(self.clock)

    def spawn(self) -> Any:
        """Start the process: a fork that has imported all already, where there is a fork server."""
        if self.fork_server is None:
            return super().spawn()
        assert self.env is not None
        return self.fork_server.start(self.env, self.folder / "log")

    def ready(self) -> bool:
        if not super().ready():
            return False
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> int:
        """End it by SIGTERM, as whoever deploys does. Returns its exit code."""
        self.kill(signal.SIGTERM)
        assert self.process is not None
        return self.process.returncode

    def client_for(self, name: str, *, locale: str = "en") -> RemoteClient:
        """Return a client of ``name`` that talks to this process."""
        return RemoteClient(self.url, like=self.house.person(name).client, locale=locale)

    def socket_for(self, name: str) -> RemoteSocket:
        """Open a socket of ``name`` to this process, in the room already if it is theirs."""
        socket = RemoteSocket(self.url, self.house.person(name))
        self.sockets.append(socket)
        return socket

    def close(self) -> None:
        """Take it down at the end of a test. It must not have stumbled over anything."""
        assert self.process is not None
        if self.process.poll() is None:
            self.kill()  # ``stop()`` is kinder and takes longer
        while clients:
            clients.pop().close()  # or a socket is left to whoever collects the garbage
        for socket in self.sockets:
            socket.disconnect()
        assert "Traceback" not in self.log(), self.log()[-6000:]


class RemoteClient(requests.Session):
    """A browser without pages. Follows no redirect, so that a test sees where it is sent."""

    token: str | None = None

    def __init__(self, url: str, like: RemoteClient | None = None, locale: str = "en") -> None:
        super().__init__()
        self.trust_env = False  # no proxy lies between
        self.address = url
        self.headers["Accept-Language"] = locale
        clients.append(self)
        if like is not None:
            self.cookies.update(like.cookies)

    def request(self, method: Any, url: Any, *args: Any, csrf: bool = True, **kwargs: Any) -> Any:
        if csrf and method.upper() == "POST":
            self.token = self.token or people.csrf_token(self.get("/").text)
            kwargs["headers"] = {
                "X-CSRFToken": self.token,
                "Origin": self.address,
                **(kwargs.get("headers") or {}),
            }
        kwargs.setdefault("allow_redirects", False)
        kwargs.setdefault("timeout", 20)
        address = url if str(url).startswith("http") else self.address + url
        answer = super().request(method, address, *args, **kwargs)
        if method.upper() == "POST":
            refusals.watch(f"{url} {kwargs.get('data')}", answer)
        return answer


class _InOrder(engineio.Client):  # type: ignore[misc]
    """Hears one message after the other.

    The library starts a thread for each, in which bytes can overtake the text that they belong to.
    """

    def _trigger_event(self, event: str, *arguments: Any, **how: Any) -> Any:
        return super()._trigger_event(event, *arguments, **{**how, "run_async": False})


class _Client(socketio.Client):  # type: ignore[misc]
    def _engineio_client_class(self) -> type[engineio.Client]:
        return _InOrder


class RemoteSocket:
    """One socket of one person, over the network."""

    def __init__(self, url: str, person: people.Person, *, token: str | None = None) -> None:
        self.person = person
        self.heard: list[tuple[str, Any]] = []
        self._news = threading.Condition()
        own_origin = {"suppress_origin": True}  # or websocket-client would add a second one
        self.inner = _Client(reconnection=False, websocket_extra_options=own_origin)
        self.inner.on("*", self._hear)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies)
        try:
            self.inner.connect(
                url,
                headers={"Cookie": cookies, "Origin": url},
                auth={"token": token or person.socket_token},
                transports=["websocket"],
            )
        except BaseException:  # whatever refuses or interrupts it, no open socket is left
            self.disconnect()
            raise

    def _hear(self, event: str, *arguments: Any) -> None:
        with self._news:
            self.heard.append((event, arguments[0] if arguments else None))
            self._news.notify_all()

    def join(self) -> Any:
        return self.ask("room:join", self.person.meeting_id)

    def ask(self, event: str, *arguments: Any, timeout_s: float = 10) -> Any:
        """Send an event and return its answer."""
        data = arguments if len(arguments) != 1 else arguments[0]
        return self.inner.call(event, data, timeout=timeout_s)

    def received(self, event: str) -> list[Any]:
        """Return the first argument of each ``event`` heard until now."""
        return [argument for name, argument in list(self.heard) if name == event]

    def wait_for(self, event: str, *, after: int = 0, timeout_s: float = 10) -> Any:
        """Wait for an ``event`` beyond the first ``after`` of them, and return its first argument."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.received(event)) > after, timeout_s):
                raise AssertionError(f"no {event} within {timeout_s:g} s; heard {self.heard[-10:]}")
            return self.received(event)[after]

    @property
    def is_connected(self) -> bool:
        return bool(self.inner.connected)

    def disconnect(self) -> None:
        self.inner.disconnect()
        if self.inner.eio.ws is not None:  # the library leaves it open where the server has hung up
            self.inner.eio.ws.shutdown()
