"""Somebody's network link to the server, which can fall silent as one does that leaves the wireless net."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tests.support import machine


class NetworkLink:
    """A port that leads to the server, until it is cut.

    ``cut()`` swallows all, in both directions, and closes nothing: neither end is told.
    ``mend()`` lets new connections through; the old ones are lost.
    ``forget()`` swallows what goes over the connections there are, and new ones work: as a router
    does that has lost its table.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._whole = threading.Event()
        self._whole.set()
        self._age = 0
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._begin(self._welcome)

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._hang_up()
        self._whole.set()

    def forget(self) -> None:
        self._age += 1

    def close(self) -> None:
        self._whole.set()
        self._door.shutdown(socket.SHUT_RDWR)  # or accept() would go on
        self._door.close()
        self._hang_up()
        for thread in self._threads:
            thread.join(timeout=5)

    def _begin(self, work: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _hang_up(self) -> None:
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _welcome(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            self._begin(self._connect, caller)

    def _connect(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), self._held(caller):
            if not self._whole.is_set():
                self._carry(caller, None)
                return
            with self._held(socket.create_connection(("127.0.0.1", self.target))) as server:
                back = self._begin(self._carry, server, caller)
                self._carry(caller, server)
                back.join()

    @contextlib.contextmanager
    def _held(self, end: socket.socket) -> Iterator[socket.socket]:
        self._open.add(end)
        with end:
            yield end
        self._open.discard(end)

    def _carry(self, source: socket.socket, sink: socket.socket | None) -> None:
        """Carry what ``source`` says; once the link was cut, only listen until it is hung up."""
        age = self._age
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self._whole.is_set() or age != self._age:
                    sink = None
                if sink is not None:
                    sink.sendall(data)
        if age != self._age:
            return
        self._whole.wait()  # nobody hears that the other one has hung up
        for end in (source, sink):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
