"""The server itself, as a process, below Flask."""

from __future__ import annotations

import socket
import time

import requests

from tests.support.outside import Server

HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {origin}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyAhIQ==\r\n\r\n"
)


def shake_hands(server: Server, origin: str) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(HANDSHAKE.format(origin=origin).encode())
        return line.recv(4096)


def test_a_foreign_page_is_told_no_and_a_proxy_hears_it(server: Server) -> None:
    assert shake_hands(server, "http://127.0.0.1").startswith(b"HTTP/1.1 101 ")
    assert shake_hands(server, "https://elsewhere.example").startswith(b"HTTP/1.1 400 ")


def test_a_form_that_asks_for_a_websocket_is_a_form(server: Server) -> None:
    answer = requests.post(
        f"{server.url}/language", data={"locale": "fi"}, headers={"Upgrade": "websocket"}, timeout=5
    )
    assert answer.status_code == 400  # it has no token


def test_half_a_request_is_none(server: Server) -> None:
    """Whoever hangs up within the head was answered as if they had asked."""
    for sent in (
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert "127.0.0.1'" not in server.log()


def test_a_body_is_read_before_it_is_worked_on_and_no_further_than_it_may_be_long(server: Server) -> None:
    with requests.Session() as client:
        client.trust_env = False
        # 400 as it has no token; 413 as it is too long
        for body, status in ((b"x" * 100, 400), (b"x" * 300_000, 413), (iter([b"x"] * 10), 400)):
            answer = client.post(f"{server.url}/language", data=body, timeout=5)
            assert answer.status_code == status
            # What is closed says so, or the next request may go where nobody listens any more.
            assert (answer.headers.get("Connection") == "close") is (status == 413)
        assert client.get(f"{server.url}/healthz", timeout=5).status_code == 200


def test_small_answers_do_not_wait_for_each_other(server: Server) -> None:
    """Nagle's algorithm would hold each back for 40 ms."""
    with requests.Session() as client:
        client.trust_env = False
        client.get(f"{server.url}/healthz", timeout=5)
        took_s = []
        for _ in range(20):
            began = time.perf_counter()
            client.get(f"{server.url}/healthz", timeout=5)
            took_s.append(time.perf_counter() - began)
        assert min(took_s) < 0.035  # held back, each would be over it, however busy this machine is
