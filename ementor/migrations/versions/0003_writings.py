"""writings

Revision: writings, after own_notes
"""

import sqlalchemy as sa
from alembic import op

revision = "writings"
down_revision = "own_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "writing",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=16), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("other_tab", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_writing_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_writing_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "user_id", "item_id", name=op.f("pk_writing")),
    )
    op.create_table(
        "writing_shared_line",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
            name=op.f("fk_writing_shared_line_meeting_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_writing_shared_line_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "meeting_id", "user_id", "item_id", "digest", name=op.f("pk_writing_shared_line")
        ),
    )


def downgrade() -> None:
    op.drop_table("writing_shared_line")
    op.drop_table("writing")
