"""The database: typed models, UTC instants, and one way to change things.

SQLite is encrypted (SQLCipher) and in WAL mode with full synchronisation, so what was
committed survives a power cut. Each write transaction starts with BEGIN IMMEDIATE: a
transaction that begins as a reader and then writes could be refused half-way.
"""

from __future__ import annotations

import functools
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached, registry

from ementor import clock
from ementor.config import CannotStart
from ementor.errors import Conflict, Unavailable
from ementor.held import Statement, held

MIGRATIONS = Path(__file__).parent / "migrations"
TRIES = 5
MAX_ID = 2**31 - 1
"""What a column of ids holds; PostgreSQL would refuse to look for more."""
LOCK_WAIT_S = 4.0
LEAST_SQLITE = (3, 51, 3)
"""Older ones can damage a file when its journal is begun anew."""
AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""What an error is when the database does not answer, or not as it should."""
COPIES_KEPT = timedelta(days=7)
"""How long a copy from before an upgrade stays: it holds what has been let go of since."""

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; refuses one that does not say its time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return ``value`` in UTC, as SQLite drops the time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the kept instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every model is."""

    registry = registry(type_annotation_map={datetime: UtcDateTime(), dict[str, Any]: sa.JSON()})
    metadata = registry.metadata


Base.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def init_database(app: Flask) -> None:
    """Bind the database to ``app``; for SQLite make its folder, key and pragmas."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _sqlite_options(
            Path(str(url.database)), app.config["DATABASE_KEY"]
        )
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "hide_parameters": True,  # an error that is logged may not tell what somebody wrote
            "pool_pre_ping": True,
            "pool_size": 20,
            "max_overflow": 20,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c statement_timeout=8000 -c lock_timeout=4000",
            },
        }
    db.init_app(app)
    if url.get_backend_name() == "sqlite":
        with app.app_context():
            event.listen(db.engine, "begin", _begin)
            _require_the_key(Path(str(url.database)))


def _require_the_key(path: Path) -> None:
    """Raise CannotStart unless an existing file can be read with the key."""
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except OperationalError:
        return  # it is locked, or not to be opened at all: whoever uses it says so
    except DatabaseError:
        raise CannotStart(_unreadable(path)) from None


def _unreadable(path: Path) -> str:
    return (
        f"{path} cannot be read: it is damaged, or the key is not its own. "
        "Put the right key back (DATABASE_KEY, or INSTANCE/keys/database.key), or restore a backup"
    )


def _sqlite_options(path: Path, key: str) -> dict[str, Any]:
    import sqlcipher3.dbapi2 as sqlite

    if sqlite.sqlite_version_info < LEAST_SQLITE:
        raise CannotStart(f"SQLite {sqlite.sqlite_version} can damage a database: take 3.51.3 or newer")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{path.parent} cannot be made: {error.strerror}") from None

    def connect() -> Any:
        before = os.umask(0o077)
        try:
            # Autocommit: SQLAlchemy's begin event says BEGIN itself (see _begin).
            connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
        finally:
            os.umask(before)
        connection.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is said by whoever asked
        connection.execute(f"PRAGMA key = \"x'{_hex(key)}'\"")
        # Under gevent a wait in here stops everybody; @transactional waits, and whoever holds one asks it.
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is let go of is overwritten as well
        return connection

    return {
        "module": sqlite,
        "creator": connect,
        "hide_parameters": True,  # an error that is logged may not tell what somebody wrote
        "pool_size": 10,
        "max_overflow": 30,
    }


def _hex(key: str) -> str:
    """Return ``key`` as 64 hexadecimal digits, hashed when it is not so already."""
    import hashlib

    if len(key) == 64 and all(char in "0123456789abcdef" for char in key):
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Work:
    """The transaction under way in a session: what to do once it is saved."""

    def __init__(self) -> None:
        self.afterwards: list[tuple[Callable[..., object], tuple[Any, ...]]] = []


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Make ``function`` one transaction: commit when it returns, roll back when it raises.

    Inside another it joins it. When a row with the same key was there first, or the
    database is locked, the whole function is run again, so it does nothing that a
    rollback cannot undo. When that does not help, raises Conflict for the row and
    Unavailable for the database.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session()
        if "work" in session.info:
            return function(*args, **kwargs)
        until = time.monotonic() + LOCK_WAIT_S
        collisions = tries = 0
        with _own_turn(session, until):
            while True:
                work = session.info["work"] = _Work()
                try:
                    session.connection(execution_options={"writes": True})
                    answer = function(*args, **kwargs)
                    session.commit()
                    break
                except (IntegrityError, *AWAY) as error:
                    session.rollback()
                    collisions += isinstance(error, IntegrityError)
                    if collisions >= TRIES or not _passes(error) or time.monotonic() > until:
                        raise _as_refusal(error) from error
                    tries += 1
                    most_s = min(0.05, 0.002 * 2**tries)
                    time.sleep(random.uniform(0.001, most_s))  # noqa: S311 - jitter, not a secret
                except BaseException:  # whatever ends it, also a killed greenlet, leaves no half a change
                    session.rollback()
                    raise
                finally:
                    session.info.pop("work", None)
        for callback, arguments in work.afterwards:
            callback(*arguments)
        return answer

    return run


_turns: WeakKeyDictionary[sa.Engine, threading.Lock] = WeakKeyDictionary()


@contextmanager
def _own_turn(session: Session, until: float) -> Iterator[None]:
    """Let the writers of this process wait in line, as SQLite takes one at a time.

    They wait without a connection and without asking: while another program held the lock,
    each of them asked again and again, and nothing else was answered meanwhile.
    """
    session.commit()  # ends a read that was under way; nothing is pending outside a transaction
    if db.engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns.setdefault(db.engine, threading.Lock())
    if not turn.acquire(timeout=max(0.0, until - time.monotonic())):
        raise _as_refusal(TimeoutError())
    try:
        yield
    finally:
        turn.release()


def _passes(error: Exception) -> bool:
    """Tell whether trying again can help."""
    if isinstance(error, IntegrityError):
        return True
    text = str(getattr(error, "orig", "")).lower()
    return "locked" in text or "busy" in text or "deadlock" in text or "lock timeout" in text


def _as_refusal(error: Exception) -> Exception:
    from flask_babel import gettext

    if isinstance(error, IntegrityError):
        return Conflict(gettext("Somebody else was faster. Please try again."))
    log.error("database: %s", type(error).__name__)
    return Unavailable(gettext("It could not be saved just now. Please try again."))


def rows(statement: Statement, values: Mapping[str, Any]) -> list[Sequence[Any]]:
    """Execute a statement of Core without the session's machinery; return all its rows, typed.

    Within a ``transactional`` function it belongs to that transaction and sees what it has written.
    Else it reads on a held connection what is committed.
    """
    engine = db.engine
    if not is_writing():
        with suppress(OperationalError), held(engine) as connection:
            return connection.typed_rows(statement, values)
        # A held connection may be of a server that has gone since: the pool looks for one that is there.
    db.session.flush()
    result = db.session.connection().exec_driver_sql(*_for_driver(statement.of(engine, values)))
    return [statement.typed(engine, row) for row in result] if result.returns_rows else []


def _for_driver(made: tuple[str, Any]) -> tuple[str, Any]:
    text, parameters = made
    return text, tuple(parameters) if isinstance(parameters, list) else parameters


def as_loaded(model: type[M], row: Sequence[Any]) -> M:
    """Return the object of a row that ``rows`` has read of all columns of a table, as if the session had.

    An object that the session has is returned as it is. Loading it by the session costs several times more.
    """
    mapper = sa.inspect(model)
    values = {column.key: value for column, value in zip(mapper.columns, row, strict=True)}
    key = mapper.identity_key_from_primary_key([values[column.key] for column in mapper.primary_key])
    known = db.session().identity_map.get(key)
    if known is not None:
        return cast("M", known)
    loaded = mapper.class_manager.new_instance()
    loaded.__dict__.update(values)
    make_transient_to_detached(loaded)
    db.session.add(loaded)
    return cast("M", loaded)


def is_writing() -> bool:
    """Tell whether a ``transactional`` function is under way, so that what is read may never be."""
    return "work" in db.session().info


def after_commit(callback: Callable[..., object], *arguments: Any) -> None:
    """Call ``callback`` once the transaction under way is saved; never when it is rolled back."""
    work = db.session().info.get("work")
    if work is None:
        callback(*arguments)
    else:
        work.afterwards.append((callback, arguments))


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what a database cannot do at a start into CannotStart: a sentence, and no traceback."""
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        raise CannotStart(f"the database is of another version of ementor: {error}") from None
    except DBAPIError as error:
        if not isinstance(error, AWAY) and db.engine.dialect.name == "sqlite":
            raise CannotStart(_unreadable(Path(str(db.engine.url.database)))) from None
        reason = " ".join(str(error.orig).split())
        raise CannotStart(f"the database cannot be used: {reason}") from None


