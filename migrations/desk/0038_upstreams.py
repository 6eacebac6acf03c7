"""Who stands above a recipient's network, as people noted it."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Make the table. Nobody is noted above anybody."""
    op.create_table(
        "recipient_upstreams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("above_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.CheckConstraint("recipient_id <> above_id", name=op.f("ck_recipient_upstreams_another")),
        sa.ForeignKeyConstraint(["above_id"], ["recipients.id"], name=op.f("fk_recipient_upstreams_above_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["staff.id"], name=op.f("fk_recipient_upstreams_added_by_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_recipient_upstreams_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_upstreams")),
        sa.UniqueConstraint("recipient_id", "above_id", name=op.f("uq_recipient_upstreams_recipient_id_above_id")),
    )
    op.create_index("ix_recipient_upstreams_above_id", "recipient_upstreams", ["above_id"])


def downgrade() -> None:
    """Go back. What people noted is lost."""
    op.drop_table("recipient_upstreams")
