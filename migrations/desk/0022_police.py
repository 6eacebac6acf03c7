"""Holds for the police, and police reports.

- A hold begins at an item that is `held`, with a unit of the police. While one stands the item stays `held`, so that
  no letter about it goes (`0006`, `0021`). Two different people release it; what was released is never changed.
- A police report begins as a draft to a unit of the police. Approved, it is frozen: unit, package, approver. It is
  approved and handed over only while it lists addresses and each verdict that let one in stands. What a report lists
  may be held: that is what a hold is for. Addresses are listed in drafts only.
"""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0022"
down_revision = "0021"

STATUSES = ("new", "assessing", "in_review", "disputed", "decided", "held", "acting", "monitoring", "closed")
OPEN_AGAIN = ("new", "assessing", "in_review", "disputed")  # people look, or look anew: no verdict holds
CLASSES = ("baseline", "national", "not_illegal", "inaccessible", "outside_remit")
LAWS = ("illegal", "not_illegal", "adviser")
POLICE = ("draft", "approved", "handed_over", "acknowledged", "closed", "withdrawn")
MOVES = {
    "draft": ("approved", "withdrawn"),
    "approved": ("handed_over", "withdrawn"),
    "handed_over": ("acknowledged", "closed"),
    "acknowledged": ("closed",),
    "closed": (),
    "withdrawn": (),
}
STANDING = sa.text("released_second_at IS NULL")
GATE = "law = 'illegal' OR inhope_class IN ('baseline', 'national') OR in_danger"
FROZEN = "this record is frozen"
SHUT = "this report may not go"
HELD = "this item is held"
IS_HELD = "EXISTS (SELECT 1 FROM holds WHERE item_id = NEW.id AND released_second_at IS NULL)"
IS_POLICE = "EXISTS (SELECT 1 FROM recipients WHERE id = NEW.unit_id AND kind = 'police')"
MAY_BE_HELD = f"EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id AND status = 'held') AND {IS_POLICE}"  # noqa: S608 -- names from above
UNRELEASED = "NEW.released_first_at IS NULL AND NEW.released_second_at IS NULL"
LISTS_SOMETHING = "EXISTS (SELECT 1 FROM police_report_items WHERE report_id = NEW.id)"
STANDS = (
    f"{LISTS_SOMETHING}"  # noqa: S608 -- names from above
    " AND NOT EXISTS (SELECT 1 FROM police_report_items AS line JOIN items ON items.id = line.item_id"
    f" WHERE line.report_id = NEW.id AND items.status IN {OPEN_AGAIN})"
    " AND NOT EXISTS (SELECT 1 FROM police_report_items AS line"
    " JOIN verdicts ON verdicts.supersedes_id = line.verdict_id WHERE line.report_id = NEW.id)"
)
GOES_ON = "NEW.status IN ('approved', 'handed_over') AND OLD.status <> NEW.status"
ALLOWED = " OR ".join(
    f"(OLD.status = '{before}' AND NEW.status IN {(*after, before)})" for before, after in MOVES.items()
).replace(",)", ")")
IS_DRAFT = "EXISTS (SELECT 1 FROM police_reports WHERE id = NEW.report_id AND status = 'draft')"
WAS_DRAFT = "EXISTS (SELECT 1 FROM police_reports WHERE id = OLD.report_id AND status IN ('draft', 'withdrawn'))"
ITEM_STANDS = (
    "EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id"  # noqa: S608 -- names from above
    f" AND status NOT IN {OPEN_AGAIN} AND in_danger = NEW.in_danger)"
    " AND NOT EXISTS (SELECT 1 FROM verdicts WHERE supersedes_id = NEW.verdict_id)"
)
PLACED = "id, item_id, unit_id, reason, was, placed_by_id, placed_at"
RELEASED = f"{PLACED}, reference, review_on, released_first_by_id, released_first_at, released_second_by_id, words"
WRITTEN = "unit_id, language, package, drafted_by_id, drafted_at, approved_by_id, approved_at"
HANDED = "handed_over_by_id, handed_over_at, handed_by, handed_to"
LINE = "id, report_id, item_id, verdict_id, inhope_class, law, in_danger"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger(
        "held_items",
        "UPDATE OF status",
        "items",
        f"NEW.status <> 'held' AND OLD.status <> NEW.status AND {IS_HELD}",
        HELD,
    ),
    Trigger("begun_holds", "INSERT", "holds", f"NOT ({UNRELEASED} AND {MAY_BE_HELD})", HELD),
    Trigger("frozen_holds", f"UPDATE OF {PLACED}", "holds", "TRUE", FROZEN),
    Trigger(
        "released_holds",
        f"UPDATE OF {RELEASED}, released_second_at",
        "holds",
        "OLD.released_second_at IS NOT NULL",
        FROZEN,
    ),
    Trigger("removed_holds", "DELETE", "holds", "OLD.released_second_at IS NULL", FROZEN),
    Trigger("begun_police_reports", "INSERT", "police_reports", f"NOT (NEW.status = 'draft' AND {IS_POLICE})", SHUT),
    Trigger("addressed_police_reports", "UPDATE OF unit_id", "police_reports", f"NOT ({IS_POLICE})", SHUT),
    Trigger("named_police_reports", "UPDATE OF id, ref", "police_reports", "TRUE", FROZEN),
    Trigger("moved_police_reports", "UPDATE OF status", "police_reports", f"NOT ({ALLOWED})", SHUT),
    Trigger("standing_police_reports", "UPDATE OF status", "police_reports", f"{GOES_ON} AND NOT ({STANDS})", SHUT),
    Trigger("frozen_police_reports", f"UPDATE OF {WRITTEN}", "police_reports", "OLD.status <> 'draft'", FROZEN),
    Trigger(
        "handed_police_reports",
        f"UPDATE OF {HANDED}",
        "police_reports",
        "OLD.status IN ('handed_over', 'acknowledged', 'closed', 'withdrawn')",
        FROZEN,
    ),
    Trigger(
        "removed_police_reports",
        "DELETE",
        "police_reports",
        "OLD.status IN ('approved', 'handed_over', 'acknowledged')",
        FROZEN,
    ),
    Trigger("listed_police_report_items", "INSERT", "police_report_items", f"NOT ({IS_DRAFT} AND {ITEM_STANDS})", SHUT),
    Trigger("frozen_police_report_items", f"UPDATE OF {LINE}", "police_report_items", "TRUE", FROZEN),
    Trigger("removed_police_report_items", "DELETE", "police_report_items", f"NOT ({WAS_DRAFT})", FROZEN),
)
PLACES = {  # no row is put in the place of another
    "holds": "id = NEW.id OR (item_id = NEW.item_id AND released_second_at IS NULL)",
    "police_reports": "id = NEW.id OR ref = NEW.ref",
    "police_report_items": "id = NEW.id OR (report_id = NEW.report_id AND item_id = NEW.item_id)",
}


