"""Reports that did not come through the form: uploaded lists, and the mailbox of partners."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.vocabulary import Category, LineResult, MailResult, ReportSource, UploadState


class Upload(Model):
    """A list of addresses that somebody of the team uploaded. `done` lines are worked off; the rest waits."""

    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint("done >= 0 AND done <= total", name="progress"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    source: Mapped[ReportSource] = mapped_column(word(ReportSource))
    origin: Mapped[bytes]  # sealed, "upload.origin": whom it is from, in words
    category: Mapped[Category] = mapped_column(word(Category))
    digest: Mapped[bytes] = mapped_column(unique=True)  # keyed hash of the file: the same list is taken once
    state: Mapped[UploadState] = mapped_column(word(UploadState), default=UploadState.ARRIVING)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    uploaded_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reading: Mapped[bytes | None]  # sealed, "upload.reading": how the file was read; None where that was not kept

    uploaded_by: Mapped[Staff] = relationship()


class UploadLine(Model):
    """One line of it. What was typed is sealed; once it names an item, it is the item's mention instead."""

    __tablename__ = "upload_lines"
    __table_args__ = (Index("ix_upload_lines_result", "upload_id", "result", "number"),)

    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    typed: Mapped[bytes | None]  # sealed, "upload.typed"; None also where it was too long to be kept
    result: Mapped[LineResult | None] = mapped_column(word(LineResult))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))

    item: Mapped[Item | None] = relationship()


class MailSender(Model):
    """A mailbox that reports are taken from."""

    __tablename__ = "mail_senders"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox: Mapped[str] = mapped_column(unique=True)  # in lower case
    name: Mapped[str]
    source: Mapped[ReportSource] = mapped_column(word(ReportSource))
    category: Mapped[Category] = mapped_column(word(Category))  # what its reports are about, until somebody has looked
    verified: Mapped[str]  # how it was made sure whose mailbox it is
    active: Mapped[bool] = mapped_column(default=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime]


class MailArrival(Model):
    """One letter that was in the mailbox, and what became of it: never its words, never its attachments."""

    __tablename__ = "mail_arrivals"
    __table_args__ = (Index("ix_mail_arrivals_seen_at", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(unique=True)  # keyed hash of mailbox, UIDVALIDITY and UID: taken once
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("mail_senders.id"))
    result: Mapped[MailResult] = mapped_column(word(MailResult))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    attachments: Mapped[int] = mapped_column(default=0)  # how many were thrown away unopened
    seen_at: Mapped[datetime]

    sender: Mapped[MailSender | None] = relationship()
