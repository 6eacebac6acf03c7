"""Rows of the inbox and of receipts lie in the order of their random keys, not in the order in which they came.

SQLite keeps a table in the order of a hidden row number, which would tell who reported before whom within an hour. On
PostgreSQL nothing changes: it has no such tables, and its vacuum mixes places in time.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0003"
down_revision = "0002"

STATUSES = ("received", "checking", "action_taken", "closed")


def upgrade() -> None:
    _rebuild(with_rowid=False)


def downgrade() -> None:
    _rebuild(with_rowid=True)


def _rebuild(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    known = sa.CheckConstraint(f"status IN {STATUSES}", name=op.f("ck_receipts_reportstatus"))
    for name, columns, checks in (("inbox", _inbox(), []), ("receipts", _receipts(), [known])):
        key = columns[0].name
        op.create_table(
            f"{name}_anew",
            *columns,
            *checks,
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=with_rowid,
        )
        listed = ", ".join(column.name for column in columns)
        op.execute(f"INSERT INTO {name}_anew ({listed}) SELECT {listed} FROM {name} ORDER BY {key}")  # noqa: S608 -- our own names
        op.drop_table(name)
        op.rename_table(f"{name}_anew", name)


def _inbox() -> list[sa.Column]:
    return [
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_tag", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
    ]


def _receipts() -> list[sa.Column]:
    return [
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
    ]
