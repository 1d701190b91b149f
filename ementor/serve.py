"""The server: gevent's, with a time for each part of a request and an end that is announced."""

from __future__ import annotations

import errno
import io
import logging
import resource
import signal
import socket
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

import gevent
import gevent.event
import gevent.pool
from flask import Flask
from gevent import pywsgi

from ementor import maintenance
from ementor.extensions import socketio
from ementor.garbage import Garbage

HEAD_WITHIN_S = 10.0
IDLE_S = 75.0
"""How long a connection is kept between two requests: longer than a proxy keeps it, which is 60 s."""
MAX_HEAD_BYTES = 32 * 1024
READ_BYTES = 2048
"""The buffer of each connection, also of one that is idle: most requests fit in it."""
BODY_WITHIN_S = 20.0
SEND_WITHIN_S = 30.0
MAX_BODY_BYTES = 256 * 1024
MAX_THROWN_AWAY_BYTES = 1024 * 1024
SWEEP_EVERY_S = 60.0
"""How often to look for what is kept for days."""
SPARE_DESCRIPTORS = 100
PORTS_TO_TRY = 20

log = logging.getLogger(__name__)


class _Read:
    """What is left of a request's body once it has been read: nothing that would be waited for."""

    def _discard(self) -> None:
        pass


class _Head:
    """The lines of a request's head, which ends with an empty one and is of bounded size."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._left = MAX_HEAD_BYTES

    def readline(self, limit: int) -> bytes:
        line: bytes = self._inner.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if not line or self._left < 0:
            raise ValueError("a head without an end")
        return line


class _Handler(pywsgi.WSGIHandler):  # type: ignore[misc]
    """Waits for nobody without end: each part of a request has its time, and so has the answer's reader."""

    is_kept = False
    wsgi_input: Any
    environ: Any
    response_headers: Any

    def __init__(self, connection: Any, address: Any, server: Any) -> None:
        super().__init__(connection, address, server, connection.makefile("rb", READ_BYTES))

    def _connection_upgrade_requested(self) -> bool:
        return False  # a body ends where its length says, whatever else is asked for

    def read_requestline(self) -> str:
        within_s = IDLE_S if self.is_kept else HEAD_WITHIN_S
        with gevent.Timeout(within_s, TimeoutError("no request")):
            line: str = super().read_requestline()
        self.is_kept = True
        return line

    def read_request(self, raw_requestline: str) -> bool:
        with gevent.Timeout(HEAD_WITHIN_S, ValueError("the head took too long")):
            return bool(super().read_request(raw_requestline))

    def MessageClass(self, file: Any, *rest: Any) -> Any:  # noqa: N802 - the library's name
        try:
            return super().MessageClass(_Head(file), *rest)
        except HTTPException:
            raise ValueError("too many headers") from None

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes]:
        """Answer what is no request; the library would write a line of log for each."""
        log.info("no request: %s", type(error).__name__)
        return "400", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["ementor.connection"] = self.socket
        self.headers = None  # all is in there, and an open connection would keep them
        return environ

    def handle_one_response(self) -> None:
        if not self._read_body():
            self.close_connection = True
            return
        self.socket.settimeout(SEND_WITHIN_S)
        super().handle_one_response()
        if self.status is None:  # it became a WebSocket: a last frame in the buffer is no next request
            self.close_connection = True
        elif not self.close_connection:
            self.socket.settimeout(None)
        # With the request, as an idle connection would keep them.
        self.environ = self.result = self.response_headers = None

    def finalize_headers(self) -> None:
        super().finalize_headers()
        told = any(name.lower() == b"connection" for name, _ in self.response_headers)
        if self.close_connection and not told:  # or the client's next request meets a connection that closes
            self.response_headers.append((b"Connection", b"close"))

    def _read_body(self) -> bool:
        """Read the body before a thread works on the request; tell whether it came in time."""
        source = self.wsgi_input
        if not (self.content_length or source.chunked_input):
            return True
        try:
            with gevent.Timeout(BODY_WITHIN_S, TimeoutError("the body took too long")):
                body = source.read(MAX_BODY_BYTES + 1)
                if len(body) > MAX_BODY_BYTES:
                    source.read(MAX_THROWN_AWAY_BYTES)  # unread, it would reset the connection too early
        except (OSError, ValueError):
            return False
        if len(body) > MAX_BODY_BYTES:
            self.close_connection = True  # what more there is, is not read; the application says why
        self.environ["wsgi.input"] = io.BytesIO(body)
        self.wsgi_input = _Read()
        return True

    def _sendall(self, data: bytes) -> None:
        try:
            super()._sendall(data)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "the reader is too slow") from None


def serve(app: Flask) -> None:
    """Serve until SIGTERM; prints the address once it can be opened."""
    from ementor.accounts.addresses.services import sweep as sweep_codes
    from ementor.archive.search.index import Index
    from ementor.archive.services import idle, seal_due
    from ementor.mail.sending import Post
    from ementor.meetings.background import Background, Every
    from ementor.notes.sockets import Poke
    from ementor.series.opening import hand_out_due

    with app.app_context():
        maintenance.prepare()
    listener = _listener(app.config["HOST"], app.config["PORT"])
    host, port = listener.getsockname()[:2]
    many = _connections()
    door = app.extensions["door"]
    door.max_connections = min(door.max_connections, many // 2)
    pool = gevent.pool.Pool(many - door.max_connections)
    server = pywsgi.WSGIServer(listener, app, log=None, handler_class=_Handler, spawn=pool)
    jobs: list[Callable[[], object]]
    jobs = [
        seal_due,
        hand_out_due,
        Every(idle.LOOK_EVERY_S, idle.tend_all),
        Index(),
        Every(SWEEP_EVERY_S, maintenance.remove_old_copies),
        Every(SWEEP_EVERY_S, sweep_codes),
        Post(),
        garbage := Garbage(),
    ]
    background = Background(app.app_context, jobs=jobs, on_change=[Poke()])
    worker = gevent.spawn(background.run)
    garbage.start()
    server.start()
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    print(f"ementor is ready: http://{shown}:{port}/", flush=True)  # noqa: T201

    ended = gevent.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, ended.set)
    ended.wait()
    server.stop_accepting()
    background.stop()
    _say_goodbye(app)
    server.stop(timeout=2)
    worker.join(timeout=1)


def _say_goodbye(app: Flask) -> None:
    """Tell this process's pages that it is going, and let go of them."""
    with app.app_context():
        socketio.emit("bye", {}, ignore_queue=True)
    gevent.sleep(0.2)
    manager = socketio.server.manager
    for sid, _ in list(manager.get_participants("/", None)):
        socketio.server.disconnect(sid)


def _connections() -> int:
    """Return how many connections this process can have, after asking for as many as are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 16_384) if hard != resource.RLIM_INFINITY else 16_384
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted - SPARE_DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted - SPARE_DESCRIPTORS


def _listener(host: str, port: int | None) -> socket.socket:
    """Return a listening socket on ``port``, or on the next free one when that is None."""
    first, last = (port, port) if port else (5000, 5000 + PORTS_TO_TRY)
    for candidate in range(first, last + 1):
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener: socket.socket = pywsgi.WSGIServer.get_listener((host, candidate), 512, family)
            # An answer is a few small writes: without this each waits 40 ms for the one before it
            # to be acknowledged. What is accepted inherits it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listener
        except OSError as error:
            if error.errno != errno.EADDRINUSE or candidate == last:
                raise SystemExit(f"cannot listen on {host}:{candidate}: {error.strerror}") from None
    raise AssertionError("unreachable")
