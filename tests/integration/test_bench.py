"""The benchmark still speaks as the pages do: whatever it measures, it gets an answer to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.bench import costs, rooms, serving, statements, writing

pytestmark = pytest.mark.larger  # it starts a server


def test_its_people_press_write_and_beat(
    sqlite_settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "STORE_S", 0.0)
    made = rooms.fill(sqlite_settings, 1)
    contender: writing.Contender
    with serving.served(Path(sqlite_settings["INSTANCE"]), statements.command) as (server, meter):
        done = asyncio.run(costs.do_all(server, made[0], 2, statements.Count(meter)))
        contender = writing.Contender("ementor", [server], made, writing.to_us)
        asyncio.run(writing.take_turns([contender], 1, 1.0))
    assert {"press", "key", "place", "beat"} <= done.keys()
    assert all(cpu_ms > 0 and count >= 1 for cpu_ms, count, _ in done.values()), done
    assert contender.costs_us[0] > 0
    assert contender.lost == 0
