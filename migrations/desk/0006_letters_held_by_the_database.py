"""What the database says of a letter: it stays as it was approved, rests on verdicts that stand, and goes once.

- A letter begins as a draft. Approved, it is frozen: content, recipient, approver. What it is called is frozen always.
- It is queued only while it lists addresses and each stands: its item's newest verdict, and the item in a state that
  lets letters go. It moves only as `MOVES` says, so what was sent is never sent again.
- Addresses are listed in drafts only. One that leaves because a child is in danger says so, and its item must too.
- A verdict supersedes an earlier one: none stands in front of itself.
- A try that says nothing about the letter (the mail server is away) spends none of the patience with it (`spent`).

Triggers on SQLite name tables: whoever builds `items`, `verdicts`, `notices` or `notice_items` anew there takes them
down first, as `downgrade` does.
"""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0006"
down_revision = "0005"

CLASSES = ("baseline", "national", "not_illegal", "inaccessible", "outside_remit")
LAWS = ("illegal", "not_illegal", "adviser")
CHANNELS = ("host", "partner", "police")
AGREED = ("id", "item_id", "assessor_id", "inhope_class", "law")
BEGINNING = sa.text("supersedes_id IS NULL")
BACKWARDS = "supersedes_id < id"
TO_HOSTS_AND_PARTNERS = (
    "(channel = 'host' AND (law = 'illegal' OR inhope_class = 'baseline'))"
    " OR (channel = 'partner' AND inhope_class IN ('baseline', 'national'))"
)
GATE = (
    f"{TO_HOSTS_AND_PARTNERS}"
    " OR (channel = 'police' AND (law = 'illegal' OR inhope_class IN ('baseline', 'national') OR in_danger))"
)
GATE_BEFORE = (
    f"{TO_HOSTS_AND_PARTNERS} OR (channel = 'police' AND (law = 'illegal' OR inhope_class IN ('baseline', 'national')))"
)

FROZEN = "this record is frozen"
SHUT = "this letter may not go"
MOVES = {
    "draft": ("approved", "queued", "withdrawn"),
    "approved": ("queued", "withdrawn"),
    "queued": ("sent", "failed", "withdrawn"),
    "failed": ("queued", "withdrawn", "sent"),  # sent: its try took so long that it had been given up
    "withdrawn": ("sent",),  # likewise; that it went is the truth
    "sent": ("answered", "bounced"),
    "answered": ("bounced",),
    "bounced": ("answered",),
}
LISTS_SOMETHING = "EXISTS (SELECT 1 FROM notice_items WHERE notice_id = NEW.id)"
ITEMS_STAND = (
    "NOT EXISTS (SELECT 1 FROM notice_items AS line JOIN items ON items.id = line.item_id"
    " WHERE line.notice_id = NEW.id AND items.status NOT IN ('decided', 'acting', 'monitoring'))"
)
VERDICTS_STAND = (
    "NOT EXISTS (SELECT 1 FROM notice_items AS line JOIN verdicts ON verdicts.supersedes_id = line.verdict_id"
    " WHERE line.notice_id = NEW.id)"
)
MAY_BE_LISTED = (
    "EXISTS (SELECT 1 FROM notices WHERE id = NEW.notice_id AND status = 'draft')"
    " AND EXISTS (SELECT 1 FROM items WHERE id = NEW.item_id"
    " AND status IN ('decided', 'acting', 'monitoring') AND in_danger = NEW.in_danger)"
    " AND NOT EXISTS (SELECT 1 FROM verdicts WHERE supersedes_id = NEW.verdict_id)"
)
ON_ITS_WAY = "EXISTS (SELECT 1 FROM notices WHERE id = OLD.notice_id AND status IN ('approved', 'queued', 'failed'))"
FIXED = ("id", "ref", "message_id", "drafted_by_id", "drafted_at")
APPROVED = ("recipient_id", "channel", "language", "template", "letter", "approved_by_id", "approved_at")


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger("begun_notices", "INSERT", "notices", "NEW.status <> 'draft'", SHUT),
    Trigger("fixed_notices", f"UPDATE OF {', '.join(FIXED)}", "notices", "TRUE", FROZEN),
    Trigger("frozen_notices", f"UPDATE OF {', '.join(APPROVED)}", "notices", "OLD.status <> 'draft'", FROZEN),
    Trigger(
        "moved_notices",
        "UPDATE OF status",
        "notices",
        "NEW.status <> OLD.status AND NOT ("
        + " OR ".join(
            f"(OLD.status = '{old}' AND NEW.status IN ({', '.join(map(repr, new))}))" for old, new in MOVES.items()
        )
        + ")",
        SHUT,
    ),
    Trigger(
        "queued_notices",
        "UPDATE OF status",
        "notices",
        "NEW.status = 'queued' AND OLD.status <> 'queued'"
        f" AND NOT ({LISTS_SOMETHING} AND {ITEMS_STAND} AND {VERDICTS_STAND})",
        SHUT,
    ),
    Trigger("listed_notice_items", "INSERT", "notice_items", f"NOT ({MAY_BE_LISTED})", SHUT),
    Trigger("fixed_notice_items", "UPDATE", "notice_items", "TRUE", FROZEN),
    Trigger("kept_notice_items", "DELETE", "notice_items", ON_ITS_WAY, FROZEN),
)
PLACES = {  # what SQLite's REPLACE would put a row in the place of; it deletes without asking
    "notices": "id = NEW.id OR ref = NEW.ref OR message_id = NEW.message_id",
    "notice_items": "id = NEW.id OR (notice_id = NEW.notice_id AND item_id = NEW.item_id)",
}


