"""A police report, and the addresses it lists. The database lets none be handed over before two people agreed.

Beside the constraints below it holds, by triggers (`migrations/desk/0022_police.py`): a report begins as a draft, to a
unit of the police, and is frozen once approved; it is approved and handed over only while every verdict that let an
address in stands; addresses are listed in drafts only.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.vocabulary import HandedBy, InhopeClass, Language, LawVerdict, PoliceStatus

GATE = "law = 'illegal' OR inhope_class IN ('baseline', 'national') OR in_danger"


class PoliceReport(Model):
    """One report to one unit of the police. Who approves it is not who wrote it."""

    __tablename__ = "police_reports"
    __table_args__ = (
        CheckConstraint("approved_by_id <> drafted_by_id", name="two_people"),
        CheckConstraint(
            "status IN ('draft', 'withdrawn') OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "status IN ('draft', 'approved', 'withdrawn') OR (handed_by IS NOT NULL AND handed_to IS NOT NULL"
            " AND handed_over_by_id IS NOT NULL AND handed_over_at IS NOT NULL)",
            name="handed_over",
        ),
        CheckConstraint("victims_identified >= 0 AND victims_safeguarded >= 0", name="whole"),
        Index("ix_police_reports_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    language: Mapped[Language] = mapped_column(word(Language))
    status: Mapped[PoliceStatus] = mapped_column(word(PoliceStatus), default=PoliceStatus.DRAFT)
    package: Mapped[bytes]  # sealed, "police.package": JSON of all that is handed over, as `rules/police.py` says
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who changed it last
    drafted_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    handed_over_at: Mapped[datetime | None]
    handed_by: Mapped[HandedBy | None] = mapped_column(word(HandedBy))
    handed_to: Mapped[bytes | None]  # sealed, "police.handed_to": who took it
    noted_late: Mapped[bool] = mapped_column(default=False, server_default=false())  # what it rests on had changed
    acknowledged_at: Mapped[datetime | None]
    case_number: Mapped[bytes | None]  # sealed, "police.case_number"
    victims_identified: Mapped[int | None]
    victims_safeguarded: Mapped[int | None]
    feedback: Mapped[bytes | None]  # sealed, "police.feedback": what the unit says beside the two numbers
    feedback_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]

    unit: Mapped[Recipient] = relationship()
    drafted_by: Mapped[Staff] = relationship(foreign_keys=[drafted_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    handed_over_by: Mapped[Staff | None] = relationship(foreign_keys=[handed_over_by_id])
    lines: Mapped[list["PoliceReportItem"]] = relationship(
        back_populates="report", order_by="(PoliceReportItem.in_danger.desc(), PoliceReportItem.id)"
    )


class PoliceReportItem(Model):
    """One address a police report lists, tied to the verdict that lets it leave to the police."""

    __tablename__ = "police_report_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_police_report_items_verdict",
        ),
        CheckConstraint(GATE, name="gate"),
        UniqueConstraint("report_id", "item_id"),
        Index("ix_police_report_items_item_id", "item_id", "report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("police_reports.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    verdict_id: Mapped[int]
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    in_danger: Mapped[bool]  # as its item says when it is listed

    report: Mapped[PoliceReport] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship(foreign_keys=[item_id])
