"""Files to take along: what a series of eight costs, and how long others wait meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import serving
from tests.support import databases, outside

MEETINGS = 8
PARAGRAPHS, WORDS = 40, 25
TIMES = 5
TEXT = "Kuuntelin ensin, sitten kysyin, mitä hän itse oli jo yrittänyt. "


def keep_series(folder: Path, room: dict[str, Any]) -> int:
    """End the room's meeting and keep its record, with long notes, eight times; answers the group."""
    from ementor import clock, create_app
    from ementor.archive import services
    from ementor.archive.models import RecordReader, RecordRow
    from ementor.database import db
    from ementor.meetings.models import Meeting

    app = create_app(databases.sqlite_settings(folder))
    with app.test_request_context("/"):
        services.close_by_itself(room["meeting"], quiet_since=None)
        first = db.session.get_one(Meeting, room["meeting"])
        row = db.session.get_one(RecordRow, first.id)
        readers = [one.user_id for one in db.session.query(RecordReader).filter_by(meeting_id=first.id)]
        items = row.data["sections"]["agenda"]
        words = (TEXT * WORDS)[: WORDS * 8]
        html = f"<h3>Mitä sanottiin</h3><ul><li><p>{words}</p></li></ul>" + f"<p>{words}</p>" * (
            PARAGRAPHS // max(len(items), 1)
        )
        notes = {
            "parts": [{"item": item["id"], "title": item["title"], "html": html} for item in items],
            "outside": None,
            "insights": [],
            "next_steps": [],
        }
        data = row.data | {"sections": row.data["sections"] | {"notes": notes}}
        row.data = data
        for _ in range(MEETINGS - 1):
            again = Meeting(group_id=first.group_id, title=first.title, own_closing=first.own_closing)
            again.created_at, again.ended_at, again.sealed = first.created_at, first.ended_at, True
            db.session.add(again)
            db.session.flush()
            db.session.add(RecordRow(meeting_id=again.id, kept_at=clock.now(), readers="members", data=data))
            db.session.flush()
            db.session.add_all(RecordReader(meeting_id=again.id, user_id=reader) for reader in readers)
        db.session.commit()
        return first.group_id


def measure(
    say: Callable[[str], None], server: outside.Server, person: dict[str, Any], group_id: int
) -> None:
    """Print how long each format takes, and the longest that another page waited meanwhile."""
    client = outside.RemoteClient(server.url)
    client.headers["Cookie"] = person["cookie"]
    assert server.process is not None
    before = serving.rss_bytes(server.process.pid)
    for ending in ("md", "html", "docx", "zip"):
        taken, longest, size = [], 0.0, 0
        for _ in range(TIMES):
            with _Watch(server.url) as watch:
                began = time.perf_counter()
                answer = client.get(f"/g/{group_id}/notes.{ending}")
                taken.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            size, longest = len(answer.content), max(longest, watch.longest_ms)
        first, *others = taken
        say(
            f"  {ending}: {first:.0f} ms the first time, then {min(others):.0f} ms; {size // 1000} KB; "
            f"another page waited {longest:.0f} ms at most"
        )
    say(f"  memory grew by {(serving.rss_bytes(server.process.pid) - before) / 1e6:.0f} MB")


class _Watch:
    """Asks for a small page again and again meanwhile."""

    def __init__(self, url: str) -> None:
        self.longest_ms = 0.0
        self._client, self._over = outside.RemoteClient(url), threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._over.wait(0.01):
            began = time.perf_counter()
            assert self._client.get("/healthz").status_code == 200
            self.longest_ms = max(self.longest_ms, (time.perf_counter() - began) * 1000)
