"""Socket events: one shape of handler, checked arguments, an answer to every call."""

from __future__ import annotations

import functools
import hmac
import inspect
import logging
import time
import typing
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext
from flask_login import current_user

from ementor.errors import DomainError
from ementor.extensions import socketio

BURST = 120
PER_SECOND = 40
MAX_TEXT = 4000
MAX_NUMBER = 2**53

log = logging.getLogger(__name__)
_buckets: dict[str, tuple[float, float]] = {}


def caller_sid() -> str:
    """Return the id of the socket that asks."""
    return str(request.sid)  # type: ignore[attr-defined]


def session_token() -> str:
    """Return the token a page of this session must show when its socket connects."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"socket:" + str(session.get("_user_id")).encode(), sha256).hexdigest()


def on_event(name: str) -> Callable[[Callable[..., dict[str, Any] | None]], Callable[..., Any]]:
    """Make a function answer the socket event ``name``.

    The caller gets ``{"ok": true, ...}`` with what the function returns, or
    ``{"ok": false, "error": name, "message": text}``. Arguments are checked against the
    function's type hints; whoever floods is refused, and disconnected when it goes on.
    """

    def register(function: Callable[..., dict[str, Any] | None]) -> Callable[..., Any]:
        hints = typing.get_type_hints(function)
        wanted = [hints[parameter] for parameter in inspect.signature(function).parameters]

        @functools.wraps(function)
        def answer(*args: Any) -> dict[str, Any]:
            sid = caller_sid()
            if not _has_budget(sid):
                return _refusal("flood", gettext("Too many messages at once. Wait a moment."))
            if not current_user.is_authenticated:
                return _refusal("not_found", gettext("This page is not open to you."))
            if len(args) != len(wanted) or not all(map(_fits, args, wanted)):
                return _refusal("invalid", gettext("The page sent something it should not have."))
            try:
                return {"ok": True, **(function(*args) or {})}
            except DomainError as error:
                return _refusal(error.name, error.message)
            except Exception:  # a socket must get its answer whatever went wrong in here
                log.exception("socket event %s failed", name)
                return _refusal("failed", gettext("It could not be saved just now. Please try again."))

        socketio.on(name)(answer)
        return answer

    return register


def forget_caller(sid: str) -> None:
    """Drop what is remembered of a socket that has gone."""
    _buckets.pop(sid, None)


def _refusal(error: str, message: str) -> dict[str, Any]:
    return {"ok": False, "error": error, "message": message}


def _has_budget(sid: str) -> bool:
    """Take one from the socket's token bucket; disconnect whoever is far below zero."""
    now = time.monotonic()
    left, at = _buckets.get(sid, (float(BURST), now))
    left = min(float(BURST), left + (now - at) * PER_SECOND) - 1
    _buckets[sid] = (left, now)
    if left < -BURST:
        socketio.server.disconnect(sid)
    return left >= 0


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is bool:
        return isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    if wanted is str:
        return isinstance(value, str) and len(value) <= MAX_TEXT
    return wanted is bytes and isinstance(value, bytes)
