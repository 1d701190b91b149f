"""The dictionaries of three languages, in the smallest form they come in, once somebody needs them.

To load them takes two seconds of work and 65 MB, and each word then 100 microseconds: under gevent all of
that happens in a thread, where it holds nobody up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import gevent
from gevent import monkey
from gevent.threadpool import ThreadPool

from ementor.archive.search.words import LANGUAGES

T = TypeVar("T")


def lemma(word: str, language: str) -> str | None:
    """Return the lemma of a word, None where the language does not know it. Call it by ``aside``."""
    found: str | None = _strategy().get_lemma(word, language)
    return found


def is_known(word: str) -> bool:
    """Tell whether it is a word of one of the languages just as it is. Call it by ``aside``."""
    return any(_strategy().is_dictionary_member(word, language) for language in LANGUAGES)


def aside(function: Callable[..., T], *arguments: Any) -> T:
    """Call ``function``, which knows no database and no request, while others go on; answers its answer."""
    if not monkey.is_module_patched("threading"):
        return function(*arguments)
    answer: T = _thread().apply(function, arguments)
    return answer


def is_ready(within_s: float = 0) -> bool:
    """Tell whether the dictionaries are there; begin to load them when they are not, and wait so long."""
    if not _loaded and monkey.is_module_patched("threading"):
        _loading().join(within_s)
    elif not _loaded:
        _load()
    return bool(_loaded)


_loaded: list[bool] = []


def _load() -> None:
    for language in LANGUAGES:
        lemma("a", language)
    _loaded[:] = [True]


@cache
def _loading() -> gevent.Greenlet:
    return gevent.spawn(aside, _load)


@cache
def _strategy() -> Any:
    from simplemma.strategies import DefaultStrategy

    return DefaultStrategy(low_memory=True)


@cache
def _thread() -> ThreadPool:
    """Return the one thread: what it does has a state that two would disturb."""
    return ThreadPool(1)
