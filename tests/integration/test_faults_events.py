"""Faults of events: anything as an argument, anything as a packet, and servers that restart in turn."""

from __future__ import annotations

import json
import logging
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from ementor import events, websocket
from ementor.door import Door
from ementor.extensions import socketio
from ementor.meetings import sockets
from tests.integration.test_faults import EVENTS, Presser
from tests.support.copies import NotesClient
from tests.support.inside import Socket
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.people import Person
from tests.support.raw import BINARY, TEXT, RawConnection

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=30)
    | st.binary(max_size=30)
    | st.just("x" * 5000),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4),
    max_leaves=8,
)
PACKETS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: b"4" + text.encode(errors="replace")),
    st.builds(
        lambda kind, more, data: f"4{kind}{more}{json.dumps(data)}".encode(),
        st.sampled_from("0123456789"),
        st.sampled_from(["", "1", "0-", "1-", "9-", "99999999999-", "/x,", "/,1", "9" * 200, "-1"]),
        st.one_of(
            st.lists(st.sampled_from([*EVENTS, 1, None, [], {}]), max_size=3),
            st.just(["note:update", 1, {"_placeholder": True, "num": 5}]),
            st.just(["note:update", 1, {"_placeholder": True, "num": "x"}]),
            st.just({"token": [[[]]]}),
        ),
    ),
)


def test_r33_whatever_an_event_is_given_it_answers_and_nothing_breaks(
    meeting: Any,
    socket_for: Callable[[str], Socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(events, "BURST", 10**9)
    ada = socket_for("Ada")
    assert ada.join()["ok"]
    caplog.set_level(logging.ERROR)
    first = st.just(meeting.id) | ANYTHING
    refused: set[str] = set()

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(EVENTS)), st.tuples(first, ANYTHING, ANYTHING) | st.lists(ANYTHING).map(tuple)
    )
    def ask(name: str, arguments: tuple[Any, ...]) -> None:
        answer = ada.ask(name, *arguments)
        assert set(answer) >= {"ok"}
        if not answer["ok"]:
            assert answer["message"]
            refused.add(answer["error"])

    ask()
    assert "failed" not in refused
    assert not caplog.records
    assert ada.ask("room:beat", meeting.id, 1)["ok"]


def test_r33_whatever_a_packet_is_the_server_goes_on(server: Server) -> None:
    ada = server.socket_for("Ada")

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.booleans(), st.sampled_from([TEXT, BINARY]), PACKETS)
    def send(known: bool, opcode: int, packet: bytes) -> None:
        line = RawConnection.of(server, server.house.person("Ben")) if known else RawConnection(server)
        with suppress(OSError):  # the first may have been enough
            line.send(opcode, packet)
            line.send(opcode, packet)
        line.close()

    send()
    assert ada.ask("clock:read")["ok"]  # and there is no traceback in its log, see Server.close


