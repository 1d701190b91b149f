"""The WebSocket under Socket.IO: counted before it is parsed, sent whole, bounded both ways.

The protocol is the half without I/O of the library ``websockets``; here are the connection, the
limits and the backlog. It takes the place of engineio's WebSocket, its queue and its writer task.
Longer than 400 lines, as listening, sending and ending are one state that each of them can end.
"""

from __future__ import annotations

import fcntl
import logging
import math
import socket
import termios
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import engineio.packet
import socketio
import socketio.packet
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from ementor import packets
from ementor.errors import DomainError
from ementor.frames import BINARY, CONT, TEXT, Frame, FrameReader, framed
from ementor.packets import Packet
from ementor.rate import Bucket

MAX_MESSAGE_BYTES = 300_000
"""Room for the largest update of the notes; larger ones are refused before they are read."""
MAX_TEXT_BYTES = 64 * 1024
MAX_STRANGERS_MESSAGE_BYTES = 4096
"""What somebody may send at once who has not shown yet who they are."""

BURST_BYTES, BYTES_PER_S = 2 * 1024 * 1024, 200 * 1024
BURST_FRAMES, FRAMES_PER_S = 600, 150
BUSY_FRAMES = 20
"""More at once than somebody who types and looks on; what they send may come in without a break."""
BREATH_S = 0.001
"""What the others get after each of these. Under gevent no time at all would mean fifty messages on."""
STRIKE_S = 1.0
"""How long whoever sends too much is not listened to, the first time. The second time the line is cut."""

KNOWN_WITHIN_S = 10.0
PING_AFTER_S, SILENT_S = 15.0, 25.0
"""Whatever somebody sends shows that they are there: only who is silent is pinged, and then cut."""
PATIENCE_S = 20.0
"""How long a page waits for any message before it takes the line for dead: longer than for a ping."""
LOOK_EVERY_S = 1.0

MAX_BACKLOG_BYTES = 1024 * 1024
SLICE_BYTES = 64 * 1024
SEND_BUFFER_BYTES = 256 * 1024
CHUNK_BYTES = 16 * 1024
DRAIN_S = 1.0

