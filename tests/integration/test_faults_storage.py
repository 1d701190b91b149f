"""Faults and requirements that concern the database: what stands on disk, and when it does not answer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlite
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from ementor import clock, config, create_app, maintenance
from ementor.archive import services as archive
from ementor.database import Base, db
from ementor.meetings.services import run_of
from tests.support import databases, disk
from tests.support.copies import NotesClient
from tests.support.databases import Settings
from tests.support.machine import wait_until
from tests.support.outside import RemoteClient, Server
from tests.support.people import House, Person, csrf_token, shown
from tests.support.servers import Postgres

HTMX = {"HX-Request": "true"}
MARKERS = ("Quetzalcoatlus", "Pachyrhinosaurus")
AN_ITEM = {"prompt": "", "mode": "open", "minutes": "5"}


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """SQLite only: what these tests ask for is of its file."""
    return sqlite_settings


def press(person: Person, what: str, **fields: str) -> Any:
    answer = person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields}, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer


def leave_marks(ada: Person) -> None:
    """Write two words that somebody takes back: one stands in the log of events, one in an older row."""
    press(ada, "change_item", item="1", title=MARKERS[0], **AN_ITEM)
    press(ada, "change_item", item="1", title="Kept", **AN_ITEM)
    for text in (MARKERS[1], "Kept"):
        answer = ada.client.post(f"/m/{ada.meeting_id}/reflection", data={"text-1": text}, headers=HTMX)
        assert answer.status_code == 200


def on_disk(settings: Settings) -> bytes:
    return disk.decrypted(file_of(settings), settings["DATABASE_KEY"])


def file_of(settings: Settings) -> Path:
    return Path(str(settings["DATABASE_URL"]).removeprefix("sqlite:///"))


def journal_of(settings: Settings) -> Path:
    return file_of(settings).with_name(f"{file_of(settings).name}-wal")


# What was let go of is gone


def test_r39_what_is_dropped_a_minute_after_the_end_is_nowhere_on_disk(
    people: dict[str, Person], settings: Settings, wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    leave_marks(ada)
    press(ada, "start")
    press(ada, "end")
    before = on_disk(settings)
    assert all(marker.encode() in before for marker in MARKERS)  # the search finds what is there
    wait(70)
    assert archive.seal_due() == [ada.meeting_id]
    after = on_disk(settings)
    assert b"Kept" in after
    assert [marker for marker in MARKERS if marker.encode() in after] == []


def test_r39_the_journal_is_emptied_once_nobody_reads_it(
    people: dict[str, Person], settings: Settings, wait: Callable[[float], None]
) -> None:
    ada = people["Ada"]
    leave_marks(ada)
    press(ada, "start")
    press(ada, "end")
    wait(70)
    with db.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM meeting_event").all()
        assert archive.seal_due() == [ada.meeting_id]
        assert MARKERS[0].encode() in on_disk(settings)
    assert archive.seal_due() == []
    assert MARKERS[0].encode() not in on_disk(settings)
    assert journal_of(settings).stat().st_size == 0


def test_r39_a_clean_stop_leaves_no_journal(server: Server, sqlite_settings: Settings) -> None:
    leave_marks(server.house.person("Ada"))
    assert MARKERS[1].encode() in on_disk(sqlite_settings)
    assert journal_of(sqlite_settings).stat().st_size > 0
    assert server.stop() == 0
    assert not journal_of(sqlite_settings).exists() or journal_of(sqlite_settings).stat().st_size == 0
    assert MARKERS[1].encode() not in on_disk(sqlite_settings)


def test_r39_a_start_empties_what_a_killed_process_left(server: Server, sqlite_settings: Settings) -> None:
    leave_marks(server.house.person("Ada"))
    server.kill()
    assert MARKERS[1].encode() in on_disk(sqlite_settings)
    server.start()
    assert MARKERS[1].encode() not in on_disk(sqlite_settings)


def test_r39_a_copy_from_before_an_upgrade_goes_when_its_time_is_over(app: Flask, settings: Settings) -> None:
    file = file_of(settings)
    old, new = (file.with_name(f"{file.stem}-before-upgrade-{name}.db") for name in ("old", "new"))
    for copy in (old, new):
        maintenance.backup(copy)
    backup = file.with_name("ementor-monday.db")
    maintenance.backup(backup)
    then = (clock.now() - maintenance.COPIES_KEPT - timedelta(hours=1)).timestamp()
    for copy in (old, backup, file):
        os.utime(copy, (then, then))
    assert maintenance.remove_old_copies() == [old]
    assert [path.exists() for path in (old, new, backup, file)] == [False, True, True, True]


# It starts, or says in a sentence why not


def refusal_of(settings: Settings, **more: str) -> str:
    """Start a server that cannot; return the one line that it says."""
    own = {name: str(value) for name, value in settings.items() if name != "TESTING"}
    kept = {name: value for name, value in os.environ.items() if name not in config.NAMES}
    answer = subprocess.run(
        [sys.executable, "app.py"], env=kept | own | more, cwd=config.ROOT,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert not answer.stdout
    assert len(answer.stderr.splitlines()) == 1, answer.stderr
    return answer.stderr.strip()


def with_its_key_in_a_file(settings: Settings) -> tuple[Settings, Path]:
    key = Path(str(settings["INSTANCE"])) / "keys" / "database.key"
    key.parent.mkdir(exist_ok=True)
    key.write_text(str(settings["DATABASE_KEY"]), encoding="ascii")
    return settings | {"DATABASE_KEY": ""}, key


def test_a_lost_key_is_said_and_no_new_one_is_made(settings: Settings) -> None:
    own, key = with_its_key_in_a_file(settings)
    create_app(own)
    key.unlink()
    before = file_of(own).read_bytes()
    assert "database.key is not there, and without it nobody can read" in refusal_of(own)
    assert not key.exists()
    assert file_of(own).read_bytes() == before


def overwrite(file: Path, at: int, length: int = 4096) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(os.urandom(length))


@pytest.mark.parametrize("damage", ["another key", "its first page", "a page in the middle", "half of it"])
def test_a_file_that_cannot_be_read_is_said_and_stays_as_it_is(settings: Settings, damage: str) -> None:
    file = file_of(settings)
    size = file.stat().st_size
    match damage:
        case "another key":
            settings = settings | {"DATABASE_KEY": "6" * 64}
        case "its first page":
            overwrite(file, 0)
        case "a page in the middle":
            overwrite(file, size // 2 // 4096 * 4096)
        case "half of it":
            os.truncate(file, size // 2)
    before = file.read_bytes()
    assert "cannot be read: it is damaged, or the key is not its own" in refusal_of(settings)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"HTTPS": "on"}, "HTTPS=on is not understood: say 1, true, yes or 0, false, no"),
        ({"HTTPS": "1"}, "with HTTPS say how many proxies stand before it"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}, "the database cannot be used: "),
        ({"DATABASE_URL": "sqlite:////proc/nothing/ementor.db"}, "cannot be made"),
    ],
    ids=["not understood", "unsafe", "away", "no folder"],
)
def test_r42_what_it_cannot_start_with_is_one_sentence(
    settings: Settings, more: dict[str, str], said: str
) -> None:
    assert said in refusal_of(settings, **more)


# F21: an upgrade that is interrupted, and a copy that is put back


def schema_of(connection: sa.Connection) -> dict[str, list[str]]:
    found = sa.inspect(connection)
    return {
        table: sorted(one["name"] for one in found.get_columns(table)) for table in found.get_table_names()
    }


def upgrade_and_die(settings: Settings, statement: int) -> bool:
    """Upgrade in a process that is killed before its ``statement``th one; tell whether it was."""
    pid = os.fork()
    if not pid:
        left = [statement]

        def count(*_: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            app = create_app(settings)
            with app.app_context():
                event.listen(db.engine, "before_cursor_execute", count)
                maintenance.upgrade()
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL


def test_f21_an_upgrade_that_is_killed_leaves_one_schema_or_the_other(tmp_path: Path) -> None:
    old = databases.sqlite_settings(tmp_path / "old")
    app = create_app(old)
    known: dict[str, dict[str, list[str]]] = {}
    _, *revisions = reversed(
        [one.revision for one in ScriptDirectory(str(maintenance.MIGRATIONS)).walk_revisions()]
    )
    with app.app_context():
        for revision in revisions:
            upgrade(str(maintenance.MIGRATIONS), revision=revision)
            with db.engine.connect() as connection:
                known[revision] = schema_of(connection)
            db.engine.dispose()
            if revision == revisions[0]:
                shutil.copytree(tmp_path / "old", tmp_path / "begun")
    interrupted = set()
    for statement in range(1, 400, 5):
        folder = tmp_path / f"try-{statement}"
        shutil.copytree(tmp_path / "begun", folder)
        settings = databases.sqlite_settings(folder)
        was_killed = upgrade_and_die(settings, statement)
        app = create_app(settings)
        with app.app_context():
            with db.engine.connect() as connection:
                revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
                assert schema_of(connection) == known[revision], f"killed before statement {statement}"
            interrupted.add(revision)
            maintenance.upgrade()
            assert maintenance.is_current()
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(folder)
        if not was_killed:
            break
    assert len(interrupted) > 2


def test_f21_a_copy_opens_and_equals_what_was_there(
    people: dict[str, Person], settings: Settings, tmp_path: Path
) -> None:
    leave_marks(people["Ada"])
    copy = tmp_path / "copy" / "ementor.db"
    copy.parent.mkdir()
    maintenance.backup(copy)
    db.session.remove()
    before = all_rows()
    press(people["Ada"], "start")  # and the source goes on
    again = create_app(settings | {"DATABASE_URL": f"sqlite:///{copy}"})
    with again.app_context():
        assert all_rows() == before
        db.engine.dispose()


def all_rows() -> dict[str, list[Any]]:
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in Base.metadata.sorted_tables
        }


# F2, F11: an answer that never came, and a press that comes twice


class Remote:
    """Somebody who presses in a server, also without hearing the answer."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.meeting_id = server.house.person(name).meeting_id
        self.client: RemoteClient = server.client_for(name)
        page = shown(self.client.get(f"/m/{self.meeting_id}"))
        self.headers = HTMX | {"X-CSRFToken": csrf_token(page), "Origin": server.url}

    def press(self, what: str, **fields: Any) -> requests.Response:
        answer: requests.Response = self.client.post(
            f"/m/{self.meeting_id}/press", data={"press": what, **fields}, headers=self.headers, csrf=False
        )
        return answer

    def press_deaf(self, what: str, seen: int) -> socket.socket:
        """Send a press and do not read its answer."""
        body = f"press={what}&seen={seen}"
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.client.cookies)
        head = {"Host": f"127.0.0.1:{self.server.port}", "Cookie": cookies, "Content-Length": len(body)}
        head |= {"Content-Type": "application/x-www-form-urlencoded", **self.headers}
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=5)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        line.sendall(f"POST /m/{self.meeting_id}/press HTTP/1.1\r\n{lines}\r\n{body}".encode())
        return line

    def get(self) -> requests.Response:
        answer: requests.Response = self.client.get(f"/m/{self.meeting_id}/run", headers=HTMX)
        return answer

    def number(self) -> int:
        return int(re.findall(r'data-number="(\d+)"', shown(self.get()))[0])


