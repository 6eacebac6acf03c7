"""Victim cases: files for victim support alone, people, access, steps, notes, needs, plans, closures, erasure, figures.

The database holds: a case begins open and is closed only on a closure that another person approved; its file goes only
with a certificate, and nothing of a case is deleted before; what was written down or approved is never changed.
Limits for the new duties may depend on the risk. Their lengths are to be confirmed with the hotline: a manager changes
them at the desk.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0027"
down_revision = "0026"

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
FROZEN, UNAPPROVED, UNERASED = "this record is frozen", "this closure is not approved", "its case is not erased"
DUTIES = (
    "acknowledge",
    "assess",
    "second_look",
    "settle",
    "answer_reporter",
    "notify",
    "remove",
    "police_answer",
    "review_hold",
    "partner_answer",
    "check_online",
    "appeal",
)
NEW_DUTIES = (
    "first_contact",
    "assess_needs",
    "plan_help",
    "review_case",
    "service_answer",
    "ask_again",
    "review_override",
    "identify",
)
SUBJECTS = ("item", "message", "notice", "police_report", "hold", "exchange", "appeal")
NEW_SUBJECTS = ("victim_case", "referral", "consent", "override", "identification")
HOUR, DAY = 60, 24 * 60
CAME_WITH_IT = (  # duty, risk, minutes, minutes before, pace
    ("first_contact", 1, 3 * HOUR, HOUR, "wall"),
    ("first_contact", 2, DAY, 4 * HOUR, "wall"),
    ("first_contact", None, 3 * DAY, DAY, "wall"),
    ("assess_needs", 1, DAY, 4 * HOUR, "wall"),
    ("assess_needs", 2, 3 * DAY, DAY, "wall"),
    ("assess_needs", None, 7 * DAY, 2 * DAY, "wall"),
    ("plan_help", 1, 3 * DAY, DAY, "wall"),
    ("plan_help", None, 7 * DAY, 2 * DAY, "wall"),
    ("review_case", 1, 7 * DAY, DAY, "wall"),
    ("review_case", 2, 14 * DAY, 2 * DAY, "wall"),
    ("review_case", None, 30 * DAY, 3 * DAY, "wall"),
    ("service_answer", 1, DAY, 4 * HOUR, "wall"),
    ("service_answer", None, 3 * DAY, DAY, "wall"),
    ("ask_again", None, 30 * DAY, 3 * DAY, "wall"),
    ("review_override", None, DAY, 4 * HOUR, "wall"),
    ("identify", None, 7 * DAY, DAY, "wall"),
)
NOT_ERASED = "NOT EXISTS (SELECT 1 FROM victim_cases WHERE id = OLD.case_id AND status = 'erased')"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger("begun_victim_cases", "INSERT", "victim_cases", "NEW.status <> 'open'", UNAPPROVED),
    Trigger(
        "closed_victim_cases",
        "UPDATE OF status",
        "victim_cases",
        "NEW.status IN ('closed', 'transferred') AND OLD.status <> NEW.status AND NOT EXISTS (SELECT 1 FROM case_closures"
        " WHERE case_id = NEW.id AND approved AND undone_at IS NULL)",
        UNAPPROVED,
    ),
    Trigger(
        "erased_victim_cases",
        "UPDATE OF status",
        "victim_cases",
        "NEW.status = 'erased' AND OLD.status <> 'erased' AND (OLD.status = 'open' OR NOT EXISTS"
        " (SELECT 1 FROM case_erasures WHERE case_id = NEW.id AND erased_at IS NOT NULL))",
        UNERASED,
    ),
    Trigger("gone_victim_cases", "UPDATE", "victim_cases", "OLD.status = 'erased'", FROZEN),
    Trigger("removed_victim_cases", "DELETE", "victim_cases", "TRUE", FROZEN),
    Trigger("undecided_case_closures", "INSERT", "case_closures", "NEW.approved IS NOT NULL", FROZEN),
    Trigger(
        "frozen_case_closures",
        "UPDATE OF case_id, outcome, checklist, age_band, asked_by_id, asked_at, decided_by_id, decided_at, approved",
        "case_closures",
        "OLD.decided_at IS NOT NULL",
        FROZEN,
    ),
    Trigger(
        "removed_case_closures", "DELETE", "case_closures", f"OLD.decided_at IS NOT NULL AND {NOT_ERASED}", UNERASED
    ),
    Trigger("frozen_case_erasures", "UPDATE", "case_erasures", "OLD.erased_at IS NOT NULL", FROZEN),
    Trigger("removed_case_erasures", "DELETE", "case_erasures", "OLD.erased_at IS NOT NULL", FROZEN),
    Trigger("frozen_retention_policies", "UPDATE", "retention_policies", "TRUE", FROZEN),
    Trigger("removed_retention_policies", "DELETE", "retention_policies", "TRUE", FROZEN),
    Trigger("frozen_question_sets", "UPDATE", "question_sets", "TRUE", FROZEN),
    Trigger("removed_question_sets", "DELETE", "question_sets", "TRUE", FROZEN),
    Trigger("stay_case_people", "UPDATE OF case_id", "case_people", "NEW.case_id <> OLD.case_id", FROZEN),
    Trigger("removed_case_people", "DELETE", "case_people", NOT_ERASED, UNERASED),
    Trigger("frozen_case_notes", "UPDATE", "case_notes", "TRUE", FROZEN),
    Trigger("removed_case_notes", "DELETE", "case_notes", NOT_ERASED, UNERASED),
    Trigger("undecided_needs_assessments", "INSERT", "needs_assessments", "NEW.state = 'approved'", FROZEN),
    Trigger("frozen_needs_assessments", "UPDATE", "needs_assessments", "OLD.state = 'approved'", FROZEN),
    Trigger(
        "removed_needs_assessments",
        "DELETE",
        "needs_assessments",
        f"(OLD.state <> 'draft' OR OLD.submitted_at IS NOT NULL) AND {NOT_ERASED}",
        UNERASED,
    ),
    Trigger(
        "frozen_needs_found",
        "UPDATE",
        "needs_found",
        "EXISTS (SELECT 1 FROM needs_assessments WHERE id = OLD.assessment_id AND state = 'approved')",
        FROZEN,
    ),
    Trigger(
        "added_needs_found",
        "INSERT",
        "needs_found",
        "EXISTS (SELECT 1 FROM needs_assessments WHERE id = NEW.assessment_id AND state = 'approved')",
        FROZEN,
    ),
    Trigger(
        "removed_needs_found",
        "DELETE",
        "needs_found",
        "EXISTS (SELECT 1 FROM needs_assessments AS made JOIN victim_cases AS one ON one.id = made.case_id"
        " WHERE made.id = OLD.assessment_id AND made.state = 'approved' AND one.status <> 'erased')",
        UNERASED,
    ),
    Trigger("removed_plan_actions", "DELETE", "plan_actions", NOT_ERASED, UNERASED),
)
PLACES = {  # no row is put in the place of another
    "victim_cases": ("id = NEW.id", "ref = NEW.ref", "help_request_id = NEW.help_request_id"),
    "case_closures": ("id = NEW.id",),
    "case_erasures": ("id = NEW.id", "ref = NEW.ref", "case_id = NEW.case_id"),
    "case_people": ("id = NEW.id",),
    "case_notes": ("id = NEW.id",),
    "needs_assessments": ("id = NEW.id",),
    "needs_found": ("id = NEW.id",),
    "plan_actions": ("id = NEW.id",),
    "question_sets": ("version = NEW.version",),
    "retention_policies": ("id = NEW.id",),
}
TABLES = (
    "victim_cases",
    "case_names",
    "case_people",
    "case_access",
    "case_steps",
    "case_closures",
    "retention_policies",
    "case_erasures",
    "case_tallies",
    "case_notes",
    "question_sets",
    "needs_assessments",
    "needs_found",
    "plan_actions",
)


def upgrade() -> None:
    _victim_cases()
    _case_names()
    _case_people()
    _case_access()
    _case_steps()
    _case_closures()
    _retention_policies()
    _case_erasures()
    _case_tallies()
    _case_notes()
    _question_sets()
    _needs_assessments()
    _needs_found()
    _plan_actions()
    _limits(DUTIES + NEW_DUTIES, SUBJECTS + NEW_SUBJECTS)
    rules = sa.table(
        "clock_rules",
        *(sa.column(name) for name in ("duty", "urgency", "minutes", "remind_minutes", "pace", "reason")),
        sa.column("valid_from", UtcTime()),
        sa.column("made_at", UtcTime()),
    )
    op.bulk_insert(rules, [_rule(*one) for one in CAME_WITH_IT])
    policies = sa.table(
        "retention_policies",
        *(sa.column(name) for name in ("years", "until_age", "reason")),
        sa.column("valid_from", UtcTime()),
        sa.column("made_at", UtcTime()),
    )
    came = {"years": 7, "until_age": 25, "valid_from": SINCE, "made_at": SINCE, "reason": "came with the portal"}
    op.bulk_insert(policies, [came])
    for one in TRIGGERS:
        _make(one)
    for table, same in PLACES.items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. Every case goes with its tables, and the clocks of these duties."""
    for table in PLACES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute(f"DELETE FROM clocks WHERE duty IN {NEW_DUTIES}")  # noqa: S608 -- names from above
    op.execute(f"DELETE FROM clock_rules WHERE duty IN {NEW_DUTIES}")  # noqa: S608 -- names from above
    _limits(DUTIES, SUBJECTS)
    for table in reversed(TABLES):
        op.drop_table(table)


