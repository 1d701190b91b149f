"""Carries messages to the other processes through Redis, and lets nobody wait for it."""

from __future__ import annotations

import json
import logging
import queue
from typing import Any

import redis
import socketio

from ementor.broadcast import Rooms

ANSWER_WITHIN_S = 2.0
MAX_WAITING = 1000

log = logging.getLogger(__name__)


class Relay(socketio.RedisManager, Rooms):  # type: ignore[misc]
    """A message queue whose messages are hints, so that one may be lost but none may be waited for.

    The library publishes within the request: with a Redis that hangs every press would
    hang too. Here a worker publishes; what does not fit in its queue is dropped, as the
    poll of each process finds it in the database anyway.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, channel="ementor")
        self.waiting: queue.Queue[Any] = queue.Queue(MAX_WAITING)
        # Of its own: the listener waits for messages without end, this one never waits long.
        self.sender = redis.Redis.from_url(
            url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S, retry=None
        )

    def initialize(self) -> None:
        """Begin to listen and to send."""
        super().initialize()
        self.server.start_background_task(self._send_on)

    def _publish(self, data: Any) -> None:
        try:
            self.waiting.put_nowait(data)
        except queue.Full:
            log.warning("redis is too slow: a message was dropped")

    def _send_on(self) -> None:
        while True:
            message = self.waiting.get()
            try:
                self.sender.publish(self.channel, json.dumps(message))
            except redis.RedisError as error:
                log.warning("redis: %s", type(error).__name__)
