"""The point of contact for INHOPE, its notices and answers, and what the check of confidentiality found.

The database holds: terms do not overlap and are not changed once they began; a notice is not changed, nor its answer
once it went, and an answer that a check found somebody of ours in does not go without a second person.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0031"
down_revision = "0030"

FROZEN = "this record is frozen"
OVERLAP = "terms of the point of contact overlap"
WAYS = "('email', 'phone', 'letter', 'portal', 'in_person')"
WAYS_OUT = (
    "('letter', 'partner', 'iccam', 'police', 'identification', 'referral', 'case_export', 'reporter', 'help', "
    "'public_text', 'template', 'inhope', 'incident', 'minutes', 'publication', 'export')"
)
KEPT = {  # what stays: the table, and by what SQLite's REPLACE would strike one of its rows
    "contact_points": ("id = NEW.id",),
    "inhope_notices": ("id = NEW.id", "ref = NEW.ref"),
    "secrecy_checks": ("id = NEW.id",),
}
TABLES = ("contact_points", "inhope_notices", "secrecy_checks")


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger(
        "frozen_contact_points",
        "UPDATE OF id, staff_id, stand_in_id, mailbox, phone, since_at, noted_at, noted_by_id",
        "contact_points",
        "TRUE",
        FROZEN,
    ),
    Trigger("ended_contact_points", "UPDATE OF until_at", "contact_points", "OLD.until_at IS NOT NULL", FROZEN),
    Trigger("told_contact_points", "UPDATE OF told_on", "contact_points", "OLD.told_on IS NOT NULL", FROZEN),
    Trigger(
        "overlapping_contact_points",
        "INSERT",
        "contact_points",
        "EXISTS (SELECT 1 FROM contact_points AS other WHERE other.until_at IS NULL OR other.until_at > NEW.since_at)",
        OVERLAP,
    ),
    Trigger(
        "frozen_inhope_notices",
        "UPDATE OF id, ref, received_at, way, body, noted_at, noted_by_id",
        "inhope_notices",
        "TRUE",
        FROZEN,
    ),
    Trigger("ended_inhope_notices", "UPDATE", "inhope_notices", "OLD.ended_at IS NOT NULL", FROZEN),
    Trigger("frozen_secrecy_checks", "UPDATE", "secrecy_checks", "TRUE", FROZEN),
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE", FROZEN) for table in TABLES),
)


def upgrade() -> None:
    """Make the tables, and hold what stays."""
    _contact_points()
    _inhope_notices()
    _secrecy_checks()
    for one in TRIGGERS:
        _make(one)
    for table, same in KEPT.items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. Who was the point of contact, what INHOPE told us and what the check found goes with its tables."""
    for table in KEPT:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute("DELETE FROM clocks WHERE subject = 'inhope_notice'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _contact_points() -> None:
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("since_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("stand_in_id IS NULL OR stand_in_id <> staff_id", name=op.f("ck_contact_points_two_people")),
        sa.CheckConstraint("until_at IS NULL OR until_at >= since_at", name=op.f("ck_contact_points_ends_after")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_contact_points_staff_id")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["staff.id"], name=op.f("fk_contact_points_stand_in_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_contact_points_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
    )
    op.create_index("ix_contact_points_since_at", "contact_points", ["since_at", "id"])


def _inhope_notices() -> None:
    op.create_table(
        "inhope_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answer_way", sa.String(32), nullable=True),
        sa.Column("drafted_at", UtcTime(), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("let_go_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'drafted', 'answered', 'no_answer')",
            name=op.f("ck_inhope_notices_inhopenoticestate"),
        ),
        sa.CheckConstraint(f"way IN {WAYS}", name=op.f("ck_inhope_notices_contactway")),
        sa.CheckConstraint(f"answer_way IN {WAYS}", name=op.f("ck_inhope_notices_answerway")),
        sa.CheckConstraint(
            "let_go_by_id IS NULL OR let_go_by_id <> drafted_by_id", name=op.f("ck_inhope_notices_second_person")
        ),
        sa.CheckConstraint("state = 'waiting' OR answer IS NOT NULL", name=op.f("ck_inhope_notices_worded")),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (state IN ('answered', 'no_answer'))", name=op.f("ck_inhope_notices_ended")
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_inhope_notices_noted_by_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["staff.id"], name=op.f("fk_inhope_notices_drafted_by_id")),
        sa.ForeignKeyConstraint(["let_go_by_id"], ["staff.id"], name=op.f("fk_inhope_notices_let_go_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_inhope_notices_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inhope_notices")),
        sa.UniqueConstraint("ref", name=op.f("uq_inhope_notices_ref")),
    )
    op.create_index("ix_inhope_notices_received_at", "inhope_notices", ["received_at", "id"])
    is_open = sa.text("state IN ('waiting', 'drafted')")
    op.create_index(
        "ix_inhope_notices_open",
        "inhope_notices",
        ["received_at", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _secrecy_checks() -> None:
    op.create_table(
        "secrecy_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.CheckConstraint(f"way IN {WAYS_OUT}", name=op.f("ck_secrecy_checks_wayout")),
        sa.CheckConstraint("result IN ('clean', 'hit', 'let_go')", name=op.f("ck_secrecy_checks_secrecyresult")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_checks")),
    )
    op.create_index("ix_secrecy_checks_checked_on", "secrecy_checks", ["checked_on", "way", "result"])


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


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


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
