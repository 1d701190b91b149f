"""The people, servers and rooms that tests ask for by name.

In this process, on SQLite and again on PostgreSQL: ``app``, ``client_for("Ada")``,
``socket_for("Ben")``, ``meeting``, ``people``. As processes of their own: ``server``,
``two_servers``, each with its own ``client_for`` and ``socket_for``; in Chromium:
``open_room("Ada")``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserType, expect

from ementor import clock
from tests.support import browsers, compiled, databases, inside, machine, outside, refusals, servers
from tests.support.forkserver import ForkServer
from tests.support.people import USUAL, House, Person

expect.set_options(timeout=15_000)  # a busy machine is no fault; what never comes is found all the same
LARGER = {"postgres", "redis", "two_servers", "server", "start_server"}  # need other processes
THOROUGH = {
    "test_bundle",
    "test_faults",
    "test_markers",
    "test_people",
    "test_search",
    "test_turns",
    "test_weight",
    "test_writings",
}
hypothesis.settings.register_profile("ementor", deadline=None, print_blob=True)
hypothesis.settings.register_profile("quick", deadline=None, print_blob=True, max_examples=10)
compiled.keep_routes()
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ementor"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs other processes, and put what takes longest first: the last to end are short then."""
    for item in items:
        if LARGER & set(getattr(item, "fixturenames", ())):
            item.add_marker("larger")
        if item.path.stem in THOROUGH:
            item.add_marker("thorough")
    items.sort(key=lambda item: item.path.parent.name)  # browser, integration, unit


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the time each kind of test took, of all workers together."""
    took: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[Path(report.fspath).parent.name] += report.duration
    terminalreporter.line(", ".join(f"{kind} {total_s:.0f} s" for kind, total_s in took.most_common()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let nothing be skipped where everything can be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.fixture(autouse=True)
def _refusals() -> Iterator[None]:
    """Fail a test that has not looked at a POST's refusal."""
    yield
    assert refusals.unread() == []


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``wait(70)``: the server's clock is 70 s further; ``wait(-70)``: it was set back."""
    real, waited = clock.now, [0.0]
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=waited[0]))

    def wait(seconds: float) -> None:
        waited[0] += seconds

    return wait


# Servers and databases


@pytest.fixture(scope="session")
def _postgres() -> Iterator[servers.Postgres]:
    with servers.private_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _redis() -> Iterator[servers.Redis]:
    with servers.private_redis() as server:
        yield server


@pytest.fixture
def postgres(_postgres: servers.Postgres) -> servers.Postgres:
    """One PostgreSQL server for all tests; databases are made for each."""
    return _postgres


@pytest.fixture
def redis(_redis: servers.Redis) -> servers.Redis:
    """One Redis server for all tests, empty for each."""
    _redis.empty()
    return _redis


@pytest.fixture(scope="session")
def _sqlite_template() -> Iterator[Path]:
    with machine.private_folder("template") as folder:
        databases.migrate(databases.sqlite_settings(folder))
        yield folder


@pytest.fixture(scope="session")
def _postgres_template(_postgres: servers.Postgres) -> str:
    name = "template_ementor"
    _postgres.do(f"CREATE DATABASE {name}")
    with machine.private_folder("template") as folder:
        databases.migrate(databases.sqlite_settings(folder) | {"DATABASE_URL": _postgres.url(name)})
    return name


@pytest.fixture(scope="session")
def _sqlite_people(_sqlite_template: Path) -> Iterator[tuple[Path, House]]:
    with machine.private_folder("people") as folder:
        yield folder, databases.bring_in(databases.sqlite_copy(_sqlite_template, folder))


@pytest.fixture(scope="session")
def _postgres_people(_postgres: servers.Postgres, _postgres_template: str) -> tuple[str, House]:
    name = "template_people"
    _postgres.do(f"CREATE DATABASE {name} TEMPLATE {_postgres_template}")
    with machine.private_folder("people") as folder:
        settings = databases.sqlite_settings(folder) | {"DATABASE_URL": _postgres.url(name)}
        return name, databases.bring_in(settings)


def _template(request: pytest.FixtureRequest, kind: str) -> Any:
    """Return what a test's database is a copy of: with people in it where the test asks for them."""
    if "people" not in request.fixturenames:
        return request.getfixturevalue(f"_{kind}_template")
    return request.getfixturevalue(f"_{kind}_people")[0]


@pytest.fixture
def sqlite_settings(request: pytest.FixtureRequest, tmp_path: Path) -> databases.Settings:
    """A migrated SQLite database of the test's own, as settings for create_app()."""
    return databases.sqlite_copy(_template(request, "sqlite"), tmp_path / "instance")


