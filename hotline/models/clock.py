"""Clocks: one engine for every duty with a limit. A rule says how long, a clock runs for one thing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import ClockEnd, Duty, Pace, PauseReason, Subject

RUNNING = text("ended_at IS NULL")
GOES = text("ended_at IS NULL AND paused_at IS NULL")
AHEAD = text("next_at IS NOT NULL")
STANDING_STILL = text("ended_at IS NULL AND paused_at IS NOT NULL")
OWNED = text("ended_at IS NULL AND owner_id IS NOT NULL")
OF_PRACTICE = text(  # word for word as in the indexes, so that both databases find them
    "clocks.duty IN ('tell_dpo', 'tell_secretariat', 'answer_inhope', 'test_contact', 'consult', 'hold_meeting',"
    " 'do_action', 'renew_agreement', 'renew_key', 'restore_test', 'review_access', 'check_clause', 'read_protocol',"
    " 'renew_training', 'take_down_picture')"
)
_DUTIES = OF_PRACTICE.text.removeprefix("clocks.")
PRACTICE = text(f"ended_at IS NULL AND {_DUTIES}")
PRACTICE_MISSED = text(f"ending = 'missed' AND {_DUTIES}")
STUCK = text("ended_at IS NULL AND next_at IS NULL")  # it has run out, or stands still


class ClockRule(Model):
    """How long a duty may take. Never changed: another follows it, with its date; a clock keeps its own."""

    __tablename__ = "clock_rules"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("remind_minutes >= 0 AND remind_minutes < minutes", name="reminder"),
        Index("ix_clock_rules_duty", "duty", "urgency", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duty: Mapped[Duty] = mapped_column(word(Duty))
    urgency: Mapped[int | None]  # None: for everything that no rule of its own names
    minutes: Mapped[int]
    remind_minutes: Mapped[int]  # before the limit; 0: no reminder
    pace: Mapped[Pace] = mapped_column(word(Pace))
    valid_from: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: it came with the portal
    reason: Mapped[str]

    made_by: Mapped[Staff | None] = relationship()


class Clock(Model):
    """One duty towards one thing. `next_at` is when it has to be looked at again; None when never."""

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
        CheckConstraint("(paused_at IS NULL) = (pause_reason IS NULL)", name="paused"),
        Index("ix_clocks_next_at", "next_at", "id", sqlite_where=AHEAD, postgresql_where=AHEAD),
        Index("ix_clocks_due_at", "due_at", "id", sqlite_where=GOES, postgresql_where=GOES),
        Index(
            "ix_clocks_running",
            "subject",
            "subject_id",
            "duty",
            unique=True,
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
        Index("ix_clocks_duty", "duty", "ending", "ended_at"),
        Index("ix_clocks_subject", "subject", "subject_id"),
        Index("ix_clocks_stuck", "duty", "due_at", "id", sqlite_where=STUCK, postgresql_where=STUCK),
        Index("ix_clocks_owner_id", "owner_id", "due_at", "id", sqlite_where=OWNED, postgresql_where=OWNED),
        Index("ix_clocks_practice", "owner_id", "due_at", "id", sqlite_where=PRACTICE, postgresql_where=PRACTICE),
        Index(
            "ix_clocks_practice_missed",
            "owner_id",
            "duty",
            "ended_at",
            "id",
            sqlite_where=PRACTICE_MISSED,
            postgresql_where=PRACTICE_MISSED,
        ),
        Index("ix_clocks_paused", "paused_at", "id", sqlite_where=STANDING_STILL, postgresql_where=STANDING_STILL),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duty: Mapped[Duty] = mapped_column(word(Duty))
    subject: Mapped[Subject] = mapped_column(word(Subject))
    subject_id: Mapped[int]
    rule_id: Mapped[int] = mapped_column(ForeignKey("clock_rules.id"))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[PauseReason | None] = mapped_column(word(PauseReason))
    paused_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    ending: Mapped[ClockEnd | None] = mapped_column(word(ClockEnd))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who answers for it, of the code of practice

    rule: Mapped[ClockRule] = relationship()
    paused_by: Mapped[Staff | None] = relationship(foreign_keys=paused_by_id)
    owner: Mapped[Staff | None] = relationship(foreign_keys=owner_id)
