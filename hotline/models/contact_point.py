"""Whom INHOPE reaches here, what it told us and what was answered; and what the check of confidentiality found.

The database holds, by triggers (`migrations/desk/0031_contact_point.py`): who was the point of contact is never changed
and terms do not overlap; what INHOPE told us is never changed, nor its answer once it went; nothing is deleted.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import AnswerWay, ContactWay, InhopeNoticeState, SecrecyResult, WayOut

OPEN = text("state IN ('waiting', 'drafted')")


class ContactPoint(Model):
    """Who is INHOPE's point of contact from when until when, and how INHOPE was told to reach them."""

    __tablename__ = "contact_points"
    __table_args__ = (
        CheckConstraint("stand_in_id IS NULL OR stand_in_id <> staff_id", name="two_people"),
        CheckConstraint("until_at IS NULL OR until_at >= since_at", name="ends_after"),
        Index("ix_contact_points_since_at", "since_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    mailbox: Mapped[bytes]  # sealed to `case`, "contact.mailbox"
    phone: Mapped[bytes]  # sealed to `case`, "contact.phone"
    since_at: Mapped[datetime]
    until_at: Mapped[datetime | None]  # None: holds now
    told_on: Mapped[date | None]  # the day INHOPE was told of it; None: not yet
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    staff: Mapped[Staff] = relationship(foreign_keys=staff_id)
    stand_in: Mapped[Staff | None] = relationship(foreign_keys=stand_in_id)
    noted_by: Mapped[Staff] = relationship(foreign_keys=noted_by_id)


class InhopeNotice(Model):
    """One notice from INHOPE, and its answer. An answer with somebody's name in it waits for a second person."""

    __tablename__ = "inhope_notices"
    __table_args__ = (
        CheckConstraint("let_go_by_id IS NULL OR let_go_by_id <> drafted_by_id", name="second_person"),
        CheckConstraint("state = 'waiting' OR answer IS NOT NULL", name="worded"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('answered', 'no_answer'))", name="ended"),
        Index("ix_inhope_notices_received_at", "received_at", "id"),
        Index("ix_inhope_notices_open", "received_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    state: Mapped[InhopeNoticeState] = mapped_column(word(InhopeNoticeState))
    version: Mapped[int]
    received_at: Mapped[datetime]
    way: Mapped[ContactWay] = mapped_column(word(ContactWay))
    body: Mapped[bytes]  # sealed to `case`, "inhope.notice": JSON, its subject and text
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    answer: Mapped[bytes | None]  # sealed to `case`, "inhope.answer"; or why none is needed
    answer_way: Mapped[AnswerWay | None] = mapped_column(word(AnswerWay))
    drafted_at: Mapped[datetime | None]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    let_go_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]  # when the answer went, or somebody said that none is needed
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    noted_by: Mapped[Staff] = relationship(foreign_keys=noted_by_id)
    drafted_by: Mapped[Staff | None] = relationship(foreign_keys=drafted_by_id)
    let_go_by: Mapped[Staff | None] = relationship(foreign_keys=let_go_by_id)
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=ended_by_id)


class SecrecyCheck(Model):
    """One check of words that were about to leave: on which day, by which way, and what came of it. No words."""

    __tablename__ = "secrecy_checks"
    __table_args__ = (Index("ix_secrecy_checks_checked_on", "checked_on", "way", "result"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_on: Mapped[date]
    way: Mapped[WayOut] = mapped_column(word(WayOut))
    result: Mapped[SecrecyResult] = mapped_column(word(SecrecyResult))
