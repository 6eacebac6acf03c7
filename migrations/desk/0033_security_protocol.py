"""The security protocol: documents and who read them, the secure room, reviews of access, trainings, networks.

The database holds: what was approved, read, noted or reviewed is never changed, and nothing is deleted; of a visitor to
the room only the name and the reason go, after a while.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0033"
down_revision = "0032"

FROZEN = "this record is frozen"
TABLES = (
    "network_periods",
    "protocol_documents",
    "room_entries",
    "room_permits",
    "trainings",
    "protocol_versions",
    "room_corrections",
    "access_reviews",
    "readings",
    "restore_tests",
    "access_review_lines",
)
ONLY_ADDED = ("restore_tests", "access_reviews", "access_review_lines")
OF_VISITOR = "EXISTS (SELECT 1 FROM room_entries WHERE id = OLD.entry_id AND is_visitor)"
SAME = {  # by what SQLite's REPLACE would strike a row, beside its id
    "protocol_documents": "ref = NEW.ref",
    "protocol_versions": "document_id = NEW.document_id AND (number = NEW.number OR (approved_at IS NULL AND NEW.approved_at IS NULL))",
    "readings": "version_id = NEW.version_id AND staff_id = NEW.staff_id",
    "room_permits": "staff_id = NEW.staff_id AND ended_at IS NULL AND NEW.ended_at IS NULL",
    "access_review_lines": "review_id = NEW.review_id AND staff_id = NEW.staff_id",
}
KEY = {"restore_tests": "mark_id"}


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str


TRIGGERS = (
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE") for table in TABLES),
    *(Trigger(f"frozen_{table}", "UPDATE", table, "TRUE") for table in ONLY_ADDED),
    Trigger("frozen_protocol_documents", "UPDATE OF ref, made_at, made_by_id", "protocol_documents", "TRUE"),
    Trigger("ended_protocol_documents", "UPDATE", "protocol_documents", "OLD.ended_at IS NOT NULL"),
    Trigger("frozen_protocol_versions", "UPDATE", "protocol_versions", "OLD.approved_at IS NOT NULL"),
    Trigger("moved_protocol_versions", "UPDATE OF document_id", "protocol_versions", "TRUE"),
    Trigger("frozen_readings", "UPDATE OF version_id, staff_id, asked_at", "readings", "TRUE"),
    Trigger("read_readings", "UPDATE", "readings", "OLD.read_at IS NOT NULL"),
    Trigger("frozen_network_periods", "UPDATE OF networks, since_at", "network_periods", "TRUE"),
    Trigger("ended_network_periods", "UPDATE", "network_periods", "OLD.until_at IS NOT NULL"),
    Trigger("frozen_room_permits", "UPDATE OF staff_id, since_at, until_on, given_by_id", "room_permits", "TRUE"),
    Trigger("ended_room_permits", "UPDATE", "room_permits", "OLD.ended_at IS NOT NULL"),
    Trigger(
        "frozen_room_entries",
        "UPDATE OF staff_id, is_visitor, escort_id, on_list, came_at, noted_at, noted_by_id",
        "room_entries",
        "TRUE",
    ),
    Trigger(
        "left_room_entries",
        "UPDATE OF left_at, left_noted_at, left_noted_by_id",
        "room_entries",
        "OLD.left_at IS NOT NULL",
    ),
    Trigger(
        "worded_room_entries",
        "UPDATE OF visitor, reason",
        "room_entries",
        "NEW.visitor IS NOT NULL OR NEW.reason IS NOT NULL OR NOT OLD.is_visitor",
    ),
    Trigger(
        "frozen_room_corrections",
        "UPDATE OF entry_id, came_at, left_at, happened, made_at, made_by_id",
        "room_corrections",
        "TRUE",
    ),
    Trigger(
        "worded_room_corrections",
        "UPDATE OF visitor, reason",
        "room_corrections",
        f"NEW.visitor IS NOT NULL OR NEW.reason IS NOT NULL OR NOT {OF_VISITOR}",
    ),
    Trigger(
        "frozen_trainings",
        "UPDATE OF staff_id, kind, name, done_on, expires_on, noted_at, noted_by_id",
        "trainings",
        "TRUE",
    ),
    Trigger("struck_trainings", "UPDATE", "trainings", "OLD.struck_at IS NOT NULL"),
)


def upgrade() -> None:
    """Make the tables."""
    _network_periods()
    _protocol_documents()
    _room_entries()
    _room_permits()
    _trainings()
    _protocol_versions()
    _room_corrections()
    _access_reviews()
    _readings()
    _restore_tests()
    _access_review_lines()
    for one in TRIGGERS:
        _make(one)
    for table in TABLES:
        _make_place(table)


def downgrade() -> None:
    """Go back. All that was noted here goes with its tables, and the clocks that ran for it."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute("DELETE FROM clocks WHERE subject IN ('reading', 'training')")
    for table in reversed(TABLES):
        op.drop_table(table)


def _network_periods() -> None:
    op.create_table(
        "network_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("networks", sa.String(), nullable=False),
        sa.Column("since_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_periods")),
    )


def _protocol_documents() -> None:
    op.create_table(
        "protocol_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_protocol_documents_ended_by_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_protocol_documents_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_documents")),
        sa.UniqueConstraint("ref", name=op.f("uq_protocol_documents_ref")),
    )


