"""Whether an address can still be reached: what was seen, when a program looks next, and how an item ended."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.vocabulary import CheckMeans, CheckResult, ItemOutcome


class OnlineCheck(Model):
    """One look at whether an address can be reached: by a person, or by a program that reads no content."""

    __tablename__ = "online_checks"
    __table_args__ = (
        CheckConstraint("(means = 'person') = (checked_by_id IS NOT NULL)", name="by_whom"),
        Index("ix_online_checks_item_id", "item_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    means: Mapped[CheckMeans] = mapped_column(word(CheckMeans))
    result: Mapped[CheckResult] = mapped_column(word(CheckResult))
    code: Mapped[str] = mapped_column(default="", server_default=text("''"))  # `404`, `no_name`, never anybody's words
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: a program
    checked_at: Mapped[datetime]

    item: Mapped[Item] = relationship()
    checked_by: Mapped[Staff | None] = relationship()


class Watch(Model):
    """When a program looks next whether an item's address can be reached, and how often in a row it could not.

    Without `next_at` it looks no more: people do.
    """

    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_next_at", "next_at", "item_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    began_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    gone_in_a_row: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of those far enough apart
    first_gone_at: Mapped[datetime | None]  # of those in a row
    last_gone_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]

    item: Mapped[Item] = relationship()


class WatchSwitch(Model):
    """Somebody has switched the looks by program on or off. The newest row holds."""

    __tablename__ = "watch_switches"

    id: Mapped[int] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]

    set_by: Mapped[Staff] = relationship()


class Ending(Model):
    """How and when an item was closed after it was acted on, with the four times that count. Frozen but `undone_at`.

    `undone_at` says that the address came back, or the item was taken up again. A time that never came is None.
    """

    __tablename__ = "endings"
    __table_args__ = (
        Index("ix_endings_item_id", "item_id", "id"),
        Index("ix_endings_ended_at", "ended_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    outcome: Mapped[ItemOutcome] = mapped_column(word(ItemOutcome))
    received_at: Mapped[datetime]  # the end of the hour of the report that opened it
    to_police_at: Mapped[datetime | None]
    to_partner_at: Mapped[datetime | None]
    to_host_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]  # when it was first seen to be gone for good
    country: Mapped[str | None]  # where it was hosted then, ISO 3166
    ended_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal, by its rule
    undone_at: Mapped[datetime | None]

    item: Mapped[Item] = relationship()
    ended_by: Mapped[Staff | None] = relationship()
