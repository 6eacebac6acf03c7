"""Mail to our own people of what they answer for, and two indexes over the clocks of the code of practice.

A store may hold a million clocks that have ended; few of them are of the code of practice, and fewer run.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0036"
down_revision = "0035"

OF_PRACTICE = (
    "duty IN ('tell_dpo', 'tell_secretariat', 'answer_inhope', 'test_contact', 'consult', 'hold_meeting', 'do_action',"
    " 'renew_agreement', 'renew_key', 'restore_test', 'review_access', 'check_clause', 'read_protocol',"
    " 'renew_training', 'take_down_picture')"
)
RUNS = sa.text(f"ended_at IS NULL AND {OF_PRACTICE}")
MISSED = sa.text(f"ending = 'missed' AND {OF_PRACTICE}")


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("last_fault", sa.String(), nullable=True),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('duties', 'week')", name=op.f("ck_digests_digestkind")),
        sa.CheckConstraint("sent_at IS NULL OR letter IS NULL", name=op.f("ck_digests_gone")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_digests_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("staff_id", "kind", "day", name=op.f("uq_digests_staff_id_kind_day")),
    )
    op.create_index("ix_digests_staff_id", "digests", ["staff_id", "id"])
    op.create_index(
        "ix_clocks_practice", "clocks", ["owner_id", "due_at", "id"], sqlite_where=RUNS, postgresql_where=RUNS
    )
    op.create_index(
        "ix_clocks_practice_missed",
        "clocks",
        ["owner_id", "duty", "ended_at", "id"],
        sqlite_where=MISSED,
        postgresql_where=MISSED,
    )


def downgrade() -> None:
    """Go back. Mails that have not gone are not written any more."""
    op.execute("DELETE FROM outbox WHERE job = 'hotline.jobs.digests.deliver_digest'")
    op.drop_index("ix_clocks_practice_missed", "clocks")
    op.drop_index("ix_clocks_practice", "clocks")
    op.drop_table("digests")