def upgrade() -> None:
    op.add_column("notices", sa.Column("spent", sa.Integer(), nullable=False, server_default=sa.text("0")))
    if _on_sqlite():
        _put_verdicts_anew(backwards=True)
        _put_lines_anew(in_danger=True)
    else:
        op.create_check_constraint(op.f("ck_verdicts_backwards"), "verdicts", BACKWARDS)
        op.add_column("notice_items", sa.Column("in_danger", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column("notice_items", "in_danger", server_default=None)
        op.drop_constraint(op.f("ck_notice_items_gate"), "notice_items", type_="check")
        op.create_check_constraint(op.f("ck_notice_items_gate"), "notice_items", GATE)
    for statement in _made():
        op.execute(statement)


def downgrade() -> None:
    """Go back. Refused by the database once an address stands in a letter only because a child is in danger."""
    for statement in _unmade():
        op.execute(statement)
    if _on_sqlite():
        _put_lines_anew(in_danger=False)
        _put_verdicts_anew(backwards=False)
    else:
        op.drop_constraint(op.f("ck_notice_items_gate"), "notice_items", type_="check")
        op.create_check_constraint(op.f("ck_notice_items_gate"), "notice_items", GATE_BEFORE)
        op.drop_column("notice_items", "in_danger")
        op.drop_constraint(op.f("ck_verdicts_backwards"), "verdicts", type_="check")
    op.drop_column("notices", "spent")


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


def _put_verdicts_anew(*, backwards: bool) -> None:
    """Build the table anew, since SQLite can neither add a check nor take one away; its triggers go and come back."""
    columns = ("id", "item_id", "first_id", "first_by", "second_id", "second_by", "inhope_class", "law", "agreed_at")
    op.create_table(
        "verdicts_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in columns[1:6]),
        sa.Column("inhope_class", sa.String(32), nullable=False),
        sa.Column("law", sa.String(32), nullable=False),
        sa.Column("agreed_at", UtcTime(), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_verdicts_two_people")),
        *([sa.CheckConstraint(BACKWARDS, name=op.f("ck_verdicts_backwards"))] if backwards else []),
        *_words("verdicts"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_verdicts_item_id")),
        *(
            sa.ForeignKeyConstraint(
                [f"{look}_id", "item_id", f"{look}_by", "inhope_class", "law"],
                [f"assessments.{column}" for column in AGREED],
                name=f"fk_verdicts_{look}",
            )
            for look in ("first", "second")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id", "item_id"], ["verdicts.id", "verdicts.item_id"], name="fk_verdicts_supersedes"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint(
            "id", "item_id", "inhope_class", "law", name=op.f("uq_verdicts_id_item_id_inhope_class_law")
        ),
        sa.UniqueConstraint("id", "item_id", name=op.f("uq_verdicts_id_item_id")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_verdicts_supersedes_id")),
    )
    _move_in("verdicts", {column: column for column in (*columns, "supersedes_id")})
    op.create_index("ix_verdicts_item_id", "verdicts", ["item_id"])
    op.create_index("ix_verdicts_beginning", "verdicts", ["item_id"], unique=True, sqlite_where=BEGINNING)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    frozen = ", ".join((*columns[1:], "supersedes_id"))
    taken = (
        "SELECT 1 FROM verdicts WHERE id = NEW.id OR supersedes_id = NEW.supersedes_id"
        " OR (supersedes_id IS NULL AND NEW.supersedes_id IS NULL AND item_id = NEW.item_id)"
    )
    op.execute(f"CREATE TRIGGER frozen_verdicts BEFORE UPDATE OF {frozen} ON verdicts {refuse}")
    op.execute(f"CREATE TRIGGER placed_verdicts BEFORE UPDATE OF id ON verdicts {refuse}")
    op.execute(f"CREATE TRIGGER whole_verdicts BEFORE INSERT ON verdicts WHEN EXISTS ({taken}) {refuse}")


def _put_lines_anew(*, in_danger: bool) -> None:
    columns = {one: one for one in ("id", "notice_id", "item_id", "verdict_id", "inhope_class", "law", "channel")}
    op.create_table(
        "notice_items_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in ("notice_id", "item_id", "verdict_id")),
        *(sa.Column(column, sa.String(32), nullable=False) for column in ("inhope_class", "law", "channel")),
        *([sa.Column("in_danger", sa.Boolean(), nullable=False)] if in_danger else []),
        sa.CheckConstraint(GATE if in_danger else GATE_BEFORE, name=op.f("ck_notice_items_gate")),
        *_words("notice_items"),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name=op.f("ck_notice_items_channel")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_notice_items_item_id")),
        sa.ForeignKeyConstraint(
            ["notice_id", "channel"], ["notices.id", "notices.channel"], name="fk_notice_items_notice"
        ),
        sa.ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_notice_items_verdict",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_items")),
        sa.UniqueConstraint("notice_id", "item_id", name=op.f("uq_notice_items_notice_id_item_id")),
    )
    # what let them leave so far was the verdict alone
    _move_in("notice_items", columns | ({"in_danger": "FALSE"} if in_danger else {}))
    op.create_index(op.f("ix_notice_items_item_id"), "notice_items", ["item_id"])


def _words(table: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"inhope_class IN {CLASSES}", name=op.f(f"ck_{table}_inhopeclass")),
        sa.CheckConstraint(f"law IN {LAWS}", name=op.f(f"ck_{table}_lawverdict")),
    ]


def _move_in(table: str, values: dict[str, str]) -> None:
    """Put the table that was built in the old one's place, with what stood there."""
    names, found = ", ".join(values), ", ".join(values.values())
    op.execute(f"INSERT INTO {table}_anew ({names}) SELECT {found} FROM {table} ORDER BY id")  # noqa: S608 -- our own names
    op.drop_table(table)
    op.execute("PRAGMA legacy_alter_table=ON")  # or the rename would drag references to the table along
    op.rename_table(f"{table}_anew", table)
    op.execute("PRAGMA legacy_alter_table=OFF")
