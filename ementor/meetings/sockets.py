"""The room's socket events."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_socketio import join_room
from socketio import exceptions

from ementor import clock, i18n, live, websocket
from ementor.accounts import services as accounts
from ementor.errors import Conflict
from ementor.events import Caller, caller_sid, callers, connects, forget_caller, is_of_session, on_event
from ementor.extensions import socketio
from ementor.meetings import pushing, services
from ementor.meetings.services import presence

here: dict[str, tuple[int, int]] = {}
"""This process's sockets in a room: sid → meeting, person."""

CONNECTIONS_PER_PERSON = 5
CONNECTIONS_PER_ROOM = 60
PLACE = "-"
TOO_MANY = lazy_gettext("This is open in too many windows. Close one of them.")


@socketio.on("connect")
@connects
def on_connect(auth: Any = None) -> bool | None:
    """Let a socket in only with the session's cookie and the token of a page of that session.

    A person has a few of them at once: who opens more is told so, and the older ones stay. A page that
    comes back says which socket it had ``before``: that may be dead without anybody having been told.
    """
    auth = auth if isinstance(auth, dict) else {}
    if not current_user.is_authenticated or not is_of_session(str(auth.get("token"))):
        return False
    sid, person_id = caller_sid(), current_user.id
    before = callers.get(str(auth.get("before")))
    if before is not None and before.person_id == person_id:
        live.hang_up(before.sid)
    if sum(one.person_id == person_id for one in callers.values()) >= CONNECTIONS_PER_PERSON:
        raise exceptions.ConnectionRefusedError(str(TOO_MANY))
    sign_in = accounts.hash_of(current_user.get_id())
    callers[sid] = Caller(sid, sign_in, person_id, services.engine())
    line = websocket.connection_of(socketio.server, sid)
    if line is not None:
        line.admit()
    return None


@socketio.on("disconnect")
def on_disconnect(reason: Any = None) -> None:
    """Forget the socket; its presence goes silent, and is swept if the person does not return."""
    here.pop(caller_sid(), None)
    pushing.leave(caller_sid())
    forget_caller(caller_sid())


@on_event("room:join", cost=4)
def on_join(meeting_id: int, side: str = "") -> dict[str, int]:
    """Put the caller in the room; answers the number to catch up to, and who they are.

    A page that was made for somebody else, who has become one with them, makes itself anew. ``side`` is
    the digest of what a page has beside the turn that takes pushed parts; it asks for what it lacks by now.
    """
    actor = current_user._get_current_object()
    if here.get(caller_sid(), (meeting_id,))[0] != meeting_id:
        raise Conflict(gettext("Something went wrong. Reload the page."))
    others = [sid for sid, (where, _) in here.items() if where == meeting_id and sid != caller_sid()]
    if len(others) >= CONNECTIONS_PER_ROOM:
        services.get_meeting(meeting_id, actor=actor)  # a stranger is not told how many are in there
        raise Conflict(str(TOO_MANY))
    run = presence.come(meeting_id, caller_sid(), actor=actor)
    join_room(live.room_of(meeting_id))
    join_room(live.own_room_of(meeting_id, actor.id))
    here[caller_sid()] = meeting_id, actor.id
    if side and caller_sid() in callers:  # it may have disconnected by now
        pushing.enter(_screen(meeting_id, run.number, side))
    return {"number": run.number, "person": actor.id}


def _screen(meeting_id: int, number: int, side: str) -> pushing.Screen:
    """Return the caller's page, with what of its request its parts are made of."""
    link = url_for("groups.join", token=PLACE, _external=True).removesuffix(PLACE)
    return pushing.Screen(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        meeting_id,
        caller_sid(),
        callers[caller_sid()].sign_in,
        i18n.choose(),
        re.sub("^ws", "http", link),  # a proxy may name the protocol of the WebSocket
        number,
        side,
    )


def _quick_beat(caller: Caller, meeting_id: int, seen: int) -> dict[str, Any] | None:
    number = services.number_quickly(caller.engine, meeting_id, sign_in=caller.sign_in)
    return None if number is None else {"number": number}


@on_event("room:beat", quick=_quick_beat)
def on_beat(meeting_id: int, seen: int) -> dict[str, int]:
    """Answer the newest number: whoever missed a message hears of it here."""
    services.get_meeting(meeting_id, actor=current_user)
    return {"number": services.numbers([meeting_id]).get(meeting_id, 0)}


@on_event("clock:read", quick=lambda caller: {"now_ms": clock.now().timestamp() * 1000})
def on_clock() -> dict[str, float]:
    """Answer the server's time in milliseconds since 1970."""
    return {"now_ms": clock.now().timestamp() * 1000}


def meetings_here() -> list[int]:
    """Return the meetings that have sockets in this process."""
    return sorted({meeting_id for meeting_id, _ in here.values()})
