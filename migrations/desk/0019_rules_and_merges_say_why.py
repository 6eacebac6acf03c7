"""A rule may say that a host is no proxy although it looks like one, and a merge keeps what spoke for it."""

from alembic import op

revision = "0019"
down_revision = "0018"

KINDS = ("provider", "proxy", "not_ours")


def upgrade() -> None:
    _kinds((*KINDS, "not_proxy"))
    # said whole, since both databases take it and neither rebuilds the table, whose triggers would be lost
    op.execute(
        "ALTER TABLE merges ADD COLUMN cause VARCHAR(32)"
        " CONSTRAINT ck_merges_mergecause CHECK (cause IN ('path', 'typed', 'seen'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE merges DROP COLUMN cause")
    op.execute("DELETE FROM host_rules WHERE kind = 'not_proxy'")
    _kinds(KINDS)


def _kinds(allowed: tuple[str, ...]) -> None:
    with op.batch_alter_table("host_rules") as batch:
        batch.drop_constraint(op.f("ck_host_rules_hostrulekind"), type_="check")
        batch.create_check_constraint(op.f("ck_host_rules_hostrulekind"), f"kind IN {allowed}")
