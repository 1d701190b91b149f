"""An upgrade keeps what is there: from each earlier shape of the database, with a row in every table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade

from ementor.database import db
from ementor.maintenance import MIGRATIONS

REVISIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
HELD = {"entry": "first", "time_zone": "Europe/Helsinki", "locale": "fi"}
"""What a migration reads and would not understand."""
INSTANT = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.UTC)


def test_migrations_are_numbered_in_the_order_in_which_they_run() -> None:
    """The files tell the order; the names of revisions, which databases hold, do not."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == 1, "two migrations follow the same one: let one follow the other"
    files = [Path(one.path).name for one in scripts.walk_revisions()][::-1]
    assert [name[:5] for name in files] == [f"{number:04}_" for number in range(1, len(files) + 1)]


def filled(table: sa.Table) -> dict[str, Any]:
    """Return a row of a table that refers to the first row of others; 1, where it counts."""
    return {column.name: HELD.get(column.name) or value_of(column) for column in table.columns}


def value_of(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return INSTANT if kind.timezone or "at" in column.name else INSTANT.replace(tzinfo=None)
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.LargeBinary):
        return b"\0\0"  # an update of a document that says nothing
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.String):
        return "1"
    return 1


def shape() -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(db.engine)
    return [one for one in found.sorted_tables if one.name != "alembic_version"]


def rows() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            one.name: connection.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in shape()
        }


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_takes_no_row_of_any_table_away(app: Flask, revision: str) -> None:
    everything = sa.MetaData()
    everything.reflect(db.engine)
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        everything.drop_all(connection)
    upgrade(str(MIGRATIONS), revision)
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in shape():
            connection.execute(sa.insert(table).values(filled(table)))
    db.engine.dispose()
    before = rows()
    assert set(before.values()) == {1}
    upgrade(str(MIGRATIONS))
    after = rows()
    assert {name: after[name] for name in before if name in after} == {
        name: count for name, count in before.items() if name in after
    }
    assert set(before) <= set(after)