RESERVED = {"connect", "disconnect"}
MESSAGE, PONG = str(engineio.packet.MESSAGE), str(engineio.packet.PONG)
MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What the parsers of Engine.IO, Socket.IO and JSON raise when they are given something else."""

log = logging.getLogger(__name__)
connections: dict[str, WebSocket] = {}
"""The open lines of this process, by the id that engineio gives them."""
_looks = threading.Event()


def _nothing() -> None:
    """Do nothing: nobody asked to hear of it."""


class TooMuch(Exception):
    """A line sent more than it may."""


PING = framed(TEXT, str(engineio.packet.PING).encode())


def connection_of(server: Any, sid: str) -> WebSocket | None:
    """Return the line of a Socket.IO session; None for the ones that tests have without a network."""
    return connections.get(server.manager.eio_sid_from_sid(sid, "/"))


def _look_after_connections() -> None:
    """Ping silent lines, and cut them in the end: one thread, where engineio has timers for each line."""
    while True:
        time.sleep(LOOK_EVERY_S)
        now = time.monotonic()
        for line in list(connections.values()):
            if now - line.silent_since >= PING_AFTER_S or line.is_flushing:
                line.look(now)


class WebSocket:
    """One line, as engineio wants it: made with a handler, then called as a WSGI application.

    Reads in the thread (under gevent: greenlet) of the request. Whoever has something to say
    writes at once if the connection takes it; what it does not take waits in one backlog, which
    one more thread sends on, so that frames stay whole and in order. Who reads so slowly that
    more than MAX_BACKLOG_BYTES wait behind what is being sent is cut off, and catches up later.
    """

    ended = 0
    """How many have ended in this process."""

    def __init__(self, handler: Callable[..., Any], server: Any) -> None:
        self.peer = handler.__self__  # type: ignore[attr-defined] # engineio's Socket, a bound method's
        self.protocol = ServerProtocol(state=State.OPEN, max_size=MAX_STRANGERS_MESSAGE_BYTES)
        self.reader = FrameReader(self.protocol)
        self.admitted: Callable[[], None] = _nothing
        self.opened_at = self.silent_since = self.stuck_since = time.monotonic()
        self.pinged_in = 0.0
        """The silence in which it was pinged, by when that began."""
        self.bytes = Bucket(BURST_BYTES, self.opened_at)
        self.frames = Bucket(BURST_FRAMES, self.opened_at)
        self.strikes = 0
        self.known = False
        self._connects = 0
        self._pieces = bytearray()
        self._text = False
        self._packet: Packet | None = None
        self._lock = threading.Lock()  # under gevent an RLock is ten calls, and each delivery takes it
        self._over = False
        self._backlog: deque[memoryview] = deque()
        self._waiting_bytes = 0
        self.is_flushing = False
        self._ends = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Shake hands, then listen until the line is over."""
        self._connection = environ.get("ementor.connection") or environ["werkzeug.socket"]
        self.admitted = environ.get("ementor.admitted", _nothing)
        self._connection.settimeout(KNOWN_WITHIN_S)
        # What sends never waits: under gevent what lies below its socket, else a socket of its own.
        self._sender = getattr(self._connection, "_sock", None) or self._connection.dup()
        self._sender.setblocking(False)
        self._wait = getattr(self._connection, "_wait", None)
        with suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._environ, peer = environ, self.peer
        connections[peer.sid] = self
        if not _looks.is_set():
            _looks.set()
            threading.Thread(target=_look_after_connections, daemon=True).start()
        try:
            self.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept_key(environ["HTTP_SEC_WEBSOCKET_KEY"]).encode()
            )
            peer.connected = peer.upgraded = True
            while not peer.queue.empty():
                self.send_packet(peer.queue.get_nowait())
                peer.queue.task_done()
            peer.send = self.send_packet
            self._listen()
        finally:
            connections.pop(peer.sid, None)
            WebSocket.ended += 1
            peer.close(wait=False, abort=True, reason=peer.server.reason.TRANSPORT_CLOSE)
            self._hang_up()
        if "werkzeug.socket" in environ:
            raise ConnectionError  # how its server is told that there will be no answer
        return []

    def admit(self) -> None:
        """Note that somebody known is at the other end: they may send more at once, and be silent."""
        self.known = True
        self.protocol.max_message_size = MAX_MESSAGE_BYTES
        self._connection.settimeout(None)  # ``look`` is cheaper than a timer for each frame
        self.admitted()

    def look(self, now: float) -> None:
        """Ping once in a silence; hang up on who goes on to say nothing, or takes nothing that was sent."""
        silent_s = now - self.silent_since
        if silent_s > SILENT_S or (self.is_flushing and now - self.stuck_since > SILENT_S):
            log.info("a line fell silent and is cut off")
            self._cut()
        elif silent_s >= PING_AFTER_S and self.pinged_in != self.silent_since:
            self.pinged_in = self.silent_since
            self.write(PING)

    # Listening

    def _listen(self) -> None:
        try:
            while True:
                data = self._read()
                if self._over:
                    self._drain()
                    return
                self._take_in(data)
        except OSError:
            return  # silent for too long, or gone
        except TooMuch as error:
            self.end(CloseCode.POLICY_VIOLATION, str(error))
        except MALFORMED as error:
            log.info("a line sent what nobody understands: %s", type(error).__name__)
            self.end(CloseCode.PROTOCOL_ERROR, "not understood")

    def _read(self) -> bytes:
        """Return what has come, counted. Raises OSError when there is nothing more, or TooMuch."""
        if not self.known:
            left_s = self.opened_at + KNOWN_WITHIN_S - time.monotonic()
            self._connection.settimeout(max(left_s, 0.01))
        self.silent_since = time.monotonic()
        if self._wait is not None:  # else gevent asks first, and is told each time that nothing is there
            self._wait(self._connection._read_event)
        data: bytes = self._connection.recv(CHUNK_BYTES)
        self.silent_since = math.inf  # while it is answered
        if not data:
            raise ConnectionResetError
        now = time.monotonic()
        self._require(self.bytes.take(len(data), now, burst=BURST_BYTES, per_s=BYTES_PER_S))
        return data

    def _take_in(self, data: bytes) -> None:
        frames = self.reader.read(data)
        if frames:
            now = time.monotonic()
            self._require(self.frames.take(len(frames), now, burst=BURST_FRAMES, per_s=FRAMES_PER_S))
        if not self.reader.is_usual and (answers := b"".join(self.protocol.data_to_send())):
            self.write(answers)
        for frame in frames:
            message = self._assembled(frame)
            if message is not None and not self._over:
                self._hear(message)
                if self.frames.left < BURST_FRAMES - BUSY_FRAMES:
                    time.sleep(BREATH_S)
        if len(data) == CHUNK_BYTES:
            time.sleep(BREATH_S)
        if not self.reader.is_usual and self.protocol.close_expected():
            self._finish()
            raise ConnectionResetError

    def _require(self, has_budget: bool) -> None:
        """Strike a line that has none left: once it is let wait, then TooMuch is raised."""
        if has_budget:
            return
        self.strikes += 1
        if self.strikes > 1 or not self.known:
            raise TooMuch("too much at once")
        time.sleep(STRIKE_S)

    def _assembled(self, frame: Frame) -> str | bytes | None:
        """Return a message once its last fragment has come."""
        opcode, data, is_last = frame
        if opcode > BINARY:
            return None
        if opcode != CONT:
            self._text = opcode == TEXT
            if not is_last:
                self._pieces = bytearray()
        if not is_last or opcode == CONT:
            self._pieces += data  # as long as its bytes, which are limited: empty ones may come for ever
            if not is_last:
                return None
            data, self._pieces = bytes(self._pieces), bytearray()
        if not self._text:
            return data
        if len(data) > MAX_TEXT_BYTES:
            raise TooMuch("too long a text")
        return data.decode()

    def _hear(self, message: str | bytes) -> None:
        """Take one Engine.IO packet; all but MESSAGE and the answer to a ping end the line."""
        if isinstance(message, bytes):
            self._dispatch(self._with_bytes(message))
        elif message[0] == MESSAGE:
            self._dispatch(self._with_text(message[1:]))
        elif message[0] != PONG:
            raise ConnectionResetError

    def _with_text(self, text: str) -> Packet:
        if self._packet is not None:
            raise ValueError("bytes were to come")
        return Packet(text)

    def _with_bytes(self, data: bytes) -> Packet:
        if self._packet is None:
            raise ValueError("bytes that nobody announced")
        packet, self._packet = self._packet, None
        packet.add(data)
        return packet

    def _dispatch(self, packet: Packet) -> None:
        """Hand a whole Socket.IO packet on: one CONNECT, then events, then perhaps a DISCONNECT."""
        if not packet.is_whole:
            self._packet = packet
            return
        server, kind = self.peer.server.handlers["message"].__self__, packet.kind
        if kind == socketio.packet.CONNECT and not self._connects:
            self._connects += 1
            handle = partial(server._handle_connect, self.peer.sid, None, packet.data)
        elif kind == socketio.packet.DISCONNECT:
            raise ConnectionResetError
        elif kind == packets.EVENT and self.known:
            if not isinstance(packet.data, list):
                raise ValueError("no event")
            event, *arguments = packet.data
            if not isinstance(event, str) or event in RESERVED:
                raise ValueError("no event")
            handle = partial(self._answer, server, event, arguments, packet.id)
        elif kind == packets.ACK and self.known:
            return  # nothing is ever asked of a page
        else:
            raise ValueError("not now")
        try:
            handle()
        except DomainError as error:
            raise ConnectionResetError(error.name) from None
        except Exception:  # a fault of ours ends this line and no other
            log.exception("a line is cut")
            raise ConnectionResetError from None
        finally:
            self._environ.pop("werkzeug.request", None)  # or it would stay as long as the line

    def _answer(self, server: Any, event: str, arguments: list[Any], number: int | None) -> None:
        sid, handler = server.manager.sid_from_eio_sid(self.peer.sid, "/"), server.handlers["/"].get(event)
        if handler is None or not server.manager.is_connected(sid, "/"):
            return
        answer = handler(sid, *arguments)
        if number is not None:
            self.write(packets.frames_of(packets.encoded(packets.ACK, [answer], number)))

    # Speaking

    def send_packet(self, packet: Any) -> None:
        """Send one Engine.IO packet, as engineio's Socket would."""
        encoded = packet.encode()
        whole = framed(TEXT, encoded.encode()) if isinstance(encoded, str) else framed(BINARY, encoded)
        self.write(whole, ends=packet.packet_type == engineio.packet.CLOSE)

    def write(self, data: bytes, *, ends: bool = False) -> None:
        """Send whole frames, now or as soon as the reader takes them; ``ends``: and then hang up."""
        with self._lock:
            if self._over:
                return
            if ends:
                self._ends = True
            sent = 0
            if not self._backlog:
                try:
                    sent = self._sender.send(data, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    sent = 0
                except OSError:
                    self._cut_now()
                    return
            if sent < len(data):
                self._keep(memoryview(data)[sent:])
        if self._ends:
            self._end_when_sent()

    def _keep(self, rest: memoryview) -> None:
        behind = self._waiting_bytes - len(self._backlog[0]) if self._backlog else 0
        if behind > MAX_BACKLOG_BYTES:
            log.info("a reader was too slow and is cut off")
            self._cut_now()
            return
        self._backlog.append(rest)
        self._waiting_bytes += len(rest)
        if not self.is_flushing:
            self.is_flushing, self.stuck_since = True, time.monotonic()
            threading.Thread(target=self._flush, daemon=True).start()

    def _flush(self) -> None:
        """Send on what waits, in order, until nothing does."""
        while True:
            with self._lock:
                if self._over or not self._backlog:
                    self.is_flushing = False
                    break
                data = self._backlog[0]
            try:
                for start in range(0, len(data), SLICE_BYTES):
                    self._connection.sendall(data[start : start + SLICE_BYTES])
                    self.stuck_since = time.monotonic()
            except OSError:
                self._cut()
                return
            with self._lock:
                if self._backlog:
                    self._backlog.popleft()
                    self._waiting_bytes -= len(data)
        self._end_when_sent()

    def unsent(self) -> int:
        """Return how many bytes wait for the reader, here and in the system."""
        waiting = array("i", [0])
        with suppress(OSError):  # it may be over
            fcntl.ioctl(self._sender, termios.TIOCOUTQ, waiting)
        return self._waiting_bytes + waiting[0]

    # Ending

    def end(self, code: CloseCode, reason: str) -> None:
        """Say why, then hang up."""
        with suppress(Exception):  # it may have been said already; either way the line ends
            self.protocol.fail(code, reason)
            answers = b"".join(self.protocol.data_to_send())
            if answers:
                self.write(answers)
        self._finish()

    def _finish(self) -> None:
        self._ends = True
        self._end_when_sent()
        self._drain()

    def _end_when_sent(self) -> None:
        if self._ends and not self._backlog and not self._over:
            self._over = True
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_WR)

    def _drain(self) -> None:
        """Throw away what comes in a moment: unread, it would reset the line before the reason is read."""
        until = time.monotonic() + DRAIN_S
        with suppress(OSError):
            while (left_s := until - time.monotonic()) > 0:
                self._connection.settimeout(left_s)
                if not self._connection.recv(CHUNK_BYTES):
                    return
                time.sleep(0.001)

    def _cut(self) -> None:
        """Hang up at once, also on whoever reads."""
        with self._lock:
            self._cut_now()

    def _cut_now(self) -> None:
        """Do so, by whoever has the lock."""
        self._over = True
        self._backlog.clear()
        self._waiting_bytes = 0
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        self._cut()
        if not hasattr(self._connection, "_sock"):
            with suppress(OSError):
                self._sender.close()
