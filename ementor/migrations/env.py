"""Alembic's environment: the app's own engine, so that SQLite is opened with its key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from ementor.database import Base, UtcDateTime, db


def plain_type(kind: str, value: Any, _: Any) -> str | Literal[False]:
    """Write our instants as the type they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcDateTime) else False


@contextmanager
def without_cascades(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table without taking along the rows that refer to it.

    A table is changed there by making it anew under its name; the rows of it that go are not meant. It
    counts between transactions only.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        connection.rollback()
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        connection.rollback()
        if astray:
            raise RuntimeError(
                f"rows that refer to nothing after the upgrade: {sorted({row[0] for row in astray})}"
            )
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def run() -> None:
    """Migrate online; each migration is a transaction."""
    writes = db.engine.connect().execution_options(writes=True)
    with writes as connection, without_cascades(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=False,
            render_item=plain_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if not current_app:
    raise RuntimeError("migrations run inside the app: make run, or flask --app app ementor upgrade")
run()
