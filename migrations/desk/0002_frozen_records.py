"""What has been decided stays as it was written: findings, verdicts and the audit trail refuse to be changed.

Findings and verdicts may be deleted by retention, never altered. Of an audit entry only details and salt may go.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

FROZEN = {
    "assessments": ("item_id", "assessor_id", "inhope_class", "law", "findings", "made_at"),
    "verdicts": ("item_id", "first_id", "first_by", "second_id", "second_by", "inhope_class", "law", "agreed_at"),
    "audit_entries": ("at", "actor", "action", "record", "commitment", "hash"),
}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in FROZEN.items():
        for statement in _sqlite(table, columns) if sqlite else _postgresql(table, columns):
            op.execute(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in FROZEN:
        op.execute(f"DROP TRIGGER frozen_{table}" + ("" if sqlite else f" ON {table}"))
    if sqlite:
        op.execute("DROP TRIGGER kept_audit_entries")
    else:
        op.execute("DROP TRIGGER kept_audit_entries ON audit_entries")
        op.execute("DROP FUNCTION refuse_change")


def _sqlite(table: str, columns: tuple[str, ...]) -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is frozen'); END"
    statements = [f"CREATE TRIGGER frozen_{table} BEFORE UPDATE OF {', '.join(columns)} ON {table} {refuse}"]
    if table == "audit_entries":
        statements.append(f"CREATE TRIGGER kept_{table} BEFORE DELETE ON {table} {refuse}")
    return statements


def _postgresql(table: str, columns: tuple[str, ...]) -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'this record is frozen'; END $$"
    )
    each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    statements = [function, f"CREATE TRIGGER frozen_{table} BEFORE UPDATE OF {', '.join(columns)} ON {table} {each}"]
    if table == "audit_entries":
        statements.append(f"CREATE TRIGGER kept_{table} BEFORE DELETE ON {table} {each}")
    return statements
