"""Followed until it is gone: what is seen of an address, what comes back on a notice, objections, and how an item ended.

Who decides an objection was not involved: neither looked at its item, nor drafted or approved a letter about it. Only
where an outside decider is on record may somebody who was write the decision down. The database holds both.
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
        "frozen_endings",
        "UPDATE OF item_id, outcome, received_at, to_police_at, to_partner_at, to_host_at, removed_at, ended_at",
        "endings",
        "TRUE",
        FROZEN,
    ),
    Trigger("frozen_online_checks", "UPDATE", "online_checks", "TRUE", FROZEN),
)


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
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("gone_in_a_row", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("first_gone_at", UtcTime(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_watches_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_next_at", "watches", ["next_at", "item_id"])
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
    for one in TRIGGERS:
        _make(one)


def downgrade() -> None:
    """Go back. What was seen, answered, objected to and ended goes with its tables."""
    for one in TRIGGERS:
        _unmake(one)
    for table in ("appeals", "replies", "endings", "watches", "online_checks"):
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
        sa.Column("outside", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("decision IN ('stands', 'withdrawn')", name=op.f("ck_appeals_appealdecision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by_id IS NULL)"
            " AND (decision IS NULL) = (reason IS NULL)",
            name=op.f("ck_appeals_decided"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_appeals_item_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_appeals_notice_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_appeals_reply_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["staff.id"], name=op.f("fk_appeals_opened_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_appeals_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index("ix_appeals_item_id", "appeals", ["item_id", "id"])
    op.create_index(
        "ix_appeals_open", "appeals", ["opened_at", "id"], sqlite_where=UNDECIDED, postgresql_where=UNDECIDED
    )


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
