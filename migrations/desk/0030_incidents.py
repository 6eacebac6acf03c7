"""Incidents: what happened, what was done about it, who was told, and the rounds whose stopping is one by itself.

The database holds: what was recorded, written, told or sent is never changed, nothing is deleted, a closed incident
stays as it is, and no letter of a drill leaves.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0030"
down_revision = "0029"

FROZEN = "this record is frozen"
DRILL = "no letter of a drill leaves"
KEPT = ("incident_entries", "incident_calls")  # what is only ever added
NEVER_DELETED = ("incidents", "incident_letters", "incident_actions", *KEPT)
TABLES = ("incidents", "incident_entries", "incident_calls", "incident_letters", "incident_actions", "heartbeats")
LEAVES = (
    "NEW.status IN ('queued', 'sent', 'bounced')"
    " AND EXISTS (SELECT 1 FROM incidents WHERE id = NEW.incident_id AND is_drill)"
)


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    *(Trigger(f"frozen_{table}", "UPDATE", table, "TRUE", FROZEN) for table in KEPT),
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE", FROZEN) for table in NEVER_DELETED),
    Trigger(
        "frozen_incidents",
        "UPDATE OF id, ref, is_drill, body, noticed_at, recorded_at, recorded_by_id, pulse",
        "incidents",
        "TRUE",
        FROZEN,
    ),
    Trigger("closed_incidents", "UPDATE", "incidents", "OLD.closed_at IS NOT NULL", FROZEN),
    Trigger(
        "frozen_incident_letters",
        "UPDATE OF id, incident_id, part, language, body, message_id, sent_at, proof",
        "incident_letters",
        "OLD.status IN ('sent', 'bounced', 'played')",
        FROZEN,
    ),
    Trigger(
        "left_incident_letters",
        "UPDATE OF status",
        "incident_letters",
        "OLD.status IN ('sent', 'bounced', 'played') AND NEW.status <> OLD.status"
        " AND NOT (OLD.status = 'sent' AND NEW.status = 'bounced')",
        FROZEN,
    ),
    Trigger("drill_incident_letters", "INSERT", "incident_letters", LEAVES, DRILL),
    Trigger("drilled_incident_letters", "UPDATE", "incident_letters", LEAVES, DRILL),
    Trigger(
        "frozen_incident_actions",
        "UPDATE OF id, incident_id, body, made_at, made_by_id",
        "incident_actions",
        "TRUE",
        FROZEN,
    ),
    Trigger("done_incident_actions", "UPDATE", "incident_actions", "OLD.done_at IS NOT NULL", FROZEN),
)


def upgrade() -> None:
    """Make the tables, and what holds them."""
    _incidents()
    _incident_entries()
    _incident_calls()
    _incident_letters()
    _incident_actions()
    _heartbeats()
    for one in TRIGGERS:
        _make(one)
    for table in NEVER_DELETED:
        _make_place(table)


def downgrade() -> None:
    """Go back. Incidents go with their tables, and so do the clocks that ran for them."""
    for table in NEVER_DELETED:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute("DELETE FROM clocks WHERE subject IN ('incident', 'incident_action')")
    op.execute("DELETE FROM outbox WHERE job = 'hotline.jobs.incidents.deliver_incident_letter'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("noticed_at", UtcTime(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("pulse", sa.String(32), nullable=True),
        sa.Column("stopped_at", UtcTime(), nullable=True),
        sa.Column("back_at", UtcTime(), nullable=True),
        sa.Column("contained_at", UtcTime(), nullable=True),
        sa.Column("dpo_told_at", UtcTime(), nullable=True),
        sa.Column("secretariat_told_at", UtcTime(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('breach', 'login', 'irregularity', 'interruption', 'other')",
            name=op.f("ck_incidents_incidentkind"),
        ),
        sa.CheckConstraint("pulse IN ('intake', 'delivery')", name=op.f("ck_incidents_pulse")),
        sa.CheckConstraint("(pulse IS NULL) = (recorded_by_id IS NOT NULL)", name=op.f("ck_incidents_by_itself")),
        sa.CheckConstraint("(body IS NULL) = (recorded_by_id IS NULL)", name=op.f("ck_incidents_recorded")),
        sa.CheckConstraint("closed_at IS NULL OR contained_at IS NOT NULL", name=op.f("ck_incidents_contained")),
        sa.CheckConstraint("noticed_at <= recorded_at", name=op.f("ck_incidents_noticed")),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_incidents_closed")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["staff.id"], name=op.f("fk_incidents_recorded_by_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["staff.id"], name=op.f("fk_incidents_lead_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["staff.id"], name=op.f("fk_incidents_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("ref", name=op.f("uq_incidents_ref")),
    )
    op.create_index(
        "ix_incidents_interruption",
        "incidents",
        ["noticed_at", "id"],
        sqlite_where=sa.text("kind = 'interruption'"),
        postgresql_where=sa.text("kind = 'interruption'"),
    )
    op.create_index("ix_incidents_noticed_at", "incidents", ["noticed_at", "id"])
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_incidents_pulse",
        "incidents",
        ["pulse"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND pulse IS NOT NULL AND kind = 'interruption'"),
        postgresql_where=sa.text("closed_at IS NULL AND pulse IS NOT NULL AND kind = 'interruption'"),
    )


def _incident_entries() -> None:
    op.create_table(
        "incident_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("happened_at", UtcTime(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('note', 'containment', 'cause', 'lesson', 'stopped', 'back')",
            name=op.f("ck_incident_entries_incidententrykind"),
        ),
        sa.CheckConstraint("(body IS NULL) = (written_by_id IS NULL)", name=op.f("ck_incident_entries_written")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_entries_incident_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_incident_entries_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_entries")),
    )
    op.create_index("ix_incident_entries_incident_id", "incident_entries", ["incident_id", "id"])


def _incident_calls() -> None:
    op.create_table(
        "incident_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("called_at", UtcTime(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("called_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("part IN ('dpo', 'secretariat')", name=op.f("ck_incident_calls_officialpart")),
        sa.CheckConstraint("called_at <= noted_at", name=op.f("ck_incident_calls_called")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_calls_incident_id")),
        sa.ForeignKeyConstraint(["called_by_id"], ["staff.id"], name=op.f("fk_incident_calls_called_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_calls")),
    )
    op.create_index("ix_incident_calls_incident_id", "incident_calls", ["incident_id", "id"])


def _incident_letters() -> None:
    op.create_table(
        "incident_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("queued_at", UtcTime(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_fault", sa.String(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("part IN ('dpo', 'secretariat')", name=op.f("ck_incident_letters_officialpart")),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_incident_letters_language")),
        sa.CheckConstraint(
            "status IN ('draft', 'queued', 'sent', 'failed', 'bounced', 'played')",
            name=op.f("ck_incident_letters_incidentletterstate"),
        ),
        sa.CheckConstraint(
            "second_id IS NULL OR second_id <> asked_by_id", name=op.f("ck_incident_letters_two_people")
        ),
        sa.CheckConstraint(
            "status NOT IN ('sent', 'bounced') OR (sent_at IS NOT NULL AND proof IS NOT NULL AND message_id IS NOT NULL)",
            name=op.f("ck_incident_letters_sent"),
        ),
        sa.CheckConstraint(
            "status <> 'queued' OR (queued_at IS NOT NULL AND message_id IS NOT NULL)",
            name=op.f("ck_incident_letters_queued"),
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_letters_incident_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_incident_letters_written_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_incident_letters_asked_by_id")),
        sa.ForeignKeyConstraint(["second_id"], ["staff.id"], name=op.f("fk_incident_letters_second_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["staff.id"], name=op.f("fk_incident_letters_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_letters")),
    )
    op.create_index("ix_incident_letters_incident_id", "incident_letters", ["incident_id", "id"])


def _incident_actions() -> None:
    op.create_table(
        "incident_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_incident_actions_done")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_actions_incident_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_incident_actions_owner_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_incident_actions_made_by_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["staff.id"], name=op.f("fk_incident_actions_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_actions")),
    )
    op.create_index("ix_incident_actions_incident_id", "incident_actions", ["incident_id", "id"])
    op.create_index(
        "ix_incident_actions_owner_id",
        "incident_actions",
        ["owner_id", "due_on"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("pulse", sa.String(32), nullable=False),
        sa.Column("beat_at", UtcTime(), nullable=False),
        sa.CheckConstraint("pulse IN ('intake', 'delivery')", name=op.f("ck_heartbeats_pulse")),
        sa.PrimaryKeyConstraint("pulse", name=op.f("pk_heartbeats")),
    )


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


def _make_place(table: str) -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    if not _on_sqlite():
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} {run}")
        return
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 -- names from above
    if table == "incidents":
        again = "NEW.kind = 'interruption' AND pulse = NEW.pulse AND kind = 'interruption' AND closed_at IS NULL"
        taken += f" OR EXISTS (SELECT 1 FROM incidents WHERE ref = NEW.ref OR ({again}))"  # noqa: S608 -- as above
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    op.execute(f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
