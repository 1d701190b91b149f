"""Socket events: one shape of handler, checked arguments, an answer to every call."""

from __future__ import annotations

import functools
import hmac
import inspect
import logging
import time
import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import current_app, g, request, session
from flask_babel import gettext, lazy_gettext
from flask_login import AnonymousUserMixin, current_user
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import ObjectDeletedError

from ementor import live
from ementor.database import db
from ementor.errors import DomainError, NotFound, Unavailable
from ementor.extensions import socketio
from ementor.rate import Buckets

BURST = 120
PER_SECOND = 40
MAX_TEXT = 4000
MAX_NUMBER = 2**53
FLOOD = lazy_gettext("Too many messages at once. Wait a moment.")
UNSAVED = lazy_gettext("This couldn't be saved just now. Please try again.")

log = logging.getLogger(__name__)
_buckets = Buckets[str]()


@dataclass(frozen=True)
class Caller:
    """Whose a socket is, known since it connected; what they may is asked at each event."""

    sid: str
    sign_in: str
    person_id: int
    engine: Engine


callers: dict[str, Caller] = {}
"""Every socket of this process that was let in."""

Answer = dict[str, Any]
Quick = Callable[..., Answer | None]


def caller_sid() -> str:
    """Return the id of the socket that asks."""
    return str(request.sid)  # type: ignore[attr-defined]


WAS = "was"
"""Where a session keeps the sign-in it had as somebody who has become one with who it is now."""


def session_token() -> str:
    """Return the token a page of this session must show when its socket connects."""
    return _token_of(session.get("_user_id"))


def is_of_session(token: str) -> bool:
    """Tell whether a page is of this session, or was made while it was somebody's who is the same now."""
    tokens = [session_token(), *([_token_of(session[WAS])] if WAS in session else [])]
    return any(hmac.compare_digest(token.encode(), one.encode()) for one in tokens)


def _token_of(sign_in: str | None) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"socket:" + str(sign_in).encode(), sha256).hexdigest()


def on_event(
    name: str, *, cost: int = 1, quick: Quick | None = None
) -> Callable[[Callable[..., Answer | None]], Callable[..., Any]]:
    """Make a function answer the socket event ``name``.

    The caller gets ``{"ok": true, ...}`` with what the function returns, or
    ``{"ok": false, "error": name, "message": text}``. Arguments are checked against the
    function's type hints, and those with a default may be left out. Whoever floods is refused,
    and disconnected when it goes on; ``cost`` is what the event takes of the caller's budget.

    What is asked many times a second has a ``quick`` function too: it gets the caller and the
    arguments, and does without a request. When it returns None, or the database fails it, the
    function is asked as for any event; so it is that which has words for whatever is unusual.
    """

    def register(function: Callable[..., Answer | None]) -> Callable[..., Any]:
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function).parameters
        wanted = [hints[parameter] for parameter in parameters]
        needed = sum(one.default is inspect.Parameter.empty for one in parameters.values())

        def fits(args: tuple[Any, ...]) -> bool:
            return needed <= len(args) <= len(wanted) and all(map(_fits, args, wanted))

        @functools.wraps(function)
        def answer(*args: Any) -> Answer:
            return _answered(lambda: _as_asked(function, args, fits(args)))

        def receive(sid: str, *args: Any) -> Any:
            if not _has_budget(sid, cost):
                return _in_request(_flooded, name, sid)
            if quick is not None and (caller := callers.get(sid)) and fits(args):
                try:
                    answered = quick(caller, *args)
                except DomainError as refused:
                    return _in_request(functools.partial(_refused, refused), name, sid)
                except SQLAlchemyError as error:
                    log.info("%s takes the long way: %s", name, type(error).__name__)
                except Exception:  # the long way may still do it, and answers in any case
                    log.exception("%s takes the long way", name)
                else:
                    if answered is not None:
                        return {"ok": True, **answered}
            return _in_request(answer, name, sid, *args)

        # As ``socketio.on`` would, but before there is a request: most events need none.
        socketio.handlers.append((name, receive, "/"))
        return answer

    return register


def _in_request(handler: Callable[..., Any], name: str, sid: str, *args: Any) -> Any:
    return socketio._handle_event(handler, name, "/", sid, *args)


def _as_asked(function: Callable[..., Answer | None], args: tuple[Any, ...], fits: bool) -> Answer:
    if not current_user.is_authenticated:
        return _refusal("not_found", gettext("You don't have access to this page."))
    if not fits:
        return _refusal("invalid", gettext("Something went wrong. Reload the page."))
    who = current_user.id
    try:
        return {"ok": True, **(function(*args) or {})}
    except (NotFound, ObjectDeletedError):  # who asks may have become one with somebody meanwhile
        db.session.rollback()
        g.pop("_login_user", None)
        if not current_user.is_authenticated or current_user.id == who:
            raise
        return {"ok": True, **(function(*args) or {})}


def _answered(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except DomainError as error:
        return _refused(error)
    except SQLAlchemyError as error:  # the database may be away for a while
        log.warning("socket event failed: %s", type(error).__name__)
    except Exception:  # a socket must get its answer whatever went wrong in here
        log.exception("socket event failed")
    g._login_user = AnonymousUserMixin()  # who asks may be what could not be read
    return _refusal("failed", str(UNSAVED))


def connects(function: Callable[..., bool | None]) -> Callable[..., bool | None]:
    """Wrap the connect handler: while the database is away a line is dropped, and calls again later."""

    @functools.wraps(function)
    def connect(auth: Any = None) -> bool | None:
        try:
            return function(auth)
        except SQLAlchemyError as error:
            log.warning("a socket could not be let in: %s", type(error).__name__)
            raise Unavailable from None

    return connect


def forget_caller(sid: str) -> None:
    """Drop what is remembered of a socket that has gone."""
    _buckets.forget(sid)
    callers.pop(sid, None)


def dismiss_all(sign_ins: Collection[str]) -> None:
    """Hang up on this process's sockets of sign-ins that have ended; the rounds find those elsewhere."""
    for sid in [sid for sid, one in callers.items() if one.sign_in in sign_ins]:
        live.dismiss(sid)


def _refused(error: DomainError) -> Answer:
    return _refusal(error.name, error.message)


def _flooded() -> Answer:
    return _refusal("flood", str(FLOOD))


def _refusal(error: str, message: str) -> Answer:
    return {"ok": False, "error": error, "message": message}


def _has_budget(sid: str, cost: int) -> bool:
    """Take ``cost`` from the socket's token bucket; disconnect whoever is far below zero."""
    now = time.monotonic()
    bucket = _buckets.of(sid, now, burst=BURST, per_s=PER_SECOND)
    enough = bucket.take(cost, now, burst=BURST, per_s=PER_SECOND)
    if bucket.left < -BURST:
        socketio.server.disconnect(sid)
    return enough


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is bool:
        return isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    if wanted is str:
        return isinstance(value, str) and len(value) <= MAX_TEXT
    return wanted is bytes and isinstance(value, bytes)
