"""flat notes

Revision: flat_notes, after people

The notes of meetings that go on, and people's own, get their new shape: each part is one text.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ementor.notes.old_shape import carried_over

revision = "flat_notes"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _carry_over("note_update", ["meeting_id"], {"author_id": None})
    _carry_over("own_note_update", ["meeting_id", "owner_id"], {})


def _carry_over(name: str, keys: list[str], new: dict[str, Any]) -> None:
    """Put one update in the place of each log. Its number is a new one, which nobody has seen."""
    connection = op.get_bind()
    instant = sa.column("at", sa.DateTime(timezone=True))
    log = sa.table(name, *map(sa.column, [*keys, "number", *new]), instant, sa.column("data", sa.LargeBinary))
    for key in connection.execute(sa.select(*(log.c[each] for each in keys)).distinct()).all():
        which = sa.and_(*(log.c[each] == value for each, value in zip(keys, key, strict=True)))
        query = sa.select(log.c.number, log.c.at, log.c.data).where(which).order_by(log.c.number)
        rows = connection.execute(query).all()
        row = dict(zip(keys, key, strict=True)) | new
        row |= {"number": rows[-1].number + 1, "at": rows[-1].at}
        row["data"] = carried_over(bytes(each.data) for each in rows)
        connection.execute(sa.delete(log).where(which))
        connection.execute(sa.insert(log).values(row))


def downgrade() -> None:
    raise RuntimeError("go back to the copy that was made before the upgrade")