def upgrade() -> None:
    _holds()
    _reports()
    for statement in _made():
        op.execute(statement)


def downgrade() -> None:
    for statement in _unmade():
        op.execute(statement)
    op.drop_table("police_report_items")
    op.drop_table("police_reports")
    op.drop_table("holds")


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("was", sa.String(32), nullable=False),
        sa.Column("placed_by_id", sa.Integer(), nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("released_first_by_id", sa.Integer(), nullable=True),
        sa.Column("released_first_at", UtcTime(), nullable=True),
        sa.Column("released_second_by_id", sa.Integer(), nullable=True),
        sa.Column("released_second_at", UtcTime(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("released_first_by_id <> released_second_by_id", name=op.f("ck_holds_two_people")),
        sa.CheckConstraint(
            "(released_first_by_id IS NULL) = (released_first_at IS NULL)"
            " AND (released_second_by_id IS NULL) = (released_second_at IS NULL)"
            " AND (released_second_at IS NULL OR released_first_at IS NOT NULL)",
            name=op.f("ck_holds_released"),
        ),
        sa.CheckConstraint("reason IN ('police_ask', 'police_first')", name=op.f("ck_holds_holdreason")),
        sa.CheckConstraint(f"was IN {STATUSES}", name=op.f("ck_holds_itemstatus")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_holds_item_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["recipients.id"], name=op.f("fk_holds_unit_id")),
        *_by_people("holds", "placed_by_id", "released_first_by_id", "released_second_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    still = {"sqlite_where": STANDING, "postgresql_where": STANDING}
    op.create_index("ix_holds_one_standing", "holds", ["item_id"], unique=True, **still)
    op.create_index("ix_holds_standing", "holds", ["review_on", "id"], **still)
    op.create_index("ix_holds_item_id", "holds", ["item_id", "id"])


def _reports() -> None:
    op.create_table(
        "police_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", UtcTime(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("handed_over_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_over_at", UtcTime(), nullable=True),
        sa.Column("handed_by", sa.String(32), nullable=True),
        sa.Column("handed_to", sa.LargeBinary(), nullable=True),
        sa.Column("acknowledged_at", UtcTime(), nullable=True),
        sa.Column("case_number", sa.LargeBinary(), nullable=True),
        sa.Column("victims_identified", sa.Integer(), nullable=True),
        sa.Column("victims_safeguarded", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.LargeBinary(), nullable=True),
        sa.Column("feedback_on", sa.Date(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("approved_by_id <> drafted_by_id", name=op.f("ck_police_reports_two_people")),
        sa.CheckConstraint(
            "status IN ('draft', 'withdrawn') OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_police_reports_approved"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'withdrawn') OR (handed_by IS NOT NULL AND handed_to IS NOT NULL"
            " AND handed_over_by_id IS NOT NULL AND handed_over_at IS NOT NULL)",
            name=op.f("ck_police_reports_handed_over"),
        ),
        sa.CheckConstraint(
            "victims_identified >= 0 AND victims_safeguarded >= 0", name=op.f("ck_police_reports_whole")
        ),
        sa.CheckConstraint("language IN ('km', 'en')", name=op.f("ck_police_reports_language")),
        sa.CheckConstraint(f"status IN {POLICE}", name=op.f("ck_police_reports_policestatus")),
        sa.CheckConstraint(
            "handed_by IN ('encrypted_mail', 'in_person', 'portal')", name=op.f("ck_police_reports_handedby")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["recipients.id"], name=op.f("fk_police_reports_unit_id")),
        *_by_people("police_reports", "drafted_by_id", "approved_by_id", "handed_over_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_reports")),
        sa.UniqueConstraint("ref", name=op.f("uq_police_reports_ref")),
    )
    op.create_index("ix_police_reports_status", "police_reports", ["status", "id"])
    op.create_table(
        "police_report_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("inhope_class", sa.String(32), nullable=False),
        sa.Column("law", sa.String(32), nullable=False),
        sa.Column("in_danger", sa.Boolean(), nullable=False),
        sa.CheckConstraint(GATE, name=op.f("ck_police_report_items_gate")),
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f("ck_police_report_items_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f("ck_police_report_items_lawverdict")),
        sa.ForeignKeyConstraint(["report_id"], ["police_reports.id"], name=op.f("fk_police_report_items_report_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_police_report_items_item_id")),
        sa.ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_police_report_items_verdict",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_report_items")),
        sa.UniqueConstraint("report_id", "item_id", name=op.f("uq_police_report_items_report_id_item_id")),
    )
    op.create_index("ix_police_report_items_item_id", "police_report_items", ["item_id", "report_id"])


def _by_people(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([one], ["staff.id"], name=op.f(f"fk_{table}_{one}")) for one in columns]


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _made() -> Iterator[str]:
    if _on_sqlite():
        for one in TRIGGERS:
            refuse = f"BEGIN SELECT RAISE(ABORT, '{one.words}'); END"
            yield f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table} WHEN {one.when} {refuse}"
        for table, same in PLACES.items():
            taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 -- names from above
            refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
            yield f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}"
        return
    for one in TRIGGERS:
        refuse = f"RAISE EXCEPTION '{one.words}' USING ERRCODE = 'check_violation'"
        row = "OLD" if one.before == "DELETE" else "NEW"
        body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN {row}; END"
        yield f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
        run = f"FOR EACH ROW EXECUTE FUNCTION {one.name}()"
        yield f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table} {run}"
    for table in PLACES:
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        yield f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} {run}"


def _unmade() -> Iterator[str]:
    names = [(one.name, one.table) for one in TRIGGERS] + [(f"whole_{table}", table) for table in PLACES]
    for name, table in names:
        yield f"DROP TRIGGER {name}" + ("" if _on_sqlite() else f" ON {table}")
    if not _on_sqlite():
        for one in TRIGGERS:
            yield f"DROP FUNCTION {one.name}"
