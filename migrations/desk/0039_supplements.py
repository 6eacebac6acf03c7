"""A letter that tells a recipient more that asked for it: a kind of notice, and words of its own.

SQLite makes a table anew where a check of it changes: the triggers around it are taken away for that while.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

KINDS = ("first", "reminder", "escalation", "retraction")
LETTERS = (
    "notice_host",
    "notice_host_no_law",
    "reminder",
    "escalation",
    "notice_partner",
    "police_report",
    "retraction",
)
NEW = "supplement"


def upgrade() -> None:
    """Let notices and letters be of the new kind."""
    _limit((*KINDS, NEW), (*LETTERS, NEW))


def downgrade() -> None:
    """Go back. Refused by the database while there is a letter of this kind, or words for one."""
    _limit(KINDS, LETTERS)


def _limit(kinds: tuple[str, ...], letters: tuple[str, ...]) -> None:
    with _without_triggers():
        with op.batch_alter_table("notices") as batch:
            batch.drop_constraint(op.f("ck_notices_noticekind"), type_="check")
            batch.create_check_constraint(op.f("ck_notices_noticekind"), f"kind IN {kinds}")
        with op.batch_alter_table("letter_templates") as batch:
            batch.drop_constraint(op.f("ck_letter_templates_letterkey"), type_="check")
            batch.create_check_constraint(op.f("ck_letter_templates_letterkey"), f"letter IN {letters}")


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Take away for a while what SQLite keeps about letters: it names a table that is built anew. Nothing elsewhere."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    about = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        " AND (sql LIKE '%notice%' OR sql LIKE '%letter_templates%')"
    )
    found = op.get_bind().exec_driver_sql(about).all()
    for name, _sql in found:
        op.execute(sa.text(f"DROP TRIGGER {name}"))
    op.execute("PRAGMA legacy_alter_table=ON")  # or the rename would drag references to the table along
    yield
    op.execute("PRAGMA legacy_alter_table=OFF")
    for _name, sql in found:
        op.get_bind().exec_driver_sql(sql)
