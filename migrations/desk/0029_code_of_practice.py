"""The code of practice: its clauses, the duties that come round again, who answers for them, and how people are reached.

The database holds: what was worded, done or handed over is never changed and never deleted. Limits that INHOPE's text
does not number are to be confirmed with the hotline: a manager changes them at the desk.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0029"
down_revision = "0028"

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
FROZEN = "this record is frozen"
DUTIES = (
    *("acknowledge", "assess", "second_look", "settle", "answer_reporter", "notify", "remove", "police_answer"),
    *("review_hold", "partner_answer", "check_online", "appeal", "first_contact", "assess_needs", "plan_help"),
    *("review_case", "service_answer", "ask_again", "review_override", "identify"),
)
NEW_DUTIES = (
    *("tell_dpo", "tell_secretariat", "answer_inhope", "test_contact", "consult", "hold_meeting", "do_action"),
    *("renew_agreement", "renew_key", "restore_test", "review_access", "check_clause", "read_protocol"),
    *("renew_training", "take_down_picture"),
)
SUBJECTS = (
    *("item", "message", "notice", "police_report", "hold", "exchange", "appeal"),
    *("victim_case", "referral", "consent", "override", "identification"),
)
NEW_SUBJECTS = (
    *("incident", "incident_action", "inhope_notice", "standing_duty", "consultation", "action_point", "agreement"),
    *("recipient_key", "service_key", "official_key", "reading", "training", "publication"),
)
HOUR, DAY = 60, 24 * 60
CAME_WITH_IT = (  # duty, minutes, minutes before; all in wall time
    ("tell_dpo", DAY, 12 * HOUR),
    ("tell_secretariat", 4 * HOUR, HOUR),
    ("answer_inhope", 5 * DAY, 2 * DAY),
    ("test_contact", 31 * DAY, 7 * DAY),
    ("consult", 90 * DAY, 14 * DAY),
    ("hold_meeting", 30 * DAY, 2 * DAY),
    ("do_action", 30 * DAY, 3 * DAY),
    ("renew_agreement", 365 * DAY, 60 * DAY),
    ("renew_key", 365 * DAY, 30 * DAY),
    ("restore_test", 92 * DAY, 14 * DAY),
    ("review_access", 92 * DAY, 14 * DAY),
    ("check_clause", 183 * DAY, 30 * DAY),
    ("read_protocol", 7 * DAY, 2 * DAY),
    ("renew_training", 365 * DAY, 60 * DAY),
    ("take_down_picture", 2 * DAY, DAY),
)
CLAUSES = {  # clause: its words in English and in Khmer, and what has to be clarified about them
    "law": (
        "Hotlines must act within the law of their own countries.",
        "បណ្តាញទូរសព្ទបន្ទាន់ត្រូវធ្វើការតាមច្បាប់នៃប្រទេសរបស់ខ្លួន។",
        "",
    ),
    "cooperation": (
        "Hotlines shall cooperate with each other in efforts to eliminate illegal material and activity from the Internet within their remit and exchange reports with the competent national hotline.",
        "បណ្តាញទូរសព្ទបន្ទាន់ត្រូវសហការគ្នា ដើម្បីលុបបំបាត់សម្ភារៈ និងសកម្មភាពខុសច្បាប់ពីអ៊ីនធឺណិត ក្នុងដែនសមត្ថកិច្ចរបស់ខ្លួន ហើយផ្លាស់ប្តូររបាយការណ៍ជាមួយបណ្តាញទូរសព្ទបន្ទាន់ជាតិដែលមានសមត្ថកិច្ច។",
        "",
    ),
    "contact_point": (
        "Hotlines must provide INHOPE with a point of contact to receive notices from INHOPE.",
        "បណ្តាញទូរសព្ទបន្ទាន់ត្រូវផ្តល់ឱ្យ INHOPE នូវអ្នកទំនាក់ទំនងម្នាក់ ដើម្បីទទួលសេចក្តីជូនដំណឹងពី INHOPE។",
        "",
    ),
    "security_protocol": (
        "Hotlines must have a security protocol to ensure that the sensitive data they process is secure.",
        "បណ្តាញទូរសព្ទបន្ទាន់ត្រូវមានពិធីការសុវត្ថិភាព ដើម្បីធានាថាទិន្នន័យរសើបដែលខ្លួនប្រើ មានសុវត្ថិភាព។",
        "",
    ),
    "secure_room": (
        "The rooms in which the hotline work takes place must be secure.",
        "បន្ទប់ដែលធ្វើការងាររបស់បណ្តាញទូរសព្ទបន្ទាន់ ត្រូវមានសុវត្ថិភាព។",
        "",
    ),
    "exposure": (
        "Staff not dealing with hotline work must not be exposed to hotline material.",
        "បុគ្គលិកដែលមិនធ្វើការងាររបស់បណ្តាញទូរសព្ទបន្ទាន់ មិនត្រូវឱ្យឃើញសម្ភារៈរបស់បណ្តាញនេះឡើយ។",
        "",
    ),
    "exchange_policy": (
        "Every INHOPE Member Hotline must comply fully with INHOPE’s Best Practice Policy on Exchange of …",
        "បណ្តាញទូរសព្ទបន្ទាន់ជាសមាជិក INHOPE ទាំងអស់ ត្រូវគោរពតាមទាំងស្រុងនូវគោលនយោបាយអនុវត្តល្អបំផុតរបស់ INHOPE ស្តីពីការផ្លាស់ប្តូរ…",
        "The published clause stops in mid-sentence. Its full wording has to be asked from INHOPE.",
    ),
    "interruption": (
        "Member hotlines that take part in ICCAM must, without undue delay, inform the INHOPE secretariat in case of a serious interruption of operations.",
        "បណ្តាញទូរសព្ទបន្ទាន់ជាសមាជិកដែលចូលរួម ICCAM ត្រូវជូនដំណឹងលេខាធិការដ្ឋាន INHOPE ដោយគ្មានការពន្យារពេលមិនសមហេតុផល នៅពេលប្រតិបត្តិការត្រូវរំខានធ្ងន់ធ្ងរ។",
        "",
    ),
    "officer_told": (
        "In case of suspicion of breaches of data security provisions, of login data for ICCAM that is lost, stolen or in any other way known by a third party, or of any other irregularity in processing the URLs within ICCAM, member hotlines that take part in ICCAM must inform the Data Protection Officer within 24 hours.",
        "នៅពេលសង្ស័យថាមានការបំពានសុវត្ថិភាពទិន្នន័យ ឬព័ត៌មានចូល ICCAM បាត់ ត្រូវគេលួច ឬអ្នកដទៃដឹង ឬមានភាពមិនប្រក្រតីណាមួយក្នុងការចាត់ការ URL ក្នុង ICCAM បណ្តាញទូរសព្ទបន្ទាន់ជាសមាជិកដែលចូលរួម ICCAM ត្រូវជូនដំណឹងមន្ត្រីការពារទិន្នន័យក្នុងរយៈពេល ២៤ ម៉ោង។",
        "",
    ),
    "imagery": (
        "Imagery taken at INHOPE events needs prior consent of the persons shown on the imagery before publication takes place.",
        "រូបភាពដែលថតនៅព្រឹត្តិការណ៍របស់ INHOPE ត្រូវមានការយល់ព្រមជាមុនពីបុគ្គលដែលបង្ហាញក្នុងរូបភាព មុនពេលផ្សព្វផ្សាយ។",
        "",
    ),
    "confidentiality": (
        "Personal data of the hotline analysts, such as names and addresses, are confidential and must not be disclosed to third parties.",
        "ទិន្នន័យផ្ទាល់ខ្លួនរបស់អ្នកវិភាគ ដូចជាឈ្មោះ និងអាសយដ្ឋាន ជាការសម្ងាត់ ហើយមិនត្រូវបង្ហាញដល់ភាគីទីបីឡើយ។",
        "",
    ),
    "consultation": (
        "INHOPE requires that members regularly consult with the major stakeholders in their country of operation: government, law enforcement, internet industry, child welfare and others.",
        "INHOPE តម្រូវឱ្យសមាជិកពិគ្រោះយោបល់ជាប្រចាំជាមួយភាគីពាក់ព័ន្ធសំខាន់ៗក្នុងប្រទេសរបស់ខ្លួន៖ រដ្ឋាភិបាល អ្នកអនុវត្តច្បាប់ វិស័យអ៊ីនធឺណិត សុខុមាលភាពកុមារ និងភាគីផ្សេងទៀត។",
        "",
    ),
}
SECTORS = ("government", "law_enforcement", "industry", "child_welfare", "others")
STANDING = (  # key, duty, clause, sector
    ("test_contact", "test_contact", None, None),
    ("restore_test", "restore_test", None, None),
    ("review_access", "review_access", None, None),
    *((f"consult.{one}", "consult", None, one) for one in SECTORS),
    *((f"check_clause.{one}", "check_clause", one, None) for one in CLAUSES),
)
KEPT = {  # what is only ever added: the table, and by what SQLite's REPLACE would strike one of its rows
    "clause_texts": ("id = NEW.id",),
    "duty_marks": ("id = NEW.id",),
    "duty_owners": ("id = NEW.id",),
}
PLACES = {  # of what only gets an end: likewise
    "officials": ("id = NEW.id", "NEW.until_at IS NULL AND part = NEW.part AND until_at IS NULL"),
}
TABLES = ("clause_texts", "standing_duties", "duty_marks", "duty_owners", "officials", "staff_reach", "calendar_feeds")


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    *(Trigger(f"frozen_{table}", "UPDATE", table, "TRUE", FROZEN) for table in KEPT),
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE", FROZEN) for table in KEPT),
    Trigger(
        "frozen_officials",
        "UPDATE OF id, part, name, mailbox, phone, since_at, noted_by_id",
        "officials",
        "TRUE",
        FROZEN,
    ),
    Trigger("ended_officials", "UPDATE", "officials", "OLD.until_at IS NOT NULL", FROZEN),
    Trigger("removed_officials", "DELETE", "officials", "TRUE", FROZEN),
)


def upgrade() -> None:
    """Make the tables, put the clauses down as they are published, and the duties that come round."""
    _clause_texts()
    _standing_duties()
    _duty_marks()
    _duty_owners()
    _officials()
    _staff_reach()
    _calendar_feeds()
    _limits(DUTIES + NEW_DUTIES, SUBJECTS + NEW_SUBJECTS)
    with op.batch_alter_table("clocks") as batch:
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_clocks_owner_id"), "staff", ["owner_id"], ["id"])
    owned = sa.text("ended_at IS NULL AND owner_id IS NOT NULL")
    op.create_index(
        "ix_clocks_owner_id", "clocks", ["owner_id", "due_at", "id"], sqlite_where=owned, postgresql_where=owned
    )
    _put("clock_rules", [_rule(*one) for one in CAME_WITH_IT])
    _put(
        "clause_texts",
        [
            {
                "clause": clause,
                "text_en": en,
                "text_km": km,
                "doubt": doubt,
                "reason": "came with the portal",
                "made_at": SINCE,
            }
            for clause, (en, km, doubt) in CLAUSES.items()
        ],
    )
    _put("standing_duties", [dict(zip(("key", "duty", "clause", "sector"), one, strict=True)) for one in STANDING])
    for one in TRIGGERS:
        _make(one)
    for table, same in (KEPT | PLACES).items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. What was done for the code of practice goes with its tables, and the clocks of these duties."""
    for table in KEPT | PLACES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    op.execute(f"DELETE FROM clocks WHERE duty IN {NEW_DUTIES}")  # noqa: S608 -- names from above
    op.execute(f"DELETE FROM clock_rules WHERE duty IN {NEW_DUTIES}")  # noqa: S608 -- names from above
    op.drop_index("ix_clocks_owner_id", "clocks")
    with op.batch_alter_table("clocks") as batch:
        batch.drop_constraint(op.f("fk_clocks_owner_id"), type_="foreignkey")
        batch.drop_column("owner_id")
    _limits(DUTIES, SUBJECTS)
    for table in reversed(TABLES):
        op.drop_table(table)


