"""Answers from the reply page that nobody has moved to the desk yet."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "reply_inbound",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("notice_ref", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_inbound")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reply_inbound_notice_ref", "reply_inbound", ["notice_ref"])


def downgrade() -> None:
    """Go back. What was not moved to the desk goes with its table."""
    op.drop_table("reply_inbound")
