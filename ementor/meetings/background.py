"""What each process does every few seconds for its own sockets."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from sqlalchemy.exc import SQLAlchemyError

from ementor import live
from ementor.accounts import services as accounts
from ementor.errors import DomainError
from ementor.events import callers
from ementor.meetings import services, sockets
from ementor.meetings.services import presence

POLL_S = 2.0
RENEW_EVERY_S = 5.0
"""Often enough that a presence outlives two renewals that fail."""

log = logging.getLogger(__name__)


class Background:
    """The background jobs of a process: for its sockets those below, and what features above add.

    Polling the numbers makes two processes agree with or without a message queue: each looks for what
    others have written and tells its own sockets. ``context`` is what a job runs in.
    """

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[object]],
        *,
        jobs: Iterable[Callable[[], object]] = (),
    ) -> None:
        self.context = context
        self.jobs = (self.hang_up, self.renew_presence, self.broadcast, presence.sweep, *jobs)
        self.told: dict[int, int] = {}
        self.next_renewal = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        """Go on until ``stop``."""
        while not self.ended.wait(POLL_S):
            self.once()

    def once(self) -> None:
        """Run each job; one that fails is retried the next time."""
        for job in self.jobs:
            try:
                with self.context():
                    job()
            except (DomainError, SQLAlchemyError) as error:  # the database may be away for a while
                log.warning("%s failed: %s", job, type(error).__name__)
            except Exception:  # whatever is wrong with one job, the others and the next time go on
                log.exception("%s failed", job)

    def hang_up(self) -> None:
        """Hang up on those who have signed out, or were removed from the group, on whatever process."""
        known, here = dict(callers), dict(sockets.here)
        alive = accounts.alive({one.sign_in for one in known.values()}) if known else {}
        for sid, one in known.items():
            if alive.get(one.sign_in, one.person_id) != one.person_id:
                here.pop(sid, None)
                live.hang_up(sid)  # they have become one with somebody: the page calls again, as who they are
        members = services.people_of(sockets.meetings_here()) if here else set()
        gone = {sid for sid, one in known.items() if one.sign_in not in alive}
        gone |= {sid for sid, place in here.items() if place not in members}
        for sid in gone:
            live.dismiss(sid)

    def renew_presence(self) -> None:
        """Renew the presences of this process's sockets, when it is time to."""
        if time.monotonic() >= self.next_renewal:
            self.renew()
            self.next_renewal = time.monotonic() + RENEW_EVERY_S

    def renew(self) -> None:
        """Renew the presences of this process's sockets; those that were swept come in again."""
        swept = presence.renew(list(sockets.here)) if sockets.here else []
        for sid in swept:
            if sid in sockets.here and not presence.come_back(sid, *sockets.here[sid]):
                sockets.here.pop(sid, None)

    def broadcast(self) -> None:
        """Broadcast here what other processes have written since the last time.

        A meeting that is new here counts too: something may have been written since its page was
        answered. A page that knows it already does nothing.
        """
        here = sockets.meetings_here()
        newest = services.numbers(here) if here else {}
        for meeting_id, number in newest.items():
            if self.told.get(meeting_id) != number:
                live.changed(meeting_id, number, here_only=True)
        self.told = newest

    def stop(self) -> None:
        """End after the jobs under way."""
        self.ended.set()
