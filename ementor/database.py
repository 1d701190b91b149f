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
from contextlib import contextmanager
from datetime import UTC, datetime
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
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached, registry

from ementor.config import CannotStart
from ementor.errors import Conflict, Unavailable
from ementor.held import Statement, held

TRIES = 5
MAX_ID = 2**31 - 1
"""The largest integer of an id column; PostgreSQL refuses to compare it with a larger one."""
LOCK_WAIT_S = 4.0
GONE_WITHIN = {"tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5}
"""What tells (in ms and s) that a server is gone without a word, or a firewall has forgotten a connection.
The system would wait for a quarter of an hour, and everybody's pushed parts with it."""
LEAST_SQLITE = (3, 51, 3)
"""Older versions can corrupt a file when they restart its write-ahead log."""
AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""The errors of a database that is unreachable or fails."""

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
    """The base class of all models."""

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
            "hide_parameters": True,  # parameters are what people wrote: an error must not log them
            "pool_pre_ping": True,
            "pool_size": 20,
            "max_overflow": 20,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c statement_timeout=8000 -c lock_timeout=4000",
                **GONE_WITHIN,
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
        return  # it is locked, or cannot be opened: whoever uses it reports that
    except DatabaseError:
        raise CannotStart(unreadable(path)) from None


def unreadable(path: Path) -> str:
    """Return the error message for a SQLite file that is corrupt or encrypted with another key."""
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
        connection.execute("PRAGMA cipher_log_level = NONE")  # whoever opens the file reports the error
        connection.execute(f"PRAGMA key = \"x'{_hex(key)}'\"")
        # Under gevent a wait inside SQLite blocks the loop; @transactional retries instead.
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # deleted content is overwritten
        return connection

    return {
        "module": sqlite,
        "creator": connect,
        "hide_parameters": True,  # parameters are what people wrote: an error must not log them
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
    """The transaction under way in a session, with its callbacks for after the commit."""

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
                except BaseException:  # also a killed greenlet must not leave half a change
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
    """Queue the writers of this process, as SQLite has one at a time.

    They wait without a connection and without retrying: while another program held the lock,
    the retries of each of them kept the loop busy, and nothing else was answered.
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
        return Conflict(gettext("Somebody else got there first. Please try again."))
    log.error("database: %s", type(error).__name__)
    return Unavailable(gettext("This couldn't be saved just now. Please try again."))


def rows(statement: Statement, values: Mapping[str, Any]) -> list[Sequence[Any]]:
    """Execute a statement of Core without the session's machinery; return all its rows, typed.

    Within a ``transactional`` function it belongs to that transaction and sees what it has written.
    Else it reads on a held connection what is committed.
    """
    engine = db.engine
    if not is_writing():
        try:
            with held(engine) as connection:
                return connection.typed_rows(statement, values)
        except OperationalError as error:
            if not error.connection_invalidated:
                raise  # a retry would wait for the lock or the server once more
        # The server of that connection has restarted since: the session's pool connects anew.
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
