"""What processes tell each other: many messages at once, and only what a process has not heard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio
from socketio.packet import Packet

from ementor.relay import MAX_BATCH_BYTES, MAX_WAITING, Relay

Heard = list[tuple[str, Any]]


@pytest.fixture
def relay() -> Callable[[], Relay]:
    def make() -> Relay:
        one = Relay("redis://127.0.0.1:1/0")
        one.set_server(socketio.Server(client_manager=one))
        return one

    return make


def carried(sender: Relay, receiver: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Return what ``receiver`` takes in of what waits at ``sender``."""
    batches = []
    while sender.waiting:
        batches.append(sender._batch())
    monkeypatch.setattr(socketio.RedisManager, "_listen", lambda self: iter(batches))
    return map(json.loads, receiver._listen())


def enter(relay: Relay, room: str) -> None:
    relay.rooms.setdefault("/", {})[room] = {"sid": "eio"}


def test_a_process_takes_what_is_for_its_rooms_and_for_itself(
    relay: Callable[[], Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = relay(), relay()
    enter(there, "meeting-2")
    for number in (1, 2, 3):
        here.emit("changed", {"number": number}, room=f"meeting-{number}")
    here._publish({"method": "disconnect", "sid": "x", "namespace": "/", "host_id": here.host_id})
    taken = list(carried(here, there, monkeypatch))
    assert [(one["method"], one.get("room"), one.get("data")) for one in taken] == [
        ("emit", "meeting-2", [{"number": 2}]),
        ("disconnect", None, None),
    ]


def test_nobody_hears_themselves(relay: Callable[[], Relay], monkeypatch: pytest.MonkeyPatch) -> None:
    one = relay()
    enter(one, "meeting-1")
    one.emit("changed", {"number": 1}, room="meeting-1")
    assert not list(carried(one, one, monkeypatch))


def test_bytes_and_line_ends_arrive_as_they_were(
    relay: Callable[[], Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = relay(), relay()
    enter(there, "meeting-1")
    said = {"update": b"\n\x00 \xff", "name": "Åsa\n\u2028 🙂"}
    here.emit("note:update", said, room="meeting-1", skip_sid="sid")
    heard: Heard = []
    # What the library makes of a message that it reads from its queue.
    monkeypatch.setattr(
        "ementor.broadcast.Rooms.emit",
        lambda self, event, data, **how: heard.append((how["skip_sid"], data)),
    )
    for message in carried(here, there, monkeypatch):
        there._handle_emit(message)
    assert heard == [("sid", said)]
    assert Packet.data_is_binary([said])


def test_a_room_of_this_process_only_is_not_published(relay: Callable[[], Relay]) -> None:
    one = relay()
    one.emit("changed", {"number": 1}, room="meeting-1", ignore_queue=True)
    assert not one.waiting


def test_what_waits_is_bounded_and_is_sent_in_pieces(relay: Callable[[], Relay]) -> None:
    one = relay()
    for number in range(MAX_WAITING + 5):
        one.emit("changed", {"number": number, "html": "x" * (MAX_BATCH_BYTES // 100)}, room="meeting-1")
    assert len(one.waiting) == MAX_WAITING
    first = one._batch()
    assert MAX_BATCH_BYTES <= len(first) < 1.1 * MAX_BATCH_BYTES
    assert len(one.waiting) > MAX_WAITING - 110
