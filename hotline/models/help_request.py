"""A request for help without an address: for victim support alone, under a key that analysts' work never touches."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import HelpStatus


class HelpRequest(Model):
    """What somebody asked for, as it came: the worker moves it and cannot open it."""

    __tablename__ = "help_requests"
    __table_args__ = (
        CheckConstraint("status = 'new' OR taken_by_id IS NOT NULL", name="taken"),
        Index("ix_help_requests_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    inbox_id: Mapped[bytes] = mapped_column(unique=True)
    receipt_tag: Mapped[bytes] = mapped_column(index=True)
    body: Mapped[bytes]  # sealed to `care`, "help.body"
    contact: Mapped[bytes | None]  # sealed to `care`, "help.contact"; gone once the person has asked for it
    status: Mapped[HelpStatus] = mapped_column(word(HelpStatus), default=HelpStatus.NEW)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    received_at: Mapped[datetime]  # to the hour
    closed_at: Mapped[datetime | None]

    taken_by: Mapped[Staff | None] = relationship()
