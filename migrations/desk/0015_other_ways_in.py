"""Reports that do not come through the public form: origins, uploaded lists, the mailbox of partners."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "report_origins",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "source IN ('telephone', 'email', 'in_person', 'partner', 'police', 'upload', 'mailbox')",
            name=op.f("ck_report_origins_reportsource"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_origins_report_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"], name=op.f("fk_report_origins_taken_by_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_origins")),
    )
    op.create_index("ix_report_origins_source", "report_origins", ["source", "report_id"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_uploads_progress")),
        sa.CheckConstraint(
            "source IN ('telephone', 'email', 'in_person', 'partner', 'police', 'upload', 'mailbox')",
            name=op.f("ck_uploads_reportsource"),
        ),
        sa.CheckConstraint("state IN ('arriving', 'waiting', 'done', 'stopped')", name=op.f("ck_uploads_uploadstate")),
        sa.CheckConstraint(
            "category IN ('csam', 'sextortion', 'live_stream', 'grooming', 'other')",
            name=op.f("ck_uploads_category"),
        ),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["staff.id"], name=op.f("fk_uploads_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("digest", name=op.f("uq_uploads_digest")),
        sa.UniqueConstraint("ref", name=op.f("uq_uploads_ref")),
    )
    op.create_table(
        "upload_lines",
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("typed", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.String(32), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "result IN ('new', 'known', 'repeated', 'no_address', 'too_long', 'too_many', 'unreadable')",
            name=op.f("ck_upload_lines_lineresult"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_upload_lines_item_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_lines_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_upload_lines")),
    )
    op.create_index("ix_upload_lines_result", "upload_lines", ["upload_id", "result", "number"])
    op.create_table(
        "mail_senders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("verified", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "source IN ('telephone', 'email', 'in_person', 'partner', 'police', 'upload', 'mailbox')",
            name=op.f("ck_mail_senders_reportsource"),
        ),
        sa.CheckConstraint(
            "category IN ('csam', 'sextortion', 'live_stream', 'grooming', 'other')",
            name=op.f("ck_mail_senders_category"),
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["staff.id"], name=op.f("fk_mail_senders_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_senders")),
        sa.UniqueConstraint("mailbox", name=op.f("uq_mail_senders_mailbox")),
    )
    op.create_table(
        "mail_arrivals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("attachments", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "result IN ('taken', 'no_address', 'unknown_sender', 'forged', 'too_large', 'unreadable', 'automatic')",
            name=op.f("ck_mail_arrivals_mailresult"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_mail_arrivals_report_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["mail_senders.id"], name=op.f("fk_mail_arrivals_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_arrivals")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_arrivals_key")),
    )
    op.create_index("ix_mail_arrivals_seen_at", "mail_arrivals", ["seen_at"])


def downgrade() -> None:
    op.drop_table("mail_arrivals")
    op.drop_table("mail_senders")
    op.drop_table("upload_lines")
    op.drop_table("uploads")
    op.drop_table("report_origins")
