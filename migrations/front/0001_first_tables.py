"""First tables."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "inbox",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_tag", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "receipts",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "checking",
                "action_taken",
                "closed",
                name="reportstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_receipts")),
    )


def downgrade() -> None:

    op.drop_table("receipts")
    op.drop_table("inbox")
