"""A letter that no mail server took is kept here, and does not count as sent.

What was called sent before stays so: nobody can tell any more which of it was only kept.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("notices", sa.Column("kept_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Go back. What is kept looks then as if it were on its way, and nobody sends it."""
    op.drop_column("notices", "kept_at")
