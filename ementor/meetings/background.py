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
from ementor.watch import Watch

POLL_S = 2.0
LOOK_EVERY = 5
"""Each so many polls what others have written is looked for although nothing says that anything is."""
RENEW_EVERY_S = 5.0
"""Often enough that a presence outlives two renewals that fail."""
BREATH_S = 0.001
"""What others get after each job. No time at all would be fifty turns on under gevent."""

log = logging.getLogger(__name__)


class Every:
    """A job that is not due at each poll; one that fails is tried again at the next."""

    def __init__(self, seconds: float, job: Callable[[], object]) -> None:
        self.seconds, self.job = seconds, job
        self.next_at = 0.0

    def __call__(self) -> None:
        """Do it, when it is time to."""
        if time.monotonic() >= self.next_at:
            self.job()
            self.next_at = time.monotonic() + self.seconds

    def __repr__(self) -> str:
        return f"{self.job}"


class Background:
    """The background jobs of a process: for its sockets those below, and what features above add.

    Polling the numbers makes two processes agree with or without a message queue: each looks for what
    others have written and tells its own sockets. ``context`` is what a job runs in. The jobs ``on_change``
    depend on nothing but what is in the database and which sockets are here, so they run when that has
    changed; the other ``jobs`` watch the clock, too.
    """

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[object]],
        *,
        jobs: Iterable[Callable[[], object]] = (),
        on_change: Iterable[Callable[[], object]] = (),
    ) -> None:
        self.context = context
        self.on_change = (self.hang_up, self.broadcast, *on_change)
        self.jobs: tuple[Callable[[], object], ...]
        self.jobs = (Every(RENEW_EVERY_S, self.renew), presence.sweep, *jobs)
        self.watch = Watch()
        self.seen: object = None
        """The sockets that were here at the last look; None when that was not a whole one."""
        self.unlooked = 0
        self.told: dict[int, int] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        """Go on until ``stop``."""
        while not self.ended.wait(POLL_S):
            self.once()

    def once(self) -> None:
        """Run each job that has something to look at; one that fails is retried the next time."""
        here = dict(sockets.here), set(callers)
        self.unlooked += 1
        # Before the jobs, which look at what is later.
        if self._may_have_changed() or here != self.seen or self.unlooked >= LOOK_EVERY:
            failed = [job for job in self.on_change if not self._run(job)]
            self.unlooked, self.seen = 0, None if failed else here
        for job in self.jobs:
            self._run(job)

    def _may_have_changed(self) -> bool:
        try:
            with self.context():
                return self.watch.has_changed(services.engine())
        except Exception:  # whatever is wrong with the question, the jobs go on
            log.exception("nobody knows whether anything was written")
            return True

    def _run(self, job: Callable[[], object]) -> bool:
        try:
            with self.context():
                job()
        except (DomainError, SQLAlchemyError) as error:  # the database may be away for a while
            log.warning("%s failed: %s", job, type(error).__name__)
        except Exception:  # whatever is wrong with one job, the others and the next time go on
            log.exception("%s failed", job)
        else:
            return True
        finally:
            time.sleep(BREATH_S)
        return False

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
