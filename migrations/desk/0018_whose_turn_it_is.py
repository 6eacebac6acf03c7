"""Within one urgency the queue goes by what is due first: `turn_at`, which no item lacks, stands in its indexes.

What no clock runs for comes after all that has one. The database works it out from `due_at`, so that it is never
behind. Where people ask for an age, or for the oldest first, the lists are still read off indexes by `opened_at`. The
reports that nobody could read get an index by when they came: their list has pages too.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0018"
down_revision = "0017"

OPEN = sa.text("status <> 'closed'")
# As SQLite stores a moment, to the letter: there it is compared as text
TURN = "coalesce(due_at, '9000-01-01 00:00:00.000000')"
BY_AGE = {
    "ix_items_open": ["urgency", "opened_at", "id"],
    "ix_items_open_category": ["category", "urgency", "opened_at", "id"],
    "ix_items_open_country": ["country", "urgency", "opened_at", "id"],
    "ix_items_open_host": ["host_index", "urgency", "opened_at", "id"],
    "ix_items_open_due": ["urgency", "due_at", "id"],
}
BY_TURN = {
    "ix_items_open": ["urgency", "turn_at", "id"],
    "ix_items_open_category": ["category", "urgency", "turn_at", "id"],
    "ix_items_open_country": ["country", "urgency", "turn_at", "id"],
    "ix_items_open_host": ["host_index", "urgency", "turn_at", "id"],
    "ix_items_open_age": ["urgency", "opened_at", "id"],
    "ix_items_open_category_age": ["category", "urgency", "opened_at", "id"],
    "ix_items_open_country_age": ["country", "urgency", "opened_at", "id"],
    "ix_items_open_status_age": ["status", "urgency", "opened_at", "id"],
}


def upgrade() -> None:
    # SQLite adds a column that is worked out when it is read, PostgreSQL one that is stored; indexes hold both
    stored = True if op.get_bind().dialect.name == "postgresql" else None
    op.add_column("items", sa.Column("turn_at", UtcTime(), sa.Computed(TURN, persisted=stored), nullable=True))
    _replace(BY_AGE, BY_TURN)
    op.drop_index("ix_items_status", "items")
    op.create_index("ix_items_status", "items", ["status", "urgency", "turn_at", "id"])
    op.create_index("ix_unread_reports_received_at", "unread_reports", ["received_at", "inbox_id"])


def downgrade() -> None:
    op.drop_index("ix_unread_reports_received_at", "unread_reports")
    op.drop_index("ix_items_status", "items")
    op.create_index("ix_items_status", "items", ["status", "urgency", "opened_at", "id"])
    _replace(BY_TURN, BY_AGE)
    op.drop_column("items", "turn_at")


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name in old:
        op.drop_index(name, "items")
    for name, columns in new.items():
        op.create_index(name, "items", columns, sqlite_where=OPEN, postgresql_where=OPEN)
