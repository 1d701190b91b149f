"""Connections that stay open for what is asked many times a second, below SQLAlchemy's pool and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.sql.base import Executable

MOST_IDLE = 4

_idle: WeakKeyDictionary[Engine, list[Held]] = WeakKeyDictionary()


class Statement:
    """A statement of Core, put into the driver's words once for each dialect."""

    def __init__(self, query: Executable) -> None:
        self.query = query
        self._made: dict[str, Callable[[Mapping[str, Any]], tuple[str, Any]]] = {}
        self._typed: dict[str, Callable[[Sequence[Any]], Sequence[Any]]] = {}

    def of(self, engine: Engine, values: Mapping[str, Any]) -> tuple[str, Any]:
        """Return text and parameters for the driver."""
        make = self._made.get(engine.dialect.name)
        if make is None:
            make = self._made[engine.dialect.name] = _maker(self.query, engine)
        return make(values)

    def typed(self, engine: Engine, row: Sequence[Any]) -> Sequence[Any]:
        """Return a row of the driver with the columns' own types: an instant, a truth value, JSON."""
        typed = self._typed.get(engine.dialect.name)
        if typed is None:
            typed = self._typed[engine.dialect.name] = _typer(self.query, engine)
        return typed(row)


def _maker(query: Any, engine: Engine) -> Callable[[Mapping[str, Any]], tuple[str, Any]]:
    compiled = query.compile(dialect=engine.dialect)
    text, fixed, order = str(compiled), dict(compiled.params), compiled.positiontup
    processors = {
        name: process
        for name, bind in compiled.binds.items()
        if (process := bind.type.dialect_impl(engine.dialect).bind_processor(engine.dialect))
    }

    def make(values: Mapping[str, Any]) -> tuple[str, Any]:
        all_values = {**fixed, **values}
        for name, process in processors.items():
            all_values[name] = process(all_values[name])
        return text, all_values if order is None else [all_values[name] for name in order]

    return make


def _typer(query: Any, engine: Engine) -> Callable[[Sequence[Any]], Sequence[Any]]:
    processors = [
        (place, process)
        for place, column in enumerate(query.exported_columns)
        if (process := column.type.dialect_impl(engine.dialect).result_processor(engine.dialect, None))
    ]

    if not processors:
        return lambda row: row

    def typed(row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, process in processors:
            values[place] = process(values[place])
        return values

    return typed


class Held:
    """One connection of the driver. It is in a transaction only within ``held(..., writes=True)``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._pooled = engine.raw_connection()
        self._raw: Any = self._pooled.driver_connection
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._commit_each(True)

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """Execute; return all rows, as the driver gives them."""
        cursor = self._raw.execute(*statement.of(self.engine, values))
        # To the last one: a statement of SQLite that is not at its end holds on to what it read.
        return list(cursor.fetchall()) if cursor.description else []

    def typed_rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Execute; return all rows with the columns' own types."""
        return [statement.typed(self.engine, row) for row in self.rows(statement, values)]

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self._raw.execute("BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN")

    def commit(self) -> None:
        """Make it last."""
        self._raw.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what was not committed, if there is anything."""
        if self._is_sqlite:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
        elif self._raw.info.transaction_status:
            self._raw.execute("ROLLBACK")

    def give_back(self) -> None:
        """Return it to SQLAlchemy's pool as it came."""
        self._commit_each(False)
        self._pooled.close()

    def _commit_each(self, each: bool) -> None:
        """Let each statement stand alone, as those of SQLite do anyway."""
        if not self._is_sqlite:
            self._raw.autocommit = each

    def is_lost(self, error: Any) -> bool:
        """Tell whether the connection has gone, not only what was asked of it has failed."""
        return self.engine.dialect.is_disconnect(error, self._raw, None)

    def drop(self) -> None:
        """Close it: what has failed once is not asked again."""
        with suppress(Exception):  # it may be gone already, in any of its layers
            self._pooled.invalidate()


@contextmanager
def held(engine: Engine, *, writes: bool = False) -> Iterator[Held]:
    """Lend a connection; what is not committed at the end is rolled back.

    Raises SQLAlchemy's IntegrityError or, whatever else the driver says, OperationalError;
    ``connection_invalidated`` of it tells that the connection was lost, as with a server that restarts.
    """
    driver: Any = engine.dialect.loaded_dbapi
    idle = _idle.get(engine)
    if idle is None:
        idle = _idle[engine] = []
        event.listen(engine, "engine_disposed", _let_go)
    connection = None
    try:
        connection = idle.pop() if idle else Held(engine)
        if writes:
            connection.begin()
        yield connection
        if writes:
            connection.rollback()
    except driver.Error as error:  # also of connecting, which SQLAlchemy does not wrap here
        is_lost = connection is not None and connection.is_lost(error)
        if connection is not None:
            connection.drop()
        wrapped = IntegrityError if isinstance(error, driver.IntegrityError) else OperationalError
        raise wrapped(None, None, error, connection_invalidated=is_lost) from None
    except BaseException:  # whatever ends it, also a killed greenlet: nobody knows what the connection is in
        if connection is not None:
            connection.drop()
        raise
    if _idle.get(engine) is not idle:  # the engine was disposed of meanwhile
        connection.drop()
    elif len(idle) < MOST_IDLE:
        idle.append(connection)
    else:
        connection.give_back()


def _let_go(engine: Engine) -> None:
    for connection in _idle.pop(engine, []):
        connection.drop()
