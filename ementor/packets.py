"""Socket.IO's packets as we speak them: one namespace, and bytes only as arguments of their own."""

from __future__ import annotations

import json
import re
from typing import Any

import engineio.packet
import socketio.packet

from ementor.frames import BINARY, TEXT, framed

MAX_ATTACHMENTS = 4
EVENT, ACK = socketio.packet.EVENT, socketio.packet.ACK
_BINARY = {EVENT: socketio.packet.BINARY_EVENT, ACK: socketio.packet.BINARY_ACK}
_PLAIN = {binary: plain for plain, binary in _BINARY.items()}
_SHAPE = re.compile(r"([0-6])(?:(\d{1,2})-)?(\d{1,18})?((?!\d|/).*)", re.ASCII | re.DOTALL)
"""Kind, number of attachments, id and JSON; what names a namespace does not match."""


class Packet:
    """A packet that has come, whole once all its attachments are there."""

    __slots__ = ("_attachments", "_awaited", "data", "id", "kind")

    def __init__(self, text: str) -> None:
        """Raise ValueError when this is no packet of ours."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise ValueError("no packet")
        kind, attachments, number, rest = match.groups()
        self.kind, self._awaited = int(kind), int(attachments or 0)
        if self._awaited > MAX_ATTACHMENTS or (self.kind in _PLAIN) != bool(attachments):
            raise ValueError("attachments")
        self.kind = _PLAIN.get(self.kind, self.kind)
        self.id = int(number) if number else None
        self.data: Any = json.loads(rest) if rest else None
        self._attachments: list[bytes] = []

    @property
    def is_whole(self) -> bool:
        return len(self._attachments) == self._awaited

    def add(self, attachment: bytes) -> None:
        """Take the next attachment; with the last one they stand where the arguments name them."""
        self._attachments.append(attachment)
        if self.is_whole and isinstance(self.data, list):
            self.data = [
                self._attachments[each["num"]] if isinstance(each, dict) and "_placeholder" in each else each
                for each in self.data
            ]


def encoded(kind: int, data: list[Any], number: int | None = None) -> list[str | bytes]:
    """Return a packet as messages: its text, then its attachments."""
    attachments: list[str | bytes] = []

    def attach(value: Any) -> dict[str, Any]:
        if not isinstance(value, bytes):
            raise TypeError(f"{type(value).__name__} cannot be sent")
        attachments.append(value)
        return {"_placeholder": True, "num": len(attachments) - 1}

    text = json.dumps(data, separators=(",", ":"), default=attach)
    head = f"{_BINARY[kind]}{len(attachments)}-" if attachments else str(kind)
    return [f"{head}{'' if number is None else number}{text}", *attachments]


def frames_of(messages: list[str | bytes]) -> bytes:
    """Return the frames of a packet: every reader gets the same."""
    return b"".join(
        [
            framed(TEXT, f"{engineio.packet.MESSAGE}{each}".encode())
            if isinstance(each, str)
            else framed(BINARY, each)
            for each in messages
        ]
    )
