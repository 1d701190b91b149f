"""Nothing in the server holds the loop for long: whoever else is connected would wait for it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.support import machine, stalls
from tests.support.copies import NotesClient
from tests.support.outside import Server

MOST_CPU_MS = 250
"""Of the processor, in one stretch, for what has been done before. A page takes some 50 of them."""
EDITS = 20


def test_what_a_meeting_does_holds_the_loop_for_a_moment_at_most(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "stalls"
    server.stop()
    assert server.env is not None
    server.env["STALLS"] = str(path)
    server.start()
    copies = [NotesClient(server.socket_for(name)) for name in ("Ada", "Ben")]
    client, press = server.client_for("Ada"), f"/m/{server.house.meeting_id}/press"

    def meet(button: str) -> None:
        assert client.post(press, data={"press": button}).status_code == 303
        for copy in copies:
            assert copy.socket.join()["ok"]
            copy.sync()
            for number in range(EDITS):
                assert copy.write(f"{number} ")["ok"]
            assert copy.socket.ask("room:beat", server.house.meeting_id, 1)["ok"]
        assert client.get(f"/m/{server.house.meeting_id}/run").status_code == 200

    meet("start")  # for the first time: templates are compiled
    lines = len(path.read_text().splitlines())
    since = time.time()
    machine.wait_until(lambda: len(path.read_text().splitlines()) > lines + 1, "what it held until now")
    meet("plus_minute")
    lines = len(path.read_text().splitlines())
    machine.wait_until(lambda: len(path.read_text().splitlines()) > lines + 1, "what was held meanwhile")
    _, hold = stalls.worst(path, since=since)
    assert 0 < hold.cpu_ms < MOST_CPU_MS, hold
