"""One more figure that the public may see: how long it took until something was gone, of whole years."""

from alembic import op

revision = "0008"
down_revision = "0007"

FIGURES = ("reports", "addresses", "assessed", "law", "notices", "closed", "help")


def upgrade() -> None:
    _known((*FIGURES, "removal"))


def downgrade() -> None:
    """Go back. What was published of it goes; the desk publishes the rest anew."""
    op.execute("DELETE FROM figures WHERE figure = 'removal'")
    _known(FIGURES)


def _known(names: tuple[str, ...]) -> None:
    with op.batch_alter_table("figures") as batch:
        batch.drop_constraint(op.f("ck_figures_figure"), type_="check")
        batch.create_check_constraint(op.f("ck_figures_figure"), f"figure IN {names}")
