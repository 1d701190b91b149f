"""Heavy work beside everybody else's: under gevent one that counts for long would hold up all."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from gevent import get_hub, monkey

P = ParamSpec("P")
T = TypeVar("T")


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what ``work`` returns, done in a thread of its own where greenlets share this one.

    It gets plain data only: there is neither request nor database session in that thread.
    """
    if not monkey.is_module_patched("threading"):
        return work(*args, **kwargs)
    done: T = get_hub().threadpool.apply(work, args, kwargs)
    return done
