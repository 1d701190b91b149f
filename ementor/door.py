"""Who may open a WebSocket: a right handshake, and not too many who have not shown who they are."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from ementor.cookies import signed

MAX_UNKNOWN = 30
"""Connections of one address, or of one sign-in, that have not said CONNECT yet or were refused."""
MAX_CONNECTIONS = 4000
"""Connections of this process; ``serve`` lowers it where there are fewer file descriptors."""
PATH = "/socket.io/"


class Door:
    """A WSGI application before Socket.IO's: refuses before anything is kept of a caller."""

    def __init__(self, app: Flask, application: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.application = application
        self.unknown: Counter[str] = Counter()
        self.open = 0
        self.max_connections = MAX_CONNECTIONS

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WebSocket's request, for as long as the connection lasts; hand all others on."""
        is_websocket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if not (is_websocket and environ.get("PATH_INFO", "").startswith(PATH)):
            return self.application(environ, start_response)
        if not _is_handshake(environ):
            return _refused(start_response, "400 Bad Request", "This is no WebSocket handshake.")
        caller = self._caller(environ)
        if self.open >= self.max_connections or self.unknown[caller] >= MAX_UNKNOWN:
            return _refused(start_response, "503 Service Unavailable", "Too many connections. Try later.")
        self.open += 1
        self.unknown[caller] += 1
        waiting = [caller]

        def admitted() -> None:
            if waiting:
                self.unknown[waiting.pop()] -= 1
                self.unknown += Counter()  # forgets whoever is at zero

        try:
            environ["ementor.admitted"] = admitted
            return self.application(environ, start_response)
        finally:
            self.open -= 1
            admitted()

    def _caller(self, environ: dict[str, Any]) -> str:
        """Return the sign-in of a cookie of ours, as an office behind one address is many; or the address."""
        sign_in = signed(self.app, self.app.request_class(environ))
        if sign_in:
            return f"sign-in {sign_in}"
        return f"address {environ.get('REMOTE_ADDR', '')}"


def _is_handshake(environ: dict[str, Any]) -> bool:
    try:
        key = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
        and len(key) == 16
    )


def _refused(start_response: Any, status: str, why: str) -> Iterable[bytes]:
    body = why.encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")]
    start_response(status, headers)
    return [body]
