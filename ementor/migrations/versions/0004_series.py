"""what one meeting leaves for the next

Revision: series, after writings
"""

import sqlalchemy as sa
from alembic import op

revision = "series"
down_revision = "writings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_partners_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["one_id"], ["user.id"], name=op.f("fk_partners_one_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["other_id"], ["user.id"], name=op.f("fk_partners_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "one_id", "other_id", name=op.f("pk_partners")),
    )
    with op.batch_alter_table("mentoring_group", schema=None) as batch_op:
        batch_op.add_column(sa.Column("started_last_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mentoring_group", schema=None) as batch_op:
        batch_op.drop_column("started_last_id")
    op.drop_table("partners")
