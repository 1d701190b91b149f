"""The longest that another room waits while somebody attacks, and memory afterwards."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

from tests.bench import serving, wire, yjs
from tests.support import outside, raw


def measure(made: serving.Made) -> None:
    """Attack from one room and, without a cookie, from none; ask for the newest number in the other."""
    folder, (first, second) = made
    mean, meeting = first["people"][1], second["meeting"]

    def deaf(server: outside.Server) -> None:
        line = raw.RawConnection(server, mean["cookie"], mean["token"], window=4096)
        ask = '451-%d["note:sync",%d,{"_placeholder":true,"num":0},%d]'
        for number in range(40):
            line.send(raw.TEXT, (ask % (number, first["meeting"], wire.SCHEMA)).encode())
            line.send(raw.BINARY, b"\0")
        time.sleep(2)
        line.close()

    def crowd(server: outside.Server) -> None:
        """Write structs of two client ids at one place, each of which looks past all of the other's."""
        line = raw.RawConnection(server, mean["cookie"], mean["token"])
        sync = '451-99["note:sync",%d,{"_placeholder":true,"num":0},%d]'
        line.send(raw.TEXT, (sync % (first["meeting"], wire.SCHEMA)).encode())
        line.send(raw.BINARY, b"\0")
        head = '451-%d["note:update",%d,{"_placeholder":true,"num":0}]'
        for number, client in enumerate([2**21] * 12 + [2**22] * 4):
            structs = [bytes([4 | 128]) + yjs.numbers(1, 0) + b"\1x"] * 5000
            start = 5000 * (number if number < 12 else number - 12)
            update = yjs.numbers(1, len(structs), client, start) + b"".join(structs) + b"\0"
            line.send(raw.TEXT, (head % (number, first["meeting"])).encode())
            line.send(raw.BINARY, update)
            time.sleep(0.3)
        line.close()

    def idle(server: outside.Server) -> None:
        lines = [raw.RawConnection(server) for _ in range(1500)]
        for line in lines:
            line.close()

    def halves(server: outside.Server) -> None:
        some = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1500)]
        for one in some:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        time.sleep(2)
        for one in some:
            one.close()

    def sends(data: bytes, times: int, who: dict[str, str] | None) -> Callable[[outside.Server], None]:
        def send(server: outside.Server) -> None:
            line = raw.RawConnection(server, *((who["cookie"], who["token"]) if who else ()))
            line.send_until_cut(data, times)
            line.close()

        return send

    todo = {
        f"a stranger: {name}": sends(data, times, None) for name, (data, times, _) in raw.STRANGERS.items()
    }
    todo |= {f"a member: {name}": sends(data, 100, mean) for name, data in raw.MEMBERS.items()}
    todo["a stranger: 1500 lines that say nothing"] = idle
    todo["a stranger: 1500 half requests"] = halves
    todo["a member: structs that all stand at one place"] = crowd
    todo["a member: asks for the notes forty times and never reads"] = deaf

    async def watch(server: outside.Server) -> None:
        line = await wire.Line.connect(server.port, second["people"][0], lambda *_: None)
        await line.ask("room:join", meeting)
        for name, attack in todo.items():
            before, longest_s = serving.rss_bytes(serving.pid_of(server)), 0.0
            work = asyncio.ensure_future(asyncio.to_thread(attack, server))
            while not work.done() or not longest_s:
                began = time.perf_counter()
                await line.ask("note:newest", meeting)
                longest_s = max(longest_s, time.perf_counter() - began)
                await asyncio.sleep(0.03)
            await work
            grown = (serving.rss_bytes(serving.pid_of(server)) - before) / 1024**2
            serving.say(f"  {name}: {longest_s * 1000:.0f} ms, {grown:+.1f} MB")

    with serving.served(folder) as (server, _):
        asyncio.run(watch(server))
