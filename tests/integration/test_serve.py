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
