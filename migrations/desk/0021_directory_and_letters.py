"""The directory whole, notices of every kind, and the limits they run by.

A recipient is reached in several ways, holds keys, is recognised by marks in what look-ups find, and keeps its history.
A notice may remind of another, go above its recipient's head, or take an earlier one back. What takes one back lists no
address: the verdict it rested on stands no more. `queued_notices` and `listed_notice_items` say so since now.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0021"
down_revision = "0020"

SINCE = datetime(1970, 1, 1, tzinfo=UTC)
DECIDED = sa.text("status = 'decided'")
KINDS = ("hosting_provider", "platform", "cdn", "registrar", "partner_hotline", "police")
DELIVERIES = ("email", "xarf", "web_form", "api", "iccam", "portal", "none")
LETTERS = (
    "notice_host",
    "notice_host_no_law",
    "reminder",
    "escalation",
    "notice_partner",
    "police_report",
    "retraction",
)
DUTIES = ("acknowledge", "assess", "second_look", "settle", "answer_reporter")
NEW_DUTIES = ("notify", "remove", "police_answer", "review_hold", "partner_answer", "check_online", "appeal")
NOTICE_KINDS = ("first", "reminder", "escalation", "retraction")
NOTICE_KEYS = {"follows_id": "notices", "template_id": "letter_templates", "key_id": "recipient_keys"}
ANSWERS = ("removed", "not_ours", "need_more", "refused", "appeal", "other")
SUBJECTS = ("item", "message")
NEW_SUBJECTS = ("notice", "police_report", "hold", "exchange", "appeal")
CAME_WITH_IT = (  # duty, urgency, minutes, minutes before, pace; a working day has nine hours
    ("notify", 1, 60, 15, "wall"),
    ("notify", None, 24 * 60, 4 * 60, "wall"),
    ("remove", None, 24 * 60, 0, "wall"),
    ("police_answer", None, 3 * 24 * 60, 24 * 60, "wall"),
    ("review_hold", None, 7 * 24 * 60, 24 * 60, "wall"),
    ("partner_answer", None, 27 * 60, 9 * 60, "working"),
    ("check_online", None, 24 * 60, 0, "wall"),
    ("appeal", None, 45 * 60, 9 * 60, "working"),
)
ENCRYPTED = (
    "channel = 'host' OR key_id IS NOT NULL OR delivery NOT IN ('email', 'xarf') OR status IN ('draft', 'withdrawn')"
)
BY_MAIL = "delivery IN ('email', 'xarf') OR leased_until IS NULL"
FROZEN, SHUT = "this record is frozen", "this letter may not go"
LISTS_SOMETHING = "EXISTS (SELECT 1 FROM notice_items WHERE notice_id = NEW.id)"
STANDS = (
    f"{LISTS_SOMETHING}"  # noqa: S608 - names from above
    " AND NOT EXISTS (SELECT 1 FROM notice_items AS line JOIN items ON items.id = line.item_id"
    " WHERE line.notice_id = NEW.id AND items.status NOT IN ('decided', 'acting', 'monitoring'))"
    " AND NOT EXISTS (SELECT 1 FROM notice_items AS line JOIN verdicts ON verdicts.supersedes_id = line.verdict_id"
    " WHERE line.notice_id = NEW.id)"
)
TAKES_BACK = f"NEW.kind = 'retraction' AND NOT {LISTS_SOMETHING}"
ITEM_STANDS = (
    "EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id"
    " AND status IN ('decided', 'acting', 'monitoring') AND in_danger = NEW.in_danger)"
    " AND NOT EXISTS (SELECT 1 FROM verdicts WHERE supersedes_id = NEW.verdict_id)"
)
IS_DRAFT = "SELECT 1 FROM notices WHERE id = NEW.notice_id AND status = 'draft'"
NEWLY_QUEUED = "NEW.status = 'queued' AND OLD.status <> 'queued'"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


REPLACED = (  # as 0006 made them
    Trigger("queued_notices", "UPDATE OF status", "notices", f"{NEWLY_QUEUED} AND NOT ({STANDS})", SHUT),
    Trigger("listed_notice_items", "INSERT", "notice_items", f"NOT (EXISTS ({IS_DRAFT}) AND {ITEM_STANDS})", SHUT),
)
TRIGGERS = (
    Trigger(
        "queued_notices",
        "UPDATE OF status",
        "notices",
        f"{NEWLY_QUEUED} AND NOT (({STANDS}) OR ({TAKES_BACK}))",
        SHUT,
    ),
    Trigger(
        "listed_notice_items",
        "INSERT",
        "notice_items",
        f"NOT (EXISTS ({IS_DRAFT} AND kind <> 'retraction') AND {ITEM_STANDS})",
        SHUT,
    ),
    Trigger("told_apart_notices", "UPDATE OF kind, follows_id", "notices", "TRUE", FROZEN),
    Trigger("carried_notices", "UPDATE OF delivery, template_id, key_id", "notices", "OLD.status <> 'draft'", FROZEN),
)


def upgrade() -> None:
    for column in ("host_index", "network"):
        name = f"ix_items_decided_{column.removesuffix('_index')}"
        op.create_index(name, "items", [column, "id"], sqlite_where=DECIDED, postgresql_where=DECIDED)
    _recipients()
    _letters()
    _limits(DUTIES + NEW_DUTIES, SUBJECTS + NEW_SUBJECTS)
    rules = sa.table(
        "clock_rules",
        *(sa.column(name) for name in ("duty", "urgency", "minutes", "remind_minutes", "pace", "reason")),
        sa.column("valid_from", UtcTime()),
        sa.column("made_at", UtcTime()),
    )
    op.bulk_insert(rules, [_rule(*one) for one in CAME_WITH_IT])
    for one in REPLACED:
        _unmake(one)
    for one in TRIGGERS:
        _make(one)


def downgrade() -> None:
    """Go back. Refused by the database while it holds what the tables before could not hold."""
    op.drop_index("ix_items_decided_network", "items")
    op.drop_index("ix_items_decided_host", "items")
    for one in TRIGGERS:
        _unmake(one)
    for one in REPLACED:
        _make(one)
    op.execute(f"DELETE FROM clock_rules WHERE duty IN {NEW_DUTIES}")  # noqa: S608 - names from above
    _limits(DUTIES, SUBJECTS)
    op.drop_index("ix_notices_follows_id", "notices")
    op.drop_index("ix_notices_recipient_id", "notices")
    with _without_triggers(), op.batch_alter_table("notices") as batch:
        for column in NOTICE_KEYS:
            batch.drop_constraint(op.f(f"fk_notices_{column}"), type_="foreignkey")
        for check in ("noticekind", "delivery", "answer", "encrypted", "by_mail"):
            batch.drop_constraint(op.f(f"ck_notices_{check}"), type_="check")
        for column in ("answer", "answered_at", "proof", "not_before", *NOTICE_KEYS, "delivery", "kind"):
            batch.drop_column(column)
    op.drop_table("letter_templates")
    op.drop_table("recipient_changes")
    op.drop_table("recipient_marks")
    op.drop_table("recipient_keys")
    with op.batch_alter_table("recipients") as batch:
        for check in ("delivery", "recipientsource", "proposed"):
            batch.drop_constraint(op.f(f"ck_recipients_{check}"), type_="check")
        for column in ("iccam_hotline", "doubt", "proposed_at", "source", "portal_url", "form_url", "delivery"):
            batch.drop_column(column)
        batch.drop_constraint(op.f("ck_recipients_recipientkind"), type_="check")
        batch.create_check_constraint(op.f("ck_recipients_recipientkind"), f"kind IN {KINDS}")


def _recipients() -> None:
    with op.batch_alter_table("recipients") as batch:
        batch.drop_constraint(op.f("ck_recipients_recipientkind"), type_="check")
        batch.create_check_constraint(op.f("ck_recipients_recipientkind"), f"kind IN {(*KINDS, 'inhope')}")
        batch.add_column(sa.Column("delivery", sa.String(32), nullable=False, server_default="email"))
        batch.create_check_constraint(op.f("ck_recipients_delivery"), f"delivery IN {DELIVERIES}")
        batch.add_column(sa.Column("form_url", sa.String(), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("portal_url", sa.String(), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("source", sa.String(32), nullable=False, server_default="person"))
        batch.create_check_constraint(op.f("ck_recipients_recipientsource"), "source IN ('person', 'rdap', 'seed')")
        batch.add_column(sa.Column("proposed_at", UtcTime(), nullable=True))
        batch.add_column(sa.Column("doubt", sa.String(), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("iccam_hotline", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_recipients_proposed"), "proposed_at IS NULL OR verified_on IS NULL")
    op.create_table(
        "recipient_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('openpgp', 'smime')", name=op.f("ck_recipient_keys_keykind")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_recipient_keys_recipient_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["staff.id"], name=op.f("fk_recipient_keys_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_keys")),
    )
    op.create_index("ix_recipient_keys_recipient_id", "recipient_keys", ["recipient_id", "id"])
    op.create_table(
        "recipient_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.CheckConstraint("mark IN ('asn', 'network', 'domain', 'mailbox')", name=op.f("ck_recipient_marks_mark")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_recipient_marks_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_marks")),
        sa.UniqueConstraint("mark", "value", "recipient_id", name=op.f("uq_recipient_marks_mark_value_recipient_id")),
    )
    op.create_table(
        "recipient_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_recipient_changes_recipient_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recipient_changes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_changes")),
    )
    op.create_index("ix_recipient_changes_recipient_id", "recipient_changes", ["recipient_id", "id"])


def _letters() -> None:
    op.create_table(
        "letter_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.CheckConstraint(f"letter IN {LETTERS}", name=op.f("ck_letter_templates_letterkey")),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_letter_templates_language")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_letter_templates_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_templates")),
        sa.UniqueConstraint("letter", "language", "version", name=op.f("uq_letter_templates_letter_language_version")),
    )
    with _without_triggers(), op.batch_alter_table("notices") as batch:
        batch.add_column(sa.Column("kind", sa.String(32), nullable=False, server_default="first"))
        batch.add_column(sa.Column("delivery", sa.String(32), nullable=False, server_default="email"))
        batch.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("key_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("not_before", UtcTime(), nullable=True))
        batch.add_column(sa.Column("proof", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("answered_at", UtcTime(), nullable=True))
        batch.add_column(sa.Column("answer", sa.String(32), nullable=True))
        batch.create_check_constraint(op.f("ck_notices_noticekind"), f"kind IN {NOTICE_KINDS}")
        batch.create_check_constraint(op.f("ck_notices_delivery"), f"delivery IN {DELIVERIES}")
        batch.create_check_constraint(op.f("ck_notices_answer"), f"answer IN {ANSWERS}")
        batch.create_check_constraint(op.f("ck_notices_encrypted"), ENCRYPTED)
        batch.create_check_constraint(op.f("ck_notices_by_mail"), BY_MAIL)
        for column, table in NOTICE_KEYS.items():
            batch.create_foreign_key(op.f(f"fk_notices_{column}"), table, [column], ["id"])
    op.create_index("ix_notices_follows_id", "notices", ["follows_id"])
    op.create_index("ix_notices_recipient_id", "notices", ["recipient_id", "id"])


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Take away for a while what SQLite keeps about letters: it names a table that is built anew. Nothing elsewhere."""
    if not _on_sqlite():
        yield
        return
    about = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%notice%'"
    found = op.get_bind().exec_driver_sql(about).all()
    for name, _sql in found:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("PRAGMA legacy_alter_table=ON")  # or the rename would drag references to the table along
    yield
    op.execute("PRAGMA legacy_alter_table=OFF")
    for _name, sql in found:
        op.get_bind().exec_driver_sql(sql)


def _limits(duties: tuple[str, ...], subjects: tuple[str, ...]) -> None:
    for table in ("clock_rules", "clocks"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_duty"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_duty"), f"duty IN {duties}")
            if table == "clocks":
                batch.drop_constraint(op.f("ck_clocks_subject"), type_="check")
                batch.create_check_constraint(op.f("ck_clocks_subject"), f"subject IN {subjects}")


def _rule(duty: str, urgency: int | None, minutes: int, remind: int, pace: str) -> dict[str, object]:
    return {
        "duty": duty,
        "urgency": urgency,
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
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN NEW; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
