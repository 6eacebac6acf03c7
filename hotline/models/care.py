"""Care for the people at the desk: how long they were with hard material, breaks, limits, counselling, hand-over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.staff import Staff


class ExposureDay(Model):
    """One person's time with hard material on one day, in seconds. For that person and the counsellor alone."""

    __tablename__ = "exposure_days"
    __table_args__ = (CheckConstraint("seconds >= 0", name="seconds"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # of the country
    seconds: Mapped[int] = mapped_column(default=0)
    since_break: Mapped[int] = mapped_column(default=0)  # seconds of it since the last break
    looking_since: Mapped[datetime | None]  # an assessment stands open before the person
    seen_at: Mapped[datetime | None]  # and this is when they last did something on it


class Break(Model):
    """A break that somebody took from hard material."""

    __tablename__ = "breaks"
    __table_args__ = (Index("ix_breaks_staff_id", "staff_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CareSettings(Model):
    """One person's limits; where a row or a value is missing those of the house stand."""

    __tablename__ = "care_settings"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    limit_minutes: Mapped[int | None]  # a day
    break_after_minutes: Mapped[int | None]
    cutoff_hour: Mapped[int | None]  # 0-23, the country's time: no hard material from then on
    light_until: Mapped[datetime | None]  # only light work until then
    shortcuts: Mapped[bool] = mapped_column(default=True)  # keys of the keyboard


class CounsellingSession(Model):
    """A talk with the counsellor: that it is due, and that it was held. Nothing of what was said."""

    __tablename__ = "counselling_sessions"
    __table_args__ = (Index("ix_counselling_sessions_staff_id", "staff_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[date]
    held_on: Mapped[date | None]

    person: Mapped[Staff] = relationship()


class HandoverRead(Model):
    """Somebody has read a word that was left, and need not see it again."""

    __tablename__ = "handover_reads"

    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class Handover(Model):
    """A word to whoever comes next."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_written_at", "written_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[bytes]  # sealed, "handover.body"
    written_at: Mapped[datetime]

    person: Mapped[Staff] = relationship()
