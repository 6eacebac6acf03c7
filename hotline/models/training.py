"""Trainings and vettings of people at the desk, and the reviews of who has access to what.

The database holds, by triggers: what was noted is never changed, but for a training that was noted by mistake.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import AccessVerdict, TrainingKind


class Training(Model):
    """One training or vetting of one person. Nothing about health or private life stands here."""

    __tablename__ = "trainings"
    __table_args__ = (
        CheckConstraint("expires_on IS NULL OR expires_on >= done_on", name="expires"),
        Index("ix_trainings_staff_id", "staff_id", "kind", "done_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[TrainingKind] = mapped_column(word(TrainingKind))
    name: Mapped[str]  # of the training, or where the proof of a vetting lies
    done_on: Mapped[date]
    expires_on: Mapped[date | None]  # the last day it holds; None: it does not expire
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    struck_at: Mapped[datetime | None]  # it was noted by mistake
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    staff: Mapped[Staff] = relationship(foreign_keys=staff_id)
    noted_by: Mapped[Staff] = relationship(foreign_keys=noted_by_id)


class AccessReview(Model):
    """One time that somebody looked who has access to what."""

    __tablename__ = "access_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    mark_id: Mapped[int] = mapped_column(ForeignKey("duty_marks.id"))
    done_at: Mapped[datetime]
    done_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    done_by: Mapped[Staff] = relationship()
    lines: Mapped[list["AccessReviewLine"]] = relationship(order_by="AccessReviewLine.id", lazy="selectin")


class AccessReviewLine(Model):
    """One account as it stood at a review, and what the reviewer said of it."""

    __tablename__ = "access_review_lines"
    __table_args__ = (UniqueConstraint("review_id", "staff_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("access_reviews.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    roles: Mapped[str]  # with spaces between
    clashes: Mapped[str]  # values of `RoleClash`, with spaces between
    seen_at: Mapped[datetime | None]  # the last sign-in, where it is known
    is_unused: Mapped[bool]  # nobody had signed in for long
    is_vetted: Mapped[bool]
    expired: Mapped[int]  # trainings and vettings
    may_enter: Mapped[bool]  # on the list of the room
    verdict: Mapped[AccessVerdict] = mapped_column(word(AccessVerdict))
    reason: Mapped[str]

    staff: Mapped[Staff] = relationship()
