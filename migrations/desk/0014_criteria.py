"""Versions of the criteria, drafts, what agreement is worked out from, and labels of the universal schema."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "criteria",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_criteria_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
        sa.UniqueConstraint("version", name=op.f("uq_criteria_version")),
    )
    op.create_table(
        "assessment_criteria",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("criteria_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_assessment_criteria_assessment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["criteria_id"], ["criteria.id"], name=op.f("fk_assessment_criteria_criteria_id")),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_assessment_criteria")),
    )
    op.create_table(
        "drafts",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_drafts_item_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_drafts_staff_id")),
        sa.PrimaryKeyConstraint("item_id", "staff_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "agreement_tallies",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_agreement_tallies_whole")),
        sa.PrimaryKeyConstraint("month", "question", "first", "second", name=op.f("pk_agreement_tallies")),
    )
    op.create_table(
        "ucs_labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ucs_labels")),
        sa.UniqueConstraint("version", "section", "code", name=op.f("uq_ucs_labels_version_section_code")),
    )


def downgrade() -> None:
    op.drop_table("ucs_labels")
    op.drop_table("agreement_tallies")
    op.drop_table("drafts")
    op.drop_table("assessment_criteria")
    op.drop_table("criteria")
