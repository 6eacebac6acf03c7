"""Texts that staff write for public pages."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:

    op.create_table(
        "public_texts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "language",
            sa.Enum("km", "en", name="language", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint("length(text) <= 300", name=op.f("ck_public_texts_short")),
        sa.PrimaryKeyConstraint("key", "language", name=op.f("pk_public_texts")),
    )


def downgrade() -> None:

    op.drop_table("public_texts")
