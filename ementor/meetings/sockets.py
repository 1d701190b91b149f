"""The room's socket events."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from flask_babel import gettext
from flask_login import current_user
from flask_socketio import join_room

from ementor import clock, live
from ementor.accounts import services as accounts
from ementor.errors import Conflict
from ementor.events import caller_sid, forget_caller, on_event, session_token
from ementor.extensions import socketio
from ementor.meetings import presence, services

here: dict[str, tuple[int, int]] = {}
"""This process's sockets in a room: sid → meeting, person."""
sign_ins: dict[str, str] = {}
"""Every socket of this process: sid → hash of the sign-in it came by."""


@socketio.on("connect")
def on_connect(auth: Any = None) -> bool | None:
    """Let a socket in only with the session's cookie and the token of a page of that session."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if not current_user.is_authenticated or not compare_digest(str(token).encode(), session_token().encode()):
        return False
    sign_ins[caller_sid()] = accounts.hash_of(current_user.get_id())
    return None


@socketio.on("disconnect")
def on_disconnect(reason: Any = None) -> None:
    """Forget the socket; its presence goes silent, and is swept if the person does not return."""
    here.pop(caller_sid(), None)
    sign_ins.pop(caller_sid(), None)
    forget_caller(caller_sid())


@on_event("room:join")
def on_join(meeting_id: int) -> dict[str, int]:
    """Put the caller in the room; answers the number to catch up to."""
    actor = current_user._get_current_object()
    if here.get(caller_sid(), (meeting_id,))[0] != meeting_id:
        raise Conflict(gettext("The page sent something it should not have."))
    run = presence.come(meeting_id, caller_sid(), actor=actor)
    join_room(live.room_of(meeting_id))
    join_room(live.own_room_of(meeting_id, actor.id))
    here[caller_sid()] = meeting_id, actor.id
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
    return sorted({meeting_id for meeting_id, _ in here.values()})
