"""How long what reporters gave is kept: what the team agreed on, and the copy of it that the public site shows."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model
from hotline.models.staff import Staff


class ReportTerm(Model):
    """How many days after a report is closed its contact, and its words, are kept. In force once another person agreed.

    Never changed but by that decision: another one follows it.
    """

    __tablename__ = "report_terms"
    __table_args__ = (
        CheckConstraint("contact_days BETWEEN 7 AND report_days AND report_days BETWEEN 30 AND 7300", name="days"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name="answered"),
        CheckConstraint("NOT agreed OR decided_by_id <> made_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_days: Mapped[int]
    report_days: Mapped[int]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    agreed: Mapped[bool | None]

    made_by: Mapped[Staff] = relationship(foreign_keys=[made_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])


class PublishedTerm(Model):
    """What the public site says of it: the one row with the days in force, or none."""

    __bind_key__ = FRONT
    __tablename__ = "report_terms"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_days: Mapped[int]
    report_days: Mapped[int]
