"""Outside decisions: where two looks differ and nobody here is left to look, a manager records an outside adviser's.

A verdict rests on two findings, as before, or on one finding and an outside decision that says the same. The database
holds of such a decision: it is recorded while the looks differ, frozen from then on, and says what the law is; a round
of looks has one that stands. It counts at once where whoever recorded it has never looked at the item; else only when
another of those who looked in that round has confirmed the record. So two people of the team answer for every verdict.

A verdict also says up to which finding people had looked when it was made (`looks_until`). Whoever recorded a decision
that stands was involved, and decides no appeal about the item.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0026"
down_revision = "0025"

CLASSES = ("baseline", "national", "not_illegal", "inaccessible", "outside_remit")
LAWS = ("illegal", "not_illegal", "adviser")
AGREED = ("id", "item_id", "assessor_id", "inhope_class", "law")
FROZEN, UNCOUNTED = "this record is frozen", "this outside decision does not count"
BEGINNING, STANDS = sa.text("supersedes_id IS NULL"), sa.text("ended_at IS NULL")
BEFORE = ("item_id", "first_id", "first_by", "second_id", "second_by", "inhope_class", "law", "agreed_at")
ADDED = ("outside_id", "looks_until")
TWO_SIDES = "(second_id IS NULL) = (second_by IS NULL) AND (second_id IS NULL) = (outside_id IS NOT NULL)"
UNTIL = "looks_until >= first_id AND (second_id IS NULL OR looks_until >= second_id)"
NEWER = "CASE WHEN first_id > second_id THEN first_id ELSE second_id END"
DISPUTED = "EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id AND status = 'disputed')"
CONFIRMER_LOOKED = (
    "EXISTS (SELECT 1 FROM assessments WHERE item_id = NEW.item_id AND id > NEW.looks_after"
    " AND assessor_id = NEW.confirmed_by_id)"
)
RECORDER_LOOKED = "EXISTS (SELECT 1 FROM assessments WHERE item_id = NEW.item_id AND assessor_id = NEW.recorded_by_id)"
COUNTS = (
    "EXISTS (SELECT 1 FROM outside_decisions AS decision WHERE decision.id = NEW.outside_id"
    " AND decision.ended_at IS NULL AND NEW.first_id > decision.looks_after"
    " AND decision.looks_after >= (SELECT looks_after FROM items WHERE id = NEW.item_id)"
    " AND NOT EXISTS (SELECT 1 FROM verdicts AS earlier"
    " WHERE earlier.item_id = NEW.item_id AND earlier.looks_until > decision.looks_after)"
    " AND (decision.confirmed_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM assessments"
    " WHERE item_id = decision.item_id AND assessor_id = decision.recorded_by_id)))"
)
WAS_INVOLVED = (
    "EXISTS (SELECT 1 FROM assessments WHERE item_id = NEW.item_id AND assessor_id = NEW.decided_by_id)"
    " OR EXISTS (SELECT 1 FROM notice_items AS line JOIN notices ON notices.id = line.notice_id"
    " WHERE line.item_id = NEW.item_id"
    " AND (notices.drafted_by_id = NEW.decided_by_id OR notices.approved_by_id = NEW.decided_by_id))"
)
RECORDED_IT = (
    "EXISTS (SELECT 1 FROM outside_decisions WHERE item_id = NEW.item_id AND recorded_by_id = NEW.decided_by_id"
    " AND ended_at IS NULL)"
)


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


UNINVOLVED_BEFORE = Trigger(
    "uninvolved_appeals",
    "UPDATE OF decision, decided_by_id",
    "appeals",
    f"NEW.decided_by_id IS NOT NULL AND NEW.outside IS NULL AND ({WAS_INVOLVED})",
    "somebody who was involved may not decide",
)
UNINVOLVED = UNINVOLVED_BEFORE._replace(
    when=f"NEW.decided_by_id IS NOT NULL AND NEW.outside IS NULL AND ({WAS_INVOLVED} OR {RECORDED_IT})"
)
TRIGGERS = (
    Trigger(
        "begun_outside_decisions",
        "INSERT",
        "outside_decisions",
        "NEW.confirmed_at IS NOT NULL OR NEW.ended_at IS NOT NULL"
        f" OR NEW.by_one_of_them <> {RECORDER_LOOKED} OR NOT {DISPUTED}",
        UNCOUNTED,
    ),
    Trigger(
        "frozen_outside_decisions",
        "UPDATE OF id, item_id, looks_after, inhope_class, law, words, decided_on, recorded_by_id, recorded_at,"
        " by_one_of_them",
        "outside_decisions",
        "TRUE",
        FROZEN,
    ),
    Trigger(
        "confirmed_outside_decisions",
        "UPDATE OF confirmed_by_id, confirmed_at",
        "outside_decisions",
        "OLD.confirmed_at IS NOT NULL OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NOT NULL"
        f" OR NOT {DISPUTED} OR NOT {CONFIRMER_LOOKED}",
        UNCOUNTED,
    ),
    Trigger(
        "ended_outside_decisions",
        "UPDATE OF ended_by_id, ended_at",
        "outside_decisions",
        "OLD.ended_at IS NOT NULL OR EXISTS (SELECT 1 FROM verdicts WHERE outside_id = OLD.id)",
        FROZEN,
    ),
    Trigger(
        "counted_verdicts",
        "INSERT",
        "verdicts",
        f"NEW.outside_id IS NOT NULL AND NOT {COUNTS}",
        UNCOUNTED,
    ),
)
SAME_DECISION = (
    "id = NEW.id OR (item_id = NEW.item_id AND looks_after = NEW.looks_after AND ended_at IS NULL"
    " AND NEW.ended_at IS NULL)"
)
SAME_VERDICT = (
    "id = NEW.id OR supersedes_id = NEW.supersedes_id"
    " OR (supersedes_id IS NULL AND NEW.supersedes_id IS NULL AND item_id = NEW.item_id)"
)


def upgrade() -> None:
    _create_decisions()
    if _on_sqlite():
        with _without_triggers():
            _put_verdicts_anew(with_outside=True)
    else:
        op.add_column("verdicts", sa.Column("outside_id", sa.Integer(), nullable=True))
        op.add_column("verdicts", sa.Column("looks_until", sa.Integer(), nullable=True))
        op.execute(f"UPDATE verdicts SET looks_until = {NEWER}")  # noqa: S608 -- our own names
        op.alter_column("verdicts", "looks_until", nullable=False)
        for column in ("second_id", "second_by"):
            op.alter_column("verdicts", column, nullable=True)
        op.create_check_constraint(op.f("ck_verdicts_two_sides"), "verdicts", TWO_SIDES)
        op.create_check_constraint(op.f("ck_verdicts_until"), "verdicts", UNTIL)
        op.create_foreign_key(
            "fk_verdicts_outside",
            "verdicts",
            "outside_decisions",
            ["outside_id", "item_id", "inhope_class", "law"],
            ["id", "item_id", "inhope_class", "law"],
        )
        _freeze_verdicts((*BEFORE, "supersedes_id", *ADDED))
    op.create_index("ix_verdicts_outside_id", "verdicts", ["outside_id"])
    for one in TRIGGERS:
        _make(one)
    _make_whole()
    _unmake(UNINVOLVED_BEFORE)
    _make(UNINVOLVED)


def downgrade() -> None:
    """Go back. Refused by the database once a verdict rests on an outside decision."""
    _unmake(UNINVOLVED)
    _make(UNINVOLVED_BEFORE)
    op.execute("DROP TRIGGER whole_outside_decisions" + ("" if _on_sqlite() else " ON outside_decisions"))
    for one in TRIGGERS:
        _unmake(one)
    op.drop_index("ix_verdicts_outside_id", "verdicts")
    if _on_sqlite():
        with _without_triggers():
            _put_verdicts_anew(with_outside=False)
    else:
        _freeze_verdicts((*BEFORE, "supersedes_id"))
        op.drop_constraint("fk_verdicts_outside", "verdicts", type_="foreignkey")
        for name in ("two_sides", "until"):
            op.drop_constraint(op.f(f"ck_verdicts_{name}"), "verdicts", type_="check")
        for column in ("second_id", "second_by"):
            op.alter_column("verdicts", column, nullable=False)
        for column in ADDED:
            op.drop_column("verdicts", column)
    op.drop_table("outside_decisions")


def _create_decisions() -> None:
    op.create_table(
        "outside_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("looks_after", sa.Integer(), nullable=False),
        sa.Column("inhope_class", sa.String(32), nullable=False),
        sa.Column("law", sa.String(32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("by_one_of_them", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("law <> 'adviser'", name=op.f("ck_outside_decisions_answers")),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_outside_decisions_confirmed")
        ),
        sa.CheckConstraint("(ended_by_id IS NULL) = (ended_at IS NULL)", name=op.f("ck_outside_decisions_ended")),
        sa.CheckConstraint("confirmed_by_id <> recorded_by_id", name=op.f("ck_outside_decisions_two_people")),
        *_words("outside_decisions"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_outside_decisions_item_id")),
        *(
            sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_outside_decisions_{column}"))
            for column in ("recorded_by_id", "confirmed_by_id", "ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_decisions")),
        sa.UniqueConstraint(
            "id", "item_id", "inhope_class", "law", name=op.f("uq_outside_decisions_id_item_id_inhope_class_law")
        ),
    )
    op.create_index("ix_outside_decisions_item_id", "outside_decisions", ["item_id", "id"])
    op.create_index(
        "ix_outside_decisions_stands",
        "outside_decisions",
        ["item_id", "looks_after"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def _words(table: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f(f"ck_{table}_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f(f"ck_{table}_lawverdict")),
    ]


def _put_verdicts_anew(*, with_outside: bool) -> None:
    """Put a new table in the old one's place, since SQLite cannot let go of a column's NOT NULL."""
    columns = {one: one for one in ("id", *BEFORE, "supersedes_id")}
    op.create_table(
        "verdicts_anew",
        *(sa.Column(one, sa.Integer(), nullable=False) for one in ("id", "item_id", "first_id", "first_by")),
        *(sa.Column(one, sa.Integer(), nullable=with_outside) for one in ("second_id", "second_by")),
        *(sa.Column(one, sa.String(32), nullable=False) for one in ("inhope_class", "law")),
        sa.Column("agreed_at", UtcTime(), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        *(_with_outside() if with_outside else ()),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_verdicts_two_people")),
        sa.CheckConstraint("supersedes_id < id", name=op.f("ck_verdicts_backwards")),
        *_words("verdicts"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_verdicts_item_id")),
        *(
            sa.ForeignKeyConstraint(
                [f"{look}_id", "item_id", f"{look}_by", "inhope_class", "law"],
                [f"assessments.{column}" for column in AGREED],
                name=f"fk_verdicts_{look}",
            )
            for look in ("first", "second")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id", "item_id"], ["verdicts.id", "verdicts.item_id"], name="fk_verdicts_supersedes"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint(
            "id", "item_id", "inhope_class", "law", name=op.f("uq_verdicts_id_item_id_inhope_class_law")
        ),
        sa.UniqueConstraint("id", "item_id", name=op.f("uq_verdicts_id_item_id")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_verdicts_supersedes_id")),
    )
    values = columns | ({"looks_until": NEWER} if with_outside else {})
    names, found = ", ".join(values), ", ".join(values.values())
    op.execute(f"INSERT INTO verdicts_anew ({names}) SELECT {found} FROM verdicts ORDER BY id")  # noqa: S608 -- our own names
    op.drop_table("verdicts")
    op.rename_table("verdicts_anew", "verdicts")
    op.create_index("ix_verdicts_item_id", "verdicts", ["item_id"])
    op.create_index("ix_verdicts_beginning", "verdicts", ["item_id"], unique=True, sqlite_where=BEGINNING)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    frozen = ", ".join((*BEFORE, "supersedes_id", *(ADDED if with_outside else ())))
    taken = f"EXISTS (SELECT 1 FROM verdicts WHERE {SAME_VERDICT})"  # noqa: S608 -- words from above
    op.execute(f"CREATE TRIGGER frozen_verdicts BEFORE UPDATE OF {frozen} ON verdicts {refuse}")
    op.execute(f"CREATE TRIGGER placed_verdicts BEFORE UPDATE OF id ON verdicts {refuse}")
    op.execute(f"CREATE TRIGGER whole_verdicts BEFORE INSERT ON verdicts WHEN {taken} {refuse}")


def _with_outside() -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("outside_id", sa.Integer(), nullable=True),
        sa.Column("looks_until", sa.Integer(), nullable=False),
        sa.CheckConstraint(TWO_SIDES, name=op.f("ck_verdicts_two_sides")),
        sa.CheckConstraint(UNTIL, name=op.f("ck_verdicts_until")),
        sa.ForeignKeyConstraint(
            ["outside_id", "item_id", "inhope_class", "law"],
            [f"outside_decisions.{column}" for column in ("id", "item_id", "inhope_class", "law")],
            name="fk_verdicts_outside",
        ),
    )


def _freeze_verdicts(columns: tuple[str, ...]) -> None:
    """Say anew on PostgreSQL which columns of a verdict are frozen."""
    op.execute("DROP TRIGGER frozen_verdicts ON verdicts")
    op.execute(
        f"CREATE TRIGGER frozen_verdicts BEFORE UPDATE OF {', '.join(columns)} ON verdicts "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Take SQLite's triggers that name verdicts away while the table is built anew; those of other tables come back."""
    about = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%verdicts%'"
    found = op.get_bind().exec_driver_sql(about).all()
    for name, _table, _sql in found:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("PRAGMA legacy_alter_table=ON")  # or the rename would drag references to the table along
    yield
    op.execute("PRAGMA legacy_alter_table=OFF")
    for _name, table, sql in found:
        if table != "verdicts":
            op.get_bind().exec_driver_sql(sql)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make(one: Trigger) -> None:
    start = f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table}"
    if _on_sqlite():
        op.execute(f"{start} WHEN {one.when} BEGIN SELECT RAISE(ABORT, '{one.words}'); END")
        return
    refuse = f"RAISE EXCEPTION '{one.words}' USING ERRCODE = 'check_violation'"
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN NEW; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _make_whole() -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    name, table = "whole_outside_decisions", "outside_decisions"
    if not _on_sqlite():
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} {run}")
        return
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {SAME_DECISION})"  # noqa: S608 -- words from above
    op.execute(
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {taken} BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    )


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
