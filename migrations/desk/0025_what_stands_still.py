"""What stands still is found, and passed over, at any number: each item says whether one of its clocks does, and the
index of what runs out next holds what runs. Second looks that wait are counted off their index alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

OPEN = sa.text("status <> 'closed'")
OF_REVIEWER = "ix_items_open_reviewer"
NEXT_DUE = "ix_clocks_due_at"
NOT_ENDED, RUNS = sa.text("ended_at IS NULL"), sa.text("ended_at IS NULL AND paused_at IS NULL")
NOW_STILL = (
    "UPDATE items SET stands_still = {} WHERE id IN (SELECT subject_id FROM clocks"
    " WHERE subject = 'item' AND ended_at IS NULL AND paused_at IS NOT NULL)"
)


def upgrade() -> None:
    op.add_column("items", sa.Column("stands_still", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(NOW_STILL.format("1" if op.get_bind().dialect.name == "sqlite" else "true"))
    op.create_index(
        "ix_items_open_still",
        "items",
        ["stands_still", "urgency", "turn_at", "id"],
        sqlite_where=sa.text("stands_still = 1 AND status <> 'closed'"),
        postgresql_where=sa.text("stands_still AND status <> 'closed'"),
    )
    op.drop_index(OF_REVIEWER, "items")
    _of_reviewer("reviewer_id", "status", "assessor_id")
    op.drop_index(NEXT_DUE, "clocks")
    op.create_index(NEXT_DUE, "clocks", ["due_at", "id"], sqlite_where=RUNS, postgresql_where=RUNS)


def downgrade() -> None:
    op.drop_index(NEXT_DUE, "clocks")
    op.create_index(NEXT_DUE, "clocks", ["due_at", "id"], sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED)
    op.drop_index(OF_REVIEWER, "items")
    _of_reviewer("reviewer_id", "status")
    op.drop_index("ix_items_open_still", "items")
    op.drop_column("items", "stands_still")


def _of_reviewer(*columns: str) -> None:
    op.create_index(OF_REVIEWER, "items", list(columns), sqlite_where=OPEN, postgresql_where=OPEN)
