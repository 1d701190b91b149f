"""Long notes: how long they take to open after a start, and how long others wait meanwhile."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pycrdt

from tests.bench import serving, wire
from tests.bench.table import Table
from tests.support import databases

EDITS, WRITERS = 20_000, 3
UNSEEN_EDITS, UNSEEN_WRITERS = 100_000, 8


def keep(folder: Path, room: dict[str, Any], edits: int, writers: int, *, seen: bool) -> None:
    """Keep the edits of writers who type by turns; ``seen``: they began with the same copy, and go back."""
    from sqlalchemy import insert

    from ementor import clock, create_app
    from ementor.database import db, transactional
    from ementor.notes import document
    from ementor.notes.models import NoteUpdate

    seed = document.Document().seed(["item-1", "item-2", "item-3"])
    assert seed
    updates, texts = [seed], []
    for _ in range(writers):
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        if seen:
            doc.apply_update(seed)
        texts.append((doc, doc.get("item-1", type=pycrdt.Text)))
    lengths = [len(str(text)) for _, text in texts]
    for number in range(edits):
        doc, text = texts[number % writers]
        before, place = doc.get_state(), lengths[number % writers]
        text.insert(0 if seen and number % 5 == 0 else place, "word "[number % 5])
        lengths[number % writers] += 1
        updates.append(doc.get_update(before))
    app = create_app(databases.sqlite_settings(folder))
    with app.app_context():
        rows = [
            {"meeting_id": room["meeting"], "number": number, "author_id": None, "at": clock.now(),
             "data": data}
            for number, data in enumerate(updates, start=1)
        ]  # fmt: skip
        transactional(lambda: db.session.execute(insert(NoteUpdate), rows))()
        db.session.remove()
        db.engine.dispose()


def long_notes(made: serving.Made) -> str:
    """Open notes of so many edits: cold, and again."""
    folder, some = made
    keep(folder, some[0], EDITS, WRITERS, seen=True)
    with serving.served(folder) as (server, _):
        cold_s, warm_s, size, _ = asyncio.run(_open(server.port, some[0], some[1]))
    return f"{cold_s:.2f} s the first time after a start, then {warm_s:.3f} s; {size // 1000} KB are sent"


def unseen(made: serving.Made, table: Table) -> None:
    """Open so many edits of writers who never saw each other, while another room asks on."""
    folder, some = made
    keep(folder, some[0], UNSEEN_EDITS, UNSEEN_WRITERS, seen=False)
    with serving.served(folder) as (server, _):
        cold_s, warm_s, size, waited_s = asyncio.run(_open(server.port, some[0], some[1]))
    serving.say(
        f"  {cold_s:.2f} s, then {warm_s:.2f} s, {size // 1000} KB; others waited {waited_s * 1000:.0f} ms"
    )
    table.put("opening", f"{cold_s:.1f} s")
    table.put("opening waits", f"{waited_s * 1000:.0f} ms")


async def _open(port: int, room: dict[str, Any], other: dict[str, Any]) -> tuple[float, float, int, float]:
    """Return the seconds of the first and the second opening, the bytes, and another room's longest wait."""
    line = await wire.Line.connect(port, room["people"][0], lambda *_: None)
    beside = await wire.Line.connect(port, other["people"][0], lambda *_: None)
    await beside.answer("room:join", other["meeting"])
    await line.answer("room:join", room["meeting"])
    longest_s = 0.0

    async def ask_on() -> None:
        nonlocal longest_s
        while True:
            began = time.perf_counter()
            await beside.answer("note:newest", other["meeting"])
            longest_s = max(longest_s, time.perf_counter() - began)
            await asyncio.sleep(0.03)

    asking = asyncio.create_task(ask_on())
    took = []
    for _ in range(2):
        began = time.perf_counter()
        answer, blobs = await line.ask("note:sync", room["meeting"], b"\0", wire.SCHEMA)
        assert answer["ok"], answer
        took.append(time.perf_counter() - began)
    asking.cancel()
    line.close()
    beside.close()
    return took[0], took[1], len(blobs[0]), longest_s
