"""past notes: devices and codes, mail, who may read, corrections, words to search

Revision: past_notes, after planning
"""

import sqlalchemy as sa
from alembic import op

revision = "past_notes"
down_revision = "planning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_next_try_at"), ["next_try_at"], unique=False)

    op.create_table(
        "device_code",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("shown_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("claim_hash", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_device_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_device_code")),
    )
    with op.batch_alter_table("device_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "mail_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("asker_hash", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mail_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_code")),
    )
    with op.batch_alter_table("mail_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_code_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "search_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_search_words_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_search_words_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_words")),
    )
    with op.batch_alter_table("search_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_words_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_words_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_correction_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["record.meeting_id"], name=op.f("fk_correction_meeting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("meeting_id", "part", "number", name="uq_correction_number"),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_author_id"), ["author_id"], unique=False)

    with op.batch_alter_table("mentoring_group", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("readers", sa.String(length=8), nullable=False, server_default="members")
        )
        batch_op.add_column(
            sa.Column("newcomers_read", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("readers", sa.String(length=8), nullable=False, server_default="members")
        )

    with op.batch_alter_table("record", schema=None) as batch_op:
        # What was kept until now was said to be for those who were there.
        batch_op.add_column(
            sa.Column("readers", sa.String(length=8), nullable=False, server_default="present")
        )

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("email_key", sa.String(length=254), nullable=True))
        batch_op.create_index(batch_op.f("ix_user_email_key"), ["email_key"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("user", schema=None, recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_email_key"))
        batch_op.drop_column("email_key")
        batch_op.drop_column("email")

    with op.batch_alter_table("sign_in", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("left_at")
        batch_op.drop_column("proved_at")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("device")

    with op.batch_alter_table("meeting", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("readers")

    with op.batch_alter_table("record", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("readers")

    with op.batch_alter_table("mentoring_group", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("newcomers_read")
        batch_op.drop_column("readers")

    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_author_id"))

    op.drop_table("correction")
    with op.batch_alter_table("search_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_words_owner_id"))
        batch_op.drop_index(batch_op.f("ix_search_words_meeting_id"))

    op.drop_table("search_words")
    with op.batch_alter_table("mail_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_code_user_id"))
        batch_op.drop_index(batch_op.f("ix_mail_code_email_key"))

    op.drop_table("mail_code")
    with op.batch_alter_table("device_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_code_user_id"))

    op.drop_table("device_code")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_next_try_at"))

    op.drop_table("outbox")
