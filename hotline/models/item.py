"""An item: one reported address, however many people report it."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.vocabulary import Category, ItemOutcome, ItemStatus, ReportStatus

OPEN = text("status <> 'closed'")


class Item(Model):
    """One address. Address and host are sealed; the four indexes find them again without telling them."""

    __tablename__ = "items"
    __table_args__ = (
        Index("ix_items_open", "urgency", "created_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_items_status", "status", "urgency", "created_at", "id"),
        Index("ix_items_host_index", "host_index", "id"),
        Index("ix_items_domain_index", "domain_index", "id"),
        Index("ix_items_assessor", "assessor_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    address: Mapped[bytes]  # sealed, "item.address"
    host: Mapped[bytes]  # sealed, "item.host"
    address_index: Mapped[bytes] = mapped_column(unique=True)
    path_index: Mapped[bytes] = mapped_column(index=True)
    host_index: Mapped[bytes]
    domain_index: Mapped[bytes]
    category: Mapped[Category] = mapped_column(word(Category))
    in_danger: Mapped[bool] = mapped_column(default=False)
    report_count: Mapped[int] = mapped_column(default=1)
    urgency: Mapped[int]
    status: Mapped[ItemStatus] = mapped_column(word(ItemStatus), default=ItemStatus.NEW)
    outcome: Mapped[ItemOutcome | None] = mapped_column(word(ItemOutcome))
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    review_claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]  # to the hour, since it stems from a public report
    reopened_at: Mapped[datetime | None]  # likewise: it was closed, and has been reported again
    looks_after: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # findings up to this id led to that

    assessor: Mapped[Staff | None] = relationship(foreign_keys=[assessor_id])
    reviewer: Mapped[Staff | None] = relationship(foreign_keys=[reviewer_id])
    mentions: Mapped[list["Mention"]] = relationship(back_populates="item", order_by="Mention.id")

    @hybrid_property
    def opened_at(self) -> datetime:
        """Since when it stands open: the hour of the report that brought it here, or back."""
        return self.reopened_at or self.created_at

    @opened_at.inplace.expression
    @classmethod
    def _opened_at(cls) -> ColumnElement[datetime]:
        return func.coalesce(cls.reopened_at, cls.created_at)


class Mention(Model):
    """One report naming one item, with what was typed."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("item_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    typed: Mapped[bytes]  # sealed, "mention.typed": the line as typed, credentials and all
    behind: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # hours; 0: its report opened the item

    item: Mapped[Item] = relationship(back_populates="mentions")
    report: Mapped[Report] = relationship()


class Step(Model):
    """When an item first was as far as its reporters are told, since it was opened (`rules/progress.py`)."""

    __tablename__ = "item_steps"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    status: Mapped[ReportStatus] = mapped_column(word(ReportStatus), primary_key=True)
    reached_at: Mapped[datetime]
