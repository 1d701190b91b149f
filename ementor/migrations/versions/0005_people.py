"""people

Revision: people, after series
"""

import sqlalchemy as sa
from alembic import op

revision = "people"
down_revision = "series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mentoring_group", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entry", sa.String(length=8), nullable=False, server_default="first"))
        batch_op.add_column(sa.Column("greeting", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("everybody_runs", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "old_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_old_link_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_old_link")),
    )
    op.create_table(
        "waiting",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_waiting_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_waiting_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_waiting")),
    )
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_user_id"))

    op.drop_table("waiting")
    op.drop_table("old_link")
    with op.batch_alter_table("mentoring_group", schema=None) as batch_op:
        batch_op.drop_column("everybody_runs")
        batch_op.drop_column("greeting")
        batch_op.drop_column("entry")
