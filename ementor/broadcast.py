"""A message to a room: encoded once, the same bytes for each line of this process that is in it."""

from __future__ import annotations

from typing import Any

import engineio.packet
import socketio
import socketio.packet
from websockets.frames import BINARY, TEXT

from ementor.websocket import WebSocket, frame, lines

ENDING = {socketio.packet.DISCONNECT, socketio.packet.CONNECT_ERROR}


def install(server: Any) -> None:
    """Let a Socket.IO server speak through this WebSocket, and send whole packets by it."""
    server.eio._async = {**server.eio._async, "websocket": WebSocket}
    send = server._send_packet

    def send_packet(eio_sid: str, packet: Any) -> None:
        line = lines.get(eio_sid)
        if line is None:
            send(eio_sid, packet)
        else:
            line.write(frames_of(packet.encode()), ends=packet.packet_type in ENDING)

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
        if namespace not in self.rooms:
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        packet = self.server.packet_class(
            socketio.packet.EVENT, namespace=namespace, data=[event, *arguments]
        )
        encoded = packet.encode()
        frames = frames_of(encoded)
        for sid, eio_sid in self.get_participants(namespace, to or room):
            if sid == skip_sid:
                continue
            line = lines.get(eio_sid)
            if line is not None:
                line.write(frames)
                continue
            for part in encoded if isinstance(encoded, list) else [encoded]:  # a test's, without a network
                self.server._send_eio_packet(eio_sid, engineio.packet.Packet(engineio.packet.MESSAGE, part))


def frames_of(encoded: Any) -> bytes:
    """Return a Socket.IO packet, encoded, as the frames that every reader gets alike."""
    parts = encoded if isinstance(encoded, list) else [encoded]
    message = engineio.packet.MESSAGE
    return b"".join(
        frame(TEXT, f"{message}{part}".encode()) if isinstance(part, str) else frame(BINARY, part)
        for part in parts
    )