@pytest.fixture
def postgres_settings(
    request: pytest.FixtureRequest, postgres: servers.Postgres, tmp_path: Path
) -> Iterator[databases.Settings]:
    """A migrated PostgreSQL database of the test's own."""
    with databases.postgres_copy(postgres, _template(request, "postgres"), tmp_path / "instance") as settings:
        yield settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.larger)])
def settings(request: pytest.FixtureRequest) -> databases.Settings:
    """Both databases, one after the other."""
    settings: databases.Settings = request.getfixturevalue(f"{request.param}_settings")
    return settings


# In this process


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile each template once and not for every app: that was most of a test's time."""
    folder = tmp_path_factory.mktemp("templates")
    compiled.keep_templates(folder)
    return folder


@pytest.fixture
def app(settings: databases.Settings, _compiled_templates: Path) -> Iterator[Flask]:
    """The application, with an app context open so that a test can call services."""
    from ementor import create_app
    from ementor.database import db
    from ementor.events import callers
    from ementor.meetings import pushing

    app = create_app(settings)
    app.test_client_class = inside.FreshClient
    with app.app_context():
        compiled.keep_statements(db.engine)
        yield app
        inside.close_sockets()
        assert not callers, "sockets of this test would count in the next"
        # They have connections of their own.
        machine.wait_until(lambda: not pushing.is_working(), "the pushes to end")
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def house(request: pytest.FixtureRequest, settings: databases.Settings, app: Flask) -> House:
    if "people" not in request.fixturenames:
        return House(app.test_client)
    kind = "sqlite" if settings["DATABASE_URL"].startswith("sqlite") else "postgres"
    _, house = request.getfixturevalue(f"_{kind}_people")
    return inside.known_again(house, app)


@pytest.fixture
def client_for(house: House) -> Callable[[str], inside.FreshClient]:
    """``client_for("Ada")``: a client signed in as a person who has joined."""
    return lambda name: house.person(name).client


@pytest.fixture
def socket_for(app: Flask, house: House) -> Callable[[str], inside.Socket]:
    """``socket_for("Ben")``: a connected socket; its ``join()`` enters the room."""
    return lambda name: inside.Socket(app, house.person(name))


@pytest.fixture
def people(house: House) -> dict[str, Person]:
    """Ada facilitates, Ben is a member, Gus is a guest, Eve is an outsider with a group of her own.

    They came to the template of the test's database: once, and not anew for each test.
    """
    return {name: house.person(name) for name in USUAL}


@pytest.fixture
def meeting(house: House) -> Any:
    """Ada's meeting, as its row."""
    from ementor.database import db
    from ementor.meetings.models import Meeting

    return db.session.get_one(Meeting, house.meeting_id)


# Processes of their own


@pytest.fixture(scope="session")
def _fork_server(_compiled_templates: Path) -> Iterator[ForkServer]:
    with ForkServer(_compiled_templates) as fork_server:
        yield fork_server


@pytest.fixture
def start_server(_fork_server: ForkServer) -> Iterator[Callable[..., outside.Server]]:
    """``start_server(settings, house=None)``: app.py on a free port, taken down at the end."""
    with ExitStack() as stack:

        def start(settings: databases.Settings, house: House | None = None) -> outside.Server:
            folder = stack.enter_context(machine.private_folder("app"))
            server = outside.Server(folder, settings, house, fork_server=_fork_server)
            server.start()
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def server(
    start_server: Callable[..., outside.Server], sqlite_settings: databases.Settings
) -> outside.Server:
    """One process on SQLite, as `make run` starts it."""
    return start_server(sqlite_settings)


@pytest.fixture
def two_servers(
    postgres_settings: databases.Settings,
    redis: servers.Redis,
    start_server: Callable[..., outside.Server],  # last, so that it ends before its database
) -> tuple[outside.Server, outside.Server]:
    """Two processes on one PostgreSQL and one Redis, with the same people."""
    settings = postgres_settings | {"REDIS_URL": redis.url}
    first = start_server(settings)
    return first, start_server(settings, first.house)


# Chromium


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Let pytest-playwright start Debian's Chromium: without its windows where there is such a one.

    That shell renders the same and starts half as many processes.
    """
    return browsers.launch_args("chromium-headless-shell", "chromium")


@pytest.fixture(scope="session")
def whole_chromium(browser_type: BrowserType) -> Iterator[Browser]:
    """The browser with its windows, for what only these do."""
    browser = browser_type.launch(**browsers.launch_args("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def open_room(browser: Any, request: pytest.FixtureRequest) -> Iterator[browsers.Rooms]:
    """``open_room("Ada")``: a page of the room in a browser of her own; see ``browsers.Rooms``.

    With the fixture ``two_servers`` the test says whose: ``open_room("Ben", server=second)``.
    """
    both = "two_servers" in request.fixturenames
    rooms = browsers.Rooms(browser, None if both else request.getfixturevalue("server"))
    yield rooms
    rooms.close()
