"""The room's socket events, and what each process does for its own sockets now and then."""

from __future__ import annotations

import logging
import threading
from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_socketio import join_room

from ementor import clock, live
from ementor.database import db
from ementor.events import caller_sid, forget_caller, on_event, session_token
from ementor.extensions import socketio
from ementor.meetings import presence, services

POLL_S = 2.0

log = logging.getLogger(__name__)
_here: dict[str, int] = {}
"""This process's sockets: sid → meeting."""


@socketio.on("connect")
def on_connect(auth: Any = None) -> bool | None:
    """Let a socket in only with the session's cookie and the token of a page of that session."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if not current_user.is_authenticated or token != session_token():
        return False
    return None


@socketio.on("disconnect")
def on_disconnect(reason: Any = None) -> None:
    """Forget the socket; its presence goes silent, and is swept if the person does not return."""
    _here.pop(str(request.sid), None)  # type: ignore[attr-defined]
    forget_caller(str(request.sid))  # type: ignore[attr-defined]


@on_event("room:join")
def on_join(meeting_id: int) -> dict[str, int]:
    """Put the caller in the room; answers the number to catch up to."""
    actor = current_user._get_current_object()
    run = presence.come(meeting_id, caller_sid(), actor=actor)
    join_room(live.room_of(meeting_id))
    join_room(live.room_of_person(meeting_id, actor.id))
    _here[caller_sid()] = meeting_id
    return {"number": run.number}


@on_event("room:beat")
def on_beat(meeting_id: int, seen: int) -> dict[str, int]:
    """Answer the newest number: whoever missed a message hears of it here."""
    services.get_meeting(meeting_id, actor=current_user)
    return {"number": services.numbers([meeting_id]).get(meeting_id, 0)}


@on_event("clock:read")
def on_clock() -> dict[str, float]:
    """Answer the server's time in milliseconds since 1970."""
    return {"now_ms": clock.now().timestamp() * 1000}


def meetings_here() -> list[int]:
    """Return the meetings that have sockets in this process."""
    return sorted(set(_here.values()))


class Rounds:
    """What a process does every few seconds: renew its presences, sweep, and poll the numbers.

    The poll is what makes two processes agree with or without a message queue: each looks
    for what others have written and tells its own sockets.
    """

    def __init__(self, app: Flask, *, chores: list[Any] | None = None) -> None:
        self.app = app
        self.chores = chores or []
        self.told: dict[int, int] = {}
        self.ended = threading.Event()
        self.turn = 0

    def run(self) -> None:
        """Go on until ``stop``."""
        while not self.ended.wait(POLL_S):
            try:
                with self.app.app_context():
                    self.once()
            except Exception:  # the database may be away for a while; the next round tries again
                log.warning("a round of chores failed", exc_info=True)

    def once(self) -> None:
        """Do one round."""
        self.turn += 1
        here = meetings_here()
        newest = services.numbers(here) if here else {}
        for meeting_id, number in newest.items():
            if self.told.get(meeting_id, number) != number:
                live.changed(meeting_id, number, here_only=True)
        self.told = newest
        db.session.commit()
        if self.turn % 2 == 0:
            if _here:
                presence.renew(list(_here))
            presence.sweep()
            for chore in self.chores:
                chore()

    def stop(self) -> None:
        """End after the round under way."""
        self.ended.set()