def test_r36_a_room_has_sixty_lines_and_the_next_one_hears_why_it_is_not_in(
    meeting: Any, socket_for: Callable[[str], Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {f"line-{number}": (meeting.id, number) for number in range(59)}
    monkeypatch.setattr(sockets, "here", {"elsewhere": (meeting.id + 1, 1)} | others)
    ada, ben, eve = (socket_for(name) for name in ("Ada", "Ben", "Eve"))
    assert ada.join()["ok"]
    answer = ben.join()
    assert answer["error"] == "conflict"
    assert "too many windows" in answer["message"]
    assert eve.ask("room:join", meeting.id)["error"] == "not_found"  # who is not told how many there are
    assert ada.join()["ok"]  # again, on the connection that is in
    sockets.here.pop("line-0")
    assert ben.join()["ok"]


def test_r36_a_process_has_so_many_lines_and_refuses_more_before_anything_is_kept(app: Flask) -> None:
    """Each connection lasts as long as the call that answers it, so that the next one comes within it."""
    statuses: list[str] = []

    def call() -> None:
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "c2l4dGVlbiBieXRlcyAhIQ==",
        }
        environ = EnvironBuilder(path="/socket.io/", headers=headers).get_environ()
        list(door(environ, lambda status, _: statuses.append(status)))

    def connection(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        statuses.append("a connection")
        call()
        return []

    door = Door(app, connection)
    door.max_connections = 4
    for _ in range(2):  # they come back once they are over
        statuses.clear()
        call()
        assert statuses == ["a connection"] * 4 + ["503 Service Unavailable"]
    assert (door.open, door.unknown) == (0, {})


def test_a_line_is_whole_under_threads_too(app: Any) -> None:
    """`flask run` has threads where the server has greenlets, and another kind of connection."""
    with under_threads(app) as there:
        line = RawConnection(there)
        assert line.status == 101
        assert line.hear()[1].startswith(b"0{")
        line.send(TEXT, b'40{"token":"wrong"}')
        assert line.hear()[1].startswith(b"44")
        assert line.close_code() == 1006
        line.close()


@contextmanager
def under_threads(app: Any) -> Iterator[Any]:
    there = make_server("127.0.0.1", 0, app, threaded=True)
    there.daemon_threads = True
    worker = threading.Thread(target=there.serve_forever)
    worker.start()
    try:
        yield there
    finally:
        there.shutdown()
        worker.join()
        there.server_close()


def test_a_line_is_pinged_and_cut_once_it_has_been_silent_for_too_long(
    app: Any, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "LOOK_EVERY_S", 3600)  # looked at by this test alone
    monkeypatch.setattr(socketio.server.eio, "ping_interval", 3600)  # engineio's own first one
    with under_threads(app) as there:
        person = people["Ada"]
        cookies = "; ".join(
            f"{name}={person.client.get_cookie(name).value}" for name in ("ementor", "ementor-who")
        )
        line = RawConnection(there, cookies, person.socket_token)
        (here,) = (one for one in websocket.connections.values() if one.known)
        wait_until(lambda: here.silent_since < math.inf, "it to listen")
        begun = here.silent_since
        here.look(begun + websocket.PING_AFTER_S - 1)  # not yet, or this ping would be heard too
        here.look(begun + websocket.SILENT_S - 1)
        assert line.hear() == (TEXT, b"2")
        here.look(begun + websocket.SILENT_S - 1)  # once in a silence
        line.send(TEXT, b"3")
        line.send(TEXT, b'421["clock:read"]')
        assert line.hear()[1].startswith(b"431[")
        wait_until(lambda: begun < here.silent_since < math.inf, "it to listen again")
        here.look(begun + websocket.PING_AFTER_S)  # who has just spoken is there
        line.send(TEXT, b'422["clock:read"]')
        assert line.hear()[1].startswith(b"432[")
        wait_until(lambda: begun < here.silent_since < math.inf, "it to listen again")
        here.look(begun + websocket.SILENT_S + 0.001)
        here.look(here.silent_since + websocket.SILENT_S + 1)
        assert line.close_code() == 1006
        line.close()


def test_f18_two_servers_restart_in_turn_and_nothing_is_lost(two_servers: tuple[Server, Server]) -> None:
    pressers = [Presser(server, "Ada") for server in two_servers]
    assert two_servers[0].socket_for("Ada").join()["ok"]
    pressers[0].press("start")
    began = since(pressers[0].run())
    number, words = pressers[0].number(), 0
    for going, staying in ((0, 1), (1, 0)):
        server, other = two_servers[going], two_servers[staying]
        ben = server.socket_for("Ben")
        assert ben.join()["ok"]
        copy = NotesClient(ben)
        copy.sync()
        assert copy.write(f"({going})")["ok"]
        assert pressers[going].press("plus_minute").status_code == 200
        assert server.stop() == 0
        moved = other.socket_for("Ben")
        assert moved.join()["ok"]
        copy.socket = moved
        copy.sync()
        assert copy.write(f"({going + 2})")["ok"]
        words += 2
        assert pressers[staying].press("plus_minute").status_code == 200
        assert since(pressers[staying].run()) == began
        server.start()
    numbers = {presser.number() for presser in pressers}
    assert len(numbers) == 1
    assert numbers.pop() >= number + 4
    for server in two_servers:
        again = NotesClient(server.socket_for("Ada"))
        assert again.socket.join()["ok"]
        again.sync()
        assert [again.text().count(f"({which})") for which in range(4)] == [1] * words
    assert since(pressers[0].run()) == began


def since(part: str) -> str:
    found = re.search(r'data-since="([^"]+)"', part)
    assert found, part
    return found[1]
