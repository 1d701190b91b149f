"""The people, servers and rooms that tests ask for by name."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support import servers

LARGER = {"postgres", "redis", "two_servers"}  # fixtures that need more than Python


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if LARGER & set(getattr(item, "fixturenames", ())):
            item.add_marker("larger")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let nothing be skipped where everything can be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


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
