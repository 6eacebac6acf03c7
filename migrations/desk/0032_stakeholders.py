"""Stakeholders, consultations with them, and agreements.

The database holds: a person who was forgotten stays so; the record of a consultation that is closed or cancelled is only
added to; an action point that ended, an agreement that is over and feedback that two people have read do not change.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0032"
down_revision = "0031"

FROZEN = "this record is frozen"
SECTORS = ("government", "law_enforcement", "industry", "child_welfare", "others")
KINDS = (*("ministry", "authority", "police", "provider", "platform", "service", "civil_society", "school", "other"),)
LANGUAGES = ("km", "en")
TABLES = (
    *("organisations", "organisation_people", "agreements", "agreement_parties", "consultations", "invitations"),
    *("consultation_moves", "attendances", "consultation_words", "action_points", "consultation_feedback"),
)
OVER = "(SELECT state FROM consultations WHERE id = {row}.consultation_id) IN ('closed', 'cancelled')"
SAME = {  # by what SQLite's REPLACE would strike a row, beside its id
    "organisations": "ref = NEW.ref",
    "agreements": "ref = NEW.ref OR follows_id = NEW.follows_id",
    "agreement_parties": "agreement_id = NEW.agreement_id AND organisation_id = NEW.organisation_id",
    "consultations": "ref = NEW.ref",
    "invitations": "consultation_id = NEW.consultation_id AND organisation_id = NEW.organisation_id",
    "attendances": "consultation_id = NEW.consultation_id AND person_id = NEW.person_id",
}
KEPT = ("consultation_moves", "attendances", "agreement_parties")  # what is only ever added


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str


TRIGGERS = (
    *(Trigger(f"frozen_{table}", "UPDATE", table, "TRUE") for table in KEPT),
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE") for table in KEPT),
    Trigger("removed_organisations", "DELETE", "organisations", "TRUE"),
    Trigger("frozen_organisation_people", "UPDATE", "organisation_people", "OLD.forgotten_at IS NOT NULL"),
    Trigger("removed_organisation_people", "DELETE", "organisation_people", "TRUE"),
    Trigger("frozen_consultations", "UPDATE", "consultations", "OLD.state IN ('closed', 'cancelled')"),
    Trigger(
        "unheld_consultations",
        "UPDATE OF state, held_at, starts_at",
        "consultations",
        "OLD.state = 'held' AND (NEW.state NOT IN ('held', 'closed') OR NEW.held_at <> OLD.held_at"
        " OR NEW.starts_at <> OLD.starts_at)",
    ),
    Trigger("removed_consultations", "DELETE", "consultations", "TRUE"),
    Trigger("late_invitations", "INSERT", "invitations", OVER.format(row="NEW")),
    Trigger("frozen_invitations", "UPDATE", "invitations", "TRUE"),
    Trigger("removed_invitations", "DELETE", "invitations", OVER.format(row="OLD")),
    Trigger("late_attendances", "INSERT", "attendances", OVER.format(row="NEW")),
    Trigger("frozen_consultation_words", "UPDATE", "consultation_words", OVER.format(row="OLD")),
    Trigger("removed_consultation_words", "DELETE", "consultation_words", OVER.format(row="OLD")),
    Trigger(
        "late_consultation_words",
        "INSERT",
        "consultation_words",
        f"NEW.part <> 'addition' AND {OVER.format(row='NEW')}",
    ),
    Trigger("ended_action_points", "UPDATE", "action_points", "OLD.state <> 'open'"),
    Trigger("removed_action_points", "DELETE", "action_points", "TRUE"),
    Trigger("over_agreements", "UPDATE", "agreements", "OLD.state <> 'in_force'"),
    Trigger(
        "frozen_agreements",
        "UPDATE OF ref, title, paper, signed_on, expires_on, follows_id, made_at, made_by_id",
        "agreements",
        "TRUE",
    ),
    Trigger("removed_agreements", "DELETE", "agreements", "TRUE"),
    Trigger(
        "read_consultation_feedback",
        "UPDATE OF year, sector, said_en, said_km, did_en, did_km, written_at, written_by_id, approved_at,"
        " approved_by_id",
        "consultation_feedback",
        "OLD.approved_at IS NOT NULL",
    ),
    Trigger("removed_consultation_feedback", "DELETE", "consultation_feedback", "OLD.approved_at IS NOT NULL"),
)


def upgrade() -> None:
    """Make the tables."""
    _organisations()
    _people()
    _agreements()
    _consultations()
    _attendances()
    _words()
    _points()
    _feedback()
    for one in TRIGGERS:
        _make(one)
    for table in TABLES:
        _make_place(table)


def downgrade() -> None:
    """Go back. Who was consulted goes with its tables, and the clocks of what was planned."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute("DELETE FROM clocks WHERE subject IN ('consultation', 'action_point', 'agreement')")
    for table in reversed(TABLES):
        op.drop_table(table)


