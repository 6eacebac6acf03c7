"""The second factor of signing in, recovery codes, and whether everybody needs one."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Make the tables. Nobody has a second factor, and nobody needs one."""
    op.create_table(
        "second_factors",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("offered", sa.LargeBinary(), nullable=True),
        sa.Column("offered_at", UtcTime(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("taken_away_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(secret IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_second_factors_confirmed")),
        sa.CheckConstraint("(offered IS NULL) = (offered_at IS NULL)", name=op.f("ck_second_factors_offered")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factors_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("staff_id", "code_hash", name=op.f("uq_recovery_codes_staff_id_code_hash")),
    )
    op.create_table(
        "factor_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["staff.id"], name=op.f("fk_factor_rules_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_rules")),
    )


def downgrade() -> None:
    """Go back. From then on a password is enough again."""
    op.drop_table("factor_rules")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
