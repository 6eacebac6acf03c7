"""A telephone number in the directory: police units and partner hotlines are called when a child is in danger."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.add_column("recipients", sa.Column("phone", sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Go back. The numbers go with their column."""
    op.drop_column("recipients", "phone")
