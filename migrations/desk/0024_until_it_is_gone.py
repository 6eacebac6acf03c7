"""Followed until it is gone: what is seen of an address, what comes back on a notice, objections, and how an item ended.

Who decides an objection was not involved: neither looked at its item, nor drafted or approved a letter about it. Only
where an outside decider is on record may somebody who was write the decision down. The database holds both.

Besides, what 0022 and 0023 left open: a police report that was handed over before its verdict or a child's danger
changed can be noted as such afterwards, and says so; offers that are over are looked through no more; what left for
partners and ICCAM is neither deleted nor replaced; and a step for ICCAM says since when it is being tried.

A letter is reminded of once: at most one reminder stands, whoever or whatever writes it.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0024"
down_revision = "0023"

MEANS = ("person", "head", "dns")
RESULTS = ("up", "gone", "unsure")
OUTCOMES = ("removed", "unavailable", "moved", "not_illegal", "outside_remit", "withdrawn")
KINDS = ("form", "mail", "bounce", "out_of_office", "by_hand")
MAIL_RESULTS = ("taken", "no_address", "unknown_sender", "forged", "too_large", "unreadable", "automatic")
ANSWERS = ("removed", "not_ours", "need_more", "refused", "appeal", "other")
FROZEN, INVOLVED = "this record is frozen", "somebody who was involved may not decide"
UNREAD, UNDECIDED = sa.text("read_at IS NULL"), sa.text("decided_at IS NULL")
WAS_INVOLVED = (
    "EXISTS (SELECT 1 FROM assessments WHERE item_id = NEW.item_id AND assessor_id = NEW.decided_by_id)"
    " OR EXISTS (SELECT 1 FROM notice_items AS line JOIN notices ON notices.id = line.notice_id"
    " WHERE line.item_id = NEW.item_id"
    " AND (notices.drafted_by_id = NEW.decided_by_id OR notices.approved_by_id = NEW.decided_by_id))"
)


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger(
        "uninvolved_appeals",
        "UPDATE OF decision, decided_by_id",
        "appeals",
        f"NEW.decided_by_id IS NOT NULL AND NEW.outside IS NULL AND ({WAS_INVOLVED})",
        INVOLVED,
    ),
    Trigger("decided_appeals", "UPDATE", "appeals", "OLD.decided_at IS NOT NULL", FROZEN),
    Trigger("undecided_appeals", "INSERT", "appeals", "NEW.decided_at IS NOT NULL", FROZEN),
    Trigger(
        "noted_appeals",
        "UPDATE OF noted_decision, noted_by_id, outside, reason",
        "appeals",
        "OLD.noted_by_id IS NOT NULL AND NEW.noted_by_id IS NOT NULL AND (NEW.noted_by_id <> OLD.noted_by_id"
        " OR NEW.noted_decision <> OLD.noted_decision OR NEW.outside <> OLD.outside OR NEW.reason <> OLD.reason)",
        FROZEN,
    ),
    Trigger("removed_appeals", "DELETE", "appeals", "OLD.decided_at IS NOT NULL", FROZEN),
    Trigger(
        "frozen_endings",
        "UPDATE OF item_id, outcome, received_at, to_police_at, to_partner_at, to_host_at, removed_at, country, ended_at",
        "endings",
        "TRUE",
        FROZEN,
    ),
    Trigger("frozen_online_checks", "UPDATE", "online_checks", "TRUE", FROZEN),
    Trigger("removed_exchanges", "DELETE", "exchanges", "OLD.status <> 'draft'", FROZEN),
    Trigger("removed_exchange_messages", "DELETE", "exchange_messages", "TRUE", FROZEN),
    Trigger("removed_iccam_entries", "DELETE", "iccam_entries", "OLD.state IN ('recorded', 'sent')", FROZEN),
    Trigger("noted_police_reports", "UPDATE OF noted_late", "police_reports", "OLD.status <> 'approved'", FROZEN),
)
PLACES = {  # no row is put in the place of another
    "exchanges": (
        "id = NEW.id",
        "ref = NEW.ref",
        "inbound_id = NEW.inbound_id",
        "direction = 'in' AND NEW.direction = 'in' AND recipient_id = NEW.recipient_id"
        " AND their_index = NEW.their_index",
        "direction = 'out' AND status NOT IN ('declined', 'withdrawn') AND NEW.direction = 'out'"
        " AND recipient_id = NEW.recipient_id AND item_id = NEW.item_id",
    ),
    "exchange_messages": ("id = NEW.id", "front_id = NEW.front_id"),
    "appeals": ("id = NEW.id", "reply_id = NEW.reply_id AND item_id = NEW.item_id"),
    "iccam_entries": (
        "id = NEW.id",
        "item_id = NEW.item_id AND verdict_id = NEW.verdict_id AND step = NEW.step AND field = NEW.field",
    ),
}
STANDS = (
    "EXISTS (SELECT 1 FROM police_report_items WHERE report_id = NEW.id)"
    " AND NOT EXISTS (SELECT 1 FROM police_report_items AS line JOIN items ON items.id = line.item_id"
    " WHERE line.report_id = NEW.id AND items.status IN ('new', 'assessing', 'in_review', 'disputed'))"
    " AND NOT EXISTS (SELECT 1 FROM police_report_items AS line"
    " JOIN verdicts ON verdicts.supersedes_id = line.verdict_id WHERE line.report_id = NEW.id)"
)
STANDING_BEFORE = Trigger(
    "standing_police_reports",
    "UPDATE OF status",
    "police_reports",
    f"NEW.status IN ('approved', 'handed_over') AND OLD.status <> NEW.status AND NOT ({STANDS})",
    "this report may not go",
)
STANDING = STANDING_BEFORE._replace(
    when="OLD.status <> NEW.status AND (NEW.status = 'approved' OR (NEW.status = 'handed_over' AND NOT NEW.noted_late))"
    f" AND NOT ({STANDS})"
)
IS_OPEN = sa.text("status IN ('draft', 'offered', 'accepted')")
IS_ENDED = sa.text("status NOT IN ('draft', 'offered', 'accepted')")
ON_ITS_WAY, STILL_ON_ITS_WAY = sa.text("receipted_at IS NULL"), sa.text("receipted_at IS NULL AND over_at IS NULL")
BEGUN = ("notify", "remove", "check_online", "appeal")  # duties of which no clock ran before
FOLLOWED = {  # reminders, what lies here, and clocks that have run out or stand still: those that nobody but people ends
    "ix_notices_one_reminder": (
        "notices",
        ["follows_id"],
        sa.text("kind = 'reminder' AND status <> 'withdrawn'"),
        True,
    ),
    "ix_notices_lies_here": ("notices", ["id"], sa.text("status = 'queued' AND kept_at IS NOT NULL"), False),
    "ix_clocks_stuck": (
        "clocks",
        ["duty", "due_at", "id"],
        sa.text("ended_at IS NULL AND next_at IS NULL"),
        False,
    ),
}


def upgrade() -> None:
    op.create_table(
        "online_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(32), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("code", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", UtcTime(), nullable=False),
        sa.CheckConstraint(f"means IN {MEANS}", name=op.f("ck_online_checks_checkmeans")),
        sa.CheckConstraint(f"result IN {RESULTS}", name=op.f("ck_online_checks_checkresult")),
        sa.CheckConstraint("(means = 'person') = (checked_by_id IS NOT NULL)", name=op.f("ck_online_checks_by_whom")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_online_checks_item_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["staff.id"], name=op.f("fk_online_checks_checked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_checks")),
    )
    op.create_index("ix_online_checks_item_id", "online_checks", ["item_id", "id"])
    op.create_table(
        "watches",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("gone_in_a_row", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("first_gone_at", UtcTime(), nullable=True),
        sa.Column("last_gone_at", UtcTime(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_watches_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_next_at", "watches", ["next_at", "item_id"])
    op.create_table(
        "watch_switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["staff.id"], name=op.f("fk_watch_switches_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_switches")),
    )
    op.create_table(
        "endings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        *(
            sa.Column(name, UtcTime(), nullable=True)
            for name in ("to_police_at", "to_partner_at", "to_host_at", "removed_at")
        ),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("ck_endings_itemoutcome")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_endings_item_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_endings_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endings")),
    )
    op.create_index("ix_endings_item_id", "endings", ["item_id", "id"])
    op.create_index("ix_endings_ended_at", "endings", ["ended_at", "id"])
    _replies()
    with op.batch_alter_table("mail_arrivals") as batch:
        batch.add_column(sa.Column("reply_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_mail_arrivals_reply_id"), "replies", ["reply_id"], ["id"])
        batch.drop_constraint(op.f("ck_mail_arrivals_mailresult"), type_="check")
        batch.create_check_constraint(op.f("ck_mail_arrivals_mailresult"), f"result IN {(*MAIL_RESULTS, 'answer')}")
    for name, (table, columns, where, unique) in FOLLOWED.items():
        op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
    _left_open()
    for one in TRIGGERS:
        _make(one)
    for table, same in PLACES.items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. What was seen, answered, objected to and ended goes with its tables, and the clocks of these duties."""
    op.execute(f"DELETE FROM clocks WHERE duty IN {BEGUN}")  # noqa: S608 -- names from above
    op.execute("DELETE FROM outbox WHERE job = 'hotline.jobs.follow_ups.follow_up'")
    for table in PLACES:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    _open_again()
    for name, (table, _columns, _where, _unique) in FOLLOWED.items():
        op.drop_index(name, table)
    op.execute("UPDATE mail_arrivals SET result = 'automatic' WHERE result = 'answer'")
    with op.batch_alter_table("mail_arrivals") as batch:
        batch.drop_constraint(op.f("ck_mail_arrivals_mailresult"), type_="check")
        batch.create_check_constraint(op.f("ck_mail_arrivals_mailresult"), f"result IN {MAIL_RESULTS}")
        batch.drop_constraint(op.f("fk_mail_arrivals_reply_id"), type_="foreignkey")
        batch.drop_column("reply_id")
    for table in ("appeals", "replies", "endings", "watch_switches", "watches", "online_checks"):
        op.drop_table(table)


