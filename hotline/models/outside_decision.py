"""What an outside adviser decided where two looks differ and nobody here is left to look, as a manager recorded it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.vocabulary import InhopeClass, LawVerdict

STANDS = text("ended_at IS NULL")


class OutsideDecision(Model):
    """A decision from outside. Never changed afterwards; it is confirmed once, or set aside once.

    The database holds, by triggers (`migrations/desk/0026_outside_decisions.py`): it is recorded and confirmed while
    the looks differ; whoever recorded it and has looked at the item (`by_one_of_them`) needs another of those who
    looked to confirm the record; a verdict rests only on one that counts, and such a one is not set aside any more.
    """

    __tablename__ = "outside_decisions"
    __table_args__ = (
        CheckConstraint("law <> 'adviser'", name="answers"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("(ended_by_id IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("confirmed_by_id <> recorded_by_id", name="two_people"),
        UniqueConstraint("id", "item_id", "inhope_class", "law"),
        Index("ix_outside_decisions_item_id", "item_id", "id"),
        Index(
            "ix_outside_decisions_stands",
            "item_id",
            "looks_after",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    looks_after: Mapped[int]  # it belongs to the looks with a higher id: those that differ
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    words: Mapped[bytes]  # sealed, "outside.words": JSON of who decided, their reference and their reasons
    decided_on: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    by_one_of_them: Mapped[bool]  # whoever recorded it had looked at the item
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]  # set aside: by who recorded it, or not confirmed

    item: Mapped[Item] = relationship()
    recorded_by: Mapped[Staff] = relationship(foreign_keys=[recorded_by_id])
    confirmed_by: Mapped[Staff | None] = relationship(foreign_keys=[confirmed_by_id])
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def counts(self) -> bool:
        """Whether a verdict may rest on it."""
        return self.ended_at is None and (self.confirmed_at is not None or not self.by_one_of_them)
