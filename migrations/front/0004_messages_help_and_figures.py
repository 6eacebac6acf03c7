"""Messages both ways, requests for help, and the figures the public may see.

The inbox says of each row what it is, and carries a request's contact details apart, so that they can be forgotten.
Copies of messages are sealed to a key that only the receipt code can make. A figure below five cannot be stored here.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0004"
down_revision = "0003"

KINDS = "('report', 'help', 'message', 'forget_contact')"
CONCERNS = "('report', 'help')"
FIGURES = "('reports', 'addresses', 'assessed', 'law', 'notices', 'closed', 'help')"


def upgrade() -> None:
    # Written out, since SQLite adds a column with its own check but Alembic does not say so to it.
    op.execute(
        "ALTER TABLE inbox ADD COLUMN kind VARCHAR(32) DEFAULT 'report' NOT NULL "
        f"CONSTRAINT ck_inbox_inboxkind CHECK (kind IN {KINDS})"
    )
    op.add_column("inbox", sa.Column("contact", sa.LargeBinary(), nullable=True))
    op.add_column("inbox", sa.Column("number", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE receipts ADD COLUMN concern VARCHAR(32) DEFAULT 'report' NOT NULL "
        f"CONSTRAINT ck_receipts_concern CHECK (concern IN {CONCERNS})"
    )
    op.create_table(
        "message_copies",
        sa.Column("receipt_tag", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.CheckConstraint("author IN ('reporter', 'hotline')", name=op.f("ck_message_copies_author")),
        sa.PrimaryKeyConstraint("receipt_tag", "id", name=op.f("pk_message_copies")),
        sa.UniqueConstraint("receipt_tag", "number", name=op.f("uq_message_copies_receipt_tag_number")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figures",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"figure IN {FIGURES}", name=op.f("ck_figures_figure")),
        sa.CheckConstraint("count IS NULL OR count >= 5", name=op.f("ck_figures_not_small")),
        sa.PrimaryKeyConstraint("month", "figure", "part", name=op.f("pk_figures")),
    )


def downgrade() -> None:
    """Go back. What was not moved to the desk yet and is no report goes with the tables that knew it."""
    op.drop_table("figures")
    op.drop_table("message_copies")
    op.execute("DELETE FROM inbox WHERE kind <> 'report'")
    op.execute("ALTER TABLE inbox DROP COLUMN kind")
    op.execute("ALTER TABLE inbox DROP COLUMN number")
    op.execute("ALTER TABLE inbox DROP COLUMN contact")
    op.execute("ALTER TABLE receipts DROP COLUMN concern")
