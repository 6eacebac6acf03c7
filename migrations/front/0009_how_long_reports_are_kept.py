"""What the public site says of how long reports are kept: one row, or none while nobody has decided."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "report_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_days", sa.Integer(), nullable=False),
        sa.Column("report_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_report_terms_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_terms")),
    )


def downgrade() -> None:
    """Go back. The desk tells it anew."""
    op.drop_table("report_terms")
