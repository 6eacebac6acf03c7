"""The queue at any size: partial indexes on what is open, notes, merged items and kept filters.

`opened_at` is what lists are ordered by. It was worked out from two columns, which no index can hold on both databases.
SQLite cannot add a constraint by itself, so the check stands in the column's own line.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0011"
down_revision = "0010"

OPEN = sa.text("status <> 'closed'")
LONG_AGO = sa.text("'1970-01-01 00:00:00+00'")
HOST_KINDS = ("site", "ip_literal", "onion", "idn", "short_link")
OLD_INDEXES: dict[str, tuple[list[str], Any]] = {
    "ix_items_open": (["urgency", "created_at", "id"], OPEN),
    "ix_items_status": (["status", "urgency", "created_at", "id"], None),
    "ix_items_assessor": (["assessor_id", "status"], None),
}
OPEN_INDEXES = {
    "ix_items_open": ["urgency", "opened_at", "id"],
    "ix_items_open_category": ["category", "urgency", "opened_at", "id"],
    "ix_items_open_country": ["country", "urgency", "opened_at", "id"],
    "ix_items_open_assessor": ["assessor_id", "urgency", "opened_at", "id"],
    "ix_items_open_reviewer": ["reviewer_id", "urgency", "opened_at", "id"],
    "ix_items_open_host": ["host_index", "urgency", "opened_at", "id"],
    "ix_items_open_due": ["due_at", "id"],
    "ix_items_open_oldest": ["opened_at", "id"],
    "ix_items_open_reports": ["report_count", "id"],
}


def upgrade() -> None:
    op.add_column("items", sa.Column("opened_at", UtcTime(), nullable=False, server_default=LONG_AGO))
    op.execute("UPDATE items SET opened_at = coalesce(reopened_at, created_at)")
    op.execute(
        "ALTER TABLE items ADD COLUMN host_kind VARCHAR(32) DEFAULT 'site' NOT NULL"
        f" CONSTRAINT ck_items_hostkind CHECK (host_kind IN {HOST_KINDS})"
    )
    op.add_column("items", sa.Column("new_host", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("items", sa.Column("country", sa.String(), nullable=True))
    op.add_column("items", sa.Column("network", sa.String(), nullable=True))
    op.add_column("items", sa.Column("due_at", UtcTime(), nullable=True))
    for name in OLD_INDEXES:
        op.drop_index(name, "items")
    for name, columns in OPEN_INDEXES.items():
        op.create_index(name, "items", columns, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_items_status", "items", ["status", "urgency", "opened_at", "id"])
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_filters_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_filters_staff_id_name")),
    )
    op.create_table(
        "item_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_notes_item_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_item_notes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_notes")),
    )
    op.create_index("ix_item_notes_item_id", "item_notes", ["item_id", "id"])
    op.create_table(
        "merges",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", UtcTime(), nullable=False),
        sa.CheckConstraint("item_id <> into_id", name=op.f("ck_merges_two_items")),
        sa.ForeignKeyConstraint(["into_id"], ["items.id"], name=op.f("fk_merges_into_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_merges_item_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_merges_staff_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_into_id", "merges", ["into_id"])


def downgrade() -> None:
    op.drop_table("merges")
    op.drop_table("item_notes")
    op.drop_table("saved_filters")
    op.drop_index("ix_items_status", "items")
    for name in OPEN_INDEXES:
        op.drop_index(name, "items")
    for name, (columns, where) in OLD_INDEXES.items():
        op.create_index(name, "items", columns, sqlite_where=where, postgresql_where=where)
    for column in ("due_at", "network", "country", "new_host", "host_kind", "opened_at"):
        op.drop_column("items", column)
