"""What each process does every few seconds for its own sockets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ementor import live
from ementor.accounts import services as accounts
from ementor.errors import DomainError
from ementor.events import callers
from ementor.meetings import services, sockets
from ementor.meetings.services import presence

POLL_S = 2.0

log = logging.getLogger(__name__)


class Background:
    """What a process does every few seconds: renew its presences, sweep, and poll the numbers.

    The poll is what makes two processes agree with or without a message queue: each looks
    for what others have written and tells its own sockets. Features above add their jobs.
    """

    def __init__(self, app: Flask, *, jobs: Iterable[Callable[[], object]] = ()) -> None:
        self.app = app
        self.jobs = (self.let_go, self.renew, self.tell, presence.sweep, *jobs)
        self.told: dict[int, int] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        """Go on until ``stop``."""
        while not self.ended.wait(POLL_S):
            self.once()

    def once(self) -> None:
        """Do one round; a job that fails is tried again in the next."""
        for job in self.jobs:
            try:
                with self.app.app_context():
                    job()
            except (DomainError, SQLAlchemyError) as error:  # the database may be away for a while
                log.warning("%s failed: %s", job, type(error).__name__)
            except Exception:  # whatever is wrong with one job, the others and the next round go on
                log.exception("%s failed", job)

    def let_go(self) -> None:
        """Hang up on those who have signed out, or were removed from the group, on whatever process."""
        known, here = dict(callers), dict(sockets.here)
        alive = accounts.alive({one.sign_in for one in known.values()}) if known else {}
        for sid, one in known.items():
            if alive.get(one.sign_in, one.person_id) != one.person_id:
                here.pop(sid, None)
                live.hang_up(sid)  # they have become one with somebody: the page calls again, as who they are
        theirs = services.people_of(sockets.meetings_here()) if here else set()
        gone = {sid for sid, one in known.items() if one.sign_in not in alive}
        gone |= {sid for sid, place in here.items() if place not in theirs}
        for sid in gone:
            live.dismiss(sid)

    def renew(self) -> None:
        """Say that this process's sockets are alive."""
        swept = presence.renew(list(sockets.here)) if sockets.here else []
        for sid in swept:
            if sid in sockets.here and not presence.come_back(sid, *sockets.here[sid]):
                sockets.here.pop(sid, None)

    def tell(self) -> None:
        """Tell this process's pages of what others have written since the last time.

        Of a meeting that is new here it tells too: something may have been written since
        its page was answered. Who knows it already does nothing.
        """
        here = sockets.meetings_here()
        newest = services.numbers(here) if here else {}
        for meeting_id, number in newest.items():
            if self.told.get(meeting_id) != number:
                live.changed(meeting_id, number, here_only=True)
        self.told = newest

    def stop(self) -> None:
        """End after the round under way."""
        self.ended.set()