def _replies() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(32), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("code", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("came_at", UtcTime(), nullable=False),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_replies_replykind")),
        sa.CheckConstraint(f"answer IN {ANSWERS}", name=op.f("ck_replies_answer")),
        sa.CheckConstraint("kind <> 'form' OR answer IS NOT NULL", name=op.f("ck_replies_form_says")),
        sa.CheckConstraint(
            "kind NOT IN ('bounce', 'out_of_office') OR answer IS NULL", name=op.f("ck_replies_no_person")
        ),
        sa.CheckConstraint("(read_by_id IS NULL) = (read_at IS NULL)", name=op.f("ck_replies_read")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_replies_notice_id")),
        sa.ForeignKeyConstraint(["read_by_id"], ["staff.id"], name=op.f("fk_replies_read_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("key", name=op.f("uq_replies_key")),
    )
    op.create_index("ix_replies_notice_id", "replies", ["notice_id", "id"])
    op.create_index("ix_replies_unread", "replies", ["came_at", "id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(32), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_decision", sa.String(32), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("outside", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("decision IN ('stands', 'withdrawn')", name=op.f("ck_appeals_appealdecision")),
        sa.CheckConstraint("noted_decision IN ('stands', 'withdrawn')", name=op.f("ck_appeals_noteddecision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by_id IS NULL)"
            " AND (decision IS NULL OR noted_decision IS NULL OR decision = noted_decision)",
            name=op.f("ck_appeals_decided"),
        ),
        sa.CheckConstraint(
            "(noted_by_id IS NULL) = (noted_at IS NULL) AND (noted_by_id IS NULL) = (noted_decision IS NULL)"
            " AND (noted_by_id IS NULL) = (outside IS NULL)",
            name=op.f("ck_appeals_noted"),
        ),
        sa.CheckConstraint(
            "(reason IS NULL) = (decision IS NULL AND noted_by_id IS NULL)", name=op.f("ck_appeals_reasoned")
        ),
        sa.CheckConstraint("decided_by_id <> noted_by_id", name=op.f("ck_appeals_two_people")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_appeals_item_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_appeals_notice_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_appeals_reply_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["staff.id"], name=op.f("fk_appeals_opened_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_appeals_decided_by_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_appeals_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("reply_id", "item_id", name=op.f("uq_appeals_reply_id_item_id")),
    )
    op.create_index("ix_appeals_item_id", "appeals", ["item_id", "id"])
    op.create_index(
        "ix_appeals_open", "appeals", ["opened_at", "id"], sqlite_where=UNDECIDED, postgresql_where=UNDECIDED
    )


def _left_open() -> None:
    _unmake(STANDING_BEFORE)
    late = sa.Column("noted_late", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("police_reports", late)
    _make(STANDING)
    op.add_column("iccam_entries", sa.Column("tried_at", UtcTime(), nullable=True))
    op.execute("UPDATE iccam_entries SET tried_at = taken_at WHERE state = 'due'")
    op.add_column("exchange_messages", sa.Column("over_at", UtcTime(), nullable=True))
    op.execute(
        "UPDATE exchange_messages SET over_at = made_at WHERE kind = 'offer' AND receipted_at IS NULL"
        " AND exchange_id IN (SELECT id FROM exchanges WHERE status <> 'offered')"
    )
    op.drop_index("ix_exchange_messages_open", "exchange_messages")
    still = {"sqlite_where": STILL_ON_ITS_WAY, "postgresql_where": STILL_ON_ITS_WAY}
    op.create_index("ix_exchange_messages_waiting", "exchange_messages", ["kind", "id"], **still)
    op.create_index("ix_exchange_messages_of_partner", "exchange_messages", ["partner_id", "kind"], **still)
    op.create_index("ix_exchanges_recipient_id", "exchanges", ["recipient_id", "direction", "status"])
    for name, where in (("ix_exchanges_open", IS_OPEN), ("ix_exchanges_ended", IS_ENDED)):
        op.create_index(name, "exchanges", ["id"], sqlite_where=where, postgresql_where=where)


def _open_again() -> None:
    for name in ("ix_exchanges_open", "ix_exchanges_ended", "ix_exchanges_recipient_id"):
        op.drop_index(name, "exchanges")
    op.drop_index("ix_exchange_messages_of_partner", "exchange_messages")
    op.drop_index("ix_exchange_messages_waiting", "exchange_messages")
    op.drop_column("exchange_messages", "over_at")
    on_its_way = {"sqlite_where": ON_ITS_WAY, "postgresql_where": ON_ITS_WAY}
    op.create_index("ix_exchange_messages_open", "exchange_messages", ["id"], **on_its_way)
    op.drop_column("iccam_entries", "tried_at")
    _unmake(STANDING)
    op.drop_column("police_reports", "noted_late")
    _make(STANDING_BEFORE)


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