def _room_entries() -> None:
    op.create_table(
        "room_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("is_visitor", sa.Boolean(), nullable=False),
        sa.Column("visitor", sa.LargeBinary(), nullable=True),
        sa.Column("escort_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("on_list", sa.Boolean(), nullable=False),
        sa.Column("came_at", UtcTime(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("left_noted_at", UtcTime(), nullable=True),
        sa.Column("left_noted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "NOT is_visitor OR escort_id IS NOT NULL", name=op.f("ck_room_entries_visitor_with_company")
        ),
        sa.CheckConstraint("is_visitor = (staff_id IS NULL)", name=op.f("ck_room_entries_who")),
        sa.CheckConstraint("is_visitor OR visitor IS NULL", name=op.f("ck_room_entries_visitor")),
        sa.CheckConstraint("left_at IS NULL OR left_at >= came_at", name=op.f("ck_room_entries_left")),
        sa.ForeignKeyConstraint(["escort_id"], ["staff.id"], name=op.f("fk_room_entries_escort_id")),
        sa.ForeignKeyConstraint(["left_noted_by_id"], ["staff.id"], name=op.f("fk_room_entries_left_noted_by_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_room_entries_noted_by_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_room_entries_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_entries")),
    )
    op.create_index("ix_room_entries_came_at", "room_entries", ["came_at"])
    op.create_index(
        "ix_room_entries_inside",
        "room_entries",
        ["came_at"],
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _room_permits() -> None:
    op.create_table(
        "room_permits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("since_at", UtcTime(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= since_at", name=op.f("ck_room_permits_ended")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_room_permits_ended_by_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["staff.id"], name=op.f("fk_room_permits_given_by_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_room_permits_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_permits")),
    )
    op.create_index(
        "ix_room_permits_staff_id",
        "room_permits",
        ["staff_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _trainings() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("struck_at", UtcTime(), nullable=True),
        sa.Column("struck_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("expires_on IS NULL OR expires_on >= done_on", name=op.f("ck_trainings_expires")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_trainings_noted_by_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_trainings_staff_id")),
        sa.ForeignKeyConstraint(["struck_by_id"], ["staff.id"], name=op.f("fk_trainings_struck_by_id")),
        sa.CheckConstraint(
            "kind IN ('vetting', 'core', 'security', 'safeguarding', 'welfare', 'other')",
            name=op.f("ck_trainings_trainingkind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index("ix_trainings_staff_id", "trainings", ["staff_id", "kind", "done_on"])


def _protocol_versions() -> None:
    op.create_table(
        "protocol_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("title_km", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("body_km", sa.String(), nullable=False),
        sa.Column("changes_en", sa.String(), nullable=False),
        sa.Column("changes_km", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_protocol_versions_approved")
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> written_by_id", name=op.f("ck_protocol_versions_two_people")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_protocol_versions_approved_by_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["protocol_documents.id"], name=op.f("fk_protocol_versions_document_id")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_protocol_versions_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_versions")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_protocol_versions_document_id_number")),
    )
    op.create_index(
        "ix_protocol_versions_draft",
        "protocol_versions",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("approved_at IS NULL"),
        postgresql_where=sa.text("approved_at IS NULL"),
    )


def _room_corrections() -> None:
    op.create_table(
        "room_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("came_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("happened", sa.Boolean(), nullable=False),
        sa.Column("visitor", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("left_at IS NULL OR left_at >= came_at", name=op.f("ck_room_corrections_left")),
        sa.ForeignKeyConstraint(["entry_id"], ["room_entries.id"], name=op.f("fk_room_corrections_entry_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_room_corrections_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_corrections")),
    )
    op.create_index("ix_room_corrections_entry_id", "room_corrections", ["entry_id", "id"])


def _access_reviews() -> None:
    op.create_table(
        "access_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["done_by_id"], ["staff.id"], name=op.f("fk_access_reviews_done_by_id")),
        sa.ForeignKeyConstraint(["mark_id"], ["duty_marks.id"], name=op.f("fk_access_reviews_mark_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_reviews")),
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_readings_staff_id")),
        sa.ForeignKeyConstraint(["version_id"], ["protocol_versions.id"], name=op.f("fk_readings_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("version_id", "staff_id", name=op.f("uq_readings_version_id_staff_id")),
    )
    op.create_index("ix_readings_asked_at", "readings", ["asked_at"])
    op.create_index(
        "ix_readings_staff_id",
        "readings",
        ["staff_id"],
        sqlite_where=sa.text("read_at IS NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL AND ended_at IS NULL"),
    )


def _restore_tests() -> None:
    op.create_table(
        "restore_tests",
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_restore_tests_minutes")),
        sa.ForeignKeyConstraint(["mark_id"], ["duty_marks.id"], name=op.f("fk_restore_tests_mark_id")),
        sa.PrimaryKeyConstraint("mark_id", name=op.f("pk_restore_tests")),
    )


def _access_review_lines() -> None:
    op.create_table(
        "access_review_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("clashes", sa.String(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.Column("is_unused", sa.Boolean(), nullable=False),
        sa.Column("is_vetted", sa.Boolean(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("may_enter", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["access_reviews.id"], name=op.f("fk_access_review_lines_review_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_access_review_lines_staff_id")),
        sa.CheckConstraint("verdict IN ('stays', 'change')", name=op.f("ck_access_review_lines_accessverdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review_lines")),
        sa.UniqueConstraint("review_id", "staff_id", name=op.f("uq_access_review_lines_review_id_staff_id")),
    )


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make(one: Trigger) -> None:
    start = f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table}"
    if _on_sqlite():
        op.execute(f"{start} WHEN {one.when} BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END")
        return
    refuse = f"RAISE EXCEPTION '{FROZEN}' USING ERRCODE = 'check_violation'"
    row = "OLD" if one.before == "DELETE" else "NEW"
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _make_place(table: str) -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    if not _on_sqlite():
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} {run}")
        return
    key = KEY.get(table, "id")
    same = f"{key} = NEW.{key}" + (f" OR ({SAME[table]})" if table in SAME else "")
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names from above
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    op.execute(f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
