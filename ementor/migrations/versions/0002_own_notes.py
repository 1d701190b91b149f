"""own notes

Revision: own_notes, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "own_notes"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_note_update",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_own_note_update_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_own_note_update_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "owner_id", "number", name=op.f("pk_own_note_update")),
    )
    op.create_index(op.f("ix_own_note_update_at"), "own_note_update", ["at"])
    op.create_table(
        "own_note",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_own_note_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_own_note_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "owner_id", name=op.f("pk_own_note")),
    )


def downgrade() -> None:
    op.drop_table("own_note")
    op.drop_table("own_note_update")