def _organisations() -> None:
    op.create_table(
        "organisations",
        _id(),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        _empty("name_km"),
        sa.Column("sector", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        _empty("notes"),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        _version(),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        _one_of("organisations", "sector", "sector", SECTORS),
        _one_of("organisations", "organisationkind", "kind", KINDS),
        _check("organisations", "one_place", "recipient_id IS NULL OR service_id IS NULL"),
        _to("organisations", "recipient_id", "recipients"),
        _to("organisations", "service_id", "service_providers"),
        _to("organisations", "changed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("ref", name=op.f("uq_organisations_ref")),
    )
    op.create_index("ix_organisations_sector", "organisations", ["sector"])


def _people() -> None:
    op.create_table(
        "organisation_people",
        _id(),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("office", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("contact_since", sa.Date(), nullable=True),
        sa.Column("contact_by", sa.String(32), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("forgotten_at", UtcTime(), nullable=True),
        _version(),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        _one_of("organisation_people", "contactconsent", "contact_by", ("spoken", "mail", "paper")),
        _check("organisation_people", "forgotten", "(forgotten_at IS NULL) = (name IS NOT NULL)"),
        _check(
            "organisation_people",
            "erased",
            "forgotten_at IS NULL OR (office IS NULL AND mailbox IS NULL AND phone IS NULL)",
        ),
        _check("organisation_people", "consent", "(contact_since IS NULL) = (contact_by IS NULL)"),
        _to("organisation_people", "organisation_id", "organisations"),
        _to("organisation_people", "changed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_people")),
    )
    op.create_index("ix_organisation_people_organisation_id", "organisation_people", ["organisation_id"])


def _agreements() -> None:
    op.create_table(
        "agreements",
        _id(),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        _empty("ended_why"),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        _one_of("agreements", "agreementstate", "state", ("in_force", "renewed", "ended")),
        _check("agreements", "days", "expires_on IS NULL OR expires_on > signed_on"),
        _check("agreements", "ended", "(state = 'in_force') = (ended_on IS NULL)"),
        _to("agreements", "follows_id", "agreements"),
        _to("agreements", "owner_id", "staff"),
        _to("agreements", "made_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("ref", name=op.f("uq_agreements_ref")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_agreements_follows_id")),
    )
    op.create_index("ix_agreements_state", "agreements", ["state", "expires_on"])
    op.create_table(
        "agreement_parties",
        _id(),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        _to("agreement_parties", "agreement_id", "agreements"),
        _to("agreement_parties", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_parties")),
        sa.UniqueConstraint(
            "agreement_id", "organisation_id", name=op.f("uq_agreement_parties_agreement_id_organisation_id")
        ),
    )
    op.create_index("ix_agreement_parties_organisation_id", "agreement_parties", ["organisation_id"])


def _consultations() -> None:
    op.create_table(
        "consultations",
        _id(),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        _empty("place"),
        _empty("agenda"),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("invited_at", UtcTime(), nullable=True),
        sa.Column("held_at", UtcTime(), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=True),
        _empty("cancelled_why"),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        _version(),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        _one_of("consultations", "consultationway", "way", ("meeting", "online", "telephone", "letter")),
        _one_of("consultations", "language", "language", LANGUAGES),
        _one_of("consultations", "consultationstate", "state", ("planned", "held", "closed", "cancelled")),
        _check("consultations", "held", "(state IN ('held', 'closed')) = (held_at IS NOT NULL)"),
        _check("consultations", "cancelled", "(state = 'cancelled') = (cancelled_why <> '')"),
        _check("consultations", "ended", "(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)"),
        _to("consultations", "lead_id", "staff"),
        _to("consultations", "ended_by_id", "staff"),
        _to("consultations", "made_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        sa.UniqueConstraint("ref", name=op.f("uq_consultations_ref")),
    )
    op.create_index("ix_consultations_state", "consultations", ["state", "starts_at"])
    op.create_index("ix_consultations_held_at", "consultations", ["held_at"])
    op.create_table(
        "invitations",
        _id(),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        _to("invitations", "consultation_id", "consultations"),
        _to("invitations", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint(
            "consultation_id", "organisation_id", name=op.f("uq_invitations_consultation_id_organisation_id")
        ),
    )
    op.create_index("ix_invitations_organisation_id", "invitations", ["organisation_id"])
    op.create_table(
        "consultation_moves",
        _id(),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("was_at", UtcTime(), nullable=False),
        sa.Column("now_at", UtcTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("moved_at", UtcTime(), nullable=False),
        sa.Column("moved_by_id", sa.Integer(), nullable=False),
        _to("consultation_moves", "consultation_id", "consultations"),
        _to("consultation_moves", "moved_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_moves")),
    )
    op.create_index("ix_consultation_moves_consultation_id", "consultation_moves", ["consultation_id"])


def _attendances() -> None:
    op.create_table(
        "attendances",
        _id(),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("others", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _check("attendances", "who", "(person_id IS NULL) = (others > 0)"),
        _check("attendances", "others", "others BETWEEN 0 AND 999"),
        _to("attendances", "consultation_id", "consultations"),
        _to("attendances", "organisation_id", "organisations"),
        _to("attendances", "person_id", "organisation_people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("consultation_id", "person_id", name=op.f("uq_attendances_consultation_id_person_id")),
    )
    op.create_index("ix_attendances_consultation_id", "attendances", ["consultation_id"])
    op.create_index("ix_attendances_organisation_id", "attendances", ["organisation_id"])


def _words() -> None:
    op.create_table(
        "consultation_words",
        _id(),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _version(),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        _one_of("consultation_words", "consultationpart", "part", ("view", "decision", "minutes", "addition")),
        _check("consultation_words", "whose", "(part = 'view') = (organisation_id IS NOT NULL)"),
        _to("consultation_words", "consultation_id", "consultations"),
        _to("consultation_words", "organisation_id", "organisations"),
        _to("consultation_words", "written_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_words")),
    )
    op.create_index("ix_consultation_words_consultation_id", "consultation_words", ["consultation_id"])


def _points() -> None:
    op.create_table(
        "action_points",
        _id(),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        _one_of("action_points", "pointstate", "state", ("open", "done", "dropped")),
        _check("action_points", "ended", "(state = 'open') = (ended_at IS NULL)"),
        _check("action_points", "noted", "(ended_at IS NULL) = (note IS NULL)"),
        _to("action_points", "consultation_id", "consultations"),
        _to("action_points", "owner_id", "staff"),
        _to("action_points", "organisation_id", "organisations"),
        _to("action_points", "ended_by_id", "staff"),
        _to("action_points", "made_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_points")),
    )
    op.create_index("ix_action_points_consultation_id", "action_points", ["consultation_id"])
    op.create_index("ix_action_points_owner_id", "action_points", ["owner_id", "state"])
    op.create_index("ix_action_points_state", "action_points", ["state", "due_on"])


def _feedback() -> None:
    op.create_table(
        "consultation_feedback",
        _id(),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("said_en", "said_km", "did_en", "did_km")),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        _version(),
        _one_of("consultation_feedback", "sector", "sector", SECTORS),
        _check("consultation_feedback", "two_people", "approved_by_id IS NULL OR approved_by_id <> written_by_id"),
        _check("consultation_feedback", "approved", "(approved_at IS NULL) = (approved_by_id IS NULL)"),
        _check("consultation_feedback", "published", "published_at IS NULL OR approved_at IS NOT NULL"),
        _check("consultation_feedback", "withdrawn", "withdrawn_at IS NULL OR approved_at IS NOT NULL"),
        _to("consultation_feedback", "written_by_id", "staff"),
        _to("consultation_feedback", "approved_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_feedback")),
    )
    op.create_index("ix_consultation_feedback_year", "consultation_feedback", ["year", "id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _empty(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''"))


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1"))


def _check(table: str, name: str, holds: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(holds, name=op.f(f"ck_{table}_{name}"))


def _one_of(table: str, name: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    return _check(table, name, f"{column} IN {words}")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


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
    same = "id = NEW.id" + (f" OR ({SAME[table]})" if table in SAME else "")
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names from above
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    op.execute(f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
