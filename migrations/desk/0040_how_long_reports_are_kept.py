"""How long what reporters gave is kept: the terms that people agreed on, and since when a report is closed.

What is closed already counts from this day on: nobody knows since when.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0040"
down_revision = "0039"

FROZEN = "this record is frozen"
TO_BE_ERASED = sa.text("closed_at IS NOT NULL AND erased_at IS NULL")
TRIGGERS = (
    (
        "frozen_report_terms",
        "UPDATE",
        "OLD.decided_at IS NOT NULL OR NEW.contact_days <> OLD.contact_days OR NEW.report_days <> OLD.report_days"
        " OR NEW.reason <> OLD.reason OR NEW.made_at <> OLD.made_at OR NEW.made_by_id <> OLD.made_by_id",
    ),
    ("begun_report_terms", "INSERT", "NEW.decided_at IS NOT NULL"),
    ("removed_report_terms", "DELETE", "TRUE"),
)


def upgrade() -> None:
    """Make the table, and the moments at reports. Nothing is in force, so nothing goes."""
    op.create_table(
        "report_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_days", sa.Integer(), nullable=False),
        sa.Column("report_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "contact_days BETWEEN 7 AND report_days AND report_days BETWEEN 30 AND 7300",
            name=op.f("ck_report_terms_days"),
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_report_terms_decided")),
        sa.CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name=op.f("ck_report_terms_answered")),
        sa.CheckConstraint("NOT agreed OR decided_by_id <> made_by_id", name=op.f("ck_report_terms_two_people")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_report_terms_made_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_report_terms_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_terms")),
    )
    op.add_column("reports", sa.Column("closed_at", UtcTime(), nullable=True))
    op.add_column("reports", sa.Column("erased_at", UtcTime(), nullable=True))
    reports = sa.table("reports", sa.column("status", sa.String()), sa.column("closed_at", UtcTime()))
    today = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    op.execute(sa.update(reports).where(reports.c.status == "closed").values(closed_at=today))
    op.create_index(
        "ix_reports_to_be_erased",
        "reports",
        ["closed_at"],
        sqlite_where=TO_BE_ERASED,
        postgresql_where=TO_BE_ERASED,
    )
    for name, before, when in TRIGGERS:
        _make(name, before, when)
    _make_place()


def downgrade() -> None:
    """Go back. What was erased stays erased."""
    op.execute("DROP TRIGGER whole_report_terms" + ("" if _on_sqlite() else " ON report_terms"))
    for name, _before, _when in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}" + ("" if _on_sqlite() else " ON report_terms"))
        if not _on_sqlite():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_reports_to_be_erased", table_name="reports")
    op.drop_column("reports", "erased_at")
    op.drop_column("reports", "closed_at")
    op.drop_table("report_terms")


def _make(name: str, before: str, when: str) -> None:
    if _on_sqlite():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {before} ON report_terms WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{FROZEN}' USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {before} ON report_terms FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    )


def _make_place() -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    start = "CREATE TRIGGER whole_report_terms BEFORE"
    if not _on_sqlite():
        op.execute(f"{start} TRUNCATE ON report_terms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
        return
    taken = "EXISTS (SELECT 1 FROM report_terms WHERE id = NEW.id)"
    op.execute(f"{start} INSERT ON report_terms WHEN {taken} BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
