"""What a partner hotline sends keeps its place among what waits from the same partner: it is worked off in that order.

A place says which came first, and no time. What waits already came in an order that nobody knows any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("exchange_inbound", sa.Column("place", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("exchange_inbound", "place")
