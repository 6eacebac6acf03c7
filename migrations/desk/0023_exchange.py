"""What goes between hotlines, and what ICCAM is told.

An exchange of ours is tied to the verdict that lets it leave, begins as a draft, is offered only while verdict and item
stand and a second person let it go, and is frozen from then on. Its message to the partner is made only then. ICCAM's
steps are done in their order, each once, and nothing is assessed any more once an action is there.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0023"
down_revision = "0022"

CLASSES = ("baseline", "national", "not_illegal", "inaccessible", "outside_remit")
LAWS = ("illegal", "not_illegal", "adviser")
KINDS = ("offer", "received", "status", "withdrawn", "problem")
MEANS = ("interface", "encrypted_mail", "iccam", "by_hand")
STATUSES = ("draft", "offered", "accepted", "declined", "done", "withdrawn")
REASONS = ("hosted_elsewhere", "not_illegal_here", "not_reachable", "with_police", "other")
OUTCOMES = ("removed", "unavailable", "moved", "not_illegal", "outside_remit", "withdrawn")
STEPS = ("report", "assessment", "field", "action")
STATES = ("due", "recorded", "sent", "failed")
COMES_IN = sa.text("direction = 'in'")
STANDS_OUT = sa.text("direction = 'out' AND status NOT IN ('declined', 'withdrawn')")
ON_ITS_WAY = sa.text("receipted_at IS NULL")
GATE = (
    "direction = 'in' OR (item_id IS NOT NULL AND verdict_id IS NOT NULL AND law IS NOT NULL"
    " AND inhope_class IS NOT NULL AND inhope_class IN ('baseline', 'national'))"
)
APPROVED = (
    "direction = 'in' OR status IN ('draft', 'withdrawn')"
    " OR (drafted_by_id IS NOT NULL AND approved_by_id IS NOT NULL AND approved_by_id <> drafted_by_id)"
)
PEOPLE = ("handed_by_id", "drafted_by_id", "approved_by_id", "answered_by_id")
VERDICT = ("verdict_id", "item_id", "inhope_class", "law")
OF_VERDICTS = ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"]
MOVES = {
    "draft": ("offered", "withdrawn"),
    "offered": ("accepted", "declined", "done", "withdrawn"),
    "accepted": ("declined", "done", "withdrawn"),
}
FROZEN, SHUT = "this record is frozen", "this may not leave"
NEWLY_OFFERED = "NEW.direction = 'out' AND NEW.status = 'offered' AND OLD.status <> 'offered'"
STANDS = (
    "EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id AND status IN ('decided', 'acting', 'monitoring'))"
    " AND NOT EXISTS (SELECT 1 FROM verdicts WHERE supersedes_id = NEW.verdict_id)"
)
FIXED = "id, ref, recipient_id, direction, item_id, report_id, verdict_id, inhope_class, law, inbound_id, drafted_by_id"
ONCE_OFFERED = "means, message, country, approved_by_id, approved_at"
DONE = "('recorded', 'sent')"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger("begun_exchanges", "INSERT", "exchanges", "NEW.direction = 'out' AND NEW.status <> 'draft'", SHUT),
    Trigger("offered_exchanges", "UPDATE OF status", "exchanges", f"{NEWLY_OFFERED} AND NOT ({STANDS})", SHUT),
    Trigger(
        "moved_exchanges",
        "UPDATE OF status",
        "exchanges",
        "NEW.status <> OLD.status AND NOT ("
        + " OR ".join(f"(OLD.status = '{old}' AND NEW.status IN {new})" for old, new in MOVES.items())
        + ")",
        SHUT,
    ),
    Trigger("fixed_exchanges", f"UPDATE OF {FIXED}", "exchanges", "TRUE", FROZEN),
    Trigger("frozen_exchanges", f"UPDATE OF {ONCE_OFFERED}", "exchanges", "OLD.status <> 'draft'", FROZEN),
    Trigger(
        "made_exchange_messages",
        "INSERT",
        "exchange_messages",
        "NEW.kind = 'offer' AND NOT EXISTS (SELECT 1 FROM exchanges WHERE id = NEW.exchange_id"
        " AND direction = 'out' AND means = 'interface' AND status = 'offered')",
        SHUT,
    ),
    Trigger(
        "fixed_exchange_messages",
        "UPDATE OF id, partner_id, exchange_id, kind, front_id, body",
        "exchange_messages",
        "TRUE",
        FROZEN,
    ),
    Trigger(
        "ordered_iccam_entries",
        "UPDATE OF state",
        "iccam_entries",
        f"NEW.state IN {DONE} AND EXISTS (SELECT 1 FROM iccam_entries AS other WHERE other.item_id = NEW.item_id"  # noqa: S608
        f" AND other.verdict_id = NEW.verdict_id AND other.place < NEW.place AND other.state NOT IN {DONE})",
        "a step before it is not done",
    ),
    Trigger("frozen_iccam_entries", "UPDATE", "iccam_entries", f"OLD.state IN {DONE}", FROZEN),
    Trigger(
        "begun_iccam_entries",
        "INSERT",
        "iccam_entries",
        f"NEW.state IN {DONE} OR (NEW.step <> 'action' AND EXISTS (SELECT 1 FROM iccam_entries AS other"  # noqa: S608
        f" WHERE other.item_id = NEW.item_id AND other.step = 'action' AND other.state IN {DONE}))",
        "an action is there already",
    ),
)


def upgrade() -> None:
    _partners()
    _exchanges()
    _messages()
    _iccam()
    for one in TRIGGERS:
        _make(one)


def downgrade() -> None:
    for one in TRIGGERS:
        _unmake(one)
    for table in ("iccam_entries", "iccam_records", "exchange_messages", "exchanges", "exchange_partners"):
        op.drop_table(table)


def _partners() -> None:
    op.create_table(
        "exchange_partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.LargeBinary(), nullable=False),
        sa.Column("verify_key", sa.LargeBinary(), nullable=False),
        sa.Column("box_key", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("set_up_by_id", sa.Integer(), nullable=False),
        sa.Column("set_up_at", UtcTime(), nullable=False),
        sa.Column("token_at", UtcTime(), nullable=False),
        sa.Column("keys_at", UtcTime(), nullable=False),
        sa.Column("keys_by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_exchange_partners_recipient_id")),
        sa.ForeignKeyConstraint(["set_up_by_id"], ["staff.id"], name=op.f("fk_exchange_partners_set_up_by_id")),
        sa.ForeignKeyConstraint(["keys_by_id"], ["staff.id"], name=op.f("fk_exchange_partners_keys_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["staff.id"], name=op.f("fk_exchange_partners_confirmed_by_id")),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> keys_by_id", name=op.f("ck_exchange_partners_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_partners")),
        sa.UniqueConstraint("recipient_id", name=op.f("uq_exchange_partners_recipient_id")),
        sa.UniqueConstraint("door_id", name=op.f("uq_exchange_partners_door_id")),
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(32), nullable=False),
        sa.Column("means", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("verdict_id", sa.Integer(), nullable=True),
        sa.Column("inhope_class", sa.String(32), nullable=True),
        sa.Column("law", sa.String(32), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("inbound_id", sa.LargeBinary(), nullable=True),
        sa.Column("their_index", sa.LargeBinary(), nullable=True),
        sa.Column("their_ref", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("handed", sa.LargeBinary(), nullable=True),
        *(sa.Column(one, sa.Integer(), nullable=True) for one in PEOPLE),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("offered_at", UtcTime(), nullable=True),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_exchanges_direction")),
        sa.CheckConstraint(f"means IN {MEANS}", name=op.f("ck_exchanges_exchangemeans")),
        sa.CheckConstraint(f"status IN {STATUSES}", name=op.f("ck_exchanges_exchangestatus")),
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f("ck_exchanges_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f("ck_exchanges_lawverdict")),
        sa.CheckConstraint(f"reason IN {REASONS}", name=op.f("ck_exchanges_declinereason")),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("ck_exchanges_itemoutcome")),
        sa.CheckConstraint(GATE, name=op.f("ck_exchanges_gate")),
        sa.CheckConstraint(APPROVED, name=op.f("ck_exchanges_approved")),
        sa.ForeignKeyConstraint(list(VERDICT), OF_VERDICTS, name=op.f("fk_exchanges_verdict")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_exchanges_recipient_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_exchanges_item_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_exchanges_report_id")),
        *(sa.ForeignKeyConstraint([one], ["staff.id"], name=op.f(f"fk_exchanges_{one}")) for one in PEOPLE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("ref", name=op.f("uq_exchanges_ref")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_exchanges_inbound_id")),
    )
    for name, columns, where in (
        ("ix_exchanges_their_index", ["recipient_id", "their_index"], COMES_IN),
        ("ix_exchanges_standing", ["recipient_id", "item_id"], STANDS_OUT),
    ):
        op.create_index(name, "exchanges", columns, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_exchanges_status", "exchanges", ["direction", "status", "id"])
    op.create_index("ix_exchanges_item_id", "exchanges", ["item_id", "id"])


def _messages() -> None:
    op.create_table(
        "exchange_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("front_id", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("put_at", UtcTime(), nullable=True),
        sa.Column("receipted_at", UtcTime(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_exchange_messages_exchangekind")),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partners.id"], name=op.f("fk_exchange_messages_partner_id")),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name=op.f("fk_exchange_messages_exchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_messages")),
        sa.UniqueConstraint("front_id", name=op.f("uq_exchange_messages_front_id")),
    )
    op.create_index(
        "ix_exchange_messages_open", "exchange_messages", ["id"], sqlite_where=ON_ITS_WAY, postgresql_where=ON_ITS_WAY
    )
    op.create_index("ix_exchange_messages_exchange_id", "exchange_messages", ["exchange_id", "id"])


def _iccam() -> None:
    op.create_table(
        "iccam_records",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("report_no", sa.Integer(), nullable=True),
        sa.Column("content_no", sa.Integer(), nullable=True),
        sa.Column("came_from_there", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_iccam_records_item_id")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["staff.id"], name=op.f("fk_iccam_records_begun_by_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_iccam_records")),
    )
    op.create_table(
        "iccam_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("inhope_class", sa.String(32), nullable=False),
        sa.Column("law", sa.String(32), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", UtcTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f("ck_iccam_entries_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f("ck_iccam_entries_lawverdict")),
        sa.CheckConstraint(f"step IN {STEPS}", name=op.f("ck_iccam_entries_iccamstep")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_iccam_entries_iccamstate")),
        sa.CheckConstraint(
            "step <> 'report' OR inhope_class IN ('baseline', 'national')", name=op.f("ck_iccam_entries_gate")
        ),
        sa.CheckConstraint("(done_at IS NULL) = (state IN ('due', 'failed'))", name=op.f("ck_iccam_entries_done")),
        sa.ForeignKeyConstraint(list(VERDICT), OF_VERDICTS, name=op.f("fk_iccam_entries_verdict")),
        sa.ForeignKeyConstraint(["item_id"], ["iccam_records.item_id"], name=op.f("fk_iccam_entries_item_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["staff.id"], name=op.f("fk_iccam_entries_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iccam_entries")),
        sa.UniqueConstraint(
            "item_id", "verdict_id", "step", "field", name=op.f("uq_iccam_entries_item_id_verdict_id_step_field")
        ),
    )
    op.create_index("ix_iccam_entries_state", "iccam_entries", ["state", "id"])


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
