"""A message to a room: encoded once, the same bytes for each line of this process that is in it."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import engineio.packet
import engineio.socket
import socketio
import socketio.packet

from ementor import packets
from ementor.websocket import WebSocket, connections

instead_of: dict[str, Callable[[str, Any], Set[str]]] = {}
"""Event → what tells sockets of a room of this process in another way, and returns which."""
ENDING = {socketio.packet.DISCONNECT, socketio.packet.CONNECT_ERROR}


def install(server: Any) -> None:
    """Let a Socket.IO server speak through this WebSocket, and send whole packets by it."""
    server.eio._async = {**server.eio._async, "websocket": WebSocket}
    start = server.eio.start_background_task

    def start_background_task(target: Any, *args: Any, **kwargs: Any) -> Any:
        # Not the timer that engineio has for each line's first ping: one thread pings all lines.
        if getattr(target, "__func__", None) is not engineio.socket.Socket._send_ping:
            return start(target, *args, **kwargs)
        return None

    server.eio.start_background_task = start_background_task
    send = server._send_packet

    def send_packet(eio_sid: str, packet: Any) -> None:
        line = connections.get(eio_sid)
        if line is None:
            send(eio_sid, packet)
        else:
            encoded = packet.encode()
            messages = encoded if isinstance(encoded, list) else [encoded]
            line.write(packets.frames_of(messages), ends=packet.packet_type in ENDING)

    server._send_packet = send_packet


class Rooms(socketio.Manager):  # type: ignore[misc]
    """Who is in which room, and how a message gets to all of them: encoded once, the same bytes for each."""

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: str | None = None,
        callback: None = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Send ``event`` to all lines of this process in a room, but for ``skip_sid``."""
        there = self.rooms.get(namespace, {}).get(to or room)
        if not there:
            return
        told = instead_of[event](str(to or room), data) if event in instead_of else frozenset()
        if there.keys() <= told:
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        messages = packets.encoded(packets.EVENT, [event, *arguments])
        frames = packets.frames_of(messages)
        for sid, eio_sid in list(there.items()):
            if sid == skip_sid or sid in told:
                continue
            line = connections.get(eio_sid)
            if line is not None:
                line.write(frames)
                continue
            for part in messages:  # a test's, without a network
                self.server._send_eio_packet(eio_sid, engineio.packet.Packet(engineio.packet.MESSAGE, part))
