"""An item that was closed can be opened again, second looks run out, and reports of a known address are told in turn.

What stands already is told as before: its mentions follow nobody, and its items' steps are noted when they next move.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0008"
down_revision = "0007"

TOLD = ("received", "checking", "action_taken", "closed")


def upgrade() -> None:
    op.add_column("items", sa.Column("reopened_at", UtcTime(), nullable=True))
    op.add_column("items", sa.Column("looks_after", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("items", sa.Column("review_claimed_at", UtcTime(), nullable=True))
    # Second looks in hand now are counted from now on: without a moment they would never run out.
    op.execute(
        "UPDATE items SET review_claimed_at = CURRENT_TIMESTAMP WHERE status = 'in_review' AND reviewer_id IS NOT NULL"
    )
    op.add_column("mentions", sa.Column("behind", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "item_steps",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reached_at", UtcTime(), nullable=False),
        sa.CheckConstraint(f"status IN {TOLD}", name=op.f("ck_item_steps_reportstatus")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_steps_item_id")),
        sa.PrimaryKeyConstraint("item_id", "status", name=op.f("pk_item_steps")),
    )


def downgrade() -> None:
    op.drop_table("item_steps")
    op.drop_column("mentions", "behind")
    op.drop_column("items", "review_claimed_at")
    op.drop_column("items", "looks_after")
    op.drop_column("items", "reopened_at")
