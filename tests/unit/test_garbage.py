"""The garbage collector leaves out what has survived, and finds all the same what connections leave."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ementor import garbage
from ementor.garbage import Garbage
from ementor.websocket import WebSocket


class Knot:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Garbage]:
    before = gc.get_threshold(), list(gc.callbacks)
    monkeypatch.setattr(WebSocket, "ended", 0)
    monkeypatch.setattr(garbage, "connections", {})
    one = Garbage()
    one.start()
    yield one
    gc.unfreeze()
    gc.callbacks[:] = before[1]
    gc.set_threshold(*before[0])


def garbage_that_was_frozen() -> weakref.ref[Knot]:
    knot = Knot()
    gc.collect()
    return weakref.ref(knot)


def test_what_survives_is_not_looked_through_again(collector: Garbage) -> None:
    before = gc.get_freeze_count()
    kept = [Knot() for _ in range(1000)]
    gc.collect()
    assert gc.get_freeze_count() >= before + len(kept)
    assert len(gc.get_objects()) < len(kept)


def test_what_connections_left_is_found_when_nobody_is_here(collector: Garbage) -> None:
    left = garbage_that_was_frozen()
    gc.collect()
    collector()
    assert left() is not None
    WebSocket.ended += 1
    collector()
    assert left() is None
    assert gc.get_freeze_count() > 1000  # and the rest is frozen again


def test_while_somebody_is_here_it_is_found_when_it_is_much(
    collector: Garbage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "connections", {"somebody": None})
    left = garbage_that_was_frozen()
    WebSocket.ended += garbage.MANY - 1
    collector()
    assert left() is not None
    WebSocket.ended += 1
    collector()
    assert left() is None
