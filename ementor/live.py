"""The only sender of unasked messages. A message is a hint: whoever misses it catches up by asking."""

from __future__ import annotations

from typing import Any

from ementor.extensions import socketio


def room_of(meeting_id: int) -> str:
    """Return the name of the Socket.IO room of a meeting."""
    return f"meeting-{meeting_id}"


def own_room_of(meeting_id: int, person_id: int) -> str:
    """Return the name of the room of one person's own pages in a meeting."""
    return f"own-{meeting_id}-{person_id}"


def changed(meeting_id: int, number: int, *, here_only: bool = False) -> None:
    """Tell a meeting's pages its newest number; ``here_only`` for those of this process."""
    send(meeting_id, "changed", {"number": number}, here_only=here_only)


def send(
    meeting_id: int,
    event: str,
    data: dict[str, Any],
    skip_sid: str | None = None,
    *,
    owner_id: int | None = None,
    here_only: bool = False,
) -> None:
    """Send ``event`` to everybody in a meeting's room, but for the socket ``skip_sid``.

    With ``owner_id`` only that person's own pages hear it.
    """
    if socketio.server is not None:
        room = room_of(meeting_id) if owner_id is None else own_room_of(meeting_id, owner_id)
        # Not by ``socketio.emit``, as two layers that only hand it on cost as much as two deliveries.
        manager = socketio.server.manager
        manager.emit(event, data, namespace="/", room=room, skip_sid=skip_sid, ignore_queue=here_only)


def hang_up(sid: str) -> None:
    """Close a socket of this process."""
    socketio.server.disconnect(sid)


def hang_up_everywhere(sid: str) -> None:
    """Close a socket of any process, as far as the queue reaches: its page calls again at once."""
    if socketio.server is not None:
        socketio.server.disconnect(sid)


def dismiss(sid: str) -> None:
    """Tell a page of this process that the meeting is no longer its person's, and hang up."""
    socketio.emit("gone", {}, to=sid, ignore_queue=True)
    socketio.server.disconnect(sid)


def dismiss_everywhere(sid: str) -> None:
    """Do the same to a page of any process, as far as the queue reaches."""
    if socketio.server is not None:
        socketio.emit("gone", {}, to=sid)
        socketio.server.disconnect(sid)
