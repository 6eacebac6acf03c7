"""Statistics: rolled-up figures and yearly freezes.

Triggers mark an item in the transaction of whatever changes what counts of it, so that no killed worker loses anything
and no place in the code can forget it. Every item that is there is marked: the roll-up fills the cells in batches.
A later migration that makes one of these tables anew on SQLite (`batch_alter_table`) has to make its triggers anew.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0035"
down_revision = "0034"

FROZEN = "this record is frozen"
WAYS = ("public", "partner", "other")
STATISTICS = (
    *("received", "settled", "law", "age", "gender", "site_type", "commercial", "country"),
    *("to_police", "to_host", "removal", "work"),
)
FIGURES = ("reports", "addresses", "assessed", "law", "notices", "closed", "help")
NEW_FIGURES = ("removal",)
TABLES = ("statistic_marks", "statistic_parts", "statistic_cells", "year_freezes")


class Marker(NamedTuple):
    """After what, on which table, which items are marked: a query, or one expression."""

    name: str
    after: str
    table: str
    items: str


NEW, OLD = "SELECT NEW.item_id", "SELECT OLD.item_id"
OF_LETTER = "SELECT item_id FROM notice_items WHERE notice_id = NEW.id"
OF_POLICE_REPORT = "SELECT item_id FROM police_report_items WHERE report_id = NEW.id"
MARKERS = (
    Marker("marks_items", "INSERT", "items", "SELECT NEW.id"),
    Marker(
        "marks_items_changed",
        "UPDATE OF country, outcome, status, created_at, opened_at, reopened_at",
        "items",
        "SELECT NEW.id",
    ),
    Marker("marks_mentions", "INSERT", "mentions", NEW),
    Marker("marks_mentions_moved", "UPDATE OF item_id", "mentions", f"{OLD} UNION {NEW}"),
    Marker("marks_mentions_gone", "DELETE", "mentions", OLD),
    Marker("marks_origins", "INSERT", "report_origins", "SELECT item_id FROM mentions WHERE report_id = NEW.report_id"),
    Marker("marks_merges", "INSERT", "merges", f"{NEW} UNION SELECT NEW.into_id"),
    Marker("marks_merges_undone", "DELETE", "merges", f"{OLD} UNION SELECT OLD.into_id"),
    Marker("marks_assessments", "INSERT", "assessments", NEW),
    Marker("marks_verdicts", "INSERT", "verdicts", NEW),
    Marker("marks_notices", "UPDATE OF status, sent_at", "notices", OF_LETTER),
    Marker("marks_police_reports", "UPDATE OF status, handed_over_at", "police_reports", OF_POLICE_REPORT),
    Marker("marks_exchanges", "INSERT", "exchanges", f"{NEW} WHERE NEW.item_id IS NOT NULL"),
    Marker(
        "marks_exchanges_changed",
        "UPDATE OF status, offered_at, item_id",
        "exchanges",
        f"{NEW} WHERE NEW.item_id IS NOT NULL",
    ),
    Marker("marks_endings", "INSERT", "endings", NEW),
    Marker("marks_endings_undone", "UPDATE OF undone_at", "endings", NEW),
)


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger("frozen_year_freezes", "UPDATE", "year_freezes", "TRUE", FROZEN),
    Trigger("removed_year_freezes", "DELETE", "year_freezes", "TRUE", FROZEN),
)


def upgrade() -> None:
    """Make the tables, mark what is there, and let every change mark its item from now on."""
    op.create_table(
        "statistic_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistic_marks")),
    )
    op.create_table(
        "statistic_parts",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_statistic_parts")),
    )
    op.create_table(
        "statistic_cells",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("inhope_class", sa.String(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"way IN {WAYS}", name=op.f("ck_statistic_cells_way")),
        sa.CheckConstraint(f"figure IN {STATISTICS}", name=op.f("ck_statistic_cells_statistic")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_statistic_cells_whole")),
        sa.PrimaryKeyConstraint("month", "way", "inhope_class", "figure", "part", name=op.f("pk_statistic_cells")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "year_freezes",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("frozen_at", UtcTime(), nullable=False),
        sa.Column("frozen_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_year_freezes_digest")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["staff.id"], name=op.f("fk_year_freezes_frozen_by_id")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_year_freezes")),
    )
    _tallied(FIGURES + NEW_FIGURES)
    op.execute("INSERT INTO statistic_marks (item_id) SELECT id FROM items ORDER BY id")
    for marker in MARKERS:
        _mark(marker)
    for one in TRIGGERS:
        _make(one)
    _make_place("year_freezes", ("year = NEW.year",))


def downgrade() -> None:
    """Go back. What was rolled up goes with its tables, and so do frozen years."""
    op.execute("DROP TRIGGER whole_year_freezes" + ("" if _on_sqlite() else " ON year_freezes"))
    for one in (*TRIGGERS, *MARKERS):
        _unmake(one.name, one.table)
    op.execute(f"DELETE FROM tallies WHERE figure = '{NEW_FIGURES[0]}'")  # noqa: S608 -- names from above
    _tallied(FIGURES)
    for table in reversed(TABLES):
        op.drop_table(table)


def _tallied(names: tuple[str, ...]) -> None:
    with op.batch_alter_table("tallies") as batch:
        batch.drop_constraint(op.f("ck_tallies_figure"), type_="check")
        batch.create_check_constraint(op.f("ck_tallies_figure"), f"figure IN {names}")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _mark(one: Marker) -> None:
    start = f"CREATE TRIGGER {one.name} AFTER {one.after} ON {one.table}"
    marks = f"INSERT INTO statistic_marks (item_id) {one.items}"
    if _on_sqlite():
        op.execute(f"{start} BEGIN {marks}; END")
        return
    body = f"BEGIN {marks}; RETURN NULL; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _make(one: Trigger) -> None:
    start = f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table}"
    if _on_sqlite():
        op.execute(f"{start} WHEN {one.when} BEGIN SELECT RAISE(ABORT, '{one.words}'); END")
        return
    refuse = f"RAISE EXCEPTION '{one.words}' USING ERRCODE = 'check_violation'"
    row = "OLD" if one.before == "DELETE" else "NEW"
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _make_place(table: str, same: tuple[str, ...]) -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    if not _on_sqlite():
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} {run}")
        return
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in same)  # noqa: S608 -- names from above
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    op.execute(f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unmake(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name}" + ("" if _on_sqlite() else f" ON {table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {name}")
