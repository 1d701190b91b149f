"""Maintenance of the database: schema upgrades, backups, and checkpoints of the write-ahead log."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ementor import clock
from ementor.config import CannotStart
from ementor.database import AWAY, db, unreadable

MIGRATIONS = Path(__file__).parent / "migrations"
COPIES_KEPT = timedelta(days=7)
"""How long a copy from before an upgrade is kept: it contains what has been deleted since."""

log = logging.getLogger(__name__)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn a database error at the start into CannotStart: a message without a traceback."""
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        raise CannotStart(f"the database is of another version of ementor: {error}") from None
    except DBAPIError as error:
        if not isinstance(error, AWAY) and db.engine.dialect.name == "sqlite":
            raise CannotStart(unreadable(Path(str(db.engine.url.database)))) from None
        reason = " ".join(str(error.orig).split())
        raise CannotStart(f"the database cannot be used: {reason}") from None


def prepare() -> None:
    """Make the database ready to serve from, or raise CannotStart."""
    with in_plain_words():
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise CannotStart(unreadable(Path(str(db.engine.url.database))))
            upgrade()
        elif not is_current():
            raise CannotStart("the database is not up to date: run  flask --app app ementor upgrade")
    db.session.remove()


def upgrade() -> None:
    """Bring the database to the newest schema; a SQLite file is copied first.

    On PostgreSQL an advisory lock lets one process do it while others wait.
    """
    from flask_migrate import upgrade as migrate_up

    engine = db.engine
    if engine.dialect.name == "sqlite":
        if sa.inspect(engine).has_table("alembic_version") and not is_current():
            path = Path(str(engine.url.database))
            backup(path.with_name(f"{_copy_prefix(path)}{os.urandom(4).hex()}.db"))
        migrate_up(str(MIGRATIONS))
        truncate_journal()  # a killed process leaves deleted content in it
        return
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(7101)"))
        try:
            migrate_up(str(MIGRATIONS))
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(7101)"))


def is_current() -> bool:
    """Tell whether the database has the newest schema."""
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = set(ScriptDirectory.from_config(config).get_heads())
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == newest


def backup(target: Path) -> None:
    """Back up the SQLite database to ``target``, consistently and with the same key."""
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    before = os.umask(0o077)
    try:
        raw.execute("COMMIT") if raw.in_transaction else None
        raw.execute("VACUUM INTO ?", (str(target),))
    finally:
        os.umask(before)


def _copy_prefix(path: Path) -> str:
    return f"{path.stem}-before-upgrade-"


def remove_old_copies() -> list[Path]:
    """Delete the expired copies from before upgrades; return their paths."""
    if db.engine.dialect.name != "sqlite":
        return []
    path, before = Path(str(db.engine.url.database)), (clock.now() - COPIES_KEPT).timestamp()
    old = [copy for copy in path.parent.glob(f"{_copy_prefix(path)}*") if copy.stat().st_mtime < before]
    for copy in old:
        copy.unlink(missing_ok=True)
    return old


def truncate_journal() -> bool:
    """Checkpoint and truncate SQLite's write-ahead log; return False while a reader still needs it.

    It holds every page as it was with each change, so also what has been deleted since.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    try:
        with closing(db.engine.raw_connection()) as pooled:
            raw = pooled.driver_connection
            assert raw is not None
            is_busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except Exception as error:  # such as a full disk: must not end a background job or a stop
        log.error("the journal cannot be emptied: %s", type(error).__name__)
        return False
    return not is_busy


def close() -> None:
    """Close the database at a clean stop, with an empty write-ahead log."""
    db.session.remove()
    truncate_journal()
    db.engine.dispose()
