"""The benchmark's generator never waits for ever: not for an answer, and not for somebody to come in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.bench import generator, wire, yjs

WHO = {"cookie": "", "token": "", "csrf": ""}


def test_a_server_that_stops_answering_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(port: int) -> None:
        line = await wire.Line.connect(port, WHO, lambda *_: None)
        monkeypatch.setattr(wire, "GIVE_UP_S", 0.01)
        with pytest.raises(TimeoutError):
            await line.answer("room:join", 1)
        line.close()

    asyncio.run(_with_server(ask, refusals=0))


def test_whoever_is_hung_up_on_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "PAUSE_S", 0.0)

    async def come(port: int) -> None:
        (line,), _ = await generator.let_in([lambda: wire.Line.connect(port, WHO, lambda *_: None)])
        line.close()

    asyncio.run(_with_server(come, refusals=generator.TRIES - 1))
    with pytest.raises(ConnectionError):
        asyncio.run(_with_server(come, refusals=generator.TRIES))


@pytest.mark.parametrize("size", [0, 1, 127, 128, 20_000])
def test_yjs_bytes_are_read_as_they_are_written(size: int) -> None:
    data = bytes(size)
    assert yjs.content_of(b"before" + yjs.sized(data) + b"after", 6) == data


async def _with_server(do: Callable[[int], Awaitable[Any]], refusals: int) -> None:
    """Serve lines on which nothing but CONNECT is answered; hang up on so many first."""
    left = refusals
    served: list[Any] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        served.append(asyncio.current_task())
        left -= 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if left < 0:
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + _frame(b"0{}"))
                await reader.read(100)
                writer.write(_frame(b'40{"sid":"x"}'))
                await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        await do(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await asyncio.gather(*served)


def _frame(text: bytes) -> bytes:
    return bytes([128 | wire.TEXT, len(text)]) + text
