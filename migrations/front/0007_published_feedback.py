"""What stakeholders said in a year and what was done about it, as the public reads it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SECTORS = ("government", "law_enforcement", "industry", "child_welfare", "others")


def upgrade() -> None:
    op.create_table(
        "published_feedback",
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sector", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("said_en", "said_km", "did_en", "did_km")),
        sa.CheckConstraint(f"sector IN {SECTORS}", name=op.f("ck_published_feedback_sector")),
        sa.PrimaryKeyConstraint("year", "place", name=op.f("pk_published_feedback")),
    )


def downgrade() -> None:
    """Go back. The desk keeps what was published, and publishes it anew."""
    op.drop_table("published_feedback")
