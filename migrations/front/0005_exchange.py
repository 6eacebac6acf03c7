"""Partner hotlines' doors, what they sent and nobody has moved yet, and what waits for them, sealed to their own keys."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0005"
down_revision = "0004"

KINDS = ("offer", "received", "status", "withdrawn", "problem")


def upgrade() -> None:
    op.create_table(
        "exchange_doors",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("token_tag", sa.LargeBinary(), nullable=False),
        sa.Column("partner_ref", sa.String(), nullable=False),
        sa.Column("verify_key", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_doors")),
        sa.UniqueConstraint("token_tag", name=op.f("uq_exchange_doors_token_tag")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exchange_calls",
        sa.Column("door_id", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("inbound_id", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("door_id", "key", name=op.f("pk_exchange_calls")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exchange_nonces",
        sa.Column("door_id", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("door_id", "nonce", name=op.f("pk_exchange_nonces")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_exchange_nonces_until", "exchange_nonces", ["until"])
    op.create_table(
        "exchange_inbound",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("door_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_exchange_inbound_exchangekind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_inbound")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exchange_outbound",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("door_id", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("put_at", UtcTime(), nullable=False),
        sa.Column("receipted_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_outbound")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_exchange_outbound_door_id", "exchange_outbound", ["door_id", "put_at", "id"])


def downgrade() -> None:
    """Go back. What was not moved to the desk, or not fetched, goes with its tables."""
    for table in ("exchange_outbound", "exchange_inbound", "exchange_nonces", "exchange_calls", "exchange_doors"):
        op.drop_table(table)
