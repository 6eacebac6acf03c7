"""Whoever was given a password by somebody else takes one of their own before anything else opens.

Nobody can tell who set the passwords that stand already, so none of those has to be changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

STAFF = sa.table("staff", sa.column("must_change_password"))


def upgrade() -> None:
    with op.batch_alter_table("staff") as batch:
        batch.add_column(sa.Column("must_change_password", sa.Boolean(), nullable=True))
    op.execute(STAFF.update().values(must_change_password=sa.false()))
    with op.batch_alter_table("staff") as batch:
        batch.alter_column("must_change_password", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("staff") as batch:
        batch.drop_column("must_change_password")