def prepare() -> None:
    """Make the database ready to serve from, or raise CannotStart."""
    with in_plain_words():
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise CannotStart(_unreadable(Path(str(db.engine.url.database))))
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
        truncate_journal()  # a killed process leaves what it had let go of
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
    """Copy the whole SQLite database to ``target`` as of one moment, under the same key."""
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
    """Delete the copies from before upgrades whose time is over; answers which."""
    if db.engine.dialect.name != "sqlite":
        return []
    path, before = Path(str(db.engine.url.database)), (clock.now() - COPIES_KEPT).timestamp()
    old = [copy for copy in path.parent.glob(f"{_copy_prefix(path)}*") if copy.stat().st_mtime < before]
    for copy in old:
        copy.unlink(missing_ok=True)
    return old


def truncate_journal() -> bool:
    """Empty SQLite's journal into the file; tell whether it is empty, as a reader may need it still.

    It holds every page as it was with each change, so also what has been deleted since.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    try:
        with closing(db.engine.raw_connection()) as pooled:
            raw = pooled.driver_connection
            assert raw is not None
            is_busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except Exception as error:  # a full disk, say: neither a round nor a stop ends with it
        log.error("the journal cannot be emptied: %s", type(error).__name__)
        return False
    return not is_busy


def close() -> None:
    """Let go of the database at a clean stop, with an empty journal."""
    db.session.remove()
    truncate_journal()
    db.engine.dispose()
