"""A list as one parameter of a statement."""

from __future__ import annotations

import pytest
from sqlalchemy import column, select
from sqlalchemy.dialects import postgresql, sqlite

from ementor.lists import ListParameter, is_in


@pytest.mark.parametrize(
    ("dialect", "condition", "parameter"),
    [
        (sqlite.dialect(), "id IN (SELECT value FROM json_each(?))", "[3, 7]"),
        (postgresql.dialect(), "id = ANY(%(ids)s)", [3, 7]),
    ],
)
def test_a_list_is_one_parameter_and_leaves_the_index_in_use(dialect, condition, parameter) -> None:
    """A Boolean that is compared with 1, as SQLAlchemy has it for SQLite, would be looked for in each row."""
    text = str(select(column("id")).where(is_in(column("id"), "ids")).compile(dialect=dialect))
    assert " ".join(text.split()) == f"SELECT id WHERE {condition}"
    assert ListParameter().process_bind_param((3, 7), dialect) == parameter
