"""planning a series

Revision: planning, after flat_notes

Dates of a series, who leads, promises, wishes. Groups that are there get a series, and each of their
meetings a date, so that their page shows what has been.
"""

import secrets
from datetime import UTC
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "planning"
down_revision = "flat_notes"
branch_labels = None
depends_on = None

USUAL_MINUTES = 60


def upgrade() -> None:
    op.create_table(
        "duty_rule",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("rotates", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_duty_rule_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_duty_rule_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("group_id", "duty", name=op.f("pk_duty_rule")),
    )
    op.create_table(
        "series",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("rhythm_weeks", sa.Integer(), nullable=False),
        sa.Column("call_url", sa.Text(), nullable=False),
        sa.Column("calendar_token", sa.String(length=64), nullable=False),
        sa.Column("calendar_named", sa.Boolean(), nullable=False),
        sa.Column("calendar_leaders", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_over_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_series_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["taken_over_by_id"], ["user.id"], name=op.f("fk_series_taken_over_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_series")),
        sa.UniqueConstraint("calendar_token", name=op.f("uq_series_calendar_token")),
    )
    op.create_table(
        "willing",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_willing_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_willing_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", "duty", name=op.f("pk_willing")),
    )
    with op.batch_alter_table("willing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_willing_user_id"), ["user_id"], unique=False)

    op.create_table(
        "planned_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("wall", sa.DateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("kept", sa.String(length=10), nullable=False),
        sa.Column("moved_from", sa.DateTime(), nullable=True),
        sa.Column("template_key", sa.String(length=40), nullable=True),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("bring", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_out", sa.Boolean(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_planned_meeting_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_planned_meeting_meeting_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_meeting")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_planned_meeting_meeting_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_planned_meeting_uid")),
    )
    with op.batch_alter_table("planned_meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planned_meeting_group_id"), ["group_id"], unique=False)

    op.create_table(
        "promise",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=False),
        sa.Column("became_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_promise_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_promise_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "user_id", name=op.f("pk_promise")),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promise_user_id"), ["user_id"], unique=False)

    op.create_table(
        "task_answer",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_task_answer_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_task_answer_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "user_id", name=op.f("pk_task_answer")),
    )
    with op.batch_alter_table("task_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_answer_user_id"), ["user_id"], unique=False)

    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentoring_group.id"], name=op.f("fk_wish_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_wish_meeting_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_wish_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wish_user_id"), ["user_id"], unique=False)

    op.create_table(
        "away",
        sa.Column("planned_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("wall", sa.DateTime(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["planned_id"], ["planned_meeting.id"], name=op.f("fk_away_planned_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_away_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("planned_id", "user_id", name=op.f("pk_away")),
    )
    with op.batch_alter_table("away", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_away_user_id"), ["user_id"], unique=False)

    op.create_table(
        "on_duty",
        sa.Column("planned_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["planned_id"], ["planned_meeting.id"], name=op.f("fk_on_duty_planned_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_on_duty_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("planned_id", "duty", name=op.f("pk_on_duty")),
    )
    with op.batch_alter_table("on_duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_on_duty_user_id"), ["user_id"], unique=False)

    op.create_table(
        "swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("planned_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["user.id"], name=op.f("fk_swap_from_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["planned_id"], ["planned_meeting.id"], name=op.f("fk_swap_planned_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["user.id"], name=op.f("fk_swap_to_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
        sa.UniqueConstraint("planned_id", "duty", name="uq_swap_planned_duty"),
    )
    with op.batch_alter_table("swap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_swap_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_swap_to_id"), ["to_id"], unique=False)

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_meeting_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    # It was not written down until now: nobody's group is to be taken over because of that.
    op.execute("UPDATE membership SET seen_at = CURRENT_TIMESTAMP")

    with op.batch_alter_table("next_step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mine_only", sa.Boolean(), nullable=False, server_default=sa.false()))

    _give_dates_to_meetings()


def _give_dates_to_meetings() -> None:
    connection = op.get_bind()
    instant = sa.DateTime(timezone=True)
    groups = sa.table(
        "mentoring_group", *map(sa.column, ("id", "time_zone")), sa.column("created_at", instant)
    )
    names = ("id", "group_id", "template_key")
    meetings = sa.table(
        "meeting", *map(sa.column, names), sa.column("title", sa.JSON()), sa.column("created_at", instant)
    )
    series, planned = (
        sa.Table(name, sa.MetaData(), autoload_with=connection) for name in ("series", "planned_meeting")
    )
    zones = {}
    for group in connection.execute(sa.select(groups)).all():
        zones[group.id] = group.time_zone
        row = {"group_id": group.id, "rhythm_weeks": 4, "call_url": "", "number": 1}
        row |= {
            "calendar_token": secrets.token_urlsafe(24),
            "calendar_named": False,
            "calendar_leaders": False,
        }
        connection.execute(sa.insert(series).values(row | {"created_at": group.created_at}))
    for meeting in connection.execute(sa.select(meetings).order_by(meetings.c.id)).all():
        begun = meeting.created_at if meeting.created_at.tzinfo else meeting.created_at.replace(tzinfo=UTC)
        wall = begun.astimezone(ZoneInfo(zones[meeting.group_id])).replace(
            tzinfo=None, second=0, microsecond=0
        )
        row = {"group_id": meeting.group_id, "uid": secrets.token_hex(16), "meeting_id": meeting.id}
        row |= {
            "wall": wall,
            "minutes": USUAL_MINUTES,
            "kept": "planned",
            "template_key": meeting.template_key,
        }
        row |= {
            "title": meeting.title,
            "bring": "",
            "task": "",
            "opened_at": begun,
            "handed_out": True,
            "version": 1,
            "sequence": 0,
        }
        connection.execute(sa.insert(planned).values(row | {"changed_at": begun}))


def downgrade() -> None:
    with op.batch_alter_table("next_step", schema=None) as batch_op:
        batch_op.drop_column("mine_only")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
        batch_op.drop_column("for_meeting_id")

    with op.batch_alter_table("swap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_swap_to_id"))
        batch_op.drop_index(batch_op.f("ix_swap_from_id"))

    op.drop_table("swap")
    with op.batch_alter_table("on_duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_on_duty_user_id"))

    op.drop_table("on_duty")
    with op.batch_alter_table("away", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_away_user_id"))

    op.drop_table("away")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_user_id"))
        batch_op.drop_index(batch_op.f("ix_wish_group_id"))

    op.drop_table("wish")
    with op.batch_alter_table("task_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_answer_user_id"))

    op.drop_table("task_answer")
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_promise_user_id"))

    op.drop_table("promise")
    with op.batch_alter_table("planned_meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_planned_meeting_group_id"))

    op.drop_table("planned_meeting")
    with op.batch_alter_table("willing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_willing_user_id"))

    op.drop_table("willing")
    op.drop_table("series")
    op.drop_table("duty_rule")
