"""Past notes by the thousand: how long a search takes, and My notes, and the memory of dictionaries."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from tests.bench import serving
from tests.support import databases, kept, machine, outside
from tests.support.series import plan

RECORDS = 10_000
READABLE = (60, 600, 3_000)
OF_MY_NOTES = 500
OF_A_GROUP = 10
TEXTS, WORDS = 50, 300
TIMES = 15
COMMON, RARE, NOWHERE = "mentorointi", "harvinaisuus", "qwertyuiop"
DATA = Path(__file__).parents[2] / "ementor" / "programmes" / "data"


def fill(settings: databases.Settings, records: int = RECORDS) -> dict[int, str]:
    """Make the records; answers a reader's cookie for each number of them that somebody may read."""
    from ementor import create_app
    from ementor.database import db
    from ementor.maintenance import upgrade

    app = create_app(settings)
    with app.app_context():
        upgrade()
        cookies = _make(app, records)
        db.session.remove()
        db.engine.dispose()
    return cookies


def measure(say: Callable[[str], None], records: int = RECORDS) -> None:
    """Print a line for each number of readable records, and what else there is."""
    with machine.private_folder("bench") as folder:
        settings = databases.sqlite_settings(folder)
        cookies = fill(settings, records)
        say(f"past notes, {records} records of {WORDS} words, {_size(folder)}:")
        with serving.running(outside.Server(folder, settings)) as server:
            pid = serving.pid_of(server)
            before = serving.rss_bytes(pid)
            first_s = _asks(server, pid, cookies[READABLE[0]], f"?q={COMMON}", 1)[0] / 1000
            after = serving.rss_bytes(pid)
            say(f"  memory before the first search {before / 1e6:.0f} MB, after it {after / 1e6:.0f}")
            say(f"  the first search, which loads the dictionaries: {first_s:.1f} s")
            for count in READABLE:
                for word in (COMMON, RARE, NOWHERE):
                    took, cpu = _asks(server, pid, cookies[count], f"?q={word}", TIMES)
                    say(f"  {count} readable, {word}: {took:.0f} ms until the page, {cpu:.0f} ms of CPU")
            took, cpu = _asks(server, pid, cookies[OF_MY_NOTES], "", TIMES)
            say(f"  My notes with {OF_MY_NOTES} records: {took:.0f} ms until the page, {cpu:.0f} ms of CPU")


def _asks(server: outside.Server, pid: int, cookie: str, query: str, times: int) -> tuple[float, float]:
    """Ask for My notes so many times; return the median time and the mean of the server's CPU, in ms."""
    client = outside.RemoteClient(server.url)
    client.cookies.set("ementor", cookie)
    taken, before = [], serving.cpu_s(pid)
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(f"/notes{query}", timeout=60)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    return statistics.median(taken), (serving.cpu_s(pid) - before) * 1000 / times


def _size(folder: Path) -> str:
    return f"{sum(one.stat().st_size for one in folder.rglob('*.db')) / 1e6:.0f} MB on disk"


def _make(app: Flask, records: int) -> dict[int, str]:
    """Write one meeting as they are written, and all others like it, with other words."""
    from sqlalchemy import func, insert, select, update

    from ementor import clock
    from ementor.accounts.models import User
    from ementor.archive.models import RecordReader, RecordRow, SearchWords
    from ementor.archive.search import index
    from ementor.database import db
    from ementor.groups import services as groups
    from ementor.groups.models import Group, Membership
    from ementor.meetings.models import Meeting

    texts = list(_texts())
    with app.test_request_context("/"):
        writer, group = plan(name="Writer", locale="fi")
        patterns = []
        for text in texts:
            meeting = kept.hold(group, clock.now() - timedelta(days=500), writer, notes=text, planned=False)
            db.session.commit()
            assert index.make(meeting.id)
            row, words = (
                db.session.get_one(RecordRow, meeting.id),
                db.session.scalars(
                    select(SearchWords.words).where(SearchWords.meeting_id == meeting.id)
                ).one(),
            )
            patterns.append((dict(row.data), words))
        readers = {}
        counts = (*READABLE, OF_MY_NOTES)
        owners = [count for count in counts for _ in range(count)]
        owners += [0] * (records - len(owners) - len(texts))
        for count in dict.fromkeys(owners):
            readers[count] = groups.join(group.join_token, actor=None, name=f"Reader {count}").user.id
        db.session.execute(update(Membership).values(ended_at=clock.now()))  # of the writer's group
        columns = {one.name: getattr(group, one.name) for one in Group.__table__.columns if one.name != "id"}
        first_group = 1 + (db.session.scalar(select(func.max(Group.id))) or 0)
        first_meeting = 1 + (db.session.scalar(select(func.max(Meeting.id))) or 0)
        rows: dict[Any, list[dict[str, Any]]] = {
            model: [] for model in (Group, Membership, Meeting, RecordRow, RecordReader, SearchWords)
        }
        for number, owner in enumerate(owners):
            group_id, id_ = first_group + number // OF_A_GROUP, first_meeting + number
            ended_at = clock.now() - timedelta(hours=number % 5_000)
            data, words = patterns[number % len(patterns)]
            if number % OF_A_GROUP == 0:
                rows[Group].append(columns | {"id": group_id, "join_token": f"bench-{group_id}"})
                rows[Membership].append(
                    {"group_id": group_id, "user_id": readers[owner], "name_key": "reader",
                     "joined_at": clock.now() - timedelta(days=900), "facilitator": False}
                )  # fmt: skip
            rows[Meeting].append(
                {"id": id_, "group_id": group_id, "title": {"": f"Meeting {number}"}, "own_closing": {},
                 "created_at": ended_at, "ended_at": ended_at, "sealed": True}
            )  # fmt: skip
            rows[RecordRow].append(
                {"meeting_id": id_, "kept_at": ended_at, "readers": "members", "data": data}
            )
            rows[RecordReader].append({"meeting_id": id_, "user_id": readers[owner]})
            rows[SearchWords].append({"meeting_id": id_, "recipe": index.RECIPE, "words": words})
        for model, some in rows.items():
            db.session.execute(insert(model), some)
        db.session.commit()
        people = {count: db.session.get_one(User, person) for count, person in readers.items()}
    return {count: _cookie(app, person) for count, person in people.items()}


def _texts() -> Iterator[str]:
    """Return notes of words from the programmes' Finnish texts, always the same."""
    draw = random.Random(9)
    said = sorted({word for path in DATA.rglob("*.json") for text in _finnish(json.loads(path.read_text()))
                   for word in text.split()})  # fmt: skip
    for number in range(TEXTS):
        words = draw.choices(said, k=WORDS)
        words[7] = "vertaismentoroinnissa"
        words[8] = RARE if number == 0 else words[8]
        yield "".join(f"<p>{' '.join(words[at : at + 30])}.</p>" for at in range(0, WORDS, 30))


def _finnish(data: Any) -> Iterator[str]:
    for name, value in data.items() if isinstance(data, dict) else enumerate(data):
        if name == "fi" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from _finnish(value)


def _cookie(app: Flask, person: Any) -> str:
    from flask import session
    from flask_login import login_user

    from ementor.accounts import services as accounts

    with app.test_request_context("/"):
        login_user(accounts.sign_in(person))
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return str(serializer.dumps(dict(session)))


if __name__ == "__main__":
    measure(print)
