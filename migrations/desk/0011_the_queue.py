"""The queue at any size: partial indexes on what is open, notes, merged items and kept filters.

`opened_at` is what lists are ordered by. It was worked out from two columns, which no index can hold on both databases.
SQLite cannot add a constraint by itself, so the check stands in the column's own line.

What the database says of merged items: merges make no chain and no circle and stay as they were made; what has looks or
letters is not merged into another, or they would be lost; a merged item stays closed while its merge stands.
"""

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0011"
down_revision = "0010"

OPEN = sa.text("status <> 'closed'")
LONG_AGO = sa.text("'1970-01-01 00:00:00+00'")
HOST_KINDS = ("site", "ip_literal", "onion", "idn", "short_link")
SETTLED = sa.text("status IN ('decided', 'held', 'acting', 'monitoring', 'closed')")
OLD_INDEXES: dict[str, tuple[list[str], Any]] = {
    "ix_items_open": (["urgency", "created_at", "id"], OPEN),
    "ix_items_status": (["status", "urgency", "created_at", "id"], None),
    "ix_items_assessor": (["assessor_id", "status"], None),
    "ix_items_path_index": (["path_index"], None),
}
OPEN_INDEXES = {
    "ix_items_open": ["urgency", "opened_at", "id"],
    "ix_items_open_category": ["category", "urgency", "opened_at", "id"],
    "ix_items_open_country": ["country", "urgency", "opened_at", "id"],
    "ix_items_open_assessor": ["assessor_id", "status"],
    "ix_items_open_reviewer": ["reviewer_id", "status"],
    "ix_items_open_host": ["host_index", "urgency", "opened_at", "id"],
    "ix_items_open_due": ["urgency", "due_at", "id"],
    "ix_items_open_reports": ["report_count", "id"],
}


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger(
        "unchained_merges",
        "INSERT",
        "merges",
        "EXISTS (SELECT 1 FROM merges WHERE item_id IN (NEW.item_id, NEW.into_id) OR into_id = NEW.item_id)",
        "merged items make no chain",
    ),
    Trigger(
        "lossless_merges",
        "INSERT",
        "merges",
        "EXISTS (SELECT 1 FROM assessments WHERE item_id = NEW.item_id)"
        " OR EXISTS (SELECT 1 FROM notice_items WHERE item_id = NEW.item_id)",
        "looks and letters would be lost",
    ),
    Trigger("fixed_merges", "UPDATE", "merges", "TRUE", "this record is frozen"),
    Trigger(
        "merged_items",
        "UPDATE OF status",
        "items",
        "NEW.status <> 'closed' AND EXISTS (SELECT 1 FROM merges WHERE item_id = NEW.id)",
        "this item is merged into another",
    ),
)


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
    op.create_index("ix_items_path_index", "items", ["path_index", "id"])
    op.create_index(
        "ix_items_host_settled", "items", ["host_index", "id"], sqlite_where=SETTLED, postgresql_where=SETTLED
    )
    op.create_index("ix_audit_entries_record", "audit_entries", ["record", "id"])
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
    op.create_table(
        "merged_mentions",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("behind", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["merges.item_id"], name=op.f("fk_merged_mentions_item_id")),
        sa.ForeignKeyConstraint(["mention_id"], ["mentions.id"], name=op.f("fk_merged_mentions_mention_id")),
        sa.PrimaryKeyConstraint("mention_id", name=op.f("pk_merged_mentions")),
    )
    op.create_index("ix_merged_mentions_item_id", "merged_mentions", ["item_id"])
    for trigger in TRIGGERS:
        _make(trigger)


def downgrade() -> None:
    for trigger in TRIGGERS:
        _unmake(trigger)
    op.drop_table("merged_mentions")
    op.drop_table("merges")
    op.drop_table("item_notes")
    op.drop_table("saved_filters")
    op.drop_index("ix_audit_entries_record", "audit_entries")
    op.drop_index("ix_items_host_settled", "items")
    op.drop_index("ix_items_path_index", "items")
    op.drop_index("ix_items_status", "items")
    for name in OPEN_INDEXES:
        op.drop_index(name, "items")
    for name, (columns, where) in OLD_INDEXES.items():
        op.create_index(name, "items", columns, sqlite_where=where, postgresql_where=where)
    for column in ("due_at", "network", "country", "new_host", "host_kind", "opened_at"):
        op.drop_column("items", column)


def _make(one: Trigger) -> None:
    before = f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{before} WHEN {one.when} BEGIN SELECT RAISE(ABORT, '{one.words}'); END")
        return
    refuse = f"RAISE EXCEPTION '{one.words}' USING ERRCODE = 'check_violation'"
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN NEW; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{before} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _unmake(one: Trigger) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {one.name}")
        return
    op.execute(f"DROP TRIGGER {one.name} ON {one.table}")
    op.execute(f"DROP FUNCTION {one.name}")
