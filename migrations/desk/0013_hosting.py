"""Who hosts what: look-ups host by host, and what people have settled about a host."""

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "host_lookups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_index", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("network", sa.String(), nullable=True),
        sa.Column("proxy", sa.String(32), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("looked_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'found', 'partly', 'failed')", name=op.f("ck_host_lookups_lookupstate")
        ),
        sa.CheckConstraint("proxy IN ('none', 'cdn', 'unknown')", name=op.f("ck_host_lookups_proxy")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_host_lookups_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_lookups")),
    )
    op.create_index("ix_host_lookups_host_index", "host_lookups", ["host_index", "id"])
    op.create_index("ix_host_lookups_waiting", "host_lookups", ["state", "asked_by_id", "id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_host_lookups_one_waiting",
        "host_lookups",
        ["host_index"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "host_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("host", sa.LargeBinary(), nullable=False),
        sa.Column("host_index", sa.LargeBinary(), nullable=False),
        sa.Column("whole_domain", sa.Boolean(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('provider', 'proxy', 'not_ours')", name=op.f("ck_host_rules_hostrulekind")),
        sa.CheckConstraint("kind <> 'provider' OR recipient_id IS NOT NULL", name=op.f("ck_host_rules_provider")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_host_rules_made_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_host_rules_owner_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipients.id"], name=op.f("fk_host_rules_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_rules")),
        sa.UniqueConstraint("ref", name=op.f("uq_host_rules_ref")),
    )
    op.create_index("ix_host_rules_host_index", "host_rules", ["host_index"])


def downgrade() -> None:
    op.drop_table("host_rules")
    op.drop_table("host_lookups")
