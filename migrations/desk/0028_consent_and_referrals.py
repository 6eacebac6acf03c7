"""Services, consent, referrals, what is told to the police of a victim, and what crosses the wall to the analysts.

The database holds: nobody named as possible abuser consents; nothing is told to a service or to the police but on the
consent of guardian and child (or of a victim who is of age) while nobody's refusal stands, or on a named decision that
a second person upheld, or that a danger now does not let wait; what was told is never changed. That the police have
something already is a fact: it is noted with a mark that stays, whatever holds by then.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0028"
down_revision = "0027"

FROZEN, UNERASED = "this record is frozen", "its case is not erased"
SUSPECTED, UNHEARD, SHUT = "a suspect is never asked", "this voice is not theirs", "nobody has agreed to this"
ERASED = "EXISTS (SELECT 1 FROM victim_cases WHERE id = OLD.case_id AND status = 'erased')"
NOT_ERASED = f"NOT {ERASED}"
STANDING = "EXISTS (SELECT 1 FROM consents WHERE case_id = NEW.case_id AND {column} = NEW.{column} AND ended_at IS NULL"
ALLOWED = (
    "CASE WHEN NEW.override_id IS NOT NULL THEN"  # noqa: S608 -- names from above
    " EXISTS (SELECT 1 FROM overrides WHERE id = NEW.override_id"
    " AND case_id = NEW.case_id AND {column} = NEW.{column}"
    " AND (decision = 'upheld' OR (decision IS NULL AND basis = 'danger_now')))"
    f" ELSE NOT {STANDING} AND answer = 'declines')"
    f" AND ({STANDING} AND voice = 'self' AND answer = 'agrees')"
    f" OR ({STANDING} AND voice = 'guardian' AND answer = 'agrees')"
    f" AND {STANDING} AND voice = 'child'))) END"
)
EVER = "EXISTS (SELECT 1 FROM {table} WHERE case_id = NEW.case_id AND unit_id = NEW.unit_id AND {when})"
MARKED = (  # that the police have something is never refused, but nobody says it was allowed where nobody ever let it go
    "(NEW.status = 'handed_over' AND (COALESCE(NEW.although, '') = 'not_then'"
    " OR (COALESCE(NEW.although, '') = 'ended_since' AND ("
    + EVER.format(table="consents", when="answer = 'agrees'")
    + " OR "
    + EVER.format(table="overrides", when="id = NEW.override_id")
    + "))))"
)
LEFT = "OLD.status <> 'draft' OR OLD.queued_at IS NOT NULL"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger(
        "heard_consents",
        "INSERT",
        "consents",
        "NOT EXISTS (SELECT 1 FROM case_people WHERE id = NEW.person_id AND case_id = NEW.case_id"
        " AND (part = 'child') = (NEW.voice <> 'guardian'))",
        UNHEARD,
    ),
    Trigger(
        "suspected_consents",
        "INSERT",
        "consents",
        "EXISTS (SELECT 1 FROM case_people WHERE id = NEW.person_id AND is_suspect)",
        SUSPECTED,
    ),
    Trigger(
        "frozen_consents",
        "UPDATE OF case_id, person_id, provider_id, unit_id, voice, answer, body, asked_on, noted_at, noted_by_id",
        "consents",
        "TRUE",
        FROZEN,
    ),
    Trigger("ended_consents", "UPDATE", "consents", "OLD.ended_at IS NOT NULL", FROZEN),
    Trigger("removed_consents", "DELETE", "consents", NOT_ERASED, UNERASED),
    Trigger(
        "suspected_case_people",
        "UPDATE OF is_suspect, part",
        "case_people",
        "(NEW.is_suspect OR NEW.part <> OLD.part)"
        " AND EXISTS (SELECT 1 FROM consents WHERE person_id = NEW.id AND ended_at IS NULL)",
        SUSPECTED,
    ),
    Trigger("unreviewed_overrides", "INSERT", "overrides", "NEW.decision IS NOT NULL", FROZEN),
    Trigger("reviewed_overrides", "UPDATE", "overrides", "OLD.decision IS NOT NULL", FROZEN),
    Trigger(
        "frozen_overrides",
        "UPDATE OF case_id, provider_id, unit_id, basis, body, decided_by_id, decided_at",
        "overrides",
        "TRUE",
        FROZEN,
    ),
    Trigger("removed_overrides", "DELETE", "overrides", NOT_ERASED, UNERASED),
    Trigger("begun_referrals", "INSERT", "referrals", "NEW.status <> 'draft' OR NEW.queued_at IS NOT NULL", SHUT),
    Trigger(
        "agreed_referrals",
        "UPDATE OF status, queued_at, leased_until",
        "referrals",
        "((OLD.status = 'draft' AND NEW.status NOT IN ('draft', 'revoked'))"
        " OR (NEW.status = 'draft' AND (NEW.queued_at IS NOT NULL OR NEW.leased_until IS NOT NULL)"
        " AND (OLD.queued_at IS NULL OR NEW.leased_until IS NOT NULL)))"
        f" AND NOT ({ALLOWED.format(column='provider_id')})",
        SHUT,
    ),
    Trigger(
        "frozen_referrals",
        "UPDATE OF case_id, provider_id, need, language, package, override_id, ref",
        "referrals",
        LEFT,
        FROZEN,
    ),
    Trigger(
        "back_referrals",
        "UPDATE OF status",
        "referrals",
        "(OLD.status <> 'draft' AND NEW.status = 'draft') OR (OLD.status = 'revoked' AND NEW.status <> 'revoked')",
        FROZEN,
    ),
    Trigger("removed_referrals", "DELETE", "referrals", f"({LEFT}) AND {NOT_ERASED}", UNERASED),
    Trigger("begun_identifications", "INSERT", "identifications", "NEW.status <> 'draft'", SHUT),
    Trigger(
        "agreed_identifications",
        "UPDATE OF status",
        "identifications",
        "OLD.status IN ('draft', 'withdrawn') AND NEW.status NOT IN ('draft', 'withdrawn')"
        f" AND NOT ({ALLOWED.format(column='unit_id')}) AND NOT {MARKED}",
        SHUT,
    ),
    Trigger(
        "frozen_identifications",
        "UPDATE OF case_id, unit_id, language, package, ref",
        "identifications",
        "OLD.status <> 'draft'",
        FROZEN,
    ),
    Trigger(  # of one that was withdrawn it may come out that the police have it
        "marked_identifications",
        "UPDATE OF override_id, although",
        "identifications",
        "OLD.status NOT IN ('draft', 'withdrawn')",
        FROZEN,
    ),
    Trigger(
        "back_identifications",
        "UPDATE OF status",
        "identifications",
        "OLD.status <> 'draft' AND NEW.status = 'draft'",
        FROZEN,
    ),
    Trigger(
        "removed_identifications", "DELETE", "identifications", f"OLD.status <> 'draft' AND {NOT_ERASED}", UNERASED
    ),
    Trigger(
        "frozen_link_messages", "UPDATE OF link_id, to_support, body, written_by_id", "link_messages", "TRUE", FROZEN
    ),
    Trigger(
        "frozen_case_links",
        "UPDATE OF ref, item_id, report_id, made_by_id, made_at",
        "case_links",
        "TRUE",
        FROZEN,
    ),
    Trigger(  # what an analyst wrote of a child goes with the case's file; that something was handed over stays
        "noted_case_links",
        "UPDATE OF note",
        "case_links",
        f"length(NEW.note) > 0 OR OLD.case_id IS NULL OR NOT {ERASED}",
        FROZEN,
    ),
)
PLACES = {  # no row is put in the place of another
    "consents": (
        "id = NEW.id",
        "case_id = NEW.case_id AND person_id = NEW.person_id AND provider_id = NEW.provider_id"
        " AND ended_at IS NULL AND NEW.ended_at IS NULL",
        "case_id = NEW.case_id AND person_id = NEW.person_id AND unit_id = NEW.unit_id"
        " AND ended_at IS NULL AND NEW.ended_at IS NULL",
    ),
    "overrides": ("id = NEW.id",),
    "referrals": ("id = NEW.id", "ref = NEW.ref"),
    "identifications": ("id = NEW.id", "ref = NEW.ref"),
    "case_links": ("id = NEW.id", "ref = NEW.ref"),
}
TABLES = (
    "service_providers",
    "provider_needs",
    "overrides",
    "consents",
    "referrals",
    "service_gaps",
    "case_links",
    "link_messages",
    "identifications",
    "identification_links",
)


def upgrade() -> None:
    _service_providers()
    _provider_needs()
    _overrides()
    _consents()
    _referrals()
    _service_gaps()
    _case_links()
    _link_messages()
    _identifications()
    _identification_links()
    for one in TRIGGERS:
        _make(one)
    for table, same in PLACES.items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. What was agreed, referred and told goes with its tables."""
    for table in PLACES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    for table in reversed(TABLES):
        op.drop_table(table)


