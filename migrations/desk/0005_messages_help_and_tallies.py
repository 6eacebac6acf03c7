"""Messages, requests for help, and what is counted as it happens.

Messages are found by the receipt they belong to, so that one that arrives before its report, or whose report could not
be read, is not lost. A request for help is sealed to `care`: whoever moves it here cannot open it.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0005"
down_revision = "0004"

CONCERNS = ("report", "help")
FIGURES = ("reports", "addresses", "assessed", "law", "notices", "closed", "help")


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_tag", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("concern", sa.String(32), nullable=False),
        sa.Column("author", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("copy", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.CheckConstraint(f"concern IN {CONCERNS}", name=op.f("ck_messages_concern")),
        sa.CheckConstraint("author IN ('reporter', 'hotline')", name=op.f("ck_messages_author")),
        sa.CheckConstraint(
            "author = 'reporter' OR (staff_id IS NOT NULL AND copy IS NOT NULL)", name=op.f("ck_messages_whose")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_messages_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("copy_id", name=op.f("uq_messages_copy_id")),
    )
    op.create_index("ix_messages_receipt_tag", "messages", ["receipt_tag", "id"])
    op.create_index("ix_messages_open", "messages", ["concern", "settled_at"])
    op.create_index("ix_reports_receipt_tag", "reports", ["receipt_tag"])
    op.create_table(
        "help_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("inbox_id", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_tag", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("status IN ('new', 'taken', 'closed')", name=op.f("ck_help_requests_helpstatus")),
        sa.CheckConstraint("status = 'new' OR taken_by_id IS NOT NULL", name=op.f("ck_help_requests_taken")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"], name=op.f("fk_help_requests_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_requests")),
        sa.UniqueConstraint("ref", name=op.f("uq_help_requests_ref")),
        sa.UniqueConstraint("inbox_id", name=op.f("uq_help_requests_inbox_id")),
    )
    op.create_index("ix_help_requests_status", "help_requests", ["status", "id"])
    op.create_index(op.f("ix_help_requests_receipt_tag"), "help_requests", ["receipt_tag"])
    op.create_table(
        "tallies",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"figure IN {FIGURES}", name=op.f("ck_tallies_figure")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_tallies_whole")),
        sa.PrimaryKeyConstraint("month", "figure", "part", name=op.f("pk_tallies")),
    )


def downgrade() -> None:
    op.drop_table("tallies")
    op.drop_table("help_requests")
    op.drop_index("ix_reports_receipt_tag", "reports")
    op.drop_table("messages")
