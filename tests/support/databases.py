"""One migrated database per run as the template, a copy of it for each test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from tests.support import inside
from tests.support.people import USUAL, House
from tests.support.servers import Postgres

SECRET_KEY = "tests " * 8
_numbers = itertools.count(1)

Settings = dict[str, Any]  # what create_app() takes, and as text a server's environment


def migrate(settings: Settings) -> None:
    """Bring the database of ``settings`` to the newest schema, as `make run` would."""
    from ementor.maintenance import upgrade

    with app_of(settings):
        upgrade()


@contextmanager
def app_of(settings: Settings) -> Iterator[Flask]:
    """Yield the application in this process, with the database of ``settings``, which is let go of after."""
    from ementor import create_app
    from ementor.database import db

    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()  # PostgreSQL copies no database that somebody uses


def bring_in(settings: Settings) -> House:
    """Let the usual four come to a meeting in the database of ``settings``, as real people do."""
    with app_of(settings) as app:
        app.test_client_class = inside.FreshClient
        house = House(app.test_client)
        for name in USUAL:
            house.person(name)
    return house


def sqlite_settings(folder: Path) -> Settings:
    return {
        "INSTANCE": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/data/ementor.db",
        "DATABASE_KEY": "5" * 64,
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": "",
        "TESTING": True,
    }


def sqlite_copy(template: Path, folder: Path) -> Settings:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return sqlite_settings(folder)


@contextmanager
def postgres_copy(server: Postgres, template: str, folder: Path) -> Iterator[Settings]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    server.do(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield sqlite_settings(folder) | {"DATABASE_URL": server.url(name)}
    server.do(f"DROP DATABASE {name} WITH (FORCE)")
