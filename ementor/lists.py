"""A list as one parameter of a statement: ``in_`` has one for each value, and a text for each length."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class ListParameter(TypeDecorator[Iterable[Any]]):
    """What both databases can read a list from: an array, or JSON for SQLite."""

    impl = NullType
    cache_ok = True

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        """Return the parameter for the driver."""
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class _IsIn(FunctionElement[Any]):
    inherit_cache = True
    type = NullType()  # as a Boolean, SQLite would compare it with 1, and use no index


def is_in(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that the value of ``column`` is in the list bound as ``name``."""
    return _IsIn(column, bindparam(name, type_=ListParameter()))


@compiles(_IsIn, "sqlite")
def _of_sqlite(element: _IsIn, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - put together by the compiler


@compiles(_IsIn, "postgresql")
def _of_postgresql(element: _IsIn, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} = ANY({values})"
