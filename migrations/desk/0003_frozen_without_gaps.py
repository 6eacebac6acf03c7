"""The ways round a frozen record: another id, SQLite's REPLACE (it deletes without asking), PostgreSQL's TRUNCATE."""

from alembic import op

revision = "0003"
down_revision = "0002"

UNIQUE = {"assessments": ("id",), "verdicts": ("id", "item_id"), "audit_entries": ("id", "hash")}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in UNIQUE.items():
        for statement in _sqlite(table, columns) if sqlite else _postgresql(table):
            op.execute(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in UNIQUE:
        op.execute(f"DROP TRIGGER placed_{table}" + ("" if sqlite else f" ON {table}"))
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if sqlite else f" ON {table}"))


def _sqlite(table: str, columns: tuple[str, ...]) -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is frozen'); END"
    same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names from above
    return [
        f"CREATE TRIGGER placed_{table} BEFORE UPDATE OF id ON {table} {refuse}",
        f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}",
    ]


def _postgresql(table: str) -> list[str]:
    run = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER placed_{table} BEFORE UPDATE OF id ON {table} FOR EACH ROW {run}",
        f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
    ]
