"""Third looks: whom people ask where two looks differ, and by when that has to be settled."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0017"
down_revision = "0016"

SINCE = datetime(1970, 1, 1, tzinfo=UTC)
DUTIES = ("acknowledge", "assess", "second_look", "answer_reporter")
CAME_WITH_IT = (  # urgency, minutes, minutes before: from the reminder on a third person is asked
    (1, 60, 45),
    (None, 24 * 60, 20 * 60),
)


def upgrade() -> None:
    _duties(("acknowledge", "assess", "second_look", "settle", "answer_reporter"))
    rules = sa.table(
        "clock_rules",
        sa.column("duty", sa.String()),
        sa.column("urgency", sa.Integer()),
        sa.column("minutes", sa.Integer()),
        sa.column("remind_minutes", sa.Integer()),
        sa.column("pace", sa.String()),
        sa.column("valid_from", UtcTime()),
        sa.column("made_at", UtcTime()),
        sa.column("reason", sa.String()),
    )
    op.bulk_insert(rules, [_rule(*one) for one in CAME_WITH_IT])
    op.create_table(
        "third_looks",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(taken_by_id IS NULL) = (taken_at IS NULL)", name=op.f("ck_third_looks_taken")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_third_looks_item_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_third_looks_asked_by_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"], name=op.f("fk_third_looks_taken_by_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_third_looks")),
    )
    op.create_index("ix_third_looks_taken_by_id", "third_looks", ["taken_by_id"])


def downgrade() -> None:
    """Go back. What waits for a third person goes on waiting; no clock tells of it any more."""
    op.drop_table("third_looks")
    op.execute("DELETE FROM clocks WHERE duty = 'settle'")
    op.execute("DELETE FROM clock_rules WHERE duty = 'settle'")
    _duties(DUTIES)


def _rule(urgency: int | None, minutes: int, remind: int) -> dict[str, object]:
    return {
        "duty": "settle",
        "urgency": urgency,
        "minutes": minutes,
        "remind_minutes": remind,
        "pace": "wall",
        "valid_from": SINCE,
        "made_at": SINCE,
        "reason": "came with the portal",
    }


def _duties(allowed: tuple[str, ...]) -> None:
    for table in ("clock_rules", "clocks"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_duty"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_duty"), f"duty IN {allowed}")
