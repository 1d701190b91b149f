"""Whether anything was written in the database since the last look, by any process: one cheap question."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Text, cast, event, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from ementor.held import Held, Statement

_VERSIONS = {
    # Counts what other connections have committed, so it is asked on one that nothing is written on.
    "sqlite": Statement(text("PRAGMA data_version")),
    # Which transactions are over. The log's position would count one whose commit is not visible yet.
    "postgresql": Statement(select(cast(func.pg_current_snapshot(), Text))),
}


class Watch:
    """Compares the database with how it was at the last look."""

    def __init__(self) -> None:
        self._connection: Held | None = None
        self._version: Any = None
        self._listens = False

    def has_changed(self, engine: Engine) -> bool:
        """Tell whether anything may have been committed since this was asked last; it may at first."""
        before, self._version = self._version, None
        try:
            if self._connection is None:
                before = None  # each connection of SQLite counts for itself
                self._connection = Held(engine)
                if not self._listens:
                    event.listen(engine, "engine_disposed", self._let_go)
                    self._listens = True
            self._version = self._connection.rows(_VERSIONS[engine.dialect.name], {})[0]
        except (engine.dialect.loaded_dbapi.Error, SQLAlchemyError):
            self._let_go(engine)
        return self._version is None or self._version != before

    def _let_go(self, _: Engine) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()