def _service_providers() -> None:
    op.create_table(
        "service_providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_km", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("provinces", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("age_from", sa.Integer(), nullable=True),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("takes", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("capacity", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("phone", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("place", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("key_kind", sa.String(32), nullable=True),
        sa.Column("key_material", sa.String(), nullable=True),
        sa.Column("key_fingerprint", sa.String(), nullable=True),
        sa.Column("key_expires_at", UtcTime(), nullable=True),
        sa.Column("source", sa.String(32), nullable=False, server_default="person"),
        sa.Column("doubt", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(key_kind IS NULL) = (key_material IS NULL)", name=op.f("ck_service_providers_key")),
        sa.CheckConstraint("key_kind IN ('openpgp', 'smime')", name=op.f("ck_service_providers_keykind")),
        sa.CheckConstraint(
            "age_from IS NULL OR age_to IS NULL OR age_from <= age_to", name=op.f("ck_service_providers_ages")
        ),
        sa.CheckConstraint("source IN ('person', 'rdap', 'seed')", name=op.f("ck_service_providers_recipientsource")),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_service_providers_language")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["staff.id"], name=op.f("fk_service_providers_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_providers")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_providers_ref")),
    )


def _provider_needs() -> None:
    op.create_table(
        "provider_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(32), nullable=False),
        sa.CheckConstraint(
            "need IN ('safety', 'health', 'psychosocial', 'legal', 'shelter', 'education', 'family', 'livelihood', 'documents', 'online')",
            name=op.f("ck_provider_needs_need"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["service_providers.id"], name=op.f("fk_provider_needs_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_needs")),
        sa.UniqueConstraint("provider_id", "need", name=op.f("uq_provider_needs_provider_id_need")),
    )


def _overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", UtcTime(), nullable=True),
        sa.Column("decision", sa.String(32), nullable=True),
        sa.CheckConstraint("reviewed_by_id <> decided_by_id", name=op.f("ck_overrides_two_people")),
        sa.CheckConstraint(
            "basis IN ('danger_now', 'no_safe_guardian', 'legal_duty', 'best_interests')",
            name=op.f("ck_overrides_overridebasis"),
        ),
        sa.CheckConstraint("(provider_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_overrides_one_recipient")),
        sa.CheckConstraint(
            "(decision IS NULL) = (reviewed_at IS NULL) AND (decision IS NULL) = (reviewed_by_id IS NULL)",
            name=op.f("ck_overrides_reviewed"),
        ),
        sa.CheckConstraint("decision IN ('upheld', 'ended')", name=op.f("ck_overrides_overridedecision")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_overrides_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_overrides_decided_by_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["service_providers.id"], name=op.f("fk_overrides_provider_id")),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["staff.id"], name=op.f("fk_overrides_reviewed_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["recipients.id"], name=op.f("fk_overrides_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index("ix_overrides_case_id", "overrides", ["case_id", "id"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("voice", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("ask_again_on", sa.Date(), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_consents_ended")),
        sa.CheckConstraint("voice IN ('child', 'guardian', 'self')", name=op.f("ck_consents_voice")),
        sa.CheckConstraint("answer IN ('agrees', 'declines', 'unable')", name=op.f("ck_consents_consentanswer")),
        sa.CheckConstraint("answer <> 'unable' OR voice = 'child'", name=op.f("ck_consents_unable")),
        sa.CheckConstraint("(provider_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_consents_one_recipient")),
        sa.ForeignKeyConstraint(["person_id"], ["case_people.id"], name=op.f("fk_consents_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["recipients.id"], name=op.f("fk_consents_unit_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_consents_ended_by_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_consents_noted_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_consents_case_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["service_providers.id"], name=op.f("fk_consents_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_case_id", "consents", ["case_id", "id"])
    op.create_index(
        "ix_consents_provider",
        "consents",
        ["case_id", "provider_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_consents_unit",
        "consents",
        ["case_id", "unit_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("override_id", sa.Integer(), nullable=True),
        sa.Column("means", sa.String(32), nullable=True),
        sa.Column("letter", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("queued_at", UtcTime(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_fault", sa.String(), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("reject_reason", sa.String(32), nullable=True),
        sa.Column("revoke_reason", sa.String(32), nullable=True),
        sa.Column("appointment_at", UtcTime(), nullable=True),
        sa.Column("check_again_on", sa.Date(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "means IN ('encrypted_mail', 'encrypted_file', 'printed')", name=op.f("ck_referrals_referralmeans")
        ),
        sa.CheckConstraint("status <> 'revoked' OR revoke_reason IS NOT NULL", name=op.f("ck_referrals_revoked")),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_referrals_language")),
        sa.CheckConstraint("status <> 'rejected' OR reject_reason IS NOT NULL", name=op.f("ck_referrals_rejected")),
        sa.CheckConstraint(
            "need IN ('safety', 'health', 'psychosocial', 'legal', 'shelter', 'education', 'family', 'livelihood', 'documents', 'online')",
            name=op.f("ck_referrals_need"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'pending', 'accepted', 'rejected', 'in_progress', 'done', 'revoked')",
            name=op.f("ck_referrals_referralstatus"),
        ),
        sa.CheckConstraint(
            "reject_reason IN ('no_place', 'not_for_them', 'declined_by_child', 'already_received', 'unreachable', 'other')",
            name=op.f("ck_referrals_rejectreason"),
        ),
        sa.CheckConstraint(
            "revoke_reason IN ('consent_withdrawn', 'not_safe', 'other_service', 'mistake')",
            name=op.f("ck_referrals_revokereason"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'revoked') OR (means IS NOT NULL AND sent_at IS NOT NULL)",
            name=op.f("ck_referrals_sent"),
        ),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["staff.id"], name=op.f("fk_referrals_drafted_by_id")),
        sa.ForeignKeyConstraint(["override_id"], ["overrides.id"], name=op.f("fk_referrals_override_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["staff.id"], name=op.f("fk_referrals_sent_by_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["service_providers.id"], name=op.f("fk_referrals_provider_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_referrals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint("ref", name=op.f("uq_referrals_ref")),
    )
    op.create_index("ix_referrals_case_id", "referrals", ["case_id", "id"])
    op.create_index("ix_referrals_provider_id", "referrals", ["provider_id", "status", "id"])
    op.create_index("ix_referrals_queued_at", "referrals", ["queued_at", "id"])
    op.create_index("ix_referrals_status", "referrals", ["status", "id"])


def _service_gaps() -> None:
    op.create_table(
        "service_gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(32), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "need IN ('safety', 'health', 'psychosocial', 'legal', 'shelter', 'education', 'family', 'livelihood', 'documents', 'online')",
            name=op.f("ck_service_gaps_need"),
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_service_gaps_noted_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_service_gaps_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_gaps")),
    )
    op.create_index("ix_service_gaps_case_id", "service_gaps", ["case_id", "id"])


def _case_links() -> None:
    op.create_table(
        "case_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("in_danger", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcTime(), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(item_id IS NULL) <> (report_id IS NULL)", name=op.f("ck_case_links_one_thing")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_links_case_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_case_links_made_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_case_links_item_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"], name=op.f("fk_case_links_taken_by_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_case_links_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_links_ref")),
    )
    op.create_index("ix_case_links_case_id", "case_links", ["case_id", "id"])
    op.create_index("ix_case_links_item_id", "case_links", ["item_id", "id"])
    op.create_index("ix_case_links_report_id", "case_links", ["report_id", "id"])


def _link_messages() -> None:
    op.create_table(
        "link_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("to_support", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_link_messages_written_by_id")),
        sa.ForeignKeyConstraint(["link_id"], ["case_links.id"], name=op.f("fk_link_messages_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_messages")),
    )
    op.create_index("ix_link_messages_link_id", "link_messages", ["link_id", "id"])


def _identifications() -> None:
    op.create_table(
        "identifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("override_id", sa.Integer(), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", UtcTime(), nullable=False),
        sa.Column("handed_by", sa.String(32), nullable=True),
        sa.Column("handed_to", sa.LargeBinary(), nullable=True),
        sa.Column("handed_over_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_over_at", UtcTime(), nullable=True),
        sa.Column("although", sa.String(32), nullable=True),
        sa.Column("settled", sa.LargeBinary(), nullable=True),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("acknowledged_at", UtcTime(), nullable=True),
        sa.Column("case_number", sa.LargeBinary(), nullable=True),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("hold", sa.LargeBinary(), nullable=True),
        sa.Column("found", sa.String(32), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("feedback", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'handed_over', 'acknowledged', 'closed', 'withdrawn')",
            name=op.f("ck_identifications_identificationstatus"),
        ),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_identifications_language")),
        sa.CheckConstraint(
            "found IN ('identified', 'safeguarded', 'not_identified', 'known_before', 'no_answer')",
            name=op.f("ck_identifications_found"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'withdrawn') OR (handed_by IS NOT NULL AND handed_to IS NOT NULL AND handed_over_by_id IS NOT NULL AND handed_over_at IS NOT NULL)",
            name=op.f("ck_identifications_handed_over"),
        ),
        sa.CheckConstraint("although IN ('ended_since', 'not_then')", name=op.f("ck_identifications_although")),
        sa.CheckConstraint(
            "although IS NULL OR status NOT IN ('draft', 'withdrawn')", name=op.f("ck_identifications_marked")
        ),
        sa.CheckConstraint("(settled IS NULL) = (settled_at IS NULL)", name=op.f("ck_identifications_settled")),
        sa.CheckConstraint(
            "settled_at IS NULL OR although IS NOT NULL", name=op.f("ck_identifications_settled_marked")
        ),
        sa.CheckConstraint(
            "handed_by IN ('encrypted_mail', 'in_person', 'portal')", name=op.f("ck_identifications_handedby")
        ),
        sa.ForeignKeyConstraint(["override_id"], ["overrides.id"], name=op.f("fk_identifications_override_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["staff.id"], name=op.f("fk_identifications_drafted_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_identifications_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["recipients.id"], name=op.f("fk_identifications_unit_id")),
        sa.ForeignKeyConstraint(["handed_over_by_id"], ["staff.id"], name=op.f("fk_identifications_handed_over_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifications")),
        sa.UniqueConstraint("ref", name=op.f("uq_identifications_ref")),
    )
    op.create_index("ix_identifications_case_id", "identifications", ["case_id", "id"])
    op.create_index("ix_identifications_status", "identifications", ["status", "id"])
    op.create_index(
        "ix_identifications_although",
        "identifications",
        ["settled_at", "id"],
        sqlite_where=sa.text("although IS NOT NULL"),
        postgresql_where=sa.text("although IS NOT NULL"),
    )


def _identification_links() -> None:
    op.create_table(
        "identification_links",
        sa.Column("identification_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identification_id"], ["identifications.id"], name=op.f("fk_identification_links_identification_id")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["case_links.id"], name=op.f("fk_identification_links_link_id")),
        sa.PrimaryKeyConstraint("identification_id", "link_id", name=op.f("pk_identification_links")),
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