def _clause_texts() -> None:
    op.create_table(
        "clause_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(32), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("text_km", sa.String(), nullable=False),
        sa.Column("doubt", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "clause IN ('law', 'cooperation', 'contact_point', 'security_protocol', 'secure_room', 'exposure', 'exchange_policy', 'interruption', 'officer_told', 'imagery', 'confidentiality', 'consultation')",
            name=op.f("ck_clause_texts_clause"),
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_clause_texts_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_texts")),
    )
    op.create_index("ix_clause_texts_clause", "clause_texts", ["clause", "id"])


def _standing_duties() -> None:
    op.create_table(
        "standing_duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("duty", sa.String(32), nullable=False),
        sa.Column("clause", sa.String(32), nullable=True),
        sa.Column("sector", sa.String(32), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "sector IN ('government', 'law_enforcement', 'industry', 'child_welfare', 'others')",
            name=op.f("ck_standing_duties_sector"),
        ),
        sa.CheckConstraint(
            "clause IN ('law', 'cooperation', 'contact_point', 'security_protocol', 'secure_room', 'exposure', 'exchange_policy', 'interruption', 'officer_told', 'imagery', 'confidentiality', 'consultation')",
            name=op.f("ck_standing_duties_clause"),
        ),
        sa.CheckConstraint(
            "(duty = 'check_clause') = (clause IS NOT NULL)", name=op.f("ck_standing_duties_about_clause")
        ),
        sa.CheckConstraint("(duty = 'consult') = (sector IS NOT NULL)", name=op.f("ck_standing_duties_about_sector")),
        sa.CheckConstraint(
            "duty IN ('acknowledge', 'assess', 'second_look', 'settle', 'answer_reporter', 'notify', 'remove', 'police_answer', 'review_hold', 'partner_answer', 'check_online', 'appeal', 'first_contact', 'assess_needs', 'plan_help', 'review_case', 'service_answer', 'ask_again', 'review_override', 'identify', 'tell_dpo', 'tell_secretariat', 'answer_inhope', 'test_contact', 'consult', 'hold_meeting', 'do_action', 'renew_agreement', 'renew_key', 'restore_test', 'review_access', 'check_clause', 'read_protocol', 'renew_training', 'take_down_picture')",
            name=op.f("ck_standing_duties_duty"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_standing_duties_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_duties")),
        sa.UniqueConstraint("key", name=op.f("uq_standing_duties_key")),
    )


def _duty_marks() -> None:
    op.create_table(
        "duty_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing_id", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["standing_id"], ["standing_duties.id"], name=op.f("fk_duty_marks_standing_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_duty_marks_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_marks")),
    )
    op.create_index("ix_duty_marks_standing_id", "duty_marks", ["standing_id", "id"])


def _duty_owners() -> None:
    op.create_table(
        "duty_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("since_at", UtcTime(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_owners_staff_id")),
        sa.ForeignKeyConstraint(["standing_id"], ["standing_duties.id"], name=op.f("fk_duty_owners_standing_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["staff.id"], name=op.f("fk_duty_owners_given_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_owners")),
    )
    op.create_index("ix_duty_owners_standing_id", "duty_owners", ["standing_id", "id"])


def _officials() -> None:
    op.create_table(
        "officials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("key_kind", sa.String(32), nullable=True),
        sa.Column("key_material", sa.String(), nullable=True),
        sa.Column("key_fingerprint", sa.String(), nullable=True),
        sa.Column("key_expires_at", UtcTime(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("since_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("part IN ('dpo', 'secretariat')", name=op.f("ck_officials_officialpart")),
        sa.CheckConstraint("(key_kind IS NULL) = (key_material IS NULL)", name=op.f("ck_officials_key")),
        sa.CheckConstraint("key_kind IN ('openpgp', 'smime')", name=op.f("ck_officials_keykind")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_officials_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officials")),
    )
    op.create_index(
        "ix_officials_part",
        "officials",
        ["part"],
        unique=True,
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )


def _staff_reach() -> None:
    op.create_table(
        "staff_reach",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("mailboxes", sa.LargeBinary(), nullable=False),
        sa.Column("phones", sa.LargeBinary(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_reach_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_reach")),
    )


def _calendar_feeds() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calendar_feeds_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_calendar_feeds_staff_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )


def _limits(duties: tuple[str, ...], subjects: tuple[str, ...]) -> None:
    for table in ("clock_rules", "clocks"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_duty"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_duty"), f"duty IN {duties}")
            if table == "clocks":
                batch.drop_constraint(op.f("ck_clocks_subject"), type_="check")
                batch.create_check_constraint(op.f("ck_clocks_subject"), f"subject IN {subjects}")


def _put(table: str, rows: list[dict[str, object]]) -> None:
    moments = {"valid_from", "made_at"}
    columns = [sa.column(name, UtcTime()) if name in moments else sa.column(name) for name in rows[0]]
    op.bulk_insert(sa.table(table, *columns), rows)


def _rule(duty: str, minutes: int, remind: int) -> dict[str, object]:
    return {
        "duty": duty,
        "urgency": None,
        "minutes": minutes,
        "remind_minutes": remind,
        "pace": "wall",
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
