"""Carries messages to the other processes through Redis, and lets nobody wait for it."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import redis
import socketio
from socketio.packet import Packet

from ementor.broadcast import Rooms

ANSWER_WITHIN_S = 2.0
MAX_WAITING = 1000
GATHER_S = 0.01
"""How long what is said meanwhile is taken along: Redis and redis-py cost by the message, not by the byte."""
MAX_BATCH_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


class Relay(socketio.RedisManager, Rooms):  # type: ignore[misc]
    """A message queue whose messages are hints, so that one may be lost but none may be waited for.

    The library publishes within the request: with a Redis that hangs every press would
    hang too. Here a worker publishes what waits, many at once; what does not fit in its queue is dropped,
    as each process finds it in the database anyway. A batch begins with the name of its process, and each
    line in it with that of its room, so that a process reads only what its own rooms have not heard.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, channel="ementor")
        self.waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self.has_some = threading.Event()
        # Of its own: the listener waits for messages without end, this one never waits long.
        self.sender = redis.Redis.from_url(
            url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S, retry=None
        )

    def initialize(self) -> None:
        """Begin to listen and to send."""
        super().initialize()
        self.server.start_background_task(self._send_on)

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str = "/",
        room: str | None = None,
        skip_sid: str | None = None,
        callback: None = None,
        to: str | None = None,
        *,
        ignore_queue: bool = False,
        **kwargs: Any,
    ) -> None:
        """Send ``event`` to all lines of a room: here as it is, and to the other processes later."""
        Rooms.emit(self, event, data, namespace, to or room, skip_sid)
        if not ignore_queue:
            message = {"method": "emit", "event": event, "data": data, "namespace": namespace}
            self._publish(message | {"room": to or room, "skip_sid": skip_sid})

    def _publish(self, data: dict[str, Any]) -> None:
        if len(self.waiting) >= MAX_WAITING:
            log.warning("redis is too slow: a message was dropped")
            return
        self.waiting.append((data.get("room") or "" if data["method"] == "emit" else "", data))
        self.has_some.set()

    def _send_on(self) -> None:
        while True:
            self.has_some.wait()
            self.has_some.clear()
            time.sleep(GATHER_S)
            while self.waiting:
                try:
                    self.sender.publish(self.channel, self._batch())
                except redis.RedisError as error:
                    log.warning("redis: %s", type(error).__name__)

    def _batch(self) -> bytes:
        lines, size = [self.host_id], 0
        while self.waiting and size < MAX_BATCH_BYTES:
            room, message = self.waiting.popleft()
            lines.append(f"{room} {json.dumps(_as_text(message))}")
            size += len(lines[-1])
        return "\n".join(lines).encode()

    def _listen(self) -> Iterator[bytes]:
        """Return the next message for a room of this process, or for the process itself."""
        for batch in super()._listen():
            host, *lines = batch.split(b"\n")
            if host == self.host_id.encode():
                continue
            here = self.rooms.get("/", {})
            for line in lines:
                room, _, message = line.partition(b" ")
                if not room or room.decode() in here:
                    yield message


def _as_text(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as the library reads it from its queue: bytes stand apart, in Base64."""
    if message["method"] != "emit":
        return message
    data = [message["data"]]
    binary = Packet.data_is_binary(data)
    if binary:
        apart, attachments = Packet.deconstruct_binary(data)
        data = [apart, *(base64.b64encode(one).decode() for one in attachments)]
    return message | {"data": data, "binary": binary}
