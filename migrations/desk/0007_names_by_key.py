"""People are found by a key of their name that is the same in every database, instead of by its lower case.

SQLite lowers ASCII letters only, so a name such as `ÉLISE` could be added twice there, and its person not sign in. Who
shares a key with somebody of a lower number is called by name and number from now on: `élise A-07`.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

STAFF = sa.table("staff", *(sa.column(name) for name in ("id", "name", "number", "name_key")))


def upgrade() -> None:
    with op.batch_alter_table("staff") as batch:
        batch.add_column(sa.Column("name_key", sa.String(), nullable=True))
    _fill()
    with op.batch_alter_table("staff") as batch:
        batch.alter_column("name_key", existing_type=sa.String(), nullable=False)
        batch.create_unique_constraint("uq_staff_name_key", ["name_key"])


def downgrade() -> None:
    with op.batch_alter_table("staff") as batch:
        batch.drop_constraint("uq_staff_name_key", type_="unique")
        batch.drop_column("name_key")


def _fill() -> None:
    taken: set[str] = set()
    everybody = op.get_bind().execute(sa.select(STAFF.c.id, STAFF.c.name, STAFF.c.number).order_by(STAFF.c.id))
    for one, name, number in everybody.all():
        own = name if _key(name) not in taken else f"{name} {number}"
        taken.add(_key(own))
        op.execute(STAFF.update().where(STAFF.c.id == one).values(name=own, name_key=_key(own)))


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(char for char in folded if unicodedata.category(char) != "Cf").split())
