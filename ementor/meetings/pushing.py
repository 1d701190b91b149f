"""The room's part, pushed to those pages of this process whose meeting has changed.

``changed`` reaches each process, by itself, the queue or the poll of the numbers. Here a page that takes
pushes gets its part in the place of that message: rights are asked for all of a meeting's pages by one
statement, and what they see alike is rendered once. Who may not see the meeting gets nothing. Where a part
cannot be made, its page gets the message after all, and asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ementor import broadcast, clock, live, websocket
from ementor.extensions import socketio
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.meetings import parts, services

AT_ONCE, BREATH_S = 8, 0.001
"""Pages rendered before others have a turn, about a room's, and what they get then: no time at all would be
fifty turns on under gevent."""
MOST_UNSENT = 64 * 1024
"""Bytes on the way to a page. Behind more no part is pushed, which would be old by then: the page asks."""

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Screen:
    """A page that takes pushed parts: who looks and how, and what they were last sent."""

    app: Flask = field(repr=False)
    meeting_id: int
    sid: str
    sign_in: str
    locale: str
    root: str
    """Where the group's link begins, as this page has it."""
    number: int
    side: str
    """The digest of what it has beside the turn."""
    asking: int = 0
    """Requests under way whose answers bring it the part."""
    missed: int = 0
    """The number that it was not sent as it was asking."""

    def showed(self, number: int, side: str) -> None:
        """Note that an answer brings it the part, so that it is not pushed as well."""
        if number >= self.number:
            self.number, self.side = number, side


_screens: dict[str, dict[str, Screen]] = {}
"""Room → socket → page."""
_rooms: dict[str, str] = {}
"""Socket → room."""
_due: dict[str, int] = {}
"""Room → the newest number that one has heard of."""
_lent: dict[str, parts.Scene] = {}
"""Room → what the answer to the press was made of, until it is pushed."""
_lock = threading.Lock()
_working = threading.Event()


def enter(screen: Screen) -> None:
    """Push its meeting's part to a page from now on."""
    leave(screen.sid)
    _rooms[screen.sid] = room = live.room_of(screen.meeting_id)
    _screens.setdefault(room, {})[screen.sid] = screen


def leave(sid: str) -> None:
    """Push nothing more to a page."""
    room = _rooms.pop(sid, "")
    screens = _screens.get(room, {})
    screens.pop(sid, None)
    if not screens:
        _screens.pop(room, None)


@contextmanager
def answered(meeting_id: int, sid: str | None, *, sign_in: str) -> Iterator[Screen | None]:
    """Hold back what would be pushed to a page while an answer brings it the part.

    ``sid`` is what the page calls its socket; one of another sign-in, or of another process, is none.
    """
    room = live.room_of(meeting_id)
    screen = _screens.get(room, {}).get(sid or "")
    if screen is None or screen.sign_in != sign_in:
        yield None
        return
    screen.asking += 1
    try:
        yield screen
    finally:
        screen.asking -= 1
        if screen.missed > screen.number:
            _wake(room, screen.missed)


def lend(scene: parts.Scene) -> None:
    """Let the push that is due be made of the same scene as an answer, if nothing has changed by then."""
    room = live.room_of(scene.meeting.id)
    if room in _due:
        _lent[room] = scene


def _instead(room: str, data: dict[str, Any]) -> Set[str]:
    """Push in the place of ``changed``; return the sockets that get nothing else."""
    screens = _screens.get(room, {})
    if any(screen.number < data["number"] for screen in list(screens.values())):
        _wake(room, data["number"])
    return screens.keys()


broadcast.instead_of["changed"] = _instead


def _wake(room: str, number: int) -> None:
    """Push soon, in a thread of its own: nobody who presses waits for the others."""
    with _lock:
        _due[room] = max(number, _due.get(room, 0))
        if _working.is_set():
            return
        _working.set()
    socketio.start_background_task(_work)


def is_working() -> bool:
    """Tell whether something is being pushed, or due."""
    return _working.is_set()


def _work() -> None:
    """Push until nothing is due; a room that has changed again meanwhile is rendered once, as it is then."""
    try:
        while True:
            with _lock:
                if not _due:
                    _working.clear()  # before the lock is let go of: what is due from now on begins anew
                    return
                room = next(iter(_due))
                number = _due.pop(room)
            _push_or_hint(room, number, _lent.pop(room, None))
            time.sleep(BREATH_S)
    except BaseException:  # whatever ends it, others may begin
        _working.clear()
        raise


def _push_or_hint(room: str, number: int, lent: parts.Scene | None) -> None:
    screens = [screen for screen in list(_screens.get(room, {}).values()) if screen.number < number]
    try:
        if screens:
            _push(screens[0].meeting_id, screens, lent)
    except SQLAlchemyError as error:  # the database may be away for a while
        log.warning("nothing was pushed: %s", type(error).__name__)
        _hint(screens, number)
    except Exception:  # whatever is wrong with one room, its pages ask, and the others go on
        log.exception("nothing was pushed")
        _hint(screens, number)


def _push(meeting_id: int, screens: list[Screen], lent: parts.Scene | None = None) -> None:
    with screens[0].app.app_context():
        accesses = services.accesses_by(meeting_id, sign_ins={screen.sign_in for screen in screens})
        there = [(screen, accesses[screen.sign_in]) for screen in screens if screen.sign_in in accesses]
        if not there:
            return
        room, newest = there[0][1].room, there[0][1].newest
        if room.ended_at is not None:  # what members may still read of it, is asked by each for itself
            _hint((screen for screen, _ in there), newest.number or 0)
            return
        run, group = services.run_of(meeting_id, newest), room.group
        people = parts.people_of(policy.everybody_in(group.id), run)
        waiting = groups.waiting_in(group.id) if there[0][1].somebody_waits else []
        scene = parts.Scene(room, run, people=people, now=clock.now(), waiting=waiting)
        if lent is not None and lent.is_as_good_as(scene):
            scene = lent
        for place, (screen, access) in enumerate(there, 1):
            if screen.asking:
                screen.missed = run.number
                continue
            if screen.number >= run.number:  # an answer has brought it meanwhile
                continue
            line = websocket.connection_of(socketio.server, screen.sid)
            if line is not None and line.unsent() > MOST_UNSENT:
                _hint([screen], run.number)
                continue
            part = scene.part(
                parts.viewer_of(access),
                locale=screen.locale,
                join_url=screen.root + group.join_token,
                has_side=screen.side,
            )
            screen.showed(run.number, part.side)
            _send(screen, "run", {"number": run.number, "html": part.html})
            if not place % AT_ONCE:
                time.sleep(BREATH_S)


def _hint(screens: Iterable[Screen], number: int) -> None:
    """Tell pages the number alone: each of them asks."""
    for screen in screens:
        screen.number = max(number, screen.number)
        _send(screen, "changed", {"number": number})


def _send(screen: Screen, event: str, data: dict[str, Any]) -> None:
    socketio.emit(event, data, to=screen.sid, ignore_queue=True)
