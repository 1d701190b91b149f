"""The notes' socket events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_login import current_user

from ementor import clock, live
from ementor.events import Caller, caller_sid, on_event
from ementor.meetings.sockets import here, meetings_here
from ementor.notes import services

SYNC_COSTS = 4


@on_event("note:sync", cost=SYNC_COSTS)
def on_sync(meeting_id: int, state_vector: bytes, schema: int) -> dict[str, Any]:
    """Give a page what it lacks; it then sends what the answer's state vector lacks."""
    copy = services.sync(meeting_id, state_vector, schema=schema, actor=current_user)
    return {"update": copy.update, "state_vector": copy.state_vector, "number": copy.number}


def _quick_update(
    caller: Caller, meeting_id: int, update: bytes, part: str = "", anchor: bytes = b"", head: bytes = b""
) -> dict[str, Any] | None:
    cursor = services.Cursor(part, anchor, head) if part else None
    return _added(services.Edit(caller.engine, meeting_id, update, caller.sign_in, caller.sid, cursor))


def _quick_own_update(caller: Caller, meeting_id: int, update: bytes) -> dict[str, Any] | None:
    return _added(services.Edit(caller.engine, meeting_id, update, caller.sign_in, caller.sid, own=True))


def _added(edit: services.Edit) -> dict[str, Any] | None:
    number = services.add_update_quickly(edit)
    return None if number is None else {"number": number}


@on_event("note:update", quick=_quick_update)
def on_update(
    meeting_id: int, update: bytes, part: str = "", anchor: bytes = b"", head: bytes = b""
) -> dict[str, Any]:
    """Keep one edit; the page says "saved" only after the ``ok``.

    With ``part`` it brings along where the caller is after it, which then needs no ``note:aware``.
    """
    number = services.add_update(meeting_id, update, actor=current_user, sender=caller_sid())
    if part:
        services.show_cursor(meeting_id, part, anchor, head, actor=current_user, sender=caller_sid())
    return {"number": number}


def _quick_aware(
    caller: Caller, meeting_id: int, part: str, anchor: bytes, head: bytes
) -> dict[str, Any] | None:
    cursor = services.Cursor(part, anchor, head)
    shown = services.show_cursor_quickly(
        caller.engine, meeting_id, cursor, sign_in=caller.sign_in, sender=caller.sid
    )
    return {} if shown else None


@on_event("note:aware", quick=_quick_aware)
def on_aware(meeting_id: int, part: str, anchor: bytes, head: bytes) -> None:
    """Show the others where in the notes the caller is."""
    services.show_cursor(meeting_id, part, anchor, head, actor=current_user, sender=caller_sid())


def _quick_newest(caller: Caller, meeting_id: int) -> dict[str, Any] | None:
    number = services.newest_quickly(caller.engine, meeting_id, sign_in=caller.sign_in)
    return None if number is None else {"number": number}


@on_event("note:newest", quick=_quick_newest)
def on_newest(meeting_id: int) -> dict[str, int]:
    """Answer the newest number: whoever missed an edit hears of it here, and syncs."""
    return {"number": services.newest_for(meeting_id, actor=current_user)}


@on_event("own:sync", cost=SYNC_COSTS)
def on_own_sync(meeting_id: int, state_vector: bytes, schema: int) -> dict[str, Any]:
    """Do the same for the caller's own notes."""
    copy = services.sync(meeting_id, state_vector, schema=schema, actor=current_user, own=True)
    return {"update": copy.update, "state_vector": copy.state_vector, "number": copy.number}


@on_event("own:update", quick=_quick_own_update)
def on_own_update(meeting_id: int, update: bytes) -> dict[str, Any]:
    """Keep one edit of the caller's own notes."""
    number = services.add_update(meeting_id, update, actor=current_user, own=True, sender=caller_sid())
    return {"number": number}


@on_event("own:newest")
def on_own_newest(meeting_id: int) -> dict[str, int]:
    """Answer the newest number of the caller's own notes."""
    return {"number": services.newest_for(meeting_id, actor=current_user, own=True)}


JUST_NOW = timedelta(seconds=30)
"""Longer than a row may wait for the database after it was dated."""


class Poke:
    """Tells this process's pages of what other processes have written, with or without a queue."""

    def __init__(self) -> None:
        self.told: dict[int, int] = {}
        self.told_own: dict[tuple[int, int], int] = {}

    def __call__(self) -> None:
        """Compare with the last time, and with what was told here: of that a page finds a gap by itself."""
        some = meetings_here()
        newest = services.newest_of(some) if some else {}
        for meeting_id, number in newest.items():
            if number not in (self.told.get(meeting_id), services.told(meeting_id)):
                live.send(meeting_id, "note:poke", {"number": number}, here_only=True)
        self.told = newest
        people = set(here.values())
        services.forget_unseen(people)
        newest_own = services.newest_own_since(clock.now() - JUST_NOW) if some else {}
        for (meeting_id, owner_id), number in newest_own.items():
            said = self.told_own.get((meeting_id, owner_id)), services.told(meeting_id, owner_id)
            if number not in said and (meeting_id, owner_id) in people:
                live.send(meeting_id, "own:poke", {"number": number}, owner_id=owner_id, here_only=True)
        self.told_own = newest_own
