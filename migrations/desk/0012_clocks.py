"""Clocks: rules with their dates, and what runs by them."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0012"
down_revision = "0011"

SINCE = datetime(1970, 1, 1, tzinfo=UTC)
CAME_WITH_IT = (  # duty, urgency, minutes, minutes before, pace; a working day has nine hours
    ("acknowledge", 1, 60, 15, "wall"),
    ("acknowledge", None, 24 * 60, 4 * 60, "wall"),
    ("assess", 1, 60, 15, "wall"),
    ("assess", 2, 24 * 60, 4 * 60, "wall"),
    ("assess", 3, 27 * 60, 4 * 60, "working"),
    ("assess", 4, 90 * 60, 9 * 60, "working"),
    ("assess", None, 90 * 60, 9 * 60, "working"),
    ("second_look", 1, 60, 15, "wall"),
    ("second_look", None, 24 * 60, 4 * 60, "wall"),
    ("answer_reporter", None, 9 * 60, 2 * 60, "working"),
)


def upgrade() -> None:
    rules = op.create_table(
        "clock_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(32), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("remind_minutes", sa.Integer(), nullable=False),
        sa.Column("pace", sa.String(32), nullable=False),
        sa.Column("valid_from", UtcTime(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "duty IN ('acknowledge', 'assess', 'second_look', 'answer_reporter')", name=op.f("ck_clock_rules_duty")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_clock_rules_minutes")),
        sa.CheckConstraint("pace IN ('wall', 'working')", name=op.f("ck_clock_rules_pace")),
        sa.CheckConstraint("remind_minutes >= 0 AND remind_minutes < minutes", name=op.f("ck_clock_rules_reminder")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_clock_rules_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_rules")),
    )
    op.create_index("ix_clock_rules_duty", "clock_rules", ["duty", "urgency", "valid_from"])
    op.bulk_insert(rules, [_rule(*one) for one in CAME_WITH_IT])
    op.create_table(
        "clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("reminded_at", UtcTime(), nullable=True),
        sa.Column("breached_at", UtcTime(), nullable=True),
        sa.Column("paused_at", UtcTime(), nullable=True),
        sa.Column("pause_reason", sa.String(32), nullable=True),
        sa.Column("paused_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ending", sa.String(32), nullable=True),
        sa.CheckConstraint("ending IN ('met', 'missed', 'void')", name=op.f("ck_clocks_clockend")),
        sa.CheckConstraint(
            "duty IN ('acknowledge', 'assess', 'second_look', 'answer_reporter')", name=op.f("ck_clocks_duty")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_clocks_ended")),
        sa.CheckConstraint("(paused_at IS NULL) = (pause_reason IS NULL)", name=op.f("ck_clocks_paused")),
        sa.CheckConstraint(
            "pause_reason IN ('police', 'adviser', 'partner', 'unreachable', 'other')",
            name=op.f("ck_clocks_pausereason"),
        ),
        sa.CheckConstraint("subject IN ('item', 'message')", name=op.f("ck_clocks_subject")),
        sa.ForeignKeyConstraint(["paused_by_id"], ["staff.id"], name=op.f("fk_clocks_paused_by_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["clock_rules.id"], name=op.f("fk_clocks_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
    )
    op.create_index(
        "ix_clocks_due_at",
        "clocks",
        ["due_at", "id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_clocks_duty", "clocks", ["duty", "ending", "ended_at"])
    op.create_index("ix_clocks_subject", "clocks", ["subject", "subject_id"])
    op.create_index(
        "ix_clocks_next_at",
        "clocks",
        ["next_at", "id"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_clocks_paused",
        "clocks",
        ["paused_at", "id"],
        sqlite_where=sa.text("ended_at IS NULL AND paused_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND paused_at IS NOT NULL"),
    )
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["subject", "subject_id", "duty"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _rule(duty: str, urgency: int | None, minutes: int, remind: int, pace: str) -> dict[str, object]:
    return {
        "duty": duty,
        "urgency": urgency,
        "minutes": minutes,
        "remind_minutes": remind,
        "pace": pace,
        "valid_from": SINCE,
        "made_at": SINCE,
        "reason": "came with the portal",
    }


def downgrade() -> None:
    op.drop_table("clocks")
    op.drop_table("clock_rules")
