"""What ICCAM is told of an item: a ledger, in the order ICCAM asks for, each step once.

Beside the constraints below the database holds, by triggers (`migrations/desk/0023_exchange.py`): no step is done
before those that come before it, none is done twice, and nothing is assessed any more once an action is there.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import IccamState, IccamStep, InhopeClass, LawVerdict


class IccamRecord(Model):
    """An item that ICCAM knows or is to know, and how it is called there."""

    __tablename__ = "iccam_records"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    report_no: Mapped[int | None]
    content_no: Mapped[int | None]
    came_from_there: Mapped[bool] = mapped_column(default=False, server_default=false())
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    begun_at: Mapped[datetime]

    begun_by: Mapped[Staff] = relationship()
    entries: Mapped[list["IccamEntry"]] = relationship(order_by="IccamEntry.place, IccamEntry.id")


class IccamEntry(Model):
    """One step. `field` is what ICCAM calls it; `place` orders the steps of one verdict."""

    __tablename__ = "iccam_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_iccam_entries_verdict",
        ),
        CheckConstraint("step <> 'report' OR inhope_class IN ('baseline', 'national')", name="gate"),
        CheckConstraint("(done_at IS NULL) = (state IN ('due', 'failed'))", name="done"),
        UniqueConstraint("item_id", "verdict_id", "step", "field"),
        Index("ix_iccam_entries_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("iccam_records.item_id"))
    verdict_id: Mapped[int]
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    step: Mapped[IccamStep] = mapped_column(word(IccamStep))
    field: Mapped[str]
    place: Mapped[int]
    code: Mapped[bytes]  # sealed, "iccam.code": JSON of the codes, empty where a person has to settle one
    state: Mapped[IccamState] = mapped_column(word(IccamState), default=IccamState.DUE)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]  # by whoever sends it; one that is never finished has to be looked up in ICCAM
    tried_at: Mapped[datetime | None]  # when it was first taken: from then on it is tried for a while
    fault: Mapped[str | None]  # a code, never anybody's words

    done_by: Mapped[Staff | None] = relationship()
