"""What crosses the wall between analysts and victim support: an opaque reference, and words for one side at a time.

Analysts see the item and that its reference was handed over; victim support sees the reference and how far the item is,
never its address. Words are sealed to the lock of whoever is to read them.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.item import Item
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase


class CaseLink(Model):
    """One reference (`L-…`) by which both sides speak of the same thing. `case_id` is victim support's to know."""

    __tablename__ = "case_links"
    __table_args__ = (
        CheckConstraint("(item_id IS NULL) <> (report_id IS NULL)", name="one_thing"),
        Index("ix_case_links_item_id", "item_id", "id"),
        Index("ix_case_links_report_id", "report_id", "id"),
        Index("ix_case_links_case_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    note: Mapped[bytes]  # sealed to `care`, "link.note": what the analyst says of the child; they read it no more
    in_danger: Mapped[bool]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]  # somebody of victim support has read it
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("victim_cases.id"))

    item: Mapped[Item | None] = relationship()
    report: Mapped[Report | None] = relationship()
    made_by: Mapped[Staff] = relationship(foreign_keys=[made_by_id])
    case: Mapped[VictimCase | None] = relationship()


class LinkErasure(Model):
    """The certificate that the words of a link which became no case were erased, by which policy, and how many."""

    __tablename__ = "link_erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("case_links.id"), unique=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("retention_policies.id"))
    messages: Mapped[int]  # questions and answers that went with what the analyst had written
    erased_at: Mapped[datetime]


class LinkMessage(Model):
    """A question or an answer across the wall, for the other side alone."""

    __tablename__ = "link_messages"
    __table_args__ = (Index("ix_link_messages_link_id", "link_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("case_links.id"))
    to_support: Mapped[bool]  # sealed to `care` then, or else to `case`
    body: Mapped[bytes]  # "link.message"
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    read_at: Mapped[datetime | None]

    link: Mapped[CaseLink] = relationship()
    written_by: Mapped[Staff] = relationship()
