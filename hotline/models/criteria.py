"""What assessors are asked and what they have begun to answer: versions of the criteria, drafts, agreement, labels."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.staff import Staff


class Criteria(Model):
    """One version of the words that assessors judge by: JSON of what each question and answer means, in both languages.

    Never changed: a new version follows it. Each finding names the version its questions were read in.
    """

    __tablename__ = "criteria"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    body: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: it came with the portal
    reason: Mapped[str]

    made_by: Mapped[Staff | None] = relationship()


class JudgedBy(Model):
    """Which version of the criteria a finding was made by. Findings from before there were versions have none."""

    __tablename__ = "assessment_criteria"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id", ondelete="CASCADE"), primary_key=True)
    criteria_id: Mapped[int] = mapped_column(ForeignKey("criteria.id"))

    criteria: Mapped[Criteria] = relationship()


class Draft(Model):
    """What one person has filled in of one look so far. It goes when the look is handed in."""

    __tablename__ = "drafts"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    body: Mapped[bytes]  # sealed, "draft.body": the form's fields as JSON
    revision: Mapped[int]  # counts up with each save, so that two windows do not overwrite each other
    saved_at: Mapped[datetime]


class AgreementTally(Model):
    """How often two people answered one question so and so, by month: all that agreement is worked out from."""

    __tablename__ = "agreement_tallies"
    __table_args__ = (CheckConstraint("count >= 0", name="whole"),)

    month: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[str] = mapped_column(primary_key=True)
    second: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class UcsLabel(Model):
    """A label of the INHOPE Universal Classification Schema, as it was loaded. There are none until somebody does."""

    __tablename__ = "ucs_labels"
    __table_args__ = (UniqueConstraint("version", "section", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    section: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str]
