"""Alembic's environment: the app's own engine, so that SQLite is opened with its key."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app

from ementor.database import Base, UtcDateTime, db


def plain_type(kind: str, value: Any, _: Any) -> str | Literal[False]:
    """Write our instants as the type they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcDateTime) else False


def run() -> None:
    """Migrate online; each migration is a transaction."""
    with db.engine.connect().execution_options(writes=True) as connection:
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