def test_f02_a_press_whose_answer_was_lost_in_a_kill_counts_once(server: Server) -> None:
    ada = Remote(server, "Ada")
    assert ada.press("start").status_code == 200
    for _ in range(3):
        seen = ada.number()
        with ada.press_deaf("next_item", seen):
            wait_until(lambda seen=seen: ada.number() > seen, "the press to be saved")
            server.kill()
        after = seen + 1
        server.start()
        assert ada.number() == after
        assert ada.press("next_item", seen=seen).status_code == 200  # the client tries again
        assert ada.number() == after


def test_f11_a_press_that_comes_twice_counts_once(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    for what in ("start", "next_item", "pause", "resume", "end", "reopen"):
        seen = str(run_of(ada.meeting_id).number)
        press(ada, what, seen=seen)
        db.session.rollback()
        once = run_of(ada.meeting_id)
        press(ada, what, seen=seen)
        db.session.rollback()
        assert run_of(ada.meeting_id) == once, what


def test_f11_who_joins_twice_is_one(people: dict[str, Person], house: House) -> None:
    client = house.new_client()
    answers = [client.post(house.join_path, data={"name": "Kim"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    page = shown(people["Ada"].client.get(f"/m/{house.meeting_id}"))
    assert len(re.findall(r'<li[^>]* id="person-\d+"', page)) == len(people)  # Kim, and not Eve


# F5: PostgreSQL is down for a while


def test_f05_a_database_that_is_down_is_said_and_nothing_saved_is_lost(
    start_server: Callable[..., Server], postgres_settings: Settings, postgres: Postgres
) -> None:
    server = start_server(postgres_settings)
    ada = Remote(server, "Ada")
    assert ada.press("start").status_code == 200
    seen = ada.number()
    postgres.kill(signal.SIGQUIT)
    for _ in range(3):
        assert ada.press("next_item", seen=seen).status_code == 503
        for path in (f"/m/{ada.meeting_id}", f"/m/{ada.meeting_id}/run", "/", server.house.join_path):
            assert ada.client.get(path).status_code == 503, path
    assert ada.client.get("/readyz").status_code == 503
    assert ada.client.get("/healthz").status_code == 200
    assert "nothing was lost" in ada.client.get(f"/m/{ada.meeting_id}").text.lower()
    postgres.start()
    wait_until(lambda: ada.client.get("/readyz").status_code == 200, "the pool to heal")
    assert ada.number() == seen
    for _ in range(2):
        assert ada.press("next_item", seen=seen).status_code == 200
    assert ada.number() == seen + 1


def test_f05_a_server_that_is_gone_without_a_word_is_not_waited_for(postgres_settings: Settings) -> None:
    with create_app(postgres_settings).app_context():
        raw: Any = db.session.connection().connection.driver_connection
        with socket.socket(fileno=os.dup(raw.fileno())) as line:
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 10
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
        db.session.remove()
        db.engine.dispose()


# F6: another program holds the SQLite file


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Hold the database for writing, as another program may."""
    other = sqlite.connect(str(file_of(settings)), isolation_level=None, check_same_thread=False)
    other.execute(f"PRAGMA key = \"x'{settings['DATABASE_KEY']}'\"")
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_f06_while_another_program_holds_the_file_reads_go_on(
    server: Server, sqlite_settings: Settings
) -> None:
    ada, ben = Remote(server, "Ada"), Remote(server, "Ben")
    assert ada.press("start").status_code == 200

    def reads_s(times: int) -> float:
        took = []
        for _ in range(times):
            began = time.perf_counter()
            assert ben.get().status_code == 200
            took.append(time.perf_counter() - began)
        return sorted(took)[-3]  # nine of ten are as quick

    typists = [NotesClient(server.socket_for(name)) for name in ("Gus", "Cai", "Dan")]
    for typist in typists:
        assert typist.socket.join()["ok"]
        typist.sync()
    seen = ada.number()
    undisturbed_s = reads_s(20)
    answers: list[int] = []
    typed: list[bool] = []
    with locked(sqlite_settings):
        writers = [
            threading.Thread(target=lambda: answers.append(ada.press("plus_minute").status_code))
            for _ in range(8)
        ]
        writers += [
            threading.Thread(target=lambda one=one: typed.append(one.write("word ")["ok"])) for one in typists
        ]
        for writer in writers:
            writer.start()
        disturbed_s = reads_s(20)
        for writer in writers:
            writer.join()
    assert answers == [503] * 8  # "It could not be saved just now": nothing is said to be saved
    assert typed == [False] * 3
    assert disturbed_s < 0.2 + 3 * undisturbed_s
    assert ada.number() == seen
    assert ada.press("plus_minute").status_code == 200
    for typist in typists:
        typist.sync()  # as a page does that still has what was not saved
    assert [typist.text().count("word ") for typist in typists[-1:]] == [3]


def test_f06_a_write_that_waits_lands_once_the_file_is_free(
    server: Server, sqlite_settings: Settings
) -> None:
    ada = Remote(server, "Ada")
    assert ada.press("start").status_code == 200
    seen = ada.number()
    answers: list[int] = []
    with locked(sqlite_settings):
        writer = threading.Thread(
            target=lambda: answers.append(ada.press("next_item", seen=seen).status_code)
        )
        writer.start()
        for _ in range(3):
            assert ada.number() == seen
    writer.join()
    assert answers == [200]
    assert ada.number() == seen + 1


# F14: the disk is full


def test_f14_a_full_disk_is_said_and_the_room_recovers(people: dict[str, Person], app: Flask) -> None:
    ada = people["Ada"]
    press(ada, "start")
    before = run_of(ada.meeting_id)

    def fill(connection: Any, *_: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", fill)
    text, refused = "full " * 700, None
    for number in range(1, 60):
        refused = ada.client.post(
            f"/m/{ada.meeting_id}/press",
            data={**AN_ITEM, "press": "add_item", "title": f"Item {number}", "prompt": text[:600]},
            headers=HTMX,
        )
        if refused.status_code != 200:
            break
        assert ada.client.get(f"/m/{ada.meeting_id}/run", headers=HTMX).status_code == 200
    assert refused is not None
    assert refused.status_code == 503
    assert "be saved just now" in refused.text
    full = run_of(ada.meeting_id)
    assert ada.client.get(f"/m/{ada.meeting_id}").status_code == 200
    event.remove(db.engine, "connect", fill)
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    db.engine.dispose()
    press(ada, "next_item")
    db.session.rollback()
    assert run_of(ada.meeting_id).number == full.number + 1 > before.number
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
