"""Heavy work beside everybody else's: under gevent one that counts for long would hold up all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import ParamSpec, TypeVar

from flask_babel import gettext
from gevent import monkey
from gevent.threadpool import ThreadPool

from ementor.errors import TooFast

P = ParamSpec("P")
T = TypeVar("T")
AT_ONCE = 2
"""More threads would finish no earlier, as one only computes at a time, but leave less to everybody else."""
_busy: set[Hashable] = set()


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what ``work`` returns, done in a thread of its own where greenlets share this one.

    It gets plain data only: there is neither request nor database session in that thread.
    """
    if not monkey.is_module_patched("threading"):
        return work(*args, **kwargs)
    done: T = _threads().apply(work, args, kwargs)
    return done


@contextmanager
def one_at_a_time(who: Hashable) -> Iterator[None]:
    """Let somebody have one piece of heavy work done at a time, so that nobody has it all. Raises TooFast."""
    if who in _busy:
        raise TooFast(gettext("Too many presses at once. Wait a moment, then try again."))
    _busy.add(who)
    try:
        yield
    finally:
        _busy.discard(who)


@cache
def _threads() -> ThreadPool:
    return ThreadPool(AT_ONCE)
