"""The server: gevent's, WebSocket only, with sends that are whole and an end that is announced."""

from __future__ import annotations

import errno
import io
import random
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import gevent
import gevent.event
from flask import Flask
from gevent import pywsgi

from ementor import database
from ementor.extensions import socketio

SEND_WITHIN_S = 15.0
PORTS_TO_TRY = 20


class WholeSocket:
    """A socket whose ``send`` sends everything, within a time, or closes.

    simple-websocket takes a partial send for a whole one: to a slow reader the frames
    would be cut, and one who never reads would keep their queue in memory for ever.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def dup(self) -> WholeSocket:
        """Return the same socket again, as simple-websocket wants one of its own."""
        return WholeSocket(self._inner.dup())

    def send(self, data: bytes) -> int:
        """Send all of ``data``; a reader who takes too long is cut off."""
        try:
            with gevent.Timeout(SEND_WITHIN_S, TimeoutError("the reader is too slow")):
                self._inner.sendall(data)
        except OSError:
            # One name for all ways of being gone: those above expect this one, and say nothing.
            self._inner.close()
            raise BrokenPipeError(errno.EPIPE, "the reader has gone") from None
        return len(data)


class _Raw:
    def __init__(self, inner: Any) -> None:
        self._sock = inner


class _Input:
    """A request's input, in which simple-websocket looks for its socket, see its Server under gevent."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        buffer = inner if hasattr(inner, "raw") else getattr(inner, "rfile", inner)
        self.connection = buffer.raw._sock
        self.is_taken = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def raw(self) -> _Raw:
        """The socket, for whoever makes a WebSocket of it."""
        self.is_taken = True
        return _Raw(WholeSocket(self.connection))


def with_whole_sends(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Wrap a WSGI application so that its WebSockets send whole frames."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            return application(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET":
            # pywsgi gives it the whole line as its input, which ends when the caller likes.
            environ["wsgi.input"] = io.BytesIO()
            return application(environ, start_response)
        source = environ["wsgi.input"] = _Input(environ["wsgi.input"])
        try:
            return application(environ, start_response)
        finally:
            # What was a WebSocket is no HTTP connection any more; pywsgi would go on reading it.
            # Who was refused before gets an answer: a proxy takes silence for a broken server.
            if source.is_taken:
                with suppress(OSError):
                    source.connection.shutdown(socket.SHUT_RDWR)

    return wrapped


class _Handler(pywsgi.WSGIHandler):  # type: ignore[misc]
    """Ends a connection with its WebSocket: a last frame in the buffer is no next request."""

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            self.close_connection = True


def serve(app: Flask) -> None:
    """Serve until SIGTERM; prints the address once it can be opened."""
    from ementor.archive.idle import Tend
    from ementor.archive.services import seal_due
    from ementor.meetings.rounds import Rounds
    from ementor.notes.sockets import Poke

    with app.app_context():
        database.prepare()
    listener = _listener(app.config["HOST"], app.config["PORT"])
    host, port = listener.getsockname()[:2]
    server = pywsgi.WSGIServer(listener, with_whole_sends(app), log=None, handler_class=_Handler)
    rounds = Rounds(app, chores=[Poke(), seal_due, Tend(), database.remove_old_copies])
    worker = gevent.spawn(rounds.run)
    server.start()
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    print(f"ementor is ready: http://{shown}:{port}/", flush=True)  # noqa: T201

    ended = gevent.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, ended.set)
    ended.wait()
    server.stop_accepting()
    rounds.stop()
    _say_goodbye(app)
    server.stop(timeout=2)
    worker.join(timeout=1)


def _say_goodbye(app: Flask) -> None:
    """Tell this process's pages that it is going, and let go of them."""
    with app.app_context():
        socketio.emit("bye", {"spread_ms": random.randint(1000, 3000)}, ignore_queue=True)  # noqa: S311
    gevent.sleep(0.2)
    manager = socketio.server.manager
    for sid, _ in list(manager.get_participants("/", None)):
        socketio.server.disconnect(sid)


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
