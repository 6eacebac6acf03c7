"""Care for staff, and the counsellor: a role that sees how long people were with hard material, and nothing else."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0016"
down_revision = "0015"

ROLES = ("analyst", "reviewer", "victim_support", "liaison", "manager", "admin", "auditor")


def upgrade() -> None:
    _roles((*ROLES, "counsellor"))
    op.create_table(
        "exposure_days",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("since_break", sa.Integer(), nullable=False),
        sa.Column("looking_since", UtcTime(), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_exposure_days_seconds")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exposure_days_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "day", name=op.f("pk_exposure_days")),
    )
    op.create_table(
        "breaks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_breaks_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaks")),
    )
    op.create_index("ix_breaks_staff_id", "breaks", ["staff_id", "started_at"])
    op.create_table(
        "care_settings",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("break_after_minutes", sa.Integer(), nullable=True),
        sa.Column("cutoff_hour", sa.Integer(), nullable=True),
        sa.Column("light_until", UtcTime(), nullable=True),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_care_settings_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_care_settings")),
    )
    op.create_table(
        "counselling_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_counselling_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counselling_sessions")),
    )
    op.create_index("ix_counselling_sessions_staff_id", "counselling_sessions", ["staff_id", "due_on"])
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_handovers_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_written_at", "handovers", ["written_at"])
    op.create_table(
        "handover_reads",
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_reads_handover_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_handover_reads_staff_id")),
        sa.PrimaryKeyConstraint("handover_id", "staff_id", name=op.f("pk_handover_reads")),
    )


def downgrade() -> None:
    op.drop_table("handover_reads")
    op.drop_table("handovers")
    op.drop_table("counselling_sessions")
    op.drop_table("care_settings")
    op.drop_table("breaks")
    op.drop_table("exposure_days")
    op.execute("DELETE FROM staff_roles WHERE role = 'counsellor'")
    _roles(ROLES)


def _roles(allowed: tuple[str, ...]) -> None:
    with op.batch_alter_table("staff_roles") as batch:
        batch.drop_constraint(op.f("ck_staff_roles_role"), type_="check")
        batch.create_check_constraint(op.f("ck_staff_roles_role"), f"role IN {allowed}")