def _victim_cases() -> None:
    op.create_table(
        "victim_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("help_request_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("contacted_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("ask_safe_anew", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f("ck_victim_cases_ended")),
        sa.CheckConstraint("(file IS NULL) = (status = 'erased')", name=op.f("ck_victim_cases_file")),
        sa.CheckConstraint(
            "status IN ('open', 'closed', 'transferred', 'duplicate', 'erased')",
            name=op.f("ck_victim_cases_casestatus"),
        ),
        sa.CheckConstraint("risk BETWEEN 1 AND 4", name=op.f("ck_victim_cases_risk")),
        sa.CheckConstraint(
            "step IN ('registration', 'assessment', 'plan', 'implementation', 'review', 'closure')",
            name=op.f("ck_victim_cases_casestep"),
        ),
        sa.CheckConstraint(
            "(status <> 'duplicate') OR (duplicate_of_id IS NOT NULL)", name=op.f("ck_victim_cases_duplicate")
        ),
        sa.CheckConstraint(
            "source IN ('report', 'item', 'help_request', 'telephone', 'referral_in')",
            name=op.f("ck_victim_cases_casesource"),
        ),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["victim_cases.id"], name=op.f("fk_victim_cases_duplicate_of_id")),
        sa.ForeignKeyConstraint(
            ["help_request_id"], ["help_requests.id"], name=op.f("fk_victim_cases_help_request_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["staff.id"], name=op.f("fk_victim_cases_officer_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["staff.id"], name=op.f("fk_victim_cases_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_victim_cases")),
        sa.UniqueConstraint("help_request_id", name=op.f("uq_victim_cases_help_request_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_victim_cases_ref")),
    )
    op.create_index("ix_victim_cases_keep_until", "victim_cases", ["keep_until"])
    op.create_index("ix_victim_cases_list", "victim_cases", ["status", "risk", "id"])
    op.create_index("ix_victim_cases_officer_id", "victim_cases", ["officer_id", "status", "risk", "id"])


def _case_names() -> None:
    op.create_table(
        "case_names",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_names_case_id")),
        sa.PrimaryKeyConstraint("case_id", "name_index", name=op.f("pk_case_names")),
    )
    op.create_index("ix_case_names_name_index", "case_names", ["name_index", "case_id"])


def _case_people() -> None:
    op.create_table(
        "case_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("is_suspect", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_contact", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT (is_contact AND is_suspect)", name=op.f("ck_case_people_contact")),
        sa.CheckConstraint("NOT (is_suspect AND part = 'child')", name=op.f("ck_case_people_victim")),
        sa.CheckConstraint(
            "part IN ('child', 'guardian', 'family', 'trusted', 'professional', 'other')",
            name=op.f("ck_case_people_personpart"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_people_case_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["staff.id"], name=op.f("fk_case_people_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_people")),
    )
    op.create_index("ix_case_people_case_id", "case_people", ["case_id", "id"])
    op.create_index(
        "ix_case_people_contact",
        "case_people",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("is_contact"),
        postgresql_where=sa.text("is_contact"),
    )


def _case_access() -> None:
    op.create_table(
        "case_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_access_case_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["staff.id"], name=op.f("fk_case_access_given_by_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_access_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_access")),
    )
    op.create_index("ix_case_access_case_id", "case_access", ["case_id", "staff_id", "until_at"])
    op.create_index("ix_case_access_staff_id", "case_access", ["staff_id", "until_at", "case_id"])


def _case_steps() -> None:
    op.create_table(
        "case_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "step IN ('registration', 'assessment', 'plan', 'implementation', 'review', 'closure')",
            name=op.f("ck_case_steps_casestep"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_steps_case_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["staff.id"], name=op.f("fk_case_steps_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
    )
    op.create_index("ix_case_steps_case_id", "case_steps", ["case_id", "id"])


def _case_closures() -> None:
    op.create_table(
        "case_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("checklist", sa.String(), nullable=False),
        sa.Column("age_band", sa.String(32), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "(approved IS NULL) = (decided_at IS NULL) AND (approved IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_case_closures_decided"),
        ),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_case_closures_two_people")),
        sa.CheckConstraint(
            "age_band IN ('under_6', 'from_6', 'from_12', 'from_15', 'adult', 'unknown')",
            name=op.f("ck_case_closures_ageband"),
        ),
        sa.CheckConstraint(
            "outcome IN ('needs_met', 'moved_on', 'declined', 'out_of_reach', 'of_age', 'other')",
            name=op.f("ck_case_closures_caseoutcome"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_case_closures_decided_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_case_closures_asked_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_closures_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_closures")),
    )
    op.create_index("ix_case_closures_case_id", "case_closures", ["case_id", "id"])
    op.create_index(
        "ix_case_closures_open",
        "case_closures",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def _retention_policies() -> None:
    op.create_table(
        "retention_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("until_age", sa.Integer(), nullable=True),
        sa.Column("valid_from", UtcTime(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("years >= 0", name=op.f("ck_retention_policies_years")),
        sa.CheckConstraint(
            "until_age IS NULL OR until_age BETWEEN 0 AND 99", name=op.f("ck_retention_policies_until_age")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_retention_policies_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_policies")),
    )


def _case_erasures() -> None:
    op.create_table(
        "case_erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("erased_at", UtcTime(), nullable=True),
        sa.Column("records", sa.String(), nullable=False),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_case_erasures_two_people")),
        sa.CheckConstraint("policy_id IS NOT NULL OR asked_by_id IS NOT NULL", name=op.f("ck_case_erasures_why")),
        sa.CheckConstraint(
            "erased_at IS NULL OR policy_id IS NOT NULL OR approved_by_id IS NOT NULL",
            name=op.f("ck_case_erasures_approved"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_case_erasures_asked_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_case_erasures_approved_by_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["retention_policies.id"], name=op.f("fk_case_erasures_policy_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_erasures_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_erasures")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_erasures_ref")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_erasures_case_id")),
    )


def _case_tallies() -> None:
    op.create_table(
        "case_tallies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_case_tallies_count")),
        sa.CheckConstraint(
            "figure IN ('opened', 'age', 'need', 'referred', 'answered', 'gap', 'first_contact', 'outcome', 'found', 'erased')",
            name=op.f("ck_case_tallies_casefigure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tallies")),
        sa.UniqueConstraint("period", "figure", "part", name=op.f("uq_case_tallies_period_figure_part")),
    )


def _case_notes() -> None:
    op.create_table(
        "case_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("happened_at", UtcTime(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('note', 'contact', 'safety', 'conference', 'supervision')", name=op.f("ck_case_notes_notekind")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_case_notes_written_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_case_notes_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    op.create_index("ix_case_notes_case_id", "case_notes", ["case_id", "id"])


def _question_sets() -> None:
    op.create_table(
        "question_sets",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_question_sets_made_by_id")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_question_sets")),
    )


def _needs_assessments() -> None:
    op.create_table(
        "needs_assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("questions_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("submitted_at", UtcTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("approved_by_id <> made_by_id", name=op.f("ck_needs_assessments_two_people")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'returned')", name=op.f("ck_needs_assessments_assessmentstate")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_by_id IS NOT NULL)", name=op.f("ck_needs_assessments_approved")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_needs_assessments_approved_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_needs_assessments_case_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_needs_assessments_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_assessments")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_needs_assessments_case_id", "needs_assessments", ["case_id", "id"])
    op.create_index("ix_needs_assessments_state", "needs_assessments", ["state", "id"])


def _needs_found() -> None:
    op.create_table(
        "needs_found",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(32), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.CheckConstraint(
            "level IN ('high', 'medium', 'low', 'none', 'unknown')", name=op.f("ck_needs_found_needlevel")
        ),
        sa.CheckConstraint(
            "need IN ('safety', 'health', 'psychosocial', 'legal', 'shelter', 'education', 'family', 'livelihood', 'documents', 'online')",
            name=op.f("ck_needs_found_need"),
        ),
        sa.ForeignKeyConstraint(["assessment_id"], ["needs_assessments.id"], name=op.f("fk_needs_found_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_found")),
        sa.UniqueConstraint("assessment_id", "need", name=op.f("uq_needs_found_assessment_id_need")),
    )


def _plan_actions() -> None:
    op.create_table(
        "plan_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_plan_actions_ended")),
        sa.CheckConstraint(
            "need IN ('safety', 'health', 'psychosocial', 'legal', 'shelter', 'education', 'family', 'livelihood', 'documents', 'online')",
            name=op.f("ck_plan_actions_need"),
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_plan_actions_actionstate")),
        sa.ForeignKeyConstraint(["case_id"], ["victim_cases.id"], name=op.f("fk_plan_actions_case_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_plan_actions_made_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_plan_actions_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_actions")),
    )
    op.create_index("ix_plan_actions_case_id", "plan_actions", ["case_id", "id"])
    op.create_index("ix_plan_actions_owner_id", "plan_actions", ["owner_id", "state", "due_on"])


def _limits(duties: tuple[str, ...], subjects: tuple[str, ...]) -> None:
    for table in ("clock_rules", "clocks"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_duty"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_duty"), f"duty IN {duties}")
            if table == "clocks":
                batch.drop_constraint(op.f("ck_clocks_subject"), type_="check")
                batch.create_check_constraint(op.f("ck_clocks_subject"), f"subject IN {subjects}")


def _rule(duty: str, risk: int | None, minutes: int, remind: int, pace: str) -> dict[str, object]:
    return {
        "duty": duty,
        "urgency": risk,
        "minutes": minutes,
        "remind_minutes": remind,
        "pace": pace,
        "valid_from": SINCE,
        "made_at": SINCE,
        "reason": "came with the portal",
    }


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
