"""An item's verdict may be superseded, when people look anew after the legal adviser has answered.

Until now an item had one verdict for ever. From here on it has a chain: one that begins it, and each next one names the
one it supersedes. Nothing that stands is touched; a chain neither forks nor begins twice.
"""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0004"
down_revision = "0003"

COLUMNS = ("id", "item_id", "first_id", "first_by", "second_id", "second_by", "inhope_class", "law", "agreed_at")
AGREED = ("id", "item_id", "assessor_id", "inhope_class", "law")
CLASSES = ("baseline", "national", "not_illegal", "inaccessible", "outside_remit")
LAWS = ("illegal", "not_illegal", "adviser")
BEGINNING = sa.text("supersedes_id IS NULL")
REFUSE = "BEGIN SELECT RAISE(ABORT, 'this record is frozen'); END"
ONE_EACH = "SELECT 1 FROM verdicts WHERE id = NEW.id OR item_id = NEW.item_id"
ONE_CHAIN = (
    "SELECT 1 FROM verdicts WHERE id = NEW.id OR supersedes_id = NEW.supersedes_id"
    " OR (supersedes_id IS NULL AND NEW.supersedes_id IS NULL AND item_id = NEW.item_id)"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(chained=True)
        return
    op.drop_constraint("uq_verdicts_item_id", "verdicts", type_="unique")
    op.add_column("verdicts", sa.Column("supersedes_id", sa.Integer(), nullable=True))
    op.create_unique_constraint("uq_verdicts_id_item_id", "verdicts", ["id", "item_id"])
    op.create_unique_constraint("uq_verdicts_supersedes_id", "verdicts", ["supersedes_id"])
    op.create_foreign_key(
        "fk_verdicts_supersedes", "verdicts", "verdicts", ["supersedes_id", "item_id"], ["id", "item_id"]
    )
    _make_indexes()
    _freeze_on_postgresql((*COLUMNS[1:], "supersedes_id"))


def downgrade() -> None:
    """Go back. Refused by the database once an item has more than one verdict."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(chained=False)
        return
    op.create_unique_constraint("uq_verdicts_item_id", "verdicts", ["item_id"])
    op.drop_index("ix_verdicts_beginning", "verdicts")
    op.drop_index("ix_verdicts_item_id", "verdicts")
    _freeze_on_postgresql(COLUMNS[1:])
    op.drop_constraint("fk_verdicts_supersedes", "verdicts", type_="foreignkey")
    op.drop_constraint("uq_verdicts_supersedes_id", "verdicts", type_="unique")
    op.drop_constraint("uq_verdicts_id_item_id", "verdicts", type_="unique")
    op.drop_column("verdicts", "supersedes_id")


def _make_indexes() -> None:
    op.create_index("ix_verdicts_item_id", "verdicts", ["item_id"])
    op.create_index(
        "ix_verdicts_beginning",
        "verdicts",
        ["item_id"],
        unique=True,
        sqlite_where=BEGINNING,
        postgresql_where=BEGINNING,
    )


def _freeze_on_postgresql(columns: tuple[str, ...]) -> None:
    op.execute("DROP TRIGGER frozen_verdicts ON verdicts")
    op.execute(
        f"CREATE TRIGGER frozen_verdicts BEFORE UPDATE OF {', '.join(columns)} ON verdicts "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _rebuild(*, chained: bool) -> None:
    """Put a new table in the old one's place, since SQLite cannot drop a constraint; its triggers go and come back."""
    _create_table("verdicts_anew", chained=chained)
    names = ", ".join(COLUMNS)
    op.execute(f"INSERT INTO verdicts_anew ({names}) SELECT {names} FROM verdicts ORDER BY id")  # noqa: S608 -- our own names
    op.drop_table("verdicts")
    op.execute("PRAGMA legacy_alter_table=ON")  # or the rename would drag the table's references to itself along
    op.rename_table("verdicts_anew", "verdicts")
    op.execute("PRAGMA legacy_alter_table=OFF")
    frozen = (*COLUMNS[1:], "supersedes_id") if chained else COLUMNS[1:]
    if chained:
        _make_indexes()
    taken = ONE_CHAIN if chained else ONE_EACH
    op.execute(f"CREATE TRIGGER frozen_verdicts BEFORE UPDATE OF {', '.join(frozen)} ON verdicts {REFUSE}")
    op.execute(f"CREATE TRIGGER placed_verdicts BEFORE UPDATE OF id ON verdicts {REFUSE}")
    op.execute(f"CREATE TRIGGER whole_verdicts BEFORE INSERT ON verdicts WHEN EXISTS ({taken}) {REFUSE}")


def _create_table(name: str, *, chained: bool) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in COLUMNS[2:6]),
        sa.Column("inhope_class", sa.String(32), nullable=False),
        sa.Column("law", sa.String(32), nullable=False),
        sa.Column("agreed_at", UtcTime(), nullable=False),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_verdicts_two_people")),
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f("ck_verdicts_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f("ck_verdicts_lawverdict")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_verdicts_item_id")),
        _agrees("first"),
        _agrees("second"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint(
            "id", "item_id", "inhope_class", "law", name=op.f("uq_verdicts_id_item_id_inhope_class_law")
        ),
        *(_chain() if chained else [sa.UniqueConstraint("item_id", name=op.f("uq_verdicts_item_id"))]),
    )


def _chain() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.UniqueConstraint("id", "item_id", name=op.f("uq_verdicts_id_item_id")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_verdicts_supersedes_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id", "item_id"], ["verdicts.id", "verdicts.item_id"], name="fk_verdicts_supersedes"
        ),
    ]


def _agrees(look: str) -> sa.ForeignKeyConstraint:
    columns = [f"{look}_id", "item_id", f"{look}_by", "inhope_class", "law"]
    return sa.ForeignKeyConstraint(columns, [f"assessments.{column}" for column in AGREED], name=f"fk_verdicts_{look}")
