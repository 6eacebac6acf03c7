"""Mail to our own people of what they answer for: one a person and day, and one a manager and week."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import DigestKind


class Digest(Model):
    """One such mail. `letter` stands until it has gone, or never will; the row stays, so that there is one a day."""

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("staff_id", "kind", "day"),
        CheckConstraint("sent_at IS NULL OR letter IS NULL", name="gone"),
        Index("ix_digests_staff_id", "staff_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[DigestKind] = mapped_column(word(DigestKind))
    day: Mapped[date]  # by the calendar of the country
    message_id: Mapped[str]
    letter: Mapped[bytes | None]  # sealed to `case`, "digest.letter": the whole mail
    mailbox: Mapped[bytes | None]  # sealed to `case`, "digest.mailbox"; goes with the letter
    written_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    is_kept: Mapped[bool] = mapped_column(default=False)  # there is no mail server: it lies here, sealed
    last_fault: Mapped[str | None]
    failed_at: Mapped[datetime | None]  # it is not tried any more

    staff: Mapped[Staff] = relationship()
