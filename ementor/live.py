"""The only sender of unasked messages. A message is a hint: whoever misses it catches up by asking."""

from __future__ import annotations

from typing import Any

from ementor.extensions import socketio


def room_of(meeting_id: int) -> str:
    """Return the name of the Socket.IO room of a meeting."""
    return f"meeting-{meeting_id}"


def room_of_person(meeting_id: int, user_id: int) -> str:
    """Return the name of the Socket.IO room of one person's pages in a meeting."""
    return f"meeting-{meeting_id}-person-{user_id}"


def changed(meeting_id: int, number: int, *, here_only: bool = False) -> None:
    """Tell a meeting's pages its newest number; ``here_only`` for those of this process."""
    send(meeting_id, "changed", {"number": number}, here_only=here_only)


def send(
    meeting_id: int,
    event: str,
    data: dict[str, Any],
    skip_sid: str | None = None,
    *,
    here_only: bool = False,
) -> None:
    """Send ``event`` to everybody in a meeting's room, but for the socket ``skip_sid``."""
    if socketio.server is not None:
        socketio.emit(event, data, to=room_of(meeting_id), skip_sid=skip_sid, ignore_queue=here_only)


def dismiss(meeting_id: int, user_id: int) -> None:
    """Tell one person's pages that the meeting is no longer theirs, and take them out of its room."""
    if socketio.server is not None:
        socketio.emit("gone", {}, to=room_of_person(meeting_id, user_id))
        socketio.close_room(room_of_person(meeting_id, user_id))
