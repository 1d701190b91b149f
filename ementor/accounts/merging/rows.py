"""How rows that are one person's become another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ementor.database import db


def move(owner: InstrumentedAttribute[Any], kept: int, gone: int) -> None:
    """Give one person all rows of another, in a table where both may have as many as they like."""
    db.session.execute(
        update(owner.class_).where(owner == gone).values({owner.key: kept}),
        execution_options={"synchronize_session": False},
    )


def join(
    owner: InstrumentedAttribute[Any], kept: int, gone: int, both: Callable[[Any, Any], None] | None = None
) -> None:
    """Do the same in a table where each has one row for the rest of its key.

    Where both have one, ``both(mine, theirs)`` puts into the first what the second has and it has not.
    """
    model = owner.class_
    rest = [column.key for column in inspect(model).primary_key if column.key != owner.key]

    def rows(person: int) -> dict[tuple[Any, ...], Any]:
        query = select(model).where(owner == person).execution_options(populate_existing=True)
        return {tuple(getattr(row, name) for name in rest): row for row in db.session.scalars(query)}

    mine = rows(kept)
    for key, row in rows(gone).items():
        if key in mine:
            if both:
                both(mine[key], row)
            db.session.delete(row)
        else:
            setattr(row, owner.key, kept)
    db.session.flush()
