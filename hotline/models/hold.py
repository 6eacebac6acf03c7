"""A hold: while it stands, nothing about its item leaves, because the police come first.

The database holds, by triggers (`migrations/desk/0022_police.py`): a hold begins at an item that is `held`, with a unit
of the police; the item stays `held` until the hold is released; and what was released is never changed.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.vocabulary import HoldReason, ItemStatus

STANDING = text("released_second_at IS NULL")


class Hold(Model):
    """One item that waits for the police. Two different people release it."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("released_first_by_id <> released_second_by_id", name="two_people"),
        CheckConstraint(
            "(released_first_by_id IS NULL) = (released_first_at IS NULL)"
            " AND (released_second_by_id IS NULL) = (released_second_at IS NULL)"
            " AND (released_second_at IS NULL OR released_first_at IS NOT NULL)",
            name="released",
        ),
        Index("ix_holds_one_standing", "item_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_holds_standing", "review_on", "id", sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_holds_item_id", "item_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    reason: Mapped[HoldReason] = mapped_column(word(HoldReason))
    reference: Mapped[bytes]  # sealed, "hold.reference": the unit's own, may be empty
    was: Mapped[ItemStatus] = mapped_column(word(ItemStatus))  # what its item goes back to
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    placed_at: Mapped[datetime]
    review_on: Mapped[date]  # when somebody asks the unit whether it still has to stand
    released_first_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    released_first_at: Mapped[datetime | None]
    released_second_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    released_second_at: Mapped[datetime | None]
    words: Mapped[bytes | None]  # sealed, "hold.words": why it may end

    item: Mapped[Item] = relationship()
    unit: Mapped[Recipient] = relationship()
    placed_by: Mapped[Staff] = relationship(foreign_keys=[placed_by_id])
    released_first_by: Mapped[Staff | None] = relationship(foreign_keys=[released_first_by_id])
    released_second_by: Mapped[Staff | None] = relationship(foreign_keys=[released_second_by_id])

    @property
    def stands(self) -> bool:
        """Whether it still keeps everything about its item here."""
        return self.released_second_at is None
